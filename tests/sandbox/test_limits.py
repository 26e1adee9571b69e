from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from server.sandbox import Site, application
from server.sandbox.limits import points
from tests.sandbox.conftest import BASE, Clock, account

pytestmark = pytest.mark.anyio
ISSUE = "/rest/api/3/issue/DEMO-7"
LIMITS = "/__sandbox__/limits"
JIRA = "/ex/jira/3f1c9a52-7f0e-4d55-9c1b-8f6d2a40e611"


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=application(site))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account()) as client:
        yield client


async def limit(client: httpx2.AsyncClient, **rules: Any) -> None:
    assert (await client.post(LIMITS, json=rules)).status_code == 200


async def app_headers(client: httpx2.AsyncClient) -> dict[str, str]:
    asked = {"grant_type": "client_credentials", "client_id": "reporting-app", "client_secret": "reporting-app-secret"}
    token = (await client.post("/oauth/token", json=asked)).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


async def test_nothing_is_limited_unless_asked_for(client: httpx2.AsyncClient) -> None:
    assert "x-ratelimit-limit" not in (await client.get(ISSUE)).headers


async def test_the_real_limits_are_one_switch(client: httpx2.AsyncClient) -> None:
    told = (await client.post(LIMITS, json={"realistic": True})).json()
    assert (told["quota"], told["per_issue"], told["bursts"]["PUT"]) == (65_000, True, 50)
    assert (await client.get(ISSUE)).headers["x-ratelimit-limit"] == "150"
    assert (await client.get("/rest/api/3/priority")).headers["x-ratelimit-limit"] == "100"
    await limit(client)
    assert "x-ratelimit-limit" not in (await client.get(ISSUE)).headers


async def test_a_burst_holds_for_its_endpoint_and_method(client: httpx2.AsyncClient, clock: Clock) -> None:
    await limit(client, bursts={"get": 5, "get /wiki/api/v2/pages/{id}": 1})
    for left in ("4", "3", "2", "1", "0"):
        answered = await client.get(ISSUE)
        assert (answered.status_code, answered.headers["x-ratelimit-remaining"]) == (200, left)
        assert ("x-ratelimit-nearlimit" in answered.headers) is (left == "0")
    spent = await client.get(ISSUE)
    assert spent.status_code == 429
    assert spent.headers["ratelimit-reason"] == "jira-burst-based"
    assert (spent.headers["retry-after"], spent.headers["x-ratelimit-remaining"]) == ("1", "0")
    assert spent.headers["x-ratelimit-reset"] == "2026-03-02T12:00:01Z"
    assert (await client.get("/rest/api/3/priority")).status_code == 200
    clock.pass_by(seconds=0.2)
    assert [(await client.get(ISSUE)).status_code for _ in range(2)] == [200, 429]
    page = (await client.get("/wiki/api/v2/pages", params={"limit": 1})).json()["results"][0]["id"]
    answers = [await client.get(f"/wiki/api/v2/pages/{page}") for _ in range(2)]
    assert answers[1].headers["ratelimit-reason"] == "confluence-burst-based"


async def test_one_issue_takes_20_writes_in_2_seconds_and_100_in_30(client: httpx2.AsyncClient, clock: Clock) -> None:
    await limit(client, per_issue=True)
    edit = {"fields": {"labels": ["x"]}}
    for _ in range(5):
        assert {(await client.put(ISSUE, json=edit)).status_code for _ in range(20)} == {204}
        spent = await client.put(ISSUE, json=edit)
        assert (spent.status_code, spent.headers["ratelimit-reason"]) == (429, "jira-per-issue-on-write")
        clock.pass_by(seconds=2)
    assert (await client.put(ISSUE, json=edit)).headers["retry-after"] == "20"
    assert (await client.put("/rest/api/3/issue/DEMO-8", json=edit)).status_code == 204
    assert (await client.get(ISSUE)).status_code == 200
    clock.pass_by(seconds=20)
    assert (await client.put(ISSUE, json=edit)).status_code == 204


@pytest.mark.parametrize("kind", ["global", "tenant"])
async def test_an_apps_points_last_until_the_hour_is_over(client: httpx2.AsyncClient, clock: Clock, kind: str) -> None:
    await limit(client, quota=10, kind=kind)
    clock.pass_by(minutes=20)
    headers = await app_headers(client)
    path = f"{JIRA}/rest/api/3/project/DEMO"
    first = await client.get(path, headers=headers, auth=None)
    assert first.headers["beta-ratelimit-policy"] == f'"{kind}-app-quota";q=10;w=3600'
    assert first.headers["beta-ratelimit"] == f'"{kind}-app-quota";t=2400'
    for _ in range(3):
        assert "x-ratelimit-nearlimit" not in (await client.get(path, headers=headers, auth=None)).headers
    assert (await client.get(path, headers=headers, auth=None)).status_code == 200
    spent = await client.get(path, headers=headers, auth=None)
    assert (spent.status_code, spent.headers["retry-after"]) == (429, "2400")
    assert spent.headers["ratelimit-reason"] == f"jira-quota-{kind}-based"
    assert spent.headers["x-ratelimit-reset"] == "2026-03-02T13:00:00Z"
    assert spent.headers["beta-ratelimit"] == f'"{kind}-app-quota";r=0;t=2400'
    assert (await client.get("/rest/api/3/project/DEMO")).status_code == 200
    clock.pass_by(minutes=40)
    assert (await client.get(path, headers=await app_headers(client), auth=None)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "cost"),
    [
        ("GET", "/rest/api/3/issue/{}", {"key": "A-1"}, 2),
        ("GET", "/rest/api/3/search/jql", {"issues": [1, 2, 3]}, 4),
        ("GET", "/rest/api/3/users/search", [1, 2], 5),
        ("GET", "/rest/api/3/issue/{}", None, 1),
        ("POST", "/rest/api/3/issue", {"id": "1"}, 1),
    ],
)
def test_a_request_costs_by_what_it_reads(method: str, path: str, body: Any, cost: int) -> None:
    assert points(method, path, body) == cost


@pytest.mark.parametrize(
    "wrong", [[], {"bursts": 1}, {"bursts": {"GET": 0}}, {"quota": "x"}, {"kind": "own"}, {"speed": 1}]
)
async def test_limits_that_are_none_are_refused(client: httpx2.AsyncClient, wrong: Any) -> None:
    refused = await client.post(LIMITS, json=wrong)
    assert refused.status_code == 400
    assert refused.json()["error"]


async def test_search_may_be_told_to_lag(client: httpx2.AsyncClient, clock: Clock) -> None:
    assert (await client.post("/__sandbox__/settings", json={"lag": 30})).json()["lag"] == 30
    await client.put(ISSUE, json={"fields": {"labels": ["late"]}})
    asked = {"jql": "labels = late"}
    assert (await client.post("/rest/api/3/search/jql", json=asked)).json()["issues"] == []
    clock.pass_by(seconds=30)
    assert len((await client.post("/rest/api/3/search/jql", json=asked)).json()["issues"]) == 1
    assert (await client.post("/__sandbox__/settings", json={"lag": "x"})).status_code == 400

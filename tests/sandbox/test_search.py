from typing import Any

import httpx2
import pytest

from server.sandbox import Site, jql_plan
from server.sandbox.jql import search
from server.sandbox.jql_fields import Asker
from server.sandbox.people import DEMO
from tests.sandbox.conftest import Clock, browsing
from tests.sandbox.writing import issue, page

pytestmark = pytest.mark.anyio
SEARCH = "/rest/api/3/search/jql"


async def pages(client: httpx2.AsyncClient, **asked: Any) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = []
    token: dict[str, str] = {}
    while True:
        page = (await client.get(SEARCH, params=asked | token)).json()
        found.append(page["issues"])
        assert page["isLast"] == ("nextPageToken" not in page)
        if page["isLast"]:
            return found
        token = {"nextPageToken": page["nextPageToken"]}


async def test_pages_follow_each_other_by_token(demo: httpx2.AsyncClient) -> None:
    found = await pages(demo, jql="project = DEMO ORDER BY key", fields="summary", maxResults=20)
    keys = [issue["key"] for page in found for issue in page]
    assert [len(page) for page in found[:-1]] == [20] * (len(found) - 1)
    assert keys == sorted(set(keys), key=lambda key: int(key.partition("-")[2]))


async def test_only_ids_come_without_fields(demo: httpx2.AsyncClient) -> None:
    page = (await demo.get(SEARCH, params={"jql": "key = DEMO-7"})).json()
    assert page == {"issues": [{"id": "10107"}], "isLast": True}


async def test_get_and_post_agree(demo: httpx2.AsyncClient) -> None:
    asked = {"jql": "key = DEMO-7", "maxResults": 5, "expand": "names,schema,changelog"}
    by_get = await demo.get(SEARCH, params=asked | {"fields": "summary,status"})
    by_post = await demo.post(SEARCH, json=asked | {"fields": ["summary", "status"]})
    assert by_get.json() == by_post.json()
    assert by_get.json()["names"] == {"summary": "Summary", "status": "Status"}
    assert "changelog" in by_get.json()["issues"][0]
    assert by_get.json()["schema"]["status"]["type"] == "status"


async def test_many_fields_make_shorter_pages(site: Site, demo: httpx2.AsyncClient) -> None:
    ids = (await demo.get(SEARCH, params={"jql": "project is not empty", "maxResults": 9000})).json()
    assert len(ids["issues"]) == len([issue for issue in site.issues.values() if not issue.key.startswith("VAULT")])
    capped = await pages(demo, jql="project is not empty", fields="*all", maxResults=9000)
    assert max(len(page) for page in capped) <= 100


async def test_the_count_is_of_visible_issues(site: Site) -> None:
    count = "/rest/api/3/search/approximate-count"
    async with browsing(site) as demo, browsing(site, "priya") as priya:
        body = {"jql": "labels = security"}
        few = (await demo.post(count, json=body)).json()["count"]
        more = (await priya.post(count, json=body)).json()["count"]
    assert 0 < few < more


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("version", ["2", "3"])
async def test_the_old_search_is_gone(rough: httpx2.AsyncClient, method: str, version: str) -> None:
    gone = await rough.request(method, f"/rest/api/{version}/search", json={} if method == "POST" else None)
    assert gone.status_code == 410
    assert "has been removed" in gone.json()["errorMessages"][0]
    assert gone.json()["errors"] == {}


@pytest.mark.parametrize(
    "asked",
    [
        {"maxResults": "many"},
        {"maxResults": -1},
        {"nextPageToken": "nonsense"},
        {"nextPageToken": "e30="},
        {"nextPageToken": "WzFd"},
        {"nextPageToken": "eyJzdGFydCI6LTV9"},
    ],
)
async def test_nonsense_around_the_query_is_refused(rough: httpx2.AsyncClient, asked: dict[str, Any]) -> None:
    assert (await rough.get(SEARCH, params={"jql": "project = DEMO"} | asked)).status_code == 400


async def test_a_token_belongs_to_its_query(demo: httpx2.AsyncClient) -> None:
    first = (await demo.get(SEARCH, params={"jql": "project = DEMO", "maxResults": 1})).json()
    asked = {"jql": "project = HELP", "nextPageToken": first["nextPageToken"]}
    assert (await demo.get(SEARCH, params=asked)).status_code == 400


async def test_search_sees_a_write_only_after_its_lag(site: Site, clock: Clock, demo: httpx2.AsyncClient) -> None:
    site.index.slow_down(60)
    made = (await demo.post("/rest/api/3/issue", json=issue(summary="Quokka"))).json()
    await demo.put("/rest/api/3/issue/DEMO-7", json={"fields": {"labels": ["quokka"]}})

    async def found(jql: str, **more: object) -> set[str]:
        body = {"jql": jql, "fields": ["summary"], **more}
        return {each["key"] for each in (await demo.post("/rest/api/3/search/jql", json=body)).json()["issues"]}

    assert await found("summary ~ quokka") == await found("labels = quokka") == set()
    assert (await demo.get(f"/rest/api/3/issue/{made['key']}")).status_code == 200
    assert await found("summary ~ quokka", reconcileIssues=[int(made["id"])]) == {made["key"]}
    clock.pass_by(seconds=60)
    assert await found("summary ~ quokka") == {made["key"]}
    assert await found("labels = quokka") == {"DEMO-7"}
    await demo.delete(f"/rest/api/3/issue/{made['key']}")
    assert await found("summary ~ quokka") == {made["key"]}
    clock.pass_by(seconds=61)
    assert await found("summary ~ quokka") == set()


async def test_cql_sees_a_page_only_after_its_lag(site: Site, clock: Clock, demo: httpx2.AsyncClient) -> None:
    site.slow_search(60)

    async def found(cql: str) -> set[str]:
        results = (await demo.get("/wiki/rest/api/search", params={"cql": cql})).json()["results"]
        return {row["content"]["title"] for row in results}

    made = (await demo.post("/wiki/api/v2/pages", json=page("Quokka"))).json()
    await demo.post("/wiki/rest/api/content/131074/label", json=[{"prefix": "global", "name": "quokka"}])
    body = {"representation": "storage", "value": "<p>quokka</p>"}
    await demo.post("/wiki/api/v2/footer-comments", json={"pageId": "131075", "body": body})
    assert await found("text ~ quokka") == await found("label = quokka") == set()
    assert (await demo.get(f"/wiki/api/v2/pages/{made['id']}")).status_code == 200
    clock.pass_by(seconds=60)
    assert await found("label = quokka") == {"Onboarding"}
    assert len(await found("text ~ quokka")) == 3
    await demo.delete(f"/wiki/api/v2/pages/{made['id']}")
    await demo.put("/wiki/rest/api/content/131077/move/append/131074")
    assert await found("title = Quokka") == {"Quokka"}
    assert await found("parent = 131074") == set()
    site.slow_search(0)
    assert await found("title = Quokka") == set()
    assert len(await found("parent = 131074")) == 1


@pytest.mark.parametrize("ids", [list(range(51)), ["x"]])
async def test_what_is_to_be_reconciled_is_up_to_50_ids(rough: httpx2.AsyncClient, ids: list[object]) -> None:
    body = {"jql": "project = DEMO", "reconcileIssues": ids}
    assert (await rough.post("/rest/api/3/search/jql", json=body)).status_code == 400


@pytest.mark.parametrize(
    "jql",
    [
        "project = DEMO ORDER BY updated DESC",
        "project in (DEMO, HELP) AND status != Done ORDER BY updated",
        "updated >= -60d AND updated < -1d ORDER BY updated ASC",
        "text ~ login OR labels = checkout",
        "parent is not EMPTY AND NOT (assignee = currentUser()) ORDER BY created DESC",
        'text ~ "log*" AND project = DEMO',
    ],
)
async def test_what_the_index_finds_is_what_looking_at_every_issue_finds(
    site: Site, jql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> list[str]:
        return [each.key for each in search(jql, Asker(site, DEMO, site.now()))]

    def unknown(*_: object) -> None:
        """No plan: every issue is looked at, and sorted."""

    narrowed = found()
    monkeypatch.setattr(jql_plan, "FEW", 0)
    walked = found()
    monkeypatch.setattr(jql_plan, "narrowed", unknown)
    monkeypatch.setattr(jql_plan, "walk", unknown)
    assert narrowed == walked == found() != []

from collections.abc import AsyncIterator
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest
import uvicorn
from starlette.types import Message

from server.sandbox import Site, application
from server.sandbox.limits import Rules
from tests.sandbox.conftest import BASE, Clock, account
from tests.sandbox.transport import InProcess
from tests.sandbox.writing import doc

pytestmark = pytest.mark.anyio
ISSUE = "/rest/api/3/issue/DEMO-7"
FAULTS, REQUESTS = "/__sandbox__/faults", "/__sandbox__/requests"


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    transport = InProcess(application(site))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account()) as client:
        yield client


async def ordered(client: httpx2.AsyncClient, **fault: Any) -> None:
    assert (await client.post(FAULTS, json=fault)).status_code == 201


async def test_a_limit_carries_the_real_headers(client: httpx2.AsyncClient) -> None:
    await ordered(client, method="get", path="/rest/api/3/issue/*", status=429, headers={"Retry-After": "7"}, times=2)
    for _ in range(2):
        limited = await client.get(ISSUE)
        assert limited.status_code == 429
        assert limited.headers["retry-after"] == "7"
        assert limited.headers["ratelimit-reason"] == "jira-burst-based"
        assert limited.headers["x-ratelimit-reset"] == "2026-03-02T12:00:07Z"
    assert (await client.get(ISSUE)).status_code == 200


async def test_a_limit_in_confluence_says_so(client: httpx2.AsyncClient) -> None:
    await ordered(client, path="/wiki/*", status=429, headers={"retry-after": "soon"})
    limited = await client.get("/wiki/api/v2/spaces")
    assert limited.headers["ratelimit-reason"] == "confluence-burst-based"
    assert limited.headers.get_list("retry-after") == ["soon"]


@pytest.mark.parametrize(("path", "key"), [(ISSUE, "errorMessages"), ("/wiki/api/v2/spaces", "errors")])
async def test_an_outage_looks_like_the_product(client: httpx2.AsyncClient, path: str, key: str) -> None:
    await ordered(client, status=503, headers={"X-Seen": "1"})
    out = await client.get(path)
    assert (out.status_code, out.headers["x-seen"]) == (503, "1")
    assert key in out.json()


async def test_a_page_may_come_instead_of_json(client: httpx2.AsyncClient) -> None:
    await ordered(client, body="<html>restarting</html>")
    page = await client.get(ISSUE)
    assert (page.status_code, page.text) == (200, "<html>restarting</html>")
    assert page.headers["content-type"].startswith("text/html")
    await ordered(client, status=502, body="bad", content_type="text/plain")
    assert (await client.get(ISSUE)).headers["content-type"].startswith("text/plain")


async def test_an_answer_may_be_late(client: httpx2.AsyncClient) -> None:
    await ordered(client, delay=0.01)
    started = anyio.current_time()
    assert (await client.get(ISSUE)).status_code == 200
    assert anyio.current_time() - started >= 0.01


async def test_a_dropped_write_may_be_lost_or_carried_out(client: httpx2.AsyncClient, site: Site) -> None:
    issue = site.issue("DEMO-7")
    assert issue is not None
    before = len(issue.comments)
    await ordered(client, method="POST", drop="before")
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.post(f"{ISSUE}/comment", json={"body": doc()})
    assert len(issue.comments) == before
    await ordered(client, method="POST", drop="after")
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.post(f"{ISSUE}/comment", json={"body": doc()})
    assert len(issue.comments) == before + 1


async def test_a_dropped_write_may_be_carried_out_late(client: httpx2.AsyncClient, site: Site, clock: Clock) -> None:
    issue = site.issue("DEMO-7")
    assert issue is not None
    before = len(issue.comments)
    await ordered(client, method="POST", drop="late", late=30)
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.post(f"{ISSUE}/comment", json={"body": doc()})
    clock.pass_by(seconds=29)
    assert (await client.get(f"{ISSUE}/comment")).json()["total"] == before
    clock.pass_by(seconds=1)
    assert (await client.get(f"{ISSUE}/comment")).json()["total"] == before + 1
    assert (await client.get(f"{ISSUE}/comment")).json()["total"] == before + 1


@pytest.mark.parametrize(
    ("wait", "header"),
    [
        (7, "7"),
        (0, "0"),
        ({"date": 30}, "Mon, 02 Mar 2026 12:00:30 GMT"),
        ("soon", "soon"),
        ("99999999", "99999999"),
        ("none", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_comes_in_every_form(
    client: httpx2.AsyncClient, wait: Any, header: str | None, status: int
) -> None:
    await ordered(client, status=status, retry_after=wait)
    assert (await client.get(ISSUE)).headers.get("retry-after") == header


async def test_an_answer_may_break_off(client: httpx2.AsyncClient, site: Site) -> None:
    await ordered(client, truncate=True)
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.get(ISSUE)
    assert (await client.get(ISSUE)).status_code == 200


async def test_a_login_page_may_come_as_success(client: httpx2.AsyncClient) -> None:
    await ordered(client, login=True)
    page = await client.get(ISSUE)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    assert "Log in" in page.text


async def test_the_answer_may_be_about_another_object_of_its_kind(client: httpx2.AsyncClient) -> None:
    await ordered(client, wrong=True, times=2)
    assert (await client.put(ISSUE, json={"fields": {"labels": ["right"]}})).status_code == 204
    assert (await client.get(ISSUE)).json()["key"] not in ("DEMO-7", None)
    page = (await client.get("/wiki/api/v2/pages")).json()["results"][0]["id"]
    assert (await client.get(f"/wiki/api/v2/pages/{page}")).json().get("id") != page
    assert (await client.get(ISSUE)).json()["fields"]["labels"] == ["right"]


async def test_a_share_of_all_requests_may_meet_any_fault(client: httpx2.AsyncClient) -> None:
    async def outcomes(seed: int) -> list[str]:
        await client.delete(FAULTS)
        await ordered(client, share=0.3, seed=seed, any="all", path="/rest/*")
        return [await outcome() for _ in range(60)]

    async def outcome() -> str:
        try:
            found = await client.get(ISSUE)
        except httpx2.RemoteProtocolError:
            return "dropped"
        return "fine" if found.text.startswith("{") and found.json().get("key") == "DEMO-7" else str(found.status_code)

    first = await outcomes(1)
    assert first == await outcomes(1) != await outcomes(2)
    assert 30 < first.count("fine") < 58
    assert "dropped" in first
    assert (await client.get("/wiki/api/v2/spaces")).status_code == 200


async def test_a_choice_without_a_fitting_fault_lets_the_request_pass(client: httpx2.AsyncClient) -> None:
    await ordered(client, any=[{"wrong": True}, {"method": "DELETE", "status": 500}])
    assert (await client.get("/rest/api/3/myself")).status_code == 200


async def test_requests_are_remembered(client: httpx2.AsyncClient) -> None:
    found = await client.get(ISSUE, params={"fields": "summary"})
    await client.get("/rest/api/3/issue/NOPE-1")
    log = (await client.get(REQUESTS)).json()
    told = [(each["method"], each["path"], each["query"], each["status"]) for each in log]
    assert told == [("GET", ISSUE, "fields=summary", 200), ("GET", "/rest/api/3/issue/NOPE-1", "", 404)]
    assert {(each["who"], each["when"]) for each in log} == {("demo@example.com", "2026-03-02T12:00:00+00:00")}
    assert log[0]["id"] == found.headers["atl-request-id"] == found.headers["x-arequestid"]
    assert found.headers["date"] == "Mon, 02 Mar 2026 12:00:00 GMT"
    await ordered(client, status=500)
    assert (await client.delete(REQUESTS)).status_code == 204
    assert (await client.get(REQUESTS)).json() == []
    assert (await client.get(ISSUE)).status_code == 200
    await ordered(client, status=500)
    await client.delete(FAULTS)
    assert (await client.get(ISSUE)).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        [],
        {"colour": "red"},
        {"drop": "sideways"},
        {"status": "many"},
        {"headers": "x"},
        {"times": None},
        {"share": 2},
        {"any": [{"colour": "red"}]},
        {"retry_after": {"date": "x"}},
    ],
)
async def test_a_fault_that_is_none_is_refused(client: httpx2.AsyncClient, fault: Any) -> None:
    refused = await client.post(FAULTS, json=fault)
    assert refused.status_code == 400
    assert refused.json()["error"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "null",
        "http://[",
        "",
    ],
)
async def test_a_web_page_of_another_site_reaches_nothing_of_ours(client: httpx2.AsyncClient, origin: str) -> None:
    sent = {"origin": origin}
    for refused in (
        await client.post(FAULTS, json={"status": 500}, headers=sent),
        await client.get(REQUESTS, headers=sent),
        await client.delete(REQUESTS, headers=sent),
    ):
        assert refused.status_code == 403
        assert refused.json()["error"]
    assert (await client.get(ISSUE, headers=sent)).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://localhost:8000", "http://app.localhost", "http://127.0.0.1", "http://[::1]:1"]
)
async def test_a_web_page_of_this_machine_may_order_faults(client: httpx2.AsyncClient, origin: str) -> None:
    assert (await client.post(FAULTS, json={"status": 500}, headers={"origin": origin})).status_code == 201


async def test_a_fault_meets_its_own_path_alone(client: httpx2.AsyncClient) -> None:
    await ordered(client, path="/wiki/*", status=500)
    await ordered(client, method="PUT", status=500)
    assert (await client.get(ISSUE)).status_code == 200


async def test_a_burst_meets_its_limit(site: Site, clock: Clock) -> None:
    transport = httpx2.ASGITransport(app=application(site, limits=Rules({"GET": 2})))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account()) as client:
        statuses = [(await client.get(ISSUE)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        clock.pass_by(seconds=1)
        assert (await client.get(ISSUE)).status_code == 200


async def test_a_site_lives_through_its_lifespan(site: Site) -> None:
    sent: list[Message] = []
    messages: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await application(site)({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_drop_closes_a_real_connection(site: Site) -> None:
    server = uvicorn.Server(uvicorn.Config(application(site), port=0, log_level="critical", lifespan="off"))
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(server.serve)
            while not server.started:
                await anyio.lowlevel.checkpoint()
            port = server.servers[0].sockets[0].getsockname()[1]
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", auth=account()) as client:
                for drop in ("before", "after"):
                    await ordered(client, method="DELETE", drop=drop)
                    with pytest.raises(httpx2.RemoteProtocolError):
                        await client.delete("/rest/api/3/issue/DEMO-42")
                    missing = (await client.get("/rest/api/3/issue/DEMO-42")).status_code == 404
                    assert missing is (drop == "after")
            server.should_exit = True


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": 99999},
        {"status": 100},
        {"status": 204},
        {"status": True},
        {"times": 0},
        {"delay": -1},
        {"delay": 1e300},
        {"drop": "late", "late": 1e300},
        {"status": 429, "retry_after": {"date": 1e300}},
        {"status": 429, "retry_after": "7\r\nX-More: 1"},
        {"status": 500, "headers": {"X-Snow": "\N{SNOWMAN}"}},
        {"status": 500, "headers": {"X Y": "1"}},
        {"body": "x", "content_type": "text/\N{SNOWMAN}"},
        {"any": [{"status": 99999}]},
    ],
)
async def test_a_fault_that_cannot_be_sent_is_refused(client: httpx2.AsyncClient, wrong: dict[str, Any]) -> None:
    refused = await client.post(FAULTS, json=wrong)
    assert refused.status_code == 400
    assert refused.json()["error"]
    assert (await client.get(ISSUE)).status_code == 200


@pytest.mark.parametrize("wait", [-5, 1e300, {"date": -86_400}, {"date": 10**8}, "soon"])
async def test_a_retry_after_may_be_as_odd_as_one_likes(client: httpx2.AsyncClient, wait: Any) -> None:
    await ordered(client, status=429, retry_after=wait)
    assert (await client.get(ISSUE)).headers["retry-after"]


async def test_a_site_without_issues_has_no_other_to_answer_with(clock: Clock) -> None:
    transport = InProcess(application(Site(clock)))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account()) as client:
        await ordered(client, wrong=True)
        assert (await client.get(ISSUE)).status_code == 404

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import Clock, browsing
from tests.sandbox.writing import doc

pytestmark = pytest.mark.anyio
ISSUE = "/rest/api/3/issue/DEMO-7"


async def test_a_thread_is_read_page_by_page(demo: httpx2.AsyncClient) -> None:
    whole = (await demo.get(f"{ISSUE}/comment")).json()
    first = (await demo.get(f"{ISSUE}/comment", params={"maxResults": 5})).json()
    second = (await demo.get(f"{ISSUE}/comment", params={"startAt": 5, "maxResults": 100})).json()
    assert first["comments"] + second["comments"] == whole["comments"]
    assert (first["startAt"], first["maxResults"], first["total"]) == (0, 5, len(whole["comments"]))
    latest = (await demo.get(f"{ISSUE}/comment", params={"orderBy": "-created"})).json()
    assert latest["comments"] == whole["comments"][::-1]


async def test_a_comment_is_added_edited_and_deleted(demo: httpx2.AsyncClient, clock: Clock) -> None:
    made = await demo.post(f"{ISSUE}/comment", json={"body": doc("one")})
    assert made.status_code == 201
    path = f"{ISSUE}/comment/{made.json()['id']}"
    clock.pass_by(minutes=1)
    edited = await demo.put(path, json={"body": doc("two")})
    assert edited.json()["updated"] > edited.json()["created"]
    shown = await demo.get(path, params={"expand": "renderedBody"})
    assert shown.json()["renderedBody"] == "<p>two</p>"
    assert (await demo.delete(path)).status_code == 204
    gone = await demo.get(path)
    assert (gone.status_code, gone.json()["errorMessages"][0][:19]) == (404, "Can not find a comm")


async def test_only_the_author_touches_a_comment(demo: httpx2.AsyncClient) -> None:
    other = (await demo.get(f"{ISSUE}/comment")).json()["comments"][0]["id"]
    for refused in (
        await demo.put(f"{ISSUE}/comment/{other}", json={"body": doc()}),
        await demo.delete(f"{ISSUE}/comment/{other}"),
    ):
        assert refused.status_code == 400
        assert "You do not have the permission to" in refused.json()["errorMessages"][0]


async def test_a_bad_comment_is_refused(rough: httpx2.AsyncClient) -> None:
    async def said(body: object) -> object:
        refused = await rough.post(f"{ISSUE}/comment", json={"body": body})
        assert refused.status_code == 400
        return refused.json()["errors"].get("comment") or refused.json()["errorMessages"][0]

    assert await said("text") == "Comment body is not valid!"
    assert await said("") == "Comment body can not be empty!"
    assert await said(doc("x" * 32_768)) == "CONTENT_LIMIT_EXCEEDED"
    assert await said({"type": "doc", "version": 1, "content": [{"type": "x"}]}) == "INVALID_INPUT"


async def test_work_is_logged(demo: httpx2.AsyncClient, site: Site) -> None:
    body = {"timeSpent": "1d 1h 30m", "started": "2026-03-01T10:00:00.000+0100", "comment": doc("worked")}
    made = await demo.post(f"{ISSUE}/worklog", json=body)
    assert (made.status_code, made.json()["timeSpentSeconds"]) == (201, 34_200)
    assert made.json()["started"] == "2026-03-01T09:00:00.000+0000"
    more = await demo.post(f"{ISSUE}/worklog", json={"timeSpentSeconds": 60})
    assert more.json()["timeSpent"] == "1m"
    logged = (await demo.get(f"{ISSUE}/worklog")).json()
    assert logged["total"] == 4
    shown = (await demo.get(ISSUE, params={"fields": "timespent"})).json()
    assert shown["fields"]["timespent"] == sum(one["timeSpentSeconds"] for one in logged["worklogs"])


async def test_work_that_makes_no_sense_is_refused(rough: httpx2.AsyncClient) -> None:
    for body in (
        {"timeSpent": "soon"},
        {},
        {"timeSpent": "1h", "started": "yesterday"},
        {"timeSpent": "1h", "comment": "text"},
    ):
        assert (await rough.post(f"{ISSUE}/worklog", json=body)).status_code == 400


async def test_properties_are_kept_by_key(demo: httpx2.AsyncClient) -> None:
    path = f"{ISSUE}/properties/sync"
    assert (await demo.get(path)).status_code == 404
    assert (await demo.put(path, json={"rev": 1})).status_code == 201
    assert (await demo.put(path, json={"rev": 2})).status_code == 200
    assert (await demo.get(path)).json() == {"key": "sync", "value": {"rev": 2}}
    assert (await demo.delete(path)).status_code == 204
    assert (await demo.delete(path)).status_code == 404
    assert (await demo.put(path, json="x" * 40_000)).status_code == 400


async def test_the_changelog_is_paged(demo: httpx2.AsyncClient, clock: Clock) -> None:
    for number in range(3):
        clock.pass_by(minutes=1)
        await demo.put(ISSUE, json={"fields": {"summary": f"Name {number}"}})
    first = (await demo.get(f"{ISSUE}/changelog", params={"maxResults": 3})).json()
    assert (first["isLast"], first["total"]) == (False, 4)
    last = (await demo.get(first["nextPage"])).json()
    assert last["isLast"] is True
    assert last["values"][0]["items"][0]["toString"] == "Name 2"


async def test_watchers_and_links_are_told(demo: httpx2.AsyncClient, site: Site) -> None:
    assert (await demo.get(f"{ISSUE}/watchers")).json()["watchCount"] == 3
    kinds = (await demo.get("/rest/api/3/issueLinkType")).json()["issueLinkTypes"]
    assert "Blocks" in [kind["name"] for kind in kinds]
    body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": "DEMO-42"}, "outwardIssue": {"key": "DEMO-43"}}
    assert (await demo.post("/rest/api/3/issueLink", json=body)).status_code == 201
    (link,) = (await demo.get("/rest/api/3/issue/DEMO-42")).json()["fields"]["issuelinks"]
    assert link["outwardIssue"]["key"] == "DEMO-43"
    for wrong in ({"type": {"name": "Hates"}}, {"outwardIssue": {"key": "NOPE-1"}}):
        assert (await demo.post("/rest/api/3/issueLink", json=body | wrong)).status_code == 404
    async with browsing(site, "zoe") as zoe:
        assert (await zoe.get(f"{ISSUE}/watchers")).json()["isWatching"] is True

"""Comment and issue properties, worklogs, watchers and votes."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from server.sandbox.people import CUSTOMER, KENJI, SAM_CARTER, SAM_CARTWRIGHT, ZOE
from tests.sandbox.conftest import Clock, browsing
from tests.sandbox.writing import doc

pytestmark = pytest.mark.anyio
ISSUE = "/rest/api/3/issue/DEMO-7"
MARK = {"key": "isthmus", "value": {"attempt": 1}}


async def commented(http: httpx2.AsyncClient, **more: Any) -> dict[str, Any]:
    made = await http.post(f"{ISSUE}/comment", json={"body": doc(), **more})
    assert made.status_code == 201, made.text
    return made.json()


async def logged(http: httpx2.AsyncClient, spent: str = "1h", query: dict[str, str] | None = None) -> dict[str, Any]:
    made = await http.post(f"{ISSUE}/worklog", json={"timeSpent": spent}, params=query)
    assert made.status_code == 201, made.text
    return made.json()


# Properties


async def test_a_comment_is_made_with_properties_and_found_by_its_id(demo: httpx2.AsyncClient) -> None:
    made = await commented(demo, properties=[MARK])
    other = await commented(demo)
    ids = {"ids": [int(made["id"]), int(other["id"]), 1]}
    plain = (await demo.post("/rest/api/3/comment/list", json=ids)).json()
    assert [row["id"] for row in plain["values"]] == [made["id"], other["id"]]
    assert "properties" not in plain["values"][0]
    expanded = await demo.post("/rest/api/3/comment/list", json=ids, params={"expand": "properties,renderedBody"})
    assert [row["properties"] for row in expanded.json()["values"]] == [[MARK], []]
    assert expanded.json()["values"][0]["renderedBody"] == "<p>Hello</p>"
    await demo.put(f"{ISSUE}/comment/{made['id']}", json={"body": doc("x"), "properties": [{"key": "b", "value": 2}]})
    keys = (await demo.get(f"/rest/api/3/comment/{made['id']}/properties")).json()["keys"]
    assert [row["key"] for row in keys] == ["isthmus", "b"]


@pytest.mark.parametrize("ids", [[], list(range(1_001))])
async def test_a_list_of_comments_or_worklogs_has_a_length(rough: httpx2.AsyncClient, ids: list[int]) -> None:
    assert (await rough.post("/rest/api/3/comment/list", json={"ids": ids})).status_code == 400
    assert (await rough.post("/rest/api/3/worklog/list", json={"ids": ids})).status_code == (400 if ids else 200)


@pytest.mark.parametrize("kind", ["issue", "comment", "worklog"])
async def test_properties_are_kept_with_issues_comments_and_worklogs(
    demo: httpx2.AsyncClient, site: Site, kind: str
) -> None:
    places = {
        "issue": f"{ISSUE}/properties",
        "comment": f"/rest/api/3/comment/{(await commented(demo))['id']}/properties",
        "worklog": f"{ISSUE}/worklog/{(await logged(demo))['id']}/properties",
    }
    place = places[kind]
    before = len((await demo.get(place)).json()["keys"])
    assert (await demo.put(f"{place}/mine", json={"a": [1]})).status_code == 201
    assert (await demo.put(f"{place}/mine", json=2)).status_code == 200
    assert (await demo.get(f"{place}/mine")).json() == {"key": "mine", "value": 2}
    listed = (await demo.get(place)).json()["keys"]
    assert len(listed) == before + 1
    assert listed[-1]["self"].endswith("/properties/mine")
    async with browsing(site, "kenji", nonsense=True) as kenji:
        assert (await kenji.put(f"{place}/mine", json=3)).status_code == 403
        assert (await kenji.delete(f"{place}/mine")).status_code == (404 if kind == "issue" else 403)
    async with browsing(site, nonsense=True) as rough:
        for key, value in (("mine", "x" * 40_000), ("k" * 256, 1)):
            refused = await rough.put(f"{place}/{key}", json=value)
            assert refused.status_code == 400
        assert (await rough.put(f"{place}/mine")).status_code == 400
    assert (await demo.delete(f"{place}/mine")).status_code == 204
    assert (await demo.get(f"{place}/mine")).status_code == 404


async def test_a_property_that_is_too_large_keeps_an_issue_from_being_made(rough: httpx2.AsyncClient) -> None:
    large = [{"key": "k", "value": "x" * 40_000}]
    fields = {"project": {"key": "DEMO"}, "issuetype": {"name": "Task"}, "summary": "No"}
    refused = await rough.post("/rest/api/3/issue", json={"fields": fields, "properties": large})
    assert refused.status_code == 400
    assert (await rough.post(f"{ISSUE}/comment", json={"body": doc(), "properties": large})).status_code == 400


# Worklogs


async def test_work_is_logged_changed_and_taken_back(demo: httpx2.AsyncClient, clock: Clock) -> None:
    began = int(clock.time.timestamp() * 1_000)
    clock.pass_by(seconds=1)
    made = await logged(demo, "1d 2h")
    assert (made["timeSpentSeconds"], made["timeSpent"]) == (36_000, "1d 2h")
    one = f"{ISSUE}/worklog/{made['id']}"
    assert (await demo.get(one)).json() == made
    clock.pass_by(minutes=1)
    change = {"timeSpentSeconds": 7_200, "comment": doc("Less"), "started": "2026-03-01T09:00:00.000+0000"}
    edited = (await demo.put(one, json=change)).json()
    assert (edited["timeSpent"], edited["comment"], edited["started"][:10]) == ("2h", doc("Less"), "2026-03-01")
    assert edited["updated"] > edited["created"]
    kept = (await demo.put(one, json={"comment": doc("Same time")})).json()
    assert kept["timeSpentSeconds"] == 7_200
    updated = (await demo.get("/rest/api/3/worklog/updated", params={"since": began})).json()
    assert [row["worklogId"] for row in updated["values"]] == [int(made["id"])]
    assert updated["lastPage"] is True
    (listed,) = (await demo.post("/rest/api/3/worklog/list", json={"ids": [int(made["id"])]})).json()
    assert listed == kept
    assert (await demo.delete(one)).status_code == 204
    assert (await demo.get(one)).status_code == 404
    deleted = (await demo.get("/rest/api/3/worklog/deleted", params={"since": began})).json()
    assert [row["worklogId"] for row in deleted["values"]] == [int(made["id"])]


async def test_worklogs_are_listed_by_when_they_were_started(demo: httpx2.AsyncClient) -> None:
    started = "2026-02-01T09:00:00.000+0000"
    made = await demo.post(f"{ISSUE}/worklog", json={"timeSpent": "1h", "started": started})
    at = 1_769_936_400_000
    around = {"startedAfter": at - 1, "startedBefore": at + 1}
    listed = (await demo.get(f"{ISSUE}/worklog", params=around)).json()
    assert [row["id"] for row in listed["worklogs"]] == [made.json()["id"]]
    assert (await demo.get(f"{ISSUE}/worklog", params={"startedAfter": at, "startedBefore": at})).json()["total"] == 0


@pytest.mark.parametrize(
    "wrong",
    [{"timeSpent": "30s"}, {"timeSpentSeconds": 5}, {"started": "today", "timeSpent": "1h"}, {"comment": "words"}],
)
async def test_a_worklog_that_makes_no_sense_is_refused(rough: httpx2.AsyncClient, wrong: dict[str, Any]) -> None:
    assert (await rough.post(f"{ISSUE}/worklog", json=wrong)).status_code == 400
    one = f"{ISSUE}/worklog/{(await logged(rough))['id']}"
    assert (await rough.put(one, json=wrong)).status_code == 400
    for query in (
        {"adjustEstimate": "perhaps"},
        {"adjustEstimate": "new"},
        {"adjustEstimate": "new", "newEstimate": "x"},
    ):
        assert (await rough.put(one, json={"timeSpent": "1h"}, params=query)).status_code == 400
        assert (await rough.delete(one, params=query)).status_code == 400


async def test_only_who_logged_work_changes_it(demo: httpx2.AsyncClient, site: Site) -> None:
    one = f"{ISSUE}/worklog/{(await logged(demo))['id']}"
    async with browsing(site, "sam.carter") as sam:
        assert (await sam.put(one, json={"timeSpent": "1h"})).status_code == 400
        assert (await sam.delete(one)).status_code == 400


async def test_a_worklog_may_be_for_some_alone(demo: httpx2.AsyncClient, site: Site) -> None:
    only = {"type": "group", "value": "developers"}
    made = (await demo.post(f"{ISSUE}/worklog", json={"timeSpent": "1h", "visibility": only})).json()
    assert made["visibility"]["value"] == "developers"
    async with browsing(site, "kenji") as kenji:
        assert made["id"] not in [row["id"] for row in (await kenji.get(f"{ISSUE}/worklog")).json()["worklogs"]]
        assert (await kenji.get(f"{ISSUE}/worklog/{made['id']}")).status_code == 404


# Watchers and votes


async def test_people_watch_and_unwatch(demo: httpx2.AsyncClient) -> None:
    async def watching() -> list[str]:
        return [row["accountId"] for row in (await demo.get(f"{ISSUE}/watchers")).json()["watchers"]]

    before = await watching()
    for _ in range(2):
        assert (await demo.post(f"{ISSUE}/watchers", json=SAM_CARTWRIGHT.account_id)).status_code == 204
    assert sorted(await watching()) == sorted([*before, SAM_CARTWRIGHT.account_id])
    for _ in range(2):
        gone = await demo.delete(f"{ISSUE}/watchers", params={"accountId": SAM_CARTWRIGHT.account_id})
        assert gone.status_code == 204
    assert SAM_CARTWRIGHT.account_id not in await watching()


async def test_watchers_that_cannot_be_are_refused(rough: httpx2.AsyncClient, site: Site) -> None:
    for wrong, status in ((["x"], 400), ("nobody", 404), (CUSTOMER.account_id, 400)):
        assert (await rough.post(f"{ISSUE}/watchers", json=wrong)).status_code == status
    assert (await rough.delete(f"{ISSUE}/watchers")).status_code == 400
    assert (await rough.post(f"{ISSUE}/watchers")).status_code == 204  # nobody named is oneself
    assert (await rough.get(f"{ISSUE}/watchers")).json()["isWatching"] is True
    async with browsing(site, "kenji") as kenji:
        assert (await kenji.post(f"{ISSUE}/watchers", json=KENJI.account_id)).status_code == 204
        assert (await kenji.post(f"{ISSUE}/watchers", json=ZOE.account_id)).status_code == 403
        other = await kenji.delete(f"{ISSUE}/watchers", params={"accountId": SAM_CARTER.account_id})
        assert other.status_code == 403


async def test_people_vote_but_not_for_their_own(demo: httpx2.AsyncClient, site: Site) -> None:
    issue = site.issue("DEMO-7")
    assert issue is not None
    issue.values.update(reporter=SAM_CARTER.account_id, resolution=None)
    for _ in range(2):
        assert (await demo.post(f"{ISSUE}/votes")).status_code == 204
    shown = (await demo.get(f"{ISSUE}/votes")).json()
    assert (shown["votes"], shown["hasVoted"], len(shown["voters"])) == (1, True, 1)
    assert (await demo.get(ISSUE, params={"fields": "votes"})).json()["fields"]["votes"]["votes"] == 1
    assert (await demo.delete(f"{ISSUE}/votes")).status_code == 204
    assert (await demo.delete(f"{ISSUE}/votes")).status_code == 404
    async with browsing(site, "sam.carter") as sam:
        assert (await sam.post(f"{ISSUE}/votes")).status_code == 404
    issue.values["resolution"] = "10000"
    assert (await demo.post(f"{ISSUE}/votes")).status_code == 404

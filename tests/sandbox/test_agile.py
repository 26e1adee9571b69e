"""Boards, sprints, backlogs and ranks."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import Clock, browsing
from tests.sandbox.writing import issue

pytestmark = pytest.mark.anyio
API = "/rest/agile/1.0"
BOARD, SPRINT, RANK = f"{API}/board/1", f"{API}/sprint", f"{API}/issue/rank"
FORTNIGHT = {"startDate": "2026-04-01T09:00:00.000Z", "endDate": "2026-04-15T09:00:00.000+00:00"}


async def said(answer: httpx2.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    body = answer.json()
    return " ".join([*body["errorMessages"], *body["errors"].values()])


async def keys(http: httpx2.AsyncClient, path: str, **query: Any) -> list[str]:
    answer = await http.get(path, params={"fields": "summary", "maxResults": 100, **query})
    assert answer.status_code == 200, answer.text
    return [each["key"] for each in answer.json()["issues"]]


async def new_sprint(http: httpx2.AsyncClient, **more: Any) -> int:
    answer = await http.post(SPRINT, json={"name": "Next", "originBoardId": 1, **more})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def test_boards_are_found_by_project_type_and_name(demo: httpx2.AsyncClient) -> None:
    async def names(**query: str) -> list[str]:
        return [each["name"] for each in (await demo.get(f"{API}/board", params=query)).json()["values"]]

    assert await names() == ["DEMO board", "HELP board"]
    assert (
        await names(projectKeyOrId="HELP") == await names(type="kanban") == await names(name="help") == ["HELP board"]
    )
    assert "nobody" in await said(await demo.get(f"{API}/board?projectKeyOrId=nobody"), 400)


async def test_a_board_says_what_it_is(demo: httpx2.AsyncClient) -> None:
    assert (await demo.get(BOARD)).json()["location"]["projectKey"] == "DEMO"
    shown = (await demo.get(f"{BOARD}/configuration")).json()
    assert [column["name"] for column in shown["columnConfig"]["columns"]] == [
        "To Do",
        "In Progress",
        "In Review",
        "Done",
    ]
    assert shown["estimation"]["field"]["displayName"] == "Story Points"
    assert "estimation" not in (await demo.get(f"{API}/board/2/configuration")).json()
    assert [each["key"] for each in (await demo.get(f"{BOARD}/project")).json()["values"]] == ["DEMO"]


@pytest.mark.parametrize("path", ["", "/configuration", "/issue", "/backlog", "/epic", "/project", "/sprint"])
async def test_a_board_that_is_not_there_is_not_found(demo: httpx2.AsyncClient, path: str) -> None:
    assert "cannot be viewed" in await said(await demo.get(f"{API}/board/99{path}"), 404)


async def test_a_board_shows_its_issues_by_rank_or_as_the_query_says(demo: httpx2.AsyncClient) -> None:
    assert (await keys(demo, f"{BOARD}/issue"))[:2] == ["DEMO-1", "DEMO-2"]
    wanted = await keys(demo, f"{BOARD}/issue", jql="status = Done ORDER BY key DESC")
    assert wanted == sorted(wanted, key=lambda key: -int(key[5:])) != []
    assert await said(await demo.get(f"{BOARD}/issue?jql=nonsense"), 400)


async def test_the_backlog_holds_what_is_neither_done_nor_planned(demo: httpx2.AsyncClient) -> None:
    waiting = await keys(demo, f"{BOARD}/backlog")
    planned = await keys(demo, f"{SPRINT}/2/issue")
    done = await keys(demo, f"{BOARD}/issue", jql="statusCategory = Done OR type = Epic")
    assert waiting
    assert not set(waiting) & {*planned, *done}


async def test_epics_and_what_is_in_them(demo: httpx2.AsyncClient) -> None:
    epics = (await demo.get(f"{BOARD}/epic")).json()["values"]
    assert (await demo.get(f"{API}/epic/{epics[0]['key']}")).json() == epics[0]
    assert {key[:5] for key in await keys(demo, f"{API}/epic/{epics[0]['id']}/issue")} == {"DEMO-"}
    open_ones = (await demo.get(f"{BOARD}/epic?done=false")).json()["values"]
    assert [each["done"] for each in open_ones] == [False] * len(open_ones)
    for path in ("", "/issue"):
        assert "epic does not exist" in await said(await demo.get(f"{API}/epic/DEMO-7{path}"), 404)


async def test_sprints_are_listed_by_state(demo: httpx2.AsyncClient) -> None:
    async def states(**query: str) -> list[str]:
        return [each["state"] for each in (await demo.get(f"{BOARD}/sprint", params=query)).json()["values"]]

    assert await states() == ["closed", "active", "future"]
    assert await states(state="active,future") == ["active", "future"]
    assert "'open' is not valid" in await said(await demo.get(f"{BOARD}/sprint?state=open"), 400)
    assert "does not support sprints" in await said(await demo.get(f"{API}/board/2/sprint"), 400)


async def test_a_sprint_lives_from_plan_to_close(site: Site, clock: Clock, demo: httpx2.AsyncClient) -> None:
    made = await new_sprint(demo, goal="Ship")
    assert (await demo.get(f"{SPRINT}/{made}")).json()["state"] == "future"
    assert (await demo.post(f"{SPRINT}/{made}/issue", json={"issues": ["DEMO-7", "DEMO-11"]})).status_code == 204
    assert await keys(demo, f"{SPRINT}/{made}/issue") == await keys(demo, f"{BOARD}/sprint/{made}/issue")
    started = await demo.post(f"{SPRINT}/{made}", json={"state": "active", **FORTNIGHT})
    assert (started.json()["state"], started.json()["goal"]) == ("active", "Ship")
    found = await demo.post("/rest/api/3/search/jql", json={"jql": "sprint in openSprints() AND key = DEMO-7"})
    assert len(found.json()["issues"]) == 1
    closed = await demo.put(f"{SPRINT}/{made}", json={"name": "Next", "state": "closed", **FORTNIGHT})
    assert closed.json()["completeDate"].startswith("2026-03-02T12:00")
    assert closed.json()["goal"] == ""
    field = (await demo.get("/rest/api/3/issue/DEMO-7?fields=customfield_10020")).json()["fields"]["customfield_10020"]
    assert [(each["id"], each["state"]) for each in field] == [(made, "closed")]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": ""}, "name cannot be empty"),
        ({"name": "x" * 31}, "shorter than 31"),
        ({"name": "N", "state": "closed"}, "cannot go from future to closed"),
        ({"name": "N", "state": "active"}, "must have a start date"),
        ({"name": "N", "state": "odd"}, "'odd' is not valid"),
        ({"name": "N", "startDate": "soon"}, "Unable to parse date: soon"),
        ({"name": "N", "startDate": FORTNIGHT["endDate"], "endDate": FORTNIGHT["startDate"]}, "after the start date"),
    ],
)
async def test_a_sprint_is_not_changed_to_what_it_cannot_be(
    rough: httpx2.AsyncClient, body: dict[str, str], words: str
) -> None:
    assert words in await said(await rough.put(f"{SPRINT}/3", json=body), 400)
    assert (await rough.get(f"{SPRINT}/3")).json()["state"] == "future"


async def test_what_is_closed_stays_as_it_is(demo: httpx2.AsyncClient) -> None:
    assert "closed sprint cannot be changed" in await said(await demo.post(f"{SPRINT}/1", json={"name": "Again"}), 400)
    moved = await demo.post(f"{SPRINT}/1/issue", json={"issues": ["DEMO-7"]})
    assert "only be moved to open or active sprints" in await said(moved, 400)
    edited = await demo.put("/rest/api/3/issue/DEMO-7", json={"fields": {"customfield_10020": 1}})
    assert "only active or future sprints" in await said(edited, 400)


async def test_a_sprint_that_is_deleted_leaves_its_issues(demo: httpx2.AsyncClient) -> None:
    made = await new_sprint(demo)
    await demo.post(f"{SPRINT}/{made}/issue", json={"issues": ["DEMO-7"]})
    assert (await demo.delete(f"{SPRINT}/{made}")).status_code == 204
    assert (await demo.get(f"{SPRINT}/{made}")).status_code == 404
    field = (await demo.get("/rest/api/3/issue/DEMO-7?fields=customfield_10020")).json()["fields"]["customfield_10020"]
    assert field is None


@pytest.mark.parametrize("path", ["/backlog/issue", "/backlog/1/issue"])
async def test_issues_go_back_to_the_backlog(demo: httpx2.AsyncClient, path: str) -> None:
    planned = (await keys(demo, f"{SPRINT}/2/issue"))[0]
    assert (await demo.post(API + path, json={"issues": [planned]})).status_code == 204
    assert planned not in await keys(demo, f"{SPRINT}/2/issue")


async def test_issues_are_ranked_before_and_after_others(demo: httpx2.AsyncClient) -> None:
    assert (await demo.put(RANK, json={"issues": ["DEMO-9", "DEMO-8"], "rankBeforeIssue": "DEMO-2"})).status_code == 204
    assert (await keys(demo, f"{BOARD}/issue"))[:5] == ["DEMO-1", "DEMO-9", "DEMO-8", "DEMO-2", "DEMO-3"]
    assert (await demo.put(RANK, json={"issues": ["DEMO-1"], "rankAfterIssue": "DEMO-3"})).status_code == 204
    assert (await keys(demo, f"{BOARD}/issue"))[:5] == ["DEMO-9", "DEMO-8", "DEMO-2", "DEMO-3", "DEMO-1"]
    found = await demo.post(
        "/rest/api/3/search/jql", json={"jql": "project = DEMO ORDER BY rank", "fields": ["summary"]}
    )
    assert [each["key"] for each in found.json()["issues"]][:2] == ["DEMO-9", "DEMO-8"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"issues": []}, 400, "must not be empty"),
        ({"issues": [f"DEMO-{number}" for number in range(51)]}, 400, "is 50"),
        ({"issues": ["VAULT-1"]}, 404, "VAULT-1"),
        ({"issues": ["DEMO-7"], "rankBeforeIssue": "DEMO-7"}, 400, "issue to rank by"),
        ({"issues": ["DEMO-7"], "rankAfterIssue": "NOPE-1"}, 400, "issue to rank by"),
    ],
)
@pytest.mark.parametrize("path", ["/sprint/3/issue", "/backlog/issue", "/backlog/1/issue"])
async def test_a_move_that_cannot_be_says_why(
    rough: httpx2.AsyncClient, path: str, body: dict[str, Any], status: int, words: str
) -> None:
    assert words in await said(await rough.post(API + path, json=body), status)


async def test_a_rank_needs_another_issue(rough: httpx2.AsyncClient) -> None:
    assert "must be given" in await said(await rough.put(RANK, json={"issues": ["DEMO-7"]}), 400)
    assert await said(await rough.put(RANK, json={"issues": ["VAULT-1"], "rankBeforeIssue": "DEMO-1"}), 404)


async def test_an_issue_of_another_project_is_not_on_the_board(demo: httpx2.AsyncClient) -> None:
    moved = await demo.post(f"{API}/backlog/1/issue", json={"issues": ["HELP-1"]})
    assert "HELP-1 is not on board 1" in await said(moved, 400)
    assert "cannot be viewed" in await said(await demo.post(f"{API}/backlog/9/issue", json={"issues": ["DEMO-7"]}), 404)


async def test_who_may_only_read_manages_no_sprints(site: Site) -> None:
    async with browsing(site, "kenji") as kenji:
        assert (await kenji.get(f"{SPRINT}/2")).status_code == 200
        refused = [
            await kenji.post(SPRINT, json={"name": "Mine", "originBoardId": 1}),
            await kenji.put(f"{SPRINT}/3", json={"name": "Mine"}),
            await kenji.post(f"{SPRINT}/3", json={"name": "Mine"}),
            await kenji.delete(f"{SPRINT}/3"),
            await kenji.post(f"{SPRINT}/3/issue", json={"issues": ["DEMO-7"]}),
            await kenji.post(f"{API}/backlog/issue", json={"issues": ["DEMO-7"]}),
            await kenji.post(f"{API}/backlog/1/issue", json={"issues": ["DEMO-7"]}),
            await kenji.put(RANK, json={"issues": ["DEMO-7"], "rankBeforeIssue": "DEMO-1"}),
        ]
        assert [answer.status_code for answer in refused] == [403] * len(refused)


async def test_a_sprint_that_is_not_there_is_not_found(demo: httpx2.AsyncClient) -> None:
    answers = [
        await demo.get(f"{SPRINT}/99"),
        await demo.get(f"{SPRINT}/99/issue"),
        await demo.get(f"{BOARD}/sprint/99/issue"),
        await demo.put(f"{SPRINT}/99", json={"name": "N"}),
        await demo.post(f"{SPRINT}/99", json={"name": "N"}),
        await demo.post(f"{SPRINT}/99/issue", json={"issues": ["DEMO-7"]}),
        await demo.delete(f"{SPRINT}/99"),
    ]
    assert [await said(answer, 404) for answer in answers] == ["Sprint does not exist."] * len(answers)
    assert (await demo.post(SPRINT, json={"name": "N", "originBoardId": 99})).status_code == 404


async def test_a_new_issue_stands_at_the_end_of_the_board(demo: httpx2.AsyncClient) -> None:
    made = (await demo.post("/rest/api/3/issue", json=issue())).json()["key"]
    assert (await keys(demo, f"{BOARD}/issue"))[-1] == made

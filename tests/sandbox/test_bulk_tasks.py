"""What Jira does with many issues behind one's back: moves, deletions, transitions, watching."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import Clock, browsing
from tests.sandbox.writing import issue

pytestmark = pytest.mark.anyio
API = "/rest/api/3"
BULK = f"{API}/bulk/issues"
REQUEST, STORY, TASK, SUBTASK = "10006", "10002", "10003", "10005"


def move(to: str, *keys: str, **more: Any) -> dict[str, Any]:
    source = {"issueIdsOrKeys": list(keys), "inferFieldDefaults": True, "inferStatusDefaults": True}
    rest = {"inferClassificationDefaults": True, "inferSubtaskTypeDefault": True}
    return {"sendBulkNotification": False, "targetToSourcesMapping": {to: source | rest | more}}


async def made(http: httpx2.AsyncClient, **fields: Any) -> str:
    return (await http.post(f"{API}/issue", json=issue(**fields))).json()["key"]


async def read(http: httpx2.AsyncClient, key: str) -> dict[str, Any]:
    return (await http.get(f"{API}/issue/{key}")).json()


async def done(http: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The outcome of a task."""
    begun = await http.post(f"{BULK}/{path}", json=body)
    assert begun.status_code == 201, begun.text
    task = (await http.get(f"{API}/bulk/queue/{begun.json()['taskId']}")).json()
    assert (task["status"], task["progressPercent"]) == ("COMPLETE", 100)
    return task


async def refused(http: httpx2.AsyncClient, path: str, body: Any) -> str:
    answered = await http.post(f"{BULK}/{path}", json=body)
    assert answered.status_code == 400, answered.text
    return answered.json()["errors"][0]["message"]


async def test_an_issue_moves_to_another_project_and_its_old_key_still_leads_to_it(demo: httpx2.AsyncClient) -> None:
    here = {"name": "Cart", "project": "HELP"}
    assert (await demo.post(f"{API}/component", json=here)).status_code == 201
    key = await made(demo, fixVersions=[{"name": "5.0"}], components=[{"name": "Cart"}])
    before = await read(demo, key)
    task = await done(demo, "move", move(f"HELP,{REQUEST}", key))
    assert (task["processedAccessibleIssues"], task["totalIssueCount"]) == ([int(before["id"])], 1)
    after = await read(demo, key)
    assert (after["id"], after["key"][:5]) == (before["id"], "HELP-")
    assert (after["fields"]["project"]["key"], after["fields"]["issuetype"]["id"]) == ("HELP", REQUEST)
    assert after["fields"]["fixVersions"] == []
    assert [row["name"] for row in after["fields"]["components"]] == ["Cart"]
    assert after["fields"]["components"] != before["fields"]["components"]
    assert await read(demo, after["key"]) == after
    (entry,) = (await demo.get(f"{API}/issue/{key}/changelog")).json()["values"]
    told = {item["field"]: (item["fromString"], item["toString"]) for item in entry["items"]}
    assert told["Key"] == (key, after["key"])
    assert told["project"] == ("Demo Shop", "Help Desk")
    found = (
        await demo.post(f"{API}/search/jql", json={"jql": f"project = HELP and key = {key}", "fields": ["key"]})
    ).json()
    assert [row["key"] for row in found["issues"]] == [after["key"]]


async def test_sub_tasks_move_with_their_parent(site: Site) -> None:
    async with browsing(site, "ada") as ada:
        key = await made(ada)
        child = await made(ada, issuetype={"id": SUBTASK}, parent={"key": key})
        task = await done(ada, "move", move(f"VAULT,{TASK}", key))
        assert len(task["processedAccessibleIssues"]) == 2
        moved = (await read(ada, child))["fields"]
        assert (moved["project"]["key"], moved["parent"]["key"]) == ("VAULT", (await read(ada, key))["key"])


async def test_sub_tasks_do_not_move_to_where_there_are_none(rough: httpx2.AsyncClient) -> None:
    key = await made(rough)
    await made(rough, issuetype={"id": SUBTASK}, parent={"key": key})
    assert "sub-tasks" in await refused(rough, "move", move(f"HELP,{REQUEST}", key))


async def test_sub_tasks_stay_behind_where_one_wants_it(demo: httpx2.AsyncClient) -> None:
    key = await made(demo)
    child = await made(demo, issuetype={"id": SUBTASK}, parent={"key": key})
    await done(demo, "move", move(f"HELP,{REQUEST}", key, inferSubtaskTypeDefault=False))
    stayed = (await read(demo, child))["fields"]
    assert (stayed["project"]["key"], stayed["parent"]["key"][:4]) == ("DEMO", "HELP")


async def test_an_issue_becomes_a_sub_task(demo: httpx2.AsyncClient) -> None:
    parent, key = await made(demo), await made(demo)
    await done(demo, "move", move(f"10000,{SUBTASK},{parent}", key))
    moved = await read(demo, key)
    assert (moved["key"], moved["fields"]["parent"]["key"]) == (key, parent)


@pytest.mark.parametrize(
    ("to", "keys", "words"),
    [
        ("HELP", ["DEMO-7"], "format"),
        ("VAULT,10003", ["DEMO-7"], "project"),
        ("ARCH,10003", ["DEMO-7"], "permission"),
        (f"HELP,{STORY}", ["DEMO-7"], "issue type"),
        (f"DEMO,{SUBTASK}", ["DEMO-7"], "parent"),
        (f"DEMO,{SUBTASK},VAULT-1", ["DEMO-7"], "parent"),
        (f"DEMO,{TASK},DEMO-8", ["DEMO-7"], "hierarchy"),
        (f"HELP,{REQUEST}", ["DEMO-7", "VAULT-1"], "not valid"),
        (f"HELP,{REQUEST}", ["ARCH-1"], "permission"),
        (f"HELP,{REQUEST}", [], "at least one"),
        (f"HELP,{REQUEST}", ["DEMO-7"] * 1_001, "1000"),
    ],
)
async def test_a_move_that_cannot_be_made_is_refused(
    rough: httpx2.AsyncClient, to: str, keys: list[str], words: str
) -> None:
    assert words in await refused(rough, "move", move(to, *keys))


@pytest.mark.parametrize("body", [None, {}, {"targetToSourcesMapping": []}, {"targetToSourcesMapping": {"a": 1}}])
async def test_a_move_that_is_none_is_refused(rough: httpx2.AsyncClient, body: Any) -> None:
    assert await refused(rough, "move", body)


async def test_issues_are_deleted_with_their_sub_tasks(demo: httpx2.AsyncClient) -> None:
    key = await made(demo)
    child = await made(demo, issuetype={"id": SUBTASK}, parent={"key": key})
    task = await done(demo, "delete", {"selectedIssueIdsOrKeys": [key, child]})
    assert len(task["processedAccessibleIssues"]) == 2
    for gone in (key, child):
        assert (await demo.get(f"{API}/issue/{gone}")).status_code == 404


async def test_issues_make_transitions_together_and_those_that_cannot_say_why(demo: httpx2.AsyncClient) -> None:
    first, second = await made(demo), await made(demo)
    await demo.post(f"{API}/issue/{second}/transitions", json={"transition": {"id": "21"}})
    body = {"bulkTransitionInputs": [{"selectedIssueIdsOrKeys": [first, second], "transitionId": "21"}]}
    task = await done(demo, "transition", body)
    assert task["processedAccessibleIssues"] == [int((await read(demo, first))["id"])]
    assert list(task["failedAccessibleIssues"].values()) == [["Transition id '21' is not valid for this issue."]]
    assert (await read(demo, first))["fields"]["status"]["name"] == "In Progress"


async def test_many_issues_are_watched_and_no_more(demo: httpx2.AsyncClient, site: Site) -> None:
    async with browsing(site, "zoe") as zoe:
        for path, watching in (("watch", True), ("unwatch", False)):
            await done(zoe, path, {"selectedIssueIdsOrKeys": ["DEMO-42", "DEMO-43"]})
            assert (await zoe.get(f"{API}/issue/DEMO-42/watchers")).json()["isWatching"] is watching


@pytest.mark.parametrize("path", ["delete", "watch", "unwatch"])
@pytest.mark.parametrize("keys", [[], ["VAULT-1"], ["DEMO-7"] * 1_001])
async def test_a_task_is_about_1_to_1000_issues(rough: httpx2.AsyncClient, path: str, keys: list[str]) -> None:
    assert await refused(rough, path, {"selectedIssueIdsOrKeys": keys})


async def test_a_transition_of_no_issues_is_refused(rough: httpx2.AsyncClient) -> None:
    assert await refused(rough, "transition", {"bulkTransitionInputs": []})
    assert await refused(rough, "transition", {"bulkTransitionInputs": [{"selectedIssueIdsOrKeys": ["DEMO-7"]}]})


async def test_a_task_runs_as_long_as_one_asks_for_and_is_forgotten(demo: httpx2.AsyncClient, clock: Clock) -> None:
    key = await made(demo)
    await demo.post("/__sandbox__/settings", json={"task_seconds": 10})
    task = (await demo.post(f"{BULK}/watch", json={"selectedIssueIdsOrKeys": [key]})).json()["taskId"]
    path = f"{API}/bulk/queue/{task}"
    clock.pass_by(seconds=4)
    running = (await demo.get(path)).json()
    assert (running["status"], running["progressPercent"]) == ("RUNNING", 40)
    assert "processedAccessibleIssues" not in running
    clock.pass_by(seconds=6)
    assert (await demo.get(path)).json()["status"] == "COMPLETE"
    clock.pass_by(days=14)
    assert (await demo.get(path)).status_code == 400


async def test_a_task_is_its_owners(demo: httpx2.AsyncClient, site: Site) -> None:
    task = (await demo.post(f"{BULK}/watch", json={"selectedIssueIdsOrKeys": ["DEMO-7"]})).json()["taskId"]
    async with browsing(site, "zoe") as zoe:
        assert (await zoe.get(f"{API}/bulk/queue/{task}")).status_code == 400

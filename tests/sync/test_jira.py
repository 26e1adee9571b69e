"""Issues, their comments, worklogs and files are kept in step with a Jira site."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from server.entities import MIRRORED
from server.errors import Invalid
from server.store.port import Change
from server.store.rows import Delivery, Tracked
from server.sync.discovering import Hint, route
from server.sync.hints import hint
from tests.sync.engine import Engine, on_jira
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
async def engine(world: World) -> AsyncGenerator[Engine]:
    async with on_jira(world) as engine:
        yield engine


def issue_id(world: World, key: str) -> str:
    return next(each.id for each in world.site.issues.values() if each.key == key)


def address(thing: Tracked) -> str:
    mirror = MIRRORED[thing.kind].mirror
    assert mirror
    return mirror.key_in(str(thing.remote_id), thing.remote or {})


async def put(world: World, path: str, body: dict[str, Any]) -> None:
    async with world.http() as http:
        (await http.put(path, json=body)).raise_for_status()


async def get(world: World, path: str) -> dict[str, Any]:
    async with world.http() as http:
        return (await http.get(path)).json()


async def test_a_backfill_reads_each_page_once_and_nothing_more(engine: Engine, world: World) -> None:
    told = await engine.backfill()
    assert (told[-1].filled, told[-1].total, told[-1].seconds_left) == (46, 46, 0)
    assert (
        await engine.sent()
        == [
            "POST /rest/api/3/search/approximate-count",
            "POST /rest/api/3/search/jql",
            "GET /rest/api/3/myself",
            "POST /rest/api/3/comment/list",
        ]
        or len(await engine.sent()) <= 12
    )
    seven = await engine.of(issue_id(world, "DEMO-7"), "issue")
    assert seven.remote
    assert seven.base == seven.local == seven.remote
    assert seven.remote["summary"] == "Login redirect empties the cart at checkout"
    assert seven.remote["labels"] == ("checkout", "login", "regression")
    assert "**Customers lose their cart.**" in str(seven.remote["description"])
    family = await engine.store.family(seven.id)
    assert family
    assert {each.kind for each in family.parts} >= {"issue_comment", "issue_worklog", "issue_attachment"}
    assert (await engine.scope()).complete


async def test_after_a_backfill_a_poll_and_a_census_find_nothing_to_do(engine: Engine) -> None:
    await engine.backfill()
    assert await engine.poll() == 0
    assert await engine.census() == 0
    assert not [each for each in await engine.sent() if each.startswith(("PUT", "DELETE"))]


async def test_a_backfill_goes_on_where_it_was_left(engine: Engine, world: World) -> None:
    await world.fault(path="/rest/api/3/search/jql", status=400, times=1)
    with pytest.raises(Invalid, match="refused"):
        await engine.backfill()
    await engine.backfill()
    assert (await engine.scope()).filled == 46


async def test_a_page_that_is_too_old_is_begun_anew(engine: Engine) -> None:
    scope = await engine.scope()
    await engine.store.commit(Change(scopes=(replace(scope, page='[0, "dead"]', total=46, rev=scope.rev + 1),)))
    await engine.backfill()
    assert (await engine.scope()).filled == 46


async def test_a_persons_edit_arrives_by_a_poll(engine: Engine, world: World) -> None:
    await engine.backfill()
    await put(world, "/rest/api/3/issue/DEMO-7", {"fields": {"summary": "The cart is lost", "labels": ["cart"]}})
    assert await engine.poll() == 1
    seven = await engine.of(issue_id(world, "DEMO-7"), "issue")
    assert seven.local
    assert (seven.local["summary"], seven.local["labels"]) == ("The cart is lost", ("cart",))
    news = await engine.store.news(0)
    assert [(each.what, each.fields) for each in news] == [("changed", ("labels", "summary"))]


async def test_an_agents_edit_is_sent_with_what_changed_and_nothing_else(engine: Engine, world: World) -> None:
    await engine.backfill()
    seven = await engine.of(issue_id(world, "DEMO-7"), "issue")
    await engine.records.link("n", "task-7", seven.id)
    before = len(await world.requests())
    assert seven.local
    words = str(seven.local["description"])
    added = {"labels": ("checkout", "login", "regression", "zeal"), "description": f"{words}\n\nFound it."}
    was = (await get(world, "/rest/api/3/issue/DEMO-7"))["fields"]["description"]
    await put(world, "/rest/api/3/issue/DEMO-7", {"update": {"labels": [{"add": "human"}]}})
    await engine.records.edit(seven.id, added)
    await engine.settle()
    fields = (await get(world, "/rest/api/3/issue/DEMO-7"))["fields"]
    assert set(fields["labels"]) == {"checkout", "login", "regression", "human", "zeal"}
    assert fields["description"]["content"][:-1] == was["content"]
    marks = [each for each in await engine.sent(before) if each.endswith("/list")]  # asked for once
    assert len(await engine.sent(before)) - 3 - len(marks) == 2  # a read, and a write that answers with what it made
    assert await engine.settle() == 0


async def test_what_an_agent_makes_is_made_once_with_what_is_below_it(engine: Engine, world: World) -> None:
    await engine.backfill()
    fields = {"summary": "Made here", "type": "10002", "description": "# Why\n\nBecause."}
    made = await engine.records.put("n", "issue", "task", fields, scope="p")
    await engine.records.put("n", "issue_comment", "word", {"body": "First *word*."}, scope="p", below=made.id)
    await engine.settle()
    task = await engine.store.record("n", "issue", "task")
    assert task
    assert task.remote_id
    issue = (await get(world, f"/rest/api/3/issue/{task.remote_id}"))["fields"]
    assert issue["summary"] == "Made here"
    assert [each["body"]["content"][0]["content"][0]["text"] for each in issue["comment"]["comments"]] == ["First "]
    assert len([each for each in await engine.sent() if each == "POST /rest/api/3/issue"]) == 1
    assert await engine.poll() <= 1
    assert await engine.settle() == 0


async def test_a_creation_whose_answer_was_lost_is_found_and_not_made_again(engine: Engine, world: World) -> None:
    await engine.backfill()
    await world.fault(method="POST", path="/rest/api/3/issue", drop="after", times=1)
    await engine.records.put("n", "issue", "task", {"summary": "Made once", "type": "10002"}, scope="p")
    await engine.settle()
    assert len([each for each in world.site.issues.values() if each.values["summary"] == "Made once"]) == 1
    task = await engine.store.record("n", "issue", "task")
    assert task
    assert task.remote_id
    assert task.made_by == 1


async def test_a_status_is_reached_by_its_transition(engine: Engine, world: World) -> None:
    await engine.backfill()
    seven = await engine.of(issue_id(world, "DEMO-7"), "issue")
    await engine.records.link("n", "task-7", seven.id)
    await engine.records.edit(seven.id, {"status": "10002"})
    await engine.settle()
    assert (await get(world, "/rest/api/3/issue/DEMO-7"))["fields"]["status"]["id"] == "10002"


async def test_what_is_deleted_is_known_to_be_gone_only_after_a_second_look(engine: Engine, world: World) -> None:
    await engine.backfill()
    gone = issue_id(world, "DEMO-46")
    async with world.http() as http:
        (await http.delete(f"/rest/api/3/issue/{gone}?deleteSubtasks=true")).raise_for_status()
    begun = engine.now
    await engine.census()
    assert (await engine.of(gone, "issue")).presence == "deleted"
    assert engine.now - begun >= 300_000


async def test_an_issue_that_moves_and_its_long_history_are_read_to_the_end(engine: Engine, world: World) -> None:
    await engine.backfill()
    for number in range(130):
        await put(world, "/rest/api/3/issue/DEMO-7", {"fields": {"summary": f"Summary {number}"}})
    await engine.poll()
    seven = await engine.of(issue_id(world, "DEMO-7"), "issue")
    assert seven.local
    assert seven.local["summary"] == "Summary 129"
    assert seven.seen > 0


async def test_a_query_can_be_tracked(world: World) -> None:
    async with on_jira(world, form="jql", value="project = DEMO AND labels = checkout") as engine:
        await engine.backfill()
        assert 0 < (await engine.scope()).filled < 46
        assert await engine.remote.visible(await engine.scope())
    async with on_jira(world, form="jql", value="project = NOPE") as engine:
        assert not await engine.remote.visible(await engine.scope())


async def test_a_webhook_names_what_is_to_be_read_and_nothing_more(engine: Engine, world: World) -> None:
    seven = issue_id(world, "DEMO-7")
    issue = {"id": seven, "key": "DEMO-7"}
    dated = {**issue, "fields": {"updated": "2026-06-01T09:30:00.000+0000"}}
    assert hint({"webhookEvent": "jira:issue_updated", "issue": issue}) == Hint("issue", seven, "DEMO")
    assert hint({"webhookEvent": "jira:issue_updated", "issue": dated}) == Hint("issue", seven, "DEMO", "1780306200000")
    assert hint({"webhookEvent": "jira:issue_deleted", "issue": issue}) == Hint("issue", seven, "DEMO", gone=True)
    said = {"webhookEvent": "comment_deleted", "comment": {"id": "1"}, "issue": issue}
    assert hint(said) == Hint("issue", seven, "DEMO")
    logged = {"webhookEvent": "worklog_created", "worklog": {"id": "1", "issueId": seven}}
    assert hint(logged) == Hint("issue", seven, "")
    assert hint({"webhookEvent": "attachment_created", "attachment": {"id": "1"}}) is None
    assert hint({"webhookEvent": "sprint_started"}) is None
    assert hint({}) is None
    await engine.backfill()
    await put(world, "/rest/api/3/issue/DEMO-7", {"fields": {"summary": "Told by a webhook"}})
    body = {"webhookEvent": "jira:issue_updated", "issue": {**issue, "fields": {"summary": "A lie"}}}
    assert await engine.store.deliver(Delivery(id="1", site="s", at=engine.now, body=body))
    assert await route(engine.around, hint)
    await engine.settle()
    assert (found := (await engine.of(seven, "issue")).local)
    assert found["summary"] == "Told by a webhook"
    assert not await route(engine.around, hint)


async def test_what_an_agent_wrote_below_an_issue_is_its_own_to_change_and_delete(engine: Engine, world: World) -> None:
    await engine.backfill()
    seven = await engine.of(issue_id(world, "DEMO-7"), "issue")
    word = await engine.records.put("n", "issue_comment", "c", {"body": "First."}, scope="p", below=seven.id)
    hours = {"seconds": 3600, "started": 1_780_300_000_000, "comment": "Looked."}
    logged = await engine.records.put("n", "issue_worklog", "w", hours, scope="p", below=seven.id)
    await engine.settle()
    await engine.records.edit(word.id, {"body": "First, and **more**."})
    await engine.records.edit(logged.id, {"seconds": 7200})
    await engine.settle()
    fields = (await get(world, f"/rest/api/3/issue/{seven.remote_id}"))["fields"]
    assert fields["comment"]["comments"][-1]["body"]["content"][0]["content"][1]["text"] == "more"
    assert fields["worklog"]["worklogs"][-1]["timeSpentSeconds"] == 7200
    await engine.records.unlink(word.id, delete_remote=True)
    await engine.settle()
    left = (await get(world, f"/rest/api/3/issue/{seven.remote_id}"))["fields"]["comment"]["comments"]
    assert len(left) == len(fields["comment"]["comments"]) - 1


async def test_what_does_not_come_with_an_issue_is_read_besides(engine: Engine, world: World) -> None:
    async with world.http() as http:
        for _ in range(25):
            work = {"timeSpentSeconds": 60}
            (await http.post("/rest/api/3/issue/DEMO-1/worklog", json=work)).raise_for_status()
    await engine.backfill()
    family = await engine.store.family((await engine.of(issue_id(world, "DEMO-1"), "issue")).id)
    assert family
    assert len([each for each in family.parts if each.kind == "issue_worklog"]) >= 25


async def test_an_issue_is_made_with_all_that_was_said_of_it(engine: Engine, world: World) -> None:
    await engine.backfill()
    said = {"summary": "Whole", "type": "10002", "labels": ("one", "two"), "due": "2026-07-01", "priority": "2"}
    await engine.records.put("n", "issue", "task", said, scope="p")
    await engine.settle()
    task = await engine.store.record("n", "issue", "task")
    assert task
    fields = (await get(world, f"/rest/api/3/issue/{task.remote_id}"))["fields"]
    assert (fields["labels"], fields["duedate"], fields["priority"]["id"]) == (["one", "two"], "2026-07-01", "2")


async def test_what_jira_refuses_is_parked_with_its_reason(engine: Engine, world: World) -> None:
    await engine.backfill()
    seven = await engine.of(issue_id(world, "DEMO-7"), "issue")
    await engine.records.put("n", "issue", "bad", {"summary": "No such type", "type": "99"}, scope="p")
    await engine.records.put("n", "issue_attachment", "file", {"filename": "a.txt"}, scope="p", below=seven.id)
    await engine.settle()
    bad, file = [
        await engine.store.record("n", kind, name) for kind, name in (("issue", "bad"), ("issue_attachment", "file"))
    ]
    assert bad
    assert file
    assert "type" in bad.parked
    assert "upload it to its issue" in file.parked


async def test_a_project_is_read_by_its_id(engine: Engine, world: World) -> None:
    found = await engine.remote.read("project", next(iter(world.site.projects)), 0)
    assert found.root.fields["key"] == "DEMO"


async def test_what_is_mirrored_is_addressed_as_what_is_read(engine: Engine, world: World) -> None:
    await engine.backfill()
    seven = await engine.of(issue_id(world, "DEMO-7"), "issue")
    family = await engine.store.family(seven.id)
    assert family
    above = address(seven)
    assert MIRRORED["issue"].uri_of(above) == "jira://issue/DEMO-7"
    part = next(each for each in family.parts if each.kind == "issue_comment")
    assert MIRRORED[part.kind].uri_of(above, address(part)) == f"jira://issue/DEMO-7/comment/{part.remote_id}"


async def test_a_second_backfill_adds_nothing(engine: Engine) -> None:
    await engine.backfill()
    scope = await engine.scope()
    await engine.store.commit(Change(scopes=(replace(scope, complete=False, filled=0, rev=scope.rev + 1),)))
    await engine.backfill()
    assert (await engine.scope()).filled == 0
    assert await engine.settle() == 0

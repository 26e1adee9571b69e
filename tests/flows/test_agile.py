"""Boards and sprints are found, filled, started and closed."""

from collections.abc import AsyncGenerator

import pytest
from mcp import Client

from tests.world import World, refused, told

pytestmark = pytest.mark.anyio
ADD, UPDATE, CREATE = "jira_add_issues_to_sprint", "jira_update_sprint", "jira_create_sprint"


@pytest.fixture
async def agent(world: World) -> AsyncGenerator[Client]:
    async with Client(world.server(TOOLSETS="all")) as agent:
        yield agent


@pytest.fixture
def board(world: World) -> str:
    return next(each.id for each in world.site.boards.values() if each.kind == "scrum")


async def planned(agent: Client, board: str, **more: str) -> str:
    said = await told(agent, CREATE, {"board_id": board, "name": "Next one", **more})
    return said.split()[2]


async def test_boards_are_found(agent: Client, board: str) -> None:
    listed = await told(agent, "jira_get_agile_boards", {"board_type": "scrum", "limit": 1})
    assert "id | name | type | project" in listed
    assert f"{board} | " in listed
    assert await told(agent, "jira_get_agile_boards", {"board_name": "zzz"}) == "No board matches."


async def test_a_sprint_is_planned_started_and_closed(world: World, agent: Client, board: str) -> None:
    number = await planned(agent, board, start_date="tomorrow", end_date="in 2 weeks", goal="All green")
    listed = await told(agent, "jira_get_sprints_from_board", {"board_id": board, "state": "future"})
    assert f"{number} | Next one | future | 2026-06-0" in listed
    assert "All green" in listed
    assert "active" in await told(agent, UPDATE, {"sprint_id": number, "state": "active"})
    assert "can't be opened again" in await refused(agent, UPDATE, {"sprint_id": number, "state": "closed"})
    await told(agent, UPDATE, {"sprint_id": number, "state": "closed", "confirm": True})
    said = await refused(agent, ADD, {"sprint_id": number, "issue_keys": "DEMO-1"})
    assert "`Next one` is closed. Open on its board: " in said
    assert "is closed" in await refused(agent, UPDATE, {"sprint_id": number, "name": "Again"})


async def test_a_sprint_without_a_change_or_dates_is_refused(agent: Client, board: str) -> None:
    number = await planned(agent, board)
    assert "Nothing to change" in await refused(agent, UPDATE, {"sprint_id": number})
    assert "start date" in await refused(agent, UPDATE, {"sprint_id": number, "state": "active"})


async def test_issues_go_in_and_out_of_a_sprint(world: World, agent: Client, board: str) -> None:
    number = await planned(agent, board)
    said = await told(agent, ADD, {"sprint_id": number, "issue_keys": "DEMO-1, DEMO-2,DEMO-1"})
    assert said == f"Moved DEMO-1, DEMO-2 to sprint {number}"
    inside = await told(agent, "jira_get_sprint_issues", {"sprint_id": number})
    assert inside.splitlines()[0] == "2 issues"
    assert "key | issuetype | status" in inside
    out = await told(agent, "jira_move_issues_to_backlog", {"issue_keys": ["DEMO-1", "DEMO-2"]})
    assert out == "Moved DEMO-1, DEMO-2 to the backlog"
    assert await told(agent, "jira_get_sprint_issues", {"sprint_id": number}) == "No issue matches."


async def test_many_issues_go_in_several_requests_once_the_person_agreed(
    world: World, agent: Client, board: str
) -> None:
    number = await planned(agent, board)
    keys = [f"DEMO-{each}" for each in range(1, 52)]
    assert "Move 51 issues at once?" in await refused(agent, ADD, {"sprint_id": number, "issue_keys": keys})
    await world.fault(path="*/sprint/*/issue", method="POST", status=200, body="{}")
    said = await refused(agent, ADD, {"sprint_id": number, "issue_keys": [*keys[:50], "DEMO-9999"], "confirm": True})
    assert "50 of 51 issues were moved, up to DEMO-50; those from DEMO-9999 on were not." in said


async def test_the_issues_of_a_board_are_narrowed_by_jql_and_paged(agent: Client, board: str) -> None:
    query = {"board_id": board, "jql": "status = Done", "fields": "summary", "limit": 1}
    listed = await told(agent, "jira_get_board_issues", query)
    assert "more with cursor=1" in listed
    assert listed.splitlines()[1] == "key | summary"


async def test_what_is_not_there_is_named(agent: Client) -> None:
    assert "No board `999`" in await refused(agent, "jira_get_sprints_from_board", {"board_id": 999})
    assert "No sprint `999`" in await refused(agent, ADD, {"sprint_id": "999", "issue_keys": "DEMO-1"})
    said = await refused(agent, ADD, {"sprint_id": "2", "issue_keys": "DEMO-1,NOPE-1"})
    assert said == (
        "Nothing was moved: one of these issues is not there, or you may not see it. Find it with jira_search."
    )


async def test_the_fields_of_a_sprints_issues_have_their_names_and_those_that_are_none_are_told(world: World) -> None:
    async with Client(world.server(TOOLSETS="all")) as agent:
        arguments = {"sprint_id": "2", "limit": 1, "fields": "summary,Story Points,storypts"}
        said = await told(agent, "jira_get_sprint_issues", arguments)
        assert "key | summary | Story Points\nDEMO-4 | Log in with a passkey | 8\n" in said
        assert "(No such field here: storypts. Perhaps Story Points (customfield_10016)" in said
        whole = await told(agent, "jira_get_board_issues", {"board_id": "1", "limit": 1, "fields": "*all"})
        assert "\n# DEMO-" in whole
        assert "*all" not in whole

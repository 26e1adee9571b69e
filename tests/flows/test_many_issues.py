"""Many issues at once, and issues that move: told one by one, asked first, never doubled."""

from typing import Any

import pytest
from mcp import Client

from tests.world import World, refused, told

pytestmark = pytest.mark.anyio


def new(number: int) -> list[dict[str, Any]]:
    return [{"project_key": "DEMO", "summary": f"New {each}", "issue_type": "Task"} for each in range(number)]


async def test_five_hundred_issues_take_ten_requests(agent: Client, world: World) -> None:
    said = await told(agent, "jira_batch_create_issues", {"issues": new(500), "confirm": True})
    assert said.startswith("Created 500 issues: DEMO-")
    assert len(said) < 100
    assert len(await world.requests()) == 10


async def test_many_issues_are_asked_about(agent: Client, world: World) -> None:
    said = await refused(agent, "jira_batch_create_issues", {"issues": new(11)})
    assert "Create 11 issues in DEMO?" in said
    assert "11 issues can be created" in await told(
        agent, "jira_batch_create_issues", {"issues": new(11), "validate_only": True}
    )
    assert await world.requests() == []


async def test_those_that_fail_are_told_one_by_one(agent: Client) -> None:
    issues = [*new(1), {**new(1)[0], "issue_type": "Nope"}, {"project_key": "DEMO"}, *new(1)]
    said = await told(agent, "jira_batch_create_issues", {"issues": issues})
    assert "Created 2 issues" in said
    assert "\n1: `issuetype`: Specify a valid issue type." in said
    assert "\n2: summary, issue_type: required." in said


async def test_an_issue_moves_to_another_project_once_the_person_agreed(agent: Client, world: World) -> None:
    task = await agent.call_tool("jira_create_issue", {"project_key": "DEMO", "summary": "Go", "issue_type": "Task"})
    assert task.structured_content
    key = task.structured_content["key"]
    to = {"issue_key": key, "target_project_key": "HELP"}
    assert f"Move {key} `Go`" in await refused(agent, "jira_move_issue", to)
    said = await told(agent, "jira_move_issue", {**to, "confirm": True})
    assert said.startswith(f"Moved {key}: it is now HELP-")


async def test_an_issue_does_not_move_where_its_type_is_unknown(agent: Client) -> None:
    said = await refused(
        agent, "jira_move_issue", {"issue_key": "DEMO-7", "target_project_key": "HELP", "confirm": True}
    )
    assert "HELP has no issue type Bug, it has Service Request, Incident, Task" in said


async def test_issues_whose_creation_was_not_answered_are_found_and_not_sent_again(agent: Client, world: World) -> None:
    await world.fault(method="POST", path="/rest/api/3/issue/bulk", drop="after", times=1)
    said = await told(agent, "jira_batch_create_issues", {"issues": new(3)})
    assert said.startswith("Created 3 issues: DEMO-")
    assert sum(each["path"].endswith("/issue/bulk") for each in await world.requests()) == 1

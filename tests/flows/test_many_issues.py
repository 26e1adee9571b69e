"""Many issues at once, and issues that move: told one by one, asked first, never doubled."""

from json import dumps
from typing import Any

import pytest
from mcp import Client

from tests.world import World, refused, text, told

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
    types = "Possible issue types: Epic, Story, Task, Bug, Sub-task."
    assert f"\n1: `issuetype`: Specify a valid issue type. {types}" in said
    assert "\n2: summary, issue_type: required." in said


async def test_a_required_field_is_named_with_its_values_for_each_that_lacks_it(agent: Client, world: World) -> None:
    async with world.http() as http:
        answer = await http.post("/__sandbox__/settings", json={"required": {"DEMO": ["customfield_10031"]}})
        answer.raise_for_status()
    whole = {**new(1)[0], "additional_fields": {"Severity": "Minor"}}
    issues = [*new(2), whole, {**whole, "additional_fields": "Severity"}]
    said = await told(agent, "jira_batch_create_issues", {"issues": issues})
    assert "Created 1 issue: " in said
    assert "\n0 to 1: `customfield_10031`: " in said
    assert "Severity (customfield_10031) takes: Critical, Major, Minor, Cosmetic." in said
    assert "\n3: additional_fields: takes fields by name." in said


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


SECOND = {"share": 0.5, "seed": 10, "times": 1}  # of the requests that a fault fits, the second is met


async def summaries(world: World) -> list[str]:
    return [
        issue.values["summary"] for issue in world.site.issues.values() if issue.values["summary"].startswith("New")
    ]


async def test_a_batch_that_is_cut_off_in_the_middle_is_told_by_place_and_its_rest_can_be_repeated(
    agent: Client, world: World
) -> None:
    issues = new(120)
    await world.fault(method="POST", path="/rest/api/3/issue/bulk", drop="before", **SECOND)
    await refused(agent, "jira_batch_create_issues", {"issues": issues})  # the question
    result = await agent.call_tool("jira_batch_create_issues", {"issues": issues, "confirm": True})
    assert result.structured_content
    failed = result.structured_content["failed"]
    said = text(result)
    assert said.startswith("Created 50 issues: DEMO-")
    assert "70 failed; repeat these alone" in said
    assert "\n50 to 99: Jira at http://sandbox.localhost broke off its answer" in said
    assert "read or search for it before you send it again" in said
    assert "\n100 to 119: Not sent, since those before it failed." in said
    again = [issues[int(place)] for place in failed]
    await told(agent, "jira_batch_create_issues", {"issues": again, "confirm": True})
    assert sorted(await summaries(world)) == sorted(issue["summary"] for issue in issues)


async def test_a_batch_whose_answer_is_lost_in_the_middle_is_found_and_goes_on(agent: Client, world: World) -> None:
    await world.fault(method="POST", path="/rest/api/3/issue/bulk", drop="after", **SECOND)
    said = await told(agent, "jira_batch_create_issues", {"issues": new(120), "confirm": True})
    assert said.startswith("Created 120 issues: DEMO-")
    assert "failed" not in said
    assert len(await summaries(world)) == 120


async def test_a_batch_that_the_site_refuses_from_the_start_is_an_error(agent: Client, world: World) -> None:
    await world.fault(method="POST", path="/rest/api/3/issue/bulk", status=403)
    said = await refused(agent, "jira_batch_create_issues", {"issues": new(3)})
    assert "may not do this (new issues)" in said
    assert await summaries(world) == []


@pytest.mark.parametrize(
    ("task", "says"),
    [
        ({"status": "FAILED", "failedAccessibleIssues": {"10011": ["A field is missing."]}}, "A field is missing."),
        ({"status": "COMPLETE", "failedAccessibleIssues": {"10011": ["No permission."]}}, "No permission."),
        ({"status": "CANCELLED"}, "the task is CANCELLED."),
    ],
)
async def test_a_move_that_jira_gives_up_is_told_with_its_reasons(
    agent: Client, world: World, task: dict[str, Any], says: str
) -> None:
    made = await agent.call_tool("jira_create_issue", new(1)[0])
    assert made.structured_content
    key = made.structured_content["key"]
    body = dumps({"taskId": "10641", **task})
    await world.fault(path="/rest/api/3/bulk/queue/*", status=200, body=body, content_type="application/json")
    said = await refused(agent, "jira_move_issue", {"issue_key": key, "target_project_key": "HELP", "confirm": True})
    assert said == f"{key} was not moved: {says}"


async def test_a_move_that_takes_too_long_is_told_as_going_on(agent: Client, world: World) -> None:
    made = await agent.call_tool("jira_create_issue", new(1)[0])
    assert made.structured_content
    key = made.structured_content["key"]
    body = dumps({"taskId": "10641", "status": "RUNNING"})
    queue = {"path": "/rest/api/3/bulk/queue/*", "status": 200, "body": body, "content_type": "application/json"}
    await world.fault(**queue, times=100)
    said = await refused(agent, "jira_move_issue", {"issue_key": key, "target_project_key": "HELP", "confirm": True})
    assert said.startswith(f"Jira is still moving {key} (task ")
    assert said.endswith("Read the issue in a minute.")


async def test_a_move_asks_for_the_types_of_the_other_project_once(agent: Client, world: World) -> None:
    keys: list[str] = []
    for issue in new(2):
        made = await agent.call_tool("jira_create_issue", issue)
        assert made.structured_content
        keys.append(made.structured_content["key"])
    counts = [len(await world.requests())]
    for key in keys:
        await told(agent, "jira_move_issue", {"issue_key": key, "target_project_key": "HELP", "confirm": True})
        counts.append(len(await world.requests()) - sum(counts))
    assert counts[1:] == [7, 6]  # each is asked about twice

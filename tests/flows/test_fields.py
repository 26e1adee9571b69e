"""Fields by name, values as people write them, and refusals that say what would have been taken."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from mcp import Client

from tests.world import World, refused, told

pytestmark = pytest.mark.anyio

PLAIN: dict[str, Any] = {
    "Story Points": "3",
    "Severity": "Major",
    "Areas": "Web, Search",
    "Acceptance criteria": "**all**",
    "Reviewer": "Sam Carter",
    "Testers": ["me", "priya@example.com"],
    "Design link": "https://design.example.com/x",
    "Customer": "Acme",
    "Detected at": "today 14:00",
    "Risk": "High",
    "Platforms": ["iOS"],
    "Cause": "Code > Logic",
    "Owning group": "developers",
    "Keywords": ["a", "b"],
    "Found in": "4.11",
    "Fixed in": "4.12",
    "Related project": "help",
    "Start date": "in 3 days",
    "Fix versions": "5.0",
}


@pytest.fixture
async def everything(world: World) -> AsyncGenerator[Client]:
    async with Client(world.server(TOOLSETS="all")) as agent:
        yield agent


async def stored(world: World, key: str) -> dict[str, Any]:
    async with world.http() as http:
        return (await http.get(f"/rest/api/3/issue/{key}")).json()["fields"]


async def test_every_type_of_field_is_set_by_name_from_a_plain_value(agent: Client, world: World) -> None:
    arguments = {"project_key": "DEMO", "summary": "All", "issue_type": "Bug", "due_date": "next friday"}
    created = await agent.call_tool("jira_create_issue", {**arguments, "additional_fields": PLAIN})
    assert created.structured_content, created.content
    fields = await stored(world, created.structured_content["key"])
    assert (fields["duedate"], fields["customfield_10015"]) == ("2026-06-05", "2026-06-04")
    assert fields["customfield_10016"] == 3
    assert fields["customfield_10031"]["value"] == "Major"
    assert [each["value"] for each in fields["customfield_10033"]] == ["Web", "Search"]
    assert fields["customfield_10032"]["content"][0]["content"][0]["marks"] == [{"type": "strong"}]
    assert fields["customfield_10034"]["displayName"] == "Sam Carter"
    assert len(fields["customfield_10042"]) == 2
    assert fields["customfield_10038"].startswith("2026-06-01T14:00")
    assert fields["customfield_10041"]["child"]["value"] == "Logic"
    assert fields["customfield_10048"]["key"] == "HELP"
    assert [each["name"] for each in fields["fixVersions"]] == ["5.0"]


async def test_fields_are_read_by_name(agent: Client, world: World) -> None:
    said = await told(agent, "jira_search", {"jql": "key = DEMO-7", "fields": "Story Points, status"})
    assert "key | Story Points | status" in said
    assert "Story Points: " in await told(agent, "jira_get_issue", {"issue_key": "DEMO-7", "fields": "Story Points"})
    assert sum(each["path"] == "/rest/api/3/field" for each in await world.requests()) == 1


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"Story Pionts": 3}, "No field is named `Story Pionts`. Perhaps Story Points (customfield_10016)."),
        ({"Story Points": "many"}, "`Story Points` takes a number; got 'many'"),
        ({"Story Points": ["1", "2"]}, "`Story Points` takes a number"),
        ({"Reviewer": "Pria Raman"}, "Perhaps Priya Raman"),
        ({"timetracking": "long"}, "`timetracking` takes an estimate, e.g. 2h 30m"),
        ({"comment": "x"}, "Use jira_add_comment."),
        ({"Sprint": "Sprint 99"}, "Sprint 99"),
        ({"Start date": "someday"}, "`Start date` takes YYYY-MM-DD"),
    ],
)
async def test_what_cannot_be_set_is_refused_before_anything_is_written(
    agent: Client, world: World, fields: dict[str, Any], says: str
) -> None:
    assert says in await refused(agent, "jira_update_issue", {"issue_key": "DEMO-7", "fields": fields})
    assert not [each for each in await world.requests() if each["method"] == "PUT"]


async def test_a_refusal_of_jira_comes_with_what_it_takes(agent: Client) -> None:
    fields = {"Severity": "Mayor", "resolution": "Done"}
    said = await refused(agent, "jira_update_issue", {"issue_key": "DEMO-7", "fields": fields})
    assert "Severity (customfield_10031) takes: Critical, Major, Minor, Cosmetic." in said
    assert "Resolution (resolution) is not on this screen; it shows: Summary," in said
    move = {"issue_key": "DEMO-7", "transition_id": "Done", "fields": {"resolution": "Donne"}}
    assert "Resolution (resolution) takes: Done, Won't Do" in await refused(agent, "jira_transition_issue", move)


async def test_a_required_field_is_named_with_its_values(agent: Client, world: World) -> None:
    async with world.http() as http:
        answer = await http.post("/__sandbox__/settings", json={"required": {"DEMO": ["customfield_10031"]}})
        answer.raise_for_status()
    said = await refused(agent, "jira_create_issue", {"project_key": "DEMO", "summary": "x", "issue_type": "Bug"})
    assert "Severity (customfield_10031) takes: Critical" in said


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("jira_get_all_projects", {}, "DEMO | Demo Shop\nHELP | Help Desk | service_desk"),
        ("jira_get_all_projects", {"limit": 1}, "1 of 3 projects; more with cursor=1"),
        ("jira_get_project_issue_types", {"project_key": "DEMO"}, "10005 | Sub-task (subtask)"),
        ("jira_get_create_fields", {"project_key": "DEMO", "issue_type_id": "10004"}, "Summary (required) | summary"),
        ("jira_get_project_versions", {"project_key": "DEMO"}, "10600 | 4.11 | released | 2026-02-15"),
        ("jira_get_project_components", {"project_key": "DEMO"}, "10700 | Cart | Sam Carter | All of cart"),
        ("jira_search_fields", {"keyword": "Story Pionts"}, "customfield_10016 | Story Points | number"),
        ("jira_get_project_issues", {"project_key": "DEMO", "limit": 2}, "2 issues; more with page_token="),
        ("jira_batch_get_changelogs", {"issue_ids_or_keys": "DEMO-7"}, "DEMO-7:\n"),
        ("jira_get_user_profile", {"user_identifier": "me"}, "Demo User | 712020:"),
        ("jira_search_assignable_users", {"query": "pri", "project_key": "DEMO"}, "1 person\n"),
    ],
)
async def test_lists_take_one_request(
    everything: Client, world: World, tool: str, arguments: dict[str, Any], says: str
) -> None:
    assert says in await told(everything, tool, arguments)
    assert len(await world.requests()) == 1


async def test_options_are_those_of_a_project(agent: Client) -> None:
    said = await told(agent, "jira_get_field_options", {"field_id": "Cause", "project_key": "DEMO", "contains": "code"})
    assert said == "Cause in DEMO: 3 options\nCode\nCode > Logic\nCode > Concurrency"
    where = {"project_key": "DEMO", "issue_type": "Bug"}
    assert "jira_get_create_fields" in await refused(agent, "jira_get_field_options", {"field_id": "votes", **where})
    nope = {"field_id": "Cause", "project_key": "DEMO", "issue_type": "Nope"}
    assert "DEMO has no issue type `Nope`" in await refused(agent, "jira_get_field_options", nope)


async def test_options_without_a_project_are_those_of_the_first_that_has_the_field(agent: Client) -> None:
    said = await told(agent, "jira_get_field_options", {"field_id": "Severity"})
    assert said == "Severity in DEMO: 4 options\nCritical\nMajor\nMinor\nCosmetic"
    where = {"field_id": "customfield_10031", "issue_type": "Incident"}
    assert "Severity in HELP: 4 options" in await told(agent, "jira_get_field_options", where)
    assert "Votes (votes) is on no such create screen of ARCH, DEMO, HELP" in await refused(
        agent, "jira_get_field_options", {"field_id": "votes"}
    )


async def test_a_field_that_is_no_choice_says_what_it_takes(agent: Client) -> None:
    said = await told(agent, "jira_get_field_options", {"field_id": "Story Points"})
    assert said == "Story Points is no choice: it takes a number."


async def test_a_sprint_is_set_by_its_name_or_id(agent: Client, world: World) -> None:
    async with world.http() as http:
        empty = {"name": "DEMO Sprint 14", "originBoardId": 1}  # of which no issue is: it is found through its board
        (await http.post("/rest/agile/1.0/sprint", json=empty)).raise_for_status()
    for said, number in (("demo sprint 12", 2), ("3", 3), ("DEMO Sprint 13", 3), ("demo sprint 14", 50000)):
        await told(agent, "jira_update_issue", {"issue_key": "DEMO-7", "fields": {"Sprint": said}})
        assert (await stored(world, "DEMO-7"))["customfield_10020"][-1]["id"] == number
        await told(agent, "jira_update_issue", {"issue_key": "DEMO-7", "fields": {"customfield_10020": None}})


@pytest.mark.parametrize(
    ("sprint", "says"),
    [
        ("DEMO Sprint 11", "sprint `DEMO Sprint 11` is closed. Open: "),
        ("Sprint 99", "sprint `Sprint 99` is not there. Open: "),
        (
            "1",
            "only active or future sprints. Sprint (customfield_10020) takes: the id or name of a sprint that is not",
        ),
    ],
)
async def test_a_sprint_that_is_closed_or_not_there_is_refused_with_those_that_are_open(
    agent: Client, world: World, sprint: str, says: str
) -> None:
    before = await stored(world, "DEMO-7")
    said = await refused(agent, "jira_update_issue", {"issue_key": "DEMO-7", "fields": {"Sprint": sprint}})
    assert says in said
    assert sprint == "1" or "2 DEMO Sprint 12 (active)" in said
    assert (await stored(world, "DEMO-7"))["customfield_10020"] == before["customfield_10020"]


async def test_a_sprint_whose_name_another_has_is_asked_back(agent: Client, world: World) -> None:
    async with world.http() as http:
        twin = {"name": "DEMO Sprint 13", "originBoardId": 1}
        (await http.post("/rest/agile/1.0/sprint", json=twin)).raise_for_status()
        (await http.post("/rest/agile/1.0/sprint/50000/issue", json={"issues": ["DEMO-12"]})).raise_for_status()
    fields = {"Sprint": "DEMO Sprint 13"}
    said = await refused(agent, "jira_update_issue", {"issue_key": "DEMO-7", "fields": fields})
    assert "several sprints are named `DEMO Sprint 13`: " in said
    assert "3 DEMO Sprint 13 (future)" in said
    assert "50000 DEMO Sprint 13 (future)" in said
    assert said.endswith("Pass an id.")


async def test_an_issue_is_assigned_to_somebody_and_to_nobody(agent: Client, world: World) -> None:
    await told(agent, "jira_assign_issue", {"issue_key": "DEMO-7", "assignee": "priya@example.com"})
    assert (await stored(world, "DEMO-7"))["assignee"]["displayName"] == "Priya Raman"
    said = await told(agent, "jira_assign_issue", {"issue_key": "DEMO-7"})
    assert said == "DEMO-7 is assigned to nobody"
    assert (await stored(world, "DEMO-7"))["assignee"] is None

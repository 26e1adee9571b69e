"""What cannot be done is said so that the next call can be right, and nothing is half done."""

from json import dumps
from typing import Any

import pytest
from mcp import Client, MCPError

from server.sandbox.people import ROBOT, SAM_CARTER
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio

NEW = {"project_key": "DEMO", "summary": "New", "issue_type": "Task"}


async def writes(world: World) -> list[str]:
    return [each["method"] for each in await world.requests() if each["method"] not in ("GET", "HEAD")]


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("jira_get_issue", {"issue_key": "NOPE-1"}, "No issue `NOPE-1`, or you may not see it"),
        ("jira_add_comment", {"issue_key": "NOPE-1", "body": "x"}, "No issue `NOPE-1`"),
        ("jira_get_transitions", {"issue_key": "NOPE-1"}, "No issue `NOPE-1`"),
        ("jira_update_issue", {"issue_key": "DEMO-9999", "summary": "x"}, "No issue `DEMO-9999`"),
        ("confluence_get_page", {"page_id": "1"}, "No page `1`, or you may not see it"),
        ("confluence_create_page", {"space_key": "NOPE", "title": "x"}, "No space `NOPE`"),
    ],
)
async def test_what_is_not_there_is_named(agent: Client, tool: str, arguments: dict[str, Any], says: str) -> None:
    assert says in await refused(agent, tool, arguments)


@pytest.mark.parametrize(
    "key", ["CC\u200b-1", "%43C-1", "DEMO-1/../DEMO-2", "DEMO 1", "DEMO-0", "DEMO-\u0661", "1", ""]
)
async def test_a_key_in_disguise_is_shown_as_it_is_and_goes_nowhere(agent: Client, world: World, key: str) -> None:
    said = await refused(agent, "jira_get_issue", {"issue_key": key})
    assert "`issue_key`: not of the right form (e.g. PROJ-123)" in said
    assert f"got {key!a}" in said
    assert await world.requests() == []


@pytest.mark.parametrize(
    "uri", ["jira://issue/CC%E2%80%8B-1", "jira://issue/demo", "confluence://page/abc", "jira://issue/NOPE-1"]
)
async def test_an_address_of_nothing_is_an_error_of_the_protocol(agent: Client, uri: str) -> None:
    with pytest.raises(MCPError) as caught:
        await agent.read_resource(uri)
    assert caught.value.error.code == -32602


async def test_a_missing_argument_is_named_with_what_it_should_be(agent: Client) -> None:
    said = await refused(agent, "jira_get_issue", {})
    assert said == "jira_get_issue: `issue_key` is required (e.g. PROJ-123)."


async def test_an_optional_argument_that_is_null_is_as_absent(agent: Client) -> None:
    left_out = {"due_date": None, "labels": None, "additional_fields": None}
    assert "Created DEMO-" in await told(agent, "jira_create_issue", {**NEW, **left_out})
    assert "issues" in await told(agent, "jira_search", {"jql": "project = DEMO", "limit": None, "fields": None})
    said = await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-11", "confirm": None})
    assert "call again with confirm=true" in said
    said = await refused(agent, "jira_get_issue", {"issue_key": None})
    assert "`issue_key`" in said


async def test_an_unknown_argument_is_named_beside_the_known_ones(agent: Client, world: World) -> None:
    said = await refused(agent, "jira_create_issue", {**NEW, "prio": "High"})
    assert "has no argument `prio`. It takes: project_key, summary, issue_type" in said
    assert await world.requests() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"summary": ""}, "`summary`: must not be empty"),
        ({"summary": "   "}, "`summary`: not of the right form"),
        ({"summary": "x" * 256}, "`summary`: string should have at most 255 characters"),
        ({"description": "x" * 32_768}, "`description`: string should have at most 32767 characters"),
        ({"due_date": "someday"}, "`due_date`: 'someday' is no day: it takes YYYY-MM-DD, tomorrow, next friday"),
        ({"due_date": "2026-13-40"}, "`due_date`: month must be in 1..12"),
        ({"labels": "a"}, "`labels`: input should be a valid list"),
    ],
)
async def test_a_value_of_the_wrong_kind_is_refused_before_it_is_sent(
    agent: Client, world: World, arguments: dict[str, Any], says: str
) -> None:
    assert says in await refused(agent, "jira_create_issue", {**NEW, **arguments})
    assert await world.requests() == []


@pytest.mark.parametrize("value", ["\ud800", [{"deep": "\ud800"}]])
async def test_what_can_not_be_written_as_json_is_refused_by_name(agent: Client, world: World, value: Any) -> None:
    fields = {"issue_key": "DEMO-11", "fields": {"customfield_10016": value}}
    assert "jira_update_issue: `fields` holds half of a character" in await refused(agent, "jira_update_issue", fields)
    assert await world.requests() == []


@pytest.mark.parametrize("keys", ["", " , ", []])
async def test_changes_of_no_issue_are_not_asked_for(agent: Client, world: World, keys: Any) -> None:
    said = await refused(agent, "jira_batch_get_changelogs", {"issue_ids_or_keys": keys})
    assert "`issue_ids_or_keys`: not of the right form (e.g. Comma-separated)" in said
    assert await world.requests() == []


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("jira_transition_issue", {"issue_key": "DEMO-11", "transition_id": ""}),
        ("jira_batch_create_issues", {"issues": []}),
    ],
)
async def test_what_is_empty_is_told_as_empty(agent: Client, tool: str, arguments: dict[str, Any]) -> None:
    assert "`: must not be empty (" in await refused(agent, tool, arguments)


async def test_a_page_token_of_nothing_is_told_where_they_come_from(agent: Client) -> None:
    said = await refused(agent, "jira_search", {"jql": "project = DEMO", "page_token": "nowhere"})
    assert said.endswith("Pass the page_token of the page before with the same query, or none.")


async def test_a_long_value_is_not_repeated_whole(agent: Client) -> None:
    assert len(await refused(agent, "jira_create_issue", {**NEW, "description": "x" * 40_000})) < 300


@pytest.mark.parametrize("body", ["", "  \n ", "\u200b"])
async def test_an_empty_comment_is_refused(agent: Client, body: str) -> None:
    assert "`body`" in await refused(agent, "jira_add_comment", {"issue_key": "DEMO-11", "body": body})


async def test_a_mistake_in_jql_is_told_with_its_position(agent: Client) -> None:
    said = await refused(agent, "jira_search", {"jql": "project = DEMO statuss = Open"})
    assert "line 1, character 16" in said


async def test_an_unknown_jql_field_is_named(agent: Client) -> None:
    assert "Field 'statuss' does not exist" in await refused(agent, "jira_search", {"jql": "statuss = Open"})


async def test_a_mistake_in_cql_is_told(agent: Client) -> None:
    said = await refused(agent, "confluence_search", {"query": "space = ENG AND AND title ~ x"})
    assert "Could not parse cql" in said
    assert 'It was read as CQL; put it in "quotes" to search for the words.' in said


async def test_an_unknown_type_or_priority_is_answered_with_the_possible_ones(agent: Client, world: World) -> None:
    said = await refused(agent, "jira_create_issue", {**NEW, "issue_type": "Bugg", "priority": "Urgent"})
    assert "issue types: Epic, Story, Task, Bug, Sub-task" in said
    assert "priorities: Highest, High, Medium, Low, Lowest" in said
    assert await writes(world) == ["POST"]


async def test_an_unknown_project_is_answered_with_those_that_are_there(agent: Client) -> None:
    said = await refused(agent, "jira_create_issue", {**NEW, "project_key": "NOPE"})
    assert "Possible projects: ARCH, DEMO, HELP" in said


async def test_a_required_field_that_is_absent_is_named(agent: Client) -> None:
    said = await refused(agent, "jira_create_issue", {**NEW, "issue_type": "Sub-task"})
    assert "parent" in said


async def test_a_transition_that_is_not_possible_is_answered_with_those_that_are(agent: Client, world: World) -> None:
    said = await refused(agent, "jira_transition_issue", {"issue_key": "DEMO-11", "transition_id": "Shipped"})
    assert "Possible: 21: In Progress" in said
    assert await writes(world) == []


@pytest.mark.parametrize(
    ("person", "says"),
    [
        ("Sam", "Who is `Sam`? Perhaps Sam Carter ("),
        ("Sam Cartwr", "Who is `Sam Cartwr`? Perhaps Sam Cartwright ("),
        ("sam.carter@example.co", "Who is `sam.carter@example.co`? Perhaps Sam Carter ("),
        ("nobody@example.com", "Nobody here is named `nobody@example.com`"),
        ("Olga Petrova", "Nobody here is named `Olga Petrova`"),  # whose account is closed
    ],
)
async def test_a_person_who_is_not_named_exactly_is_asked_back(
    agent: Client, world: World, person: str, says: str
) -> None:
    assert says in await refused(agent, "jira_update_issue", {"issue_key": "DEMO-11", "assignee": person})
    assert await writes(world) == []


@pytest.mark.parametrize("person", ["", " ", "x" * 256])
async def test_nobody_is_assigned_or_unassigned_by_what_is_no_name(agent: Client, world: World, person: str) -> None:
    said = await refused(agent, "jira_assign_issue", {"issue_key": "DEMO-7", "assignee": person})
    assert "`assignee`" in said
    assert len(said) < 300
    assert await world.requests() == []


async def test_a_long_name_of_nobody_is_looked_for_as_a_name_alone(agent: Client) -> None:
    arguments = {"issue_key": "DEMO-7", "assignee": "x" * 200}
    assert "Nobody here is named" in await refused(agent, "jira_assign_issue", arguments)


async def test_an_update_without_a_change_asks_for_one(agent: Client, world: World) -> None:
    assert "pass at least one field" in await refused(agent, "jira_update_issue", {"issue_key": "DEMO-11"})
    assert await world.requests() == []


async def test_what_the_account_may_not_do_is_said_in_atlassians_words(agent: Client) -> None:
    said = await refused(agent, "jira_create_issue", {**NEW, "project_key": "ARCH"})
    assert "`demo@example.com` may not do this (a new issue in ARCH)" in said


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("confluence_create_page", {"space_key": "ENG", "title": "Onboarding"}),
        ("confluence_update_page", {"page_id": "131084", "title": "Onboarding", "expected_version": 1}),
        (
            "confluence_copy_page",
            {"source_page_id": "131084", "destination_space_key": "ENG", "new_title": "Onboarding"},
        ),
    ],
)
async def test_a_page_title_that_is_taken_is_refused_with_the_page_that_has_it(
    agent: Client, tool: str, arguments: dict[str, Any]
) -> None:
    said = await refused(agent, tool, arguments)
    assert "page 131074 of this space is titled `Onboarding` already: http" in said
    assert "/pages/131074/Onboarding" in said
    assert said.endswith("Choose another title. Or change that page with confluence_update_page.")


async def test_a_page_that_moves_to_where_its_title_is_taken_is_refused_with_the_page_that_has_it(
    agent: Client, world: World
) -> None:
    made = await agent.call_tool("confluence_create_page", {"space_key": "DOCS", "title": "Onboarding"})
    assert made.structured_content
    arguments = {"page_id": made.structured_content["id"], "target_parent_id": "131073", "confirm": True}
    assert "page 131074 of this space is titled `Onboarding` already" in await refused(
        agent, "confluence_move_page", arguments
    )


async def test_a_page_body_that_is_no_storage_format_is_refused(agent: Client, world: World) -> None:
    arguments = {"space_key": "ENG", "title": "Torn", "content": "<p>open", "content_format": "storage"}
    assert "mismatched tag. Storage format is well-formed XML" in await refused(
        agent, "confluence_create_page", arguments
    )


async def test_a_cursor_of_nothing_is_told_where_cursors_come_from(agent: Client) -> None:
    said = await refused(agent, "confluence_search", {"query": "space = ENG", "cursor": "nowhere"})
    assert said.endswith("Pass the cursor of the page before with the same query, or none.")


async def test_a_tool_that_does_not_exist_is_unknown(agent: Client) -> None:
    assert await refused(agent, "jira_launch_rocket", {}) == "Unknown tool: jira_launch_rocket"


async def test_a_field_that_is_not_there_is_named_and_what_is_there_is_shown(agent: Client) -> None:
    for tool, arguments in (("jira_get_issue", {"issue_key": "DEMO-7"}), ("jira_search", {"jql": "key = DEMO-7"})):
        said = await told(agent, tool, {**arguments, "fields": "summary,statuss"})
        assert "Login redirect" in said
        assert (
            "(No such field here: statuss. Perhaps Status (status), Sub-tasks (subtasks); *all shows those it has.)"
            in said
        )


async def test_a_field_name_that_two_fields_share_is_asked_back(agent: Client, world: World) -> None:
    async with world.http() as http:
        every = (await http.get("/rest/api/3/field")).json()
    twice = [every[-1] | {"id": each, "name": "Reason"} for each in ("customfield_1", "customfield_2")]
    await world.fault(path="/rest/api/3/field", status=200, body=dumps(every + twice), content_type="application/json")
    for tool, arguments in (("jira_get_issue", {"issue_key": "DEMO-7"}), ("jira_search", {"jql": "key = DEMO-7"})):
        said = await refused(agent, tool, {**arguments, "fields": "summary,reason"})
        assert "Several fields are named `reason`" in said
        assert "Reason (customfield_1), Reason (customfield_2)" in said


async def test_who_can_not_be_assigned_is_refused_with_those_who_can(agent: Client) -> None:
    said = await refused(agent, "jira_assign_issue", {"issue_key": "DEMO-7", "assignee": ROBOT.account_id})
    assert "It can be assigned to " in said
    assert f"{SAM_CARTER.name} ({SAM_CARTER.account_id})" in said


async def test_a_field_that_is_set_in_two_places_is_refused(agent: Client, world: World) -> None:
    create = {**NEW, "additional_fields": {"project": {"key": "HELP"}, "summary": "Other"}}
    assert "project, summary: set in two places" in await refused(agent, "jira_create_issue", create)
    update = {"issue_key": "DEMO-11", "summary": "A", "fields": {"summary": "B"}}
    assert "summary: set in two places" in await refused(agent, "jira_update_issue", update)
    assert await writes(world) == []


async def test_a_page_is_asked_for_in_one_way_alone(agent: Client) -> None:
    arguments = {"page_id": "131074", "title": "Other", "space_key": "DOCS"}
    assert "Pass page_id alone, or title and space_key" in await refused(agent, "confluence_get_page", arguments)


@pytest.mark.parametrize("content", ["", "  "])
async def test_an_empty_body_does_not_empty_a_page(agent: Client, world: World, content: str) -> None:
    arguments = {"page_id": "131084", "title": "x", "content": content, "expected_version": 1}
    assert "`content`" in await refused(agent, "confluence_update_page", arguments)
    assert await world.requests() == []


@pytest.mark.parametrize("visibility", [{}, {"type": "team", "value": "x"}, {"type": "role"}])
async def test_a_restriction_that_is_none_does_not_make_a_comment_public(
    agent: Client, world: World, visibility: dict[str, str]
) -> None:
    arguments = {"issue_key": "DEMO-11", "body": "x", "visibility": visibility}
    assert "Nothing was posted" in await refused(agent, "jira_add_comment", arguments)
    assert await world.requests() == []


async def test_a_page_in_the_trash_is_not_restored_by_an_update(agent: Client, world: World) -> None:
    world.site.pages["131084"].status = "archived"
    arguments = {"page_id": "131084", "title": "x", "content": "y", "expected_version": 1}
    said = await refused(agent, "confluence_update_page", arguments)
    assert "page 131084 is archived. Restore it in Confluence first." in said
    assert await writes(world) == []


async def test_an_unclosed_quote_of_any_length_is_read_at_once(agent: Client) -> None:
    assert await refused(agent, "confluence_search", {"query": '"' + '\\"' * 3000})


@pytest.mark.parametrize("words", ["what is new in (beta)", "a = b?"])
async def test_words_that_look_like_cql_are_told_how_to_be_words(agent: Client, words: str) -> None:
    assert "to search for the words" in await refused(agent, "confluence_search", {"query": words})
    assert "Nothing matches" in await told(agent, "confluence_search", {"query": f'"{words}"'})


async def test_a_page_beyond_what_confluence_takes_is_refused_before_it_is_sent(agent: Client, world: World) -> None:
    arguments = {"space_key": "ENG", "title": "Huge", "content": "x" * 5_000_001}
    assert "at most 5000000 characters" in await refused(agent, "confluence_create_page", arguments)
    assert await world.requests() == []

"""An error names the tool that is the next step, and only where that tool is on."""

from typing import Any

import pytest
from mcp import Client, MCPError

import tools
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio

STEPS = [
    ("jira_get_issue", {"issue_key": "NOPE-1"}, "Check the key or id. Find it with jira_search."),
    ("jira_get_project_versions", {"project_key": "NOPE"}, "jira_get_all_projects lists the projects."),
    ("jira_edit_comment", {"issue_key": "DEMO-7", "comment_id": "1", "body": "x"}, "jira_get_issue shows the comments"),
    ("jira_search", {"jql": "statuss = Open"}, "jira_search_fields finds fields by name."),
    ("jira_search", {"jql": "project = DMEO"}, "jira_get_all_projects lists the projects."),
    ("jira_update_issue", {"issue_key": "DEMO-7", "fields": {"zzzz": 1}}, "jira_search_fields finds fields by name."),
    ("jira_update_issue", {"issue_key": "DEMO-7", "fields": {"status": "Done"}}, "Use jira_transition_issue."),
    ("jira_update_issue", {"issue_key": "DEMO-7", "assignee": "nobody@example.com"}, "jira_search_assignable_users"),
    ("jira_update_issue", {"issue_key": "DEMO-7", "fields": {"Sprint": "Nope"}}, "jira_get_sprints_from_board"),
    ("jira_get_field_options", {"field_id": "votes", "project_key": "HELP", "issue_type": "Task"}, "jira_get_create_"),
    ("jira_get_board_issues", {"board_id": "99"}, "Find its id with jira_get_agile_boards."),
    ("jira_get_sprint_issues", {"sprint_id": "99"}, "Find its id with jira_get_sprints_from_board."),
    ("jira_remove_issue_link", {"link_id": "DEMO-7,DEMO-12", "confirm": True}, "jira_get_issue shows the links"),
    ("jira_move_issue", {"issue_key": "DEMO-7", "target_project_key": "HELP", "confirm": True}, "jira_update_issue"),
    ("confluence_get_page", {"page_id": "1"}, "Check the key or id. Find it with confluence_search."),
    ("confluence_get_page", {"title": "Nope", "space_key": "ENG"}, "Find it with confluence_search."),
    ("confluence_create_page", {"title": "x", "space_key": "NOPE"}, "confluence_list_spaces lists the spaces."),
    ("confluence_create_page", {"title": "Onboarding", "space_key": "ENG"}, "confluence_update_page"),
    ("confluence_update_page", {"page_id": "131074", "title": "x", "content": "y"}, "confluence_get_page shows it."),
    ("confluence_reply_to_comment", {"comment_id": "1", "body": "x"}, "confluence_get_comments lists"),
    ("confluence_download_attachment", {"attachment_id": "att1"}, "confluence_get_attachments lists"),
    (
        "confluence_set_page_restrictions",
        {"page_id": "131074", "edit_users": "x@y.z", "confirm": True},
        "confluence_search_user",
    ),
]


@pytest.mark.parametrize(("tool", "arguments", "step"), STEPS)
async def test_an_error_names_the_tool_that_is_the_next_step_where_it_is_on(
    world: World, tool: str, arguments: dict[str, Any], step: str
) -> None:
    async with Client(world.server(TOOLSETS="all")) as agent:
        assert step in await refused(agent, tool, arguments)
    async with Client(world.server(ENABLED_TOOLS=tool)) as alone:
        said = await refused(alone, tool, arguments)
    assert [each.name for each in tools.all_tools() if "_" in each.name and each.name in said.split()] == []
    assert step not in said


async def test_a_page_that_is_shown_in_part_names_the_tools_that_edit_parts_where_they_are_on(world: World) -> None:
    arguments = {"page_id": "131074", "outline": True}
    async with Client(world.server()) as agent:
        assert "confluence_edit_page changes a small thing" in await told(agent, "confluence_get_page", arguments)
    async with Client(world.server(READ_ONLY_MODE="true")) as reader:
        assert "confluence_edit_page" not in await told(reader, "confluence_get_page", arguments)


async def test_a_resource_that_is_not_there_names_the_tool_that_finds_it(world: World) -> None:
    async with Client(world.server()) as agent:
        with pytest.raises(MCPError, match="Find it with jira_search"):
            await agent.read_resource("jira://issue/NOPE-1")
    async with Client(world.server(TOOLSETS="confluence_pages")) as other:
        with pytest.raises(MCPError) as caught:
            await other.read_resource("jira://issue/NOPE-1")
    assert "jira_search" not in str(caught.value)

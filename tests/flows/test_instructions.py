"""What a server says of itself holds for the tools that are on; what it says is read just now is not kept long."""

import re

import pytest
from mcp import Client

import tools
from server.settings import demo_environment
from tests.benchmarks.tokens import tokens
from tests.world import World

pytestmark = pytest.mark.anyio


async def instructions(world: World, **environment: str) -> str:
    async with Client(world.server(**environment)) as agent:
        return agent.instructions or ""


def absent(product: str) -> dict[str, str]:
    return {name: "" for name in demo_environment() if name.startswith(product)}


async def test_they_are_short_and_name_what_is_on(world: World) -> None:
    said = await instructions(world)
    assert tokens(said) <= 150
    assert said.startswith("Jira and Confluence of one Atlassian site.")
    assert "Find with search, jira_search (JQL), confluence_search (words or CQL)" in said
    assert "Before confluence_update_page, read the page" in said
    assert "read-only" not in said


async def test_they_name_nothing_that_is_off(world: World) -> None:
    for environment in (
        {"TOOLSETS": "jira_comments"},
        {"READ_ONLY_MODE": "true"},
        absent("JIRA"),
        absent("CONFLUENCE"),
    ):
        async with Client(world.server(**environment)) as agent:
            on = {tool.name for tool in (await agent.list_tools()).tools}
            said = agent.instructions or ""
        named = {tool.name for tool in tools.all_tools()} & set(re.findall(r"[a-z]+_[a-z_]+", said))
        assert named <= on
    assert (await instructions(world, **absent("JIRA"))).startswith("Confluence of one Atlassian site.")
    assert "Find with" not in await instructions(world, TOOLSETS="jira_comments")


async def test_they_say_that_nothing_can_be_changed_where_that_is_so(world: World) -> None:
    assert "This server is read-only" in await instructions(world, READ_ONLY_MODE="true")


async def test_they_name_the_toolsets_that_are_off_unless_tools_were_named_one_by_one(world: World) -> None:
    said = await instructions(world, TOOLSETS="jira_issues")
    assert "Off here: jira_comments, jira_transitions" in said
    assert "Off here" not in await instructions(world, TOOLSETS="all")
    assert "Off here" not in await instructions(world, ENABLED_TOOLS="jira_search")
    assert "confluence" not in await instructions(world, TOOLSETS="jira_issues", **absent("CONFLUENCE"))


async def test_lists_may_be_shared_and_kept_and_what_was_read_is_ones_own_for_a_moment(world: World) -> None:
    async with Client(world.server(), mode="2026-07-28") as agent:
        lists = (
            await agent.list_tools(),
            await agent.list_resources(),
            await agent.list_resource_templates(),
            await agent.list_prompts(),
        )
        read = await agent.read_resource("jira://issue/DEMO-7")
    assert {(found.cache_scope, found.ttl_ms) for found in lists} == {("public", 300_000)}
    assert (read.cache_scope, read.ttl_ms) == ("private", 5_000)


async def test_what_has_one_address_for_all_is_listed(agent: Client) -> None:
    assert [str(each.uri) for each in (await agent.list_resources()).resources] == ["isthmus://guide/markdown"]

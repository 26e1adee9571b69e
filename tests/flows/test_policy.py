"""What is not offered cannot be called, and is unknown in the same words."""

from importlib import import_module
from pkgutil import iter_modules

import pytest
from mcp import Client

import tools
from server.errors import SettingsError
from server.settings import demo_environment
from tests.world import World, refused
from tools.declare import REGISTRY

pytestmark = pytest.mark.anyio


async def test_read_only_offers_no_tool_that_changes_anything(world: World) -> None:
    async with Client(world.server(READ_ONLY_MODE="true")) as agent:
        listed = (await agent.list_tools()).tools
    assert listed
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed)


@pytest.mark.parametrize("tool", [tool for tool in tools.all_tools() if tool.changes], ids=lambda tool: tool.name)
async def test_read_only_holds_at_the_call(world: World, tool: tools.Declared) -> None:
    async with Client(world.server(READ_ONLY_MODE="true")) as agent:
        assert await refused(agent, tool.name, {"issue_key": "DEMO-7"}) == f"Unknown tool: {tool.name}"
    assert await world.requests() == []


@pytest.mark.parametrize(("missing", "prefix"), [("JIRA", "jira"), ("CONFLUENCE", "confluence")])
async def test_a_product_that_is_not_configured_has_no_tools_and_no_resources(
    world: World, missing: str, prefix: str
) -> None:
    absent = {name: "" for name in demo_environment() if name.startswith(missing)}
    async with Client(world.server(**absent)) as agent:
        listed = [tool.name for tool in (await agent.list_tools()).tools]
        templates = [each.uri_template for each in (await agent.list_resource_templates()).resource_templates]
        found = await agent.call_tool("search", {"query": "checkout"})
    assert listed
    assert not [name for name in listed if name.startswith(f"{prefix}_")]
    assert not [uri for uri in templates if uri.startswith(f"{prefix}://")]
    assert not found.is_error


async def names(world: World, **environment: str) -> list[str]:
    async with Client(world.server(**environment)) as agent:
        return [tool.name for tool in (await agent.list_tools()).tools]


async def test_toolsets_are_chosen_by_name(world: World) -> None:
    assert set(await names(world, TOOLSETS="jira_comments,search")) == {
        tool.name for tool in tools.all_tools() if tool.toolset in ("jira_comments", "search")
    }


async def test_all_and_default_are_names_too(world: World) -> None:
    default = await names(world)
    everything = await names(world, TOOLSETS="all")
    assert await names(world, TOOLSETS="default") == default
    assert set(everything) == {tool.name for tool in tools.all_tools()}
    defaults = {toolset.name for toolset in tools.TOOLSETS if toolset.default}
    assert set(default) == {tool.name for tool in tools.all_tools() if tool.toolset in defaults}


async def test_tools_named_one_by_one_are_of_any_toolset(world: World) -> None:
    assert await names(world, ENABLED_TOOLS="jira_get_issue, jira_delete_issue") == [
        "jira_delete_issue",
        "jira_get_issue",
    ]
    assert await names(world, ENABLED_TOOLS="jira_get_issue,jira_add_comment", TOOLSETS="jira_comments") == [
        "jira_add_comment"
    ]


async def test_a_tool_that_is_off_is_unknown_in_the_words_of_one_that_never_was(world: World) -> None:
    async with Client(world.server(ISTHMUS_EXCLUDED_TOOLS="jira_delete_issue")) as agent:
        off = await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-7"})
        never = await refused(agent, "jira_never_was", {"issue_key": "DEMO-7"})
    assert off == "Unknown tool: jira_delete_issue"
    assert never == off.replace("jira_delete_issue", "jira_never_was")
    assert await world.requests() == []


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (
            "TOOLSETS",
            "jira_isues",
            "TOOLSETS names no toolset of this version: jira_isues. Possible: search, jira_issues",
        ),
        ("ENABLED_TOOLS", "jira_get_isue", "Possible: jira_get_issue"),
        ("ISTHMUS_EXCLUDED_TOOLS", "quux", "ISTHMUS_EXCLUDED_TOOLS names no tool of this version: quux."),
    ],
)
async def test_a_name_that_is_nobodys_stops_the_start(world: World, variable: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        world.server(**{variable: value})
    assert told in str(caught.value)


def test_the_table_of_toolsets_is_whole() -> None:
    assert {toolset.name for toolset in tools.TOOLSETS} == {tool.toolset for tool in tools.all_tools()}
    for module in iter_modules(tools.__path__, prefix="tools."):
        import_module(module.name)
    assert {tool.name for tool in REGISTRY.values()} == {tool.name for tool in tools.all_tools()}

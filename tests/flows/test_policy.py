"""What is not offered cannot be called, and is unknown in the same words."""

import pytest
from mcp import Client

import tools
from server.settings import demo_environment
from tests.world import World, refused

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

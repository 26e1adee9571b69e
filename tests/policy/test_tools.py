"""Every tool works under a filter on what is inside of it, and on nothing outside."""

import re
from pathlib import Path

import pytest
from mcp import Client
from mcp.server import MCPServer

from server.context import Deps
from tests.costs import SAMPLES, Sample, cost
from tests.world import World, text

pytestmark = pytest.mark.anyio

# What is asked without a name of anything outside: answered, with what is inside alone.
ANSWERED = {
    "search": "words",
    "confluence_search": "words",
    "jira_get_all_projects": "a list",
    "jira_get_agile_boards": "a list",
    "confluence_list_spaces": "a list",
    "jira_search_fields": "fields are nobody's",
    "jira_get_link_types": "types are nobody's",
    "jira_get_user_profile": "people are nobody's",
    "confluence_search_user": "people are nobody's",
}
# By which the gate itself asks where things are.
LOOK_UPS = ("/issue/bulkfetch", "/comment/list", "/worklog/list", "/convert-ids-to-types")

# With which a call comes as far as the site.
BESIDES = {"confluence_update_page": {"expected_version": 1}}

inside = pytest.mark.parametrize("filtered", [("DEMO,HELP", "ENG")], indirect=True, ids=["inside"])
outside = pytest.mark.parametrize("filtered", [("HELP", "DOCS")], indirect=True, ids=["outside"])
each_tool = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.tool)


@pytest.fixture
def filtered(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> MCPServer[Deps]:
    projects, spaces = request.param
    bounds = {"JIRA_PROJECTS_FILTER": projects, "CONFLUENCE_SPACES_FILTER": spaces}
    return world.server(TOOLSETS="all", ISTHMUS_FILES=str(tmp_path), **bounds)


@inside
@each_tool
async def test_a_tool_works_on_what_is_inside(world: World, filtered: MCPServer[Deps], sample: Sample) -> None:
    await cost(sample, world, filtered)


@outside
@each_tool
async def test_a_tool_does_nothing_to_what_is_outside(world: World, filtered: MCPServer[Deps], sample: Sample) -> None:
    async with world.http() as http:
        arguments = {**sample.arguments, **await sample.make(http), **BESIDES.get(sample.tool, {})}
    before = len(await world.requests())
    async with Client(filtered) as agent:
        result = await agent.call_tool(sample.tool, arguments)
        if "needs the person's word" in text(result):
            result = await agent.call_tool(sample.tool, arguments)
    said = text(result)
    if sample.tool in ANSWERED:
        assert not result.is_error, said
        assert not re.search(r"DEMO|ENG\b|Engineering", said)
    else:
        assert result.is_error
        assert re.search("This server reaches|No space `ENG`, or you may not see it", said)
    sent = [each for each in (await world.requests())[before:] if each["method"] != "GET"]
    assert [each for each in sent if not each["path"].endswith((*LOOK_UPS, "/search/jql", "/approximate-count"))] == []

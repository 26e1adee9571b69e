"""What is inside is read by its address and completed; what is outside is neither."""

import re

import pytest
from mcp import Client
from mcp.server import MCPServer
from mcp.shared.exceptions import MCPError
from mcp.types import PromptReference, ResourceTemplateReference

from server.context import Deps
from server.entities import ENTITIES
from tests.world import World

pytestmark = pytest.mark.anyio

# Things of DEMO and ENG.
ADDRESSES = (
    "jira://issue/DEMO-7",
    "jira://issue/DEMO-7/comments",
    "jira://issue/DEMO-7/comment/20120",
    "jira://issue/DEMO-7/worklogs",
    "jira://issue/DEMO-7/worklog/41001",
    "jira://issue/DEMO-7/attachments",
    "jira://issue/DEMO-7/attachment/40001",
    "jira://project/DEMO",
    "jira://board/1",
    "jira://sprint/2",
    "confluence://page/131075",
    "confluence://page/131075/comments",
    "confluence://page/131075/comment/150020",
    "confluence://page/131074/inline-comments",
    "confluence://page/131076/attachments",
    "confluence://page/131076/attachment/att140001",
    "confluence://space/ENG",
)


@pytest.fixture
def inside(world: World) -> MCPServer[Deps]:
    return world.server(TOOLSETS="all", JIRA_PROJECTS_FILTER="DEMO", CONFLUENCE_SPACES_FILTER="ENG")


@pytest.fixture
def outside(world: World) -> MCPServer[Deps]:
    return world.server(TOOLSETS="all", JIRA_PROJECTS_FILTER="HELP", CONFLUENCE_SPACES_FILTER="DOCS")


@pytest.mark.parametrize("address", ADDRESSES)
async def test_an_address_inside_is_read_and_one_outside_is_not_there(
    inside: MCPServer[Deps], outside: MCPServer[Deps], address: str
) -> None:
    async with Client(inside) as agent:
        assert (await agent.read_resource(address)).contents
    async with Client(outside) as agent:
        with pytest.raises(MCPError, match="or you may not see it"):
            await agent.read_resource(address)


VARIABLES: tuple[tuple[str, str], ...] = (
    *((entity.uri, name) for entity in ENTITIES for name in re.findall(r"{(\w+)}", entity.uri)),
    ("triage", "project"),
    ("triage", "label"),
    ("sprint_review", "board"),
    ("page_from_issue", "issue_key"),
    ("page_from_issue", "space_key"),
)


async def offered(server: MCPServer[Deps], of: str, name: str) -> list[str]:
    ref = ResourceTemplateReference(uri=of) if ":" in of else PromptReference(name=of)
    given = {"key": "DEMO-7", "id": "131075"}
    async with Client(server) as agent:
        return (await agent.complete(ref, {"name": name, "value": ""}, given)).completion.values


@pytest.mark.parametrize(("of", "name"), VARIABLES)
async def test_what_is_outside_is_not_offered(
    inside: MCPServer[Deps], outside: MCPServer[Deps], of: str, name: str
) -> None:
    assert not {*await offered(inside, of, name)} & {*await offered(outside, of, name)}


async def test_labels_are_of_the_whole_site_and_not_offered(inside: MCPServer[Deps]) -> None:
    assert await offered(inside, "triage", "label") == []

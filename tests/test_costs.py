"""What each tool costs, in requests to Atlassian and in text to read, stays within what is written down for it."""

import json
from pathlib import Path

import pytest
from mcp import Client
from mcp.server import MCPServer

import tools
from server.context import Deps
from tests.benchmarks.tokens import UNIT, tokens
from tests.costs import MOST_LISTED, SAMPLES, Sample, cost
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def server(world: World, tmp_path: Path) -> MCPServer[Deps]:
    return world.server(TOOLSETS="all", ISTHMUS_FILES=str(tmp_path))


def test_every_tool_has_its_row() -> None:
    assert sorted({sample.tool for sample in SAMPLES}) == sorted(tool.name for tool in tools.all_tools())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.tool)
async def test_a_tool_takes_no_more_requests_and_tokens_than_its_row_says(
    world: World, server: MCPServer[Deps], sample: Sample
) -> None:
    found = await cost(sample, world, server)
    assert found.requests <= sample.most_requests
    assert sample.text_budget is None or found.tokens <= sample.text_budget


@pytest.mark.skipif(UNIT != "o200k", reason="counted in a model's tokens, by bpe-openai")
async def test_the_default_tools_fit_into_their_budget(agent: Client) -> None:
    listed = [tool.model_dump(mode="json", by_alias=True) for tool in (await agent.list_tools()).tools]
    shown = [{name: tool[name] for name in ("name", "description", "inputSchema")} for tool in listed]
    assert sum(tokens(json.dumps(tool, ensure_ascii=False)) for tool in shown) <= MOST_LISTED

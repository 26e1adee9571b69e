from collections.abc import AsyncGenerator, Iterator

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from mcp import Client

from tests.world import World


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def blockbuster() -> Iterator[BlockBuster]:
    """A blocking call inside an event loop fails the test that made it."""
    with blockbuster_ctx(scanned_modules=["server", "tools", "resources"]) as found:
        yield found


@pytest.fixture
def world() -> Iterator[World]:
    """A sandbox site, and servers on it; at the end each exchange that was not a fault keeps Atlassian's contract."""
    world = World()
    yield world
    assert world.violations() == []


@pytest.fixture(params=["legacy", "2026-07-28"])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def agent(world: World) -> AsyncGenerator[Client]:
    async with Client(world.server()) as agent:
        yield agent

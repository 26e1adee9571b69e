import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import pytest
from blockbuster import BlockBuster
from mcp import Client

from tests.world import World


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _sparing_coverage(harmless: Callable[..., bool]) -> Callable[..., bool]:
    """Coverage takes a lock of its own in the middle of the code that it traces: no blocking of ours."""

    def spared(lock: object, *how: Any, **more: Any) -> bool:
        taken: object = getattr(sys.gettrace(), "lock_data", None)
        return getattr(taken, "__self__", None) is lock or harmless(lock, *how, **more)

    return spared


@pytest.fixture(autouse=True)
def blockbuster() -> Iterator[BlockBuster]:
    """A blocking call inside an event loop fails the test that made it."""
    found = BlockBuster(["server", "tools", "resources"])
    for name in ("threading.Lock.acquire", "threading.Lock.acquire_lock"):
        taking = found.functions[name]
        taking.can_block_predicate = _sparing_coverage(taking.can_block_predicate)
    found.activate()
    yield found
    found.deactivate()


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

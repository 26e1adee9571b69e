import logging
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import Any

import pytest
from blockbuster import BlockBuster
from mcp import Client

from tests.attacks.canaries import Watch, leaked
from tests.world import World

_WATCH = Watch()
logging.getLogger().addHandler(_WATCH)


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


@pytest.fixture(autouse=True)
def no_secret_is_logged() -> Iterator[None]:
    yield
    found, _WATCH.found = _WATCH.found, []
    assert found == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Nor is one printed: a test that did not say so fails for what was captured meanwhile."""
    report = yield
    told = [name for name, content in report.sections if leaked(content)]
    if told:
        report.outcome, report.longrepr = "failed", f"a secret is in: {', '.join(told)}"
    return report


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

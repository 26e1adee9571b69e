from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from server.sandbox import Site, application
from tests.sandbox.contract import checked
from tests.sandbox.declared import Declared, never_given

BASE = "https://sandbox.example.com"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where all tests of the sandbox have run, they must have seen every success and every error it declares."""
    ran = {Path(item.path) for item in session.items}
    narrowed = session.config.option.keyword or session.config.option.markexpr or session.config.option.deselect
    if narrowed or any("::" in each for each in session.config.args) or session.testsfailed:
        return
    if ran.issuperset(Path(__file__).parent.glob("test_*.py")) and (missing := never_given()):
        session.config.get_terminal_writer().line("\nNo test has seen:\n  " + "\n  ".join(missing), red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class Clock:
    """Tests decide what time it is."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(clock: Clock) -> Site:
    return Site.demo(clock)


def account(name: str = "demo") -> tuple[str, str]:
    return f"{name}@example.com", f"{name}-token"


@asynccontextmanager
async def browsing(site: Site, name: str = "demo", *, nonsense: bool = False) -> AsyncGenerator[httpx2.AsyncClient]:
    """A person at the site. Every exchange keeps to the contract; `nonsense` frees the requests from it."""
    held = checked(application(site))
    declared = Declared(held.app)
    transport = httpx2.ASGITransport(app=declared)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account(name)) as client:
        yield client
    assert declared.undeclared == []
    assert (held.answers if nonsense else held.violations) == []


@pytest.fixture
async def demo(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    async with browsing(site) as client:
        yield client


@pytest.fixture
async def rough(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    """The demo account, asking nonsense."""
    async with browsing(site, nonsense=True) as client:
        yield client

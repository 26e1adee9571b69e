"""How a connection tells the time, how it waits, and whom it tells."""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import anyio

FIRST_BACKOFF = 1.0
LONGEST_BACKOFF = 30.0


async def _nobody(_: str) -> None: ...


def _unique() -> str:
    return uuid4().hex


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Pace:
    """A test passes its own. `clock` only goes forward, `wall` is the time of day, `unique` makes names."""

    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    chance: Callable[[], float] = random.random
    tell: Callable[[str], Awaitable[None]] = _nobody
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], datetime] = _now
    unique: Callable[[], str] = _unique

    def backoff(self, attempt: int) -> float:
        """Seconds before try `attempt` + 1: full jitter below a ceiling that doubles."""
        return float(min(LONGEST_BACKOFF, FIRST_BACKOFF * 2**attempt) * self.chance())

"""What rarely changes at Atlassian (people, spaces, issue types, priorities), remembered for a while."""

import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT = 600.0  # seconds
MOST = 1000


class Memory(Generic[T]):
    """Answers by key, each forgotten after KEPT seconds and the oldest when there are more than MOST."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, T]] = {}

    async def get(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        """What is known under `key`, or what `ask` answers; a failure is not remembered."""
        known = self.known(key)
        if known is not None:
            return known
        answer = await ask()
        self._known.pop(key, None)
        self._known[key] = (self._clock() + KEPT, answer)
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]
        return answer

    def known(self, key: str) -> T | None:
        """What is known under `key` without asking."""
        known = self._known.get(key)
        return known[1] if known and self._clock() < known[0] else None

    def forget(self, key: str) -> None:
        self._known.pop(key, None)

"""An event loop whose time passes only while nothing can be done: hours in milliseconds, and the same on each run."""

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: what would be waited for is added to `passed`."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        events = super().select(0)
        if not events:
            self.passed += max(0.0, timeout)
        return events


class VirtualTime(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.passed


BACKEND: tuple[str, Mapping[str, Any]] = ("asyncio", {"loop_factory": VirtualTime})
"""For `anyio_backend`."""

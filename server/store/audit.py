"""The audit log as the doors see it. The database behind it is opened, and its library imported, when it is needed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import anyio
from anyio.to_thread import run_sync

from server.store.record import Outcome, Record, shown

if TYPE_CHECKING:
    from server.store.store import Store


class Audit:
    """Every write and every refused call of one server."""

    def __init__(self, database: str, *, who: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._who = who
        self._now = now
        self._store: Store | None = None
        self._opening = anyio.Lock()
        self._failed = False

    async def ready(self) -> None:
        """Whether a write could be recorded now. Raises StoreError: then none is made."""
        await self._opened()
        if self._failed:
            await self.note("", "audit", {}, "done", reason="recording again after a failure")

    async def note(
        self,
        door: str,
        tool: str,
        arguments: Mapping[str, Any],
        outcome: Outcome,
        *,
        reason: str = "",
        requests: Sequence[str] = (),
    ) -> None:
        """Raises StoreError where it could not be made durable."""
        record = Record(
            at=self._now(),
            who=self._who,
            door=door,
            tool=tool,
            arguments=shown(arguments),
            outcome=outcome,
            reason=reason,
            requests=tuple(requests),
        )
        store = await self._opened()
        self._failed = True
        await store.append(record)
        self._failed = False

    async def aclose(self) -> None:
        """It opens again where it is used again."""
        store, self._store = self._store, None
        if store:
            await store.close()

    async def _opened(self) -> "Store":
        async with self._opening:
            if self._store is None:
                library = await run_sync(import_module, "server.store.store")
                self._store = await library.Store.open(self._database)
            return cast("Store", self._store)

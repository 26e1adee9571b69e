"""The audit log as the doors see it. The database behind it is opened, and its library imported, when it is needed."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import anyio
from anyio.to_thread import run_sync

from server.errors import StoreError
from server.store.record import LONGEST_KEPT, LONGEST_REASON, Outcome, Record, brief, shown
from server.store.sparing import Sparing

if TYPE_CHECKING:
    from server.store.store import Store

logger = logging.getLogger("isthmus.audit")

REFUSED_A_MINUTE = 60  # of one caller; what is beyond is a number
STRANGERS_A_MINUTE = 6  # of all who are nobody here


class Audit:
    """Every write and every refused call of one server."""

    def __init__(self, database: str, *, who: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._who = who
        self._now = now
        self._store: Store | None = None
        self._opening = anyio.Lock()
        self._failed = False
        self._sparing = Sparing(now)

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
        who: str = "",
    ) -> None:
        """`who` is empty for the operator's own agent. Raises StoreError where it could not be made durable."""
        record = Record(
            at=self._now(),
            who=who or self._who,
            door=door,
            tool=tool[:LONGEST_KEPT],
            arguments=shown(arguments) if outcome != "refused" else brief(arguments),
            outcome=outcome,
            reason=reason[:LONGEST_REASON],
            requests=tuple(requests),
        )
        store = await self._opened()
        self._failed = True
        await store.append(record)
        self._failed = False

    async def refused(
        self,
        door: str,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        reason: str,
        who: str = "",
        most: int = REFUSED_A_MINUTE,
        requests: Sequence[str] = (),
    ) -> None:
        """Nothing was done: what can't be recorded of that is only logged."""
        write, left = self._sparing.take(f"{most} of {who}", most)
        try:
            if left:
                await self.note(door, "", {}, "refused", who=who, reason=f"{left} more calls were refused before")
            if write:
                await self.note(door, tool, arguments, "refused", who=who, reason=reason, requests=requests)
        except StoreError:
            logger.exception("a refused call of %s is not in the audit log", tool)

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

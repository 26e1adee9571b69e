"""Turns the queue into running work, in this process.

The queue in the store is the truth: whatever a dispatcher loses or doubles, the store still knows. Any process may put
work there; one that has the lease drains it, and another takes over when the lease runs out.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from server.store.port import Change, Fenced, Port, Settled, Stale
from server.store.rows import Dirty, Lease
from server.sync.gate import Gate

DRAIN = "drain"
Handler = Callable[[Dirty, Lease], Awaitable[None]]
"""Does the work of an entry and settles it."""


class Dispatcher(Protocol):
    async def hold(self) -> bool:
        """Takes or prolongs the right to work; whether this process has it."""
        ...

    async def step(self) -> bool:
        """Does the next piece of work that is due; whether there was one."""
        ...


class InProcess:
    """`handlers` by the first part of a key. Steps of several workers may run at once, never two for one key."""

    def __init__(
        self,
        store: Port,
        handlers: Mapping[str, Handler],
        *,
        holder: str,
        now: Callable[[], int],
        keeps: int,
        gate: Gate,
    ) -> None:
        self._store = store
        self._handlers = handlers
        self._holder = holder
        self._now = now
        self._keeps = keeps
        self._gate = gate
        self._lease: Lease | None = None
        self._running: set[str] = set()

    async def hold(self) -> bool:
        now = self._now()
        lease = self._lease
        if lease and now < lease.until - self._keeps // 2:
            return True
        self._lease = await self._store.take(DRAIN, self._holder, now, now + self._keeps)
        if self._lease and (lease is None or lease.epoch != self._lease.epoch):
            self._gate.learn(await self._store.cooldowns(now))  # what stopped the one before stops us
        return self._lease is not None

    async def step(self) -> bool:
        lease = self._lease
        if lease is None or self._now() >= lease.until:
            return False
        entry = await self._next()
        if entry is None:
            return False
        self._running.add(entry.key)
        try:
            await self._handlers[entry.key.partition(":")[0]](entry, lease)
        except Fenced:
            self._lease = None
        except Stale:
            pass  # somebody was faster; the entry is still in the queue
        finally:
            self._running.discard(entry.key)
        return True

    async def _next(self) -> Dirty | None:
        due = await self._store.due(self._now(), len(self._running) + 1)
        return next((each for each in due if each.key not in self._running), None)

    async def give_back(self) -> None:
        lease, self._lease = self._lease, None
        if lease:
            await self._store.release(lease)


async def retry(store: Port, entry: Dirty, now: int) -> None:
    """A parked or waiting entry is tried at once."""
    settled = Settled(key=entry.key, seq=entry.dirty_seq, not_before=now, attempts=0)
    await store.commit(Change(settled=(settled,), at=now))

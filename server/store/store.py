"""The store: one method per question, one transaction per call. Only this package knows tables and statements."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Self

from server.store import asking, committing, dirty, keeping, searching, tracked, trail
from server.store.database import HEAD, AsyncDatabase, Database
from server.store.keeping import Kept
from server.store.port import Change, Sighting
from server.store.record import FIRST, Record
from server.store.rows import (
    Conflict,
    Cooldown,
    Delivery,
    Dirty,
    Family,
    Intent,
    Lease,
    News,
    Operation,
    Scope,
    Tracked,
)
from server.store.searching import Hit

__all__ = ["HEAD", "Hit", "Kept", "Store"]


class Store:
    """One database. Use as `async with await Store.open(path) as store:`. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, database: str) -> Self:
        """The database, brought up to this version. Raises StoreError where it can't be used."""
        return cls(await AsyncDatabase.open(database))

    async def close(self) -> None:
        await self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def commit(self, change: Change) -> None:
        """Raises Stale, Fenced."""
        await self._database.write(committing.commit, change)

    # Entities

    async def family(self, root: str) -> Family | None:
        return await self._database.read(tracked.family, root)

    async def entity(self, entity: str) -> Tracked | None:
        return await self._database.read(tracked.by_id, entity)

    async def linked(self, site: str, kind: str, remote_id: str) -> Tracked | None:
        return await self._database.read(tracked.linked, site, kind, remote_id)

    async def record(self, namespace: str, kind: str, local_id: str) -> Tracked | None:
        return await self._database.read(tracked.record, namespace, kind, local_id)

    async def missing(self, scope: str) -> tuple[int, int]:
        return await self._database.read(tracked.missing, scope)

    async def unseen(self, sightings: Sequence[Sighting]) -> tuple[Sighting, ...]:
        return await self._database.read(tracked.unseen, sightings)

    async def absent(self, scope: str) -> tuple[str, ...]:
        return await self._database.read(tracked.absent, scope)

    async def creating(self, kind: str) -> tuple[Intent, ...]:
        return await self._database.read(tracked.creating, kind)

    async def remote_ids(self, scope: str) -> Mapping[str, str]:
        return await self._database.read(tracked.remote_ids, scope)

    async def open_conflicts(self, after: str = "", limit: int = 100) -> tuple[Conflict, ...]:
        return await self._database.read(asking.open_conflicts, after, limit)

    async def conflict(self, conflict: str) -> Conflict | None:
        return await self._database.read(asking.conflict, conflict)

    async def blob(self, sha256: str) -> bytes | None:
        return await self._database.read(asking.blob, sha256)

    # Queue

    async def due(self, now: int, limit: int) -> tuple[Dirty, ...]:
        return await self._database.read(dirty.due, now, limit)

    async def next_due(self) -> int | None:
        return await self._database.read(dirty.next_due)

    async def needing_attention(self, limit: int = 100) -> tuple[Dirty, ...]:
        return await self._database.read(dirty.parked, limit)

    async def depth(self) -> int:
        return await self._database.read(dirty.depth)

    async def cooldowns(self, now: int) -> tuple[Cooldown, ...]:
        return await self._database.read(asking.cooldowns, now)

    async def operation(self, operation: str) -> Operation | None:
        return await self._database.read(asking.operation, operation)

    # Inbox and feed

    async def deliver(self, delivery: Delivery) -> bool:
        return await self._database.write(asking.deliver, delivery)

    async def unhandled(self, limit: int) -> tuple[Delivery, ...]:
        return await self._database.read(asking.unhandled, limit)

    async def news(self, after: int, limit: int = 100) -> tuple[News, ...]:
        return await self._database.read(asking.news, after, limit)

    async def cursor(self, agent: str) -> int:
        return await self._database.read(asking.cursor, agent)

    async def move_cursor(self, agent: str, seq: int) -> None:
        await self._database.write(asking.move_cursor, agent, seq)

    # Tracking

    async def scopes(self) -> tuple[Scope, ...]:
        return await self._database.read(asking.scopes)

    async def scope(self, scope: str) -> Scope | None:
        return await self._database.read(asking.scope, scope)

    async def take(self, name: str, holder: str, now: int, until: int) -> Lease | None:
        return await self._database.write(asking.take, name, holder, now, until)

    async def release(self, lease: Lease) -> None:
        await self._database.write(asking.release, lease)

    async def untrack(self, scope: str) -> None:
        """The scope, and what is mirrored of it; what has a record stays, and is not kept in step any more."""
        await self._database.write(keeping.untrack, scope)

    # Words

    async def search(self, words: str, limit: int = 25) -> Sequence[Hit]:
        """The best of what holds all these words; the last may be the beginning of one."""
        return await self._database.read(searching.search, words, limit)

    async def index(self, limit: int = 200) -> int:
        """Makes so many of the newest changes searchable; how many there were."""
        return await self._database.write(searching.index, limit)

    # Keeping house

    async def forget(self, kept: Kept) -> int:
        """Removes what nobody will ask for any more; how many rows that were."""
        gone = await self._database.write(keeping.forget, kept)
        await self._database.reclaim()
        return gone

    # The audit log

    async def append(self, record: Record) -> None:
        """One record at the end of the audit log."""
        await self._database.write(trail.append, record)

    async def records(self) -> AsyncIterator[tuple[int, Record, str]]:
        """The audit log from its beginning: each record's number, itself, and its hash."""
        number = 0
        while some := await self._database.read(trail.after, number):
            for each in some:
                yield each
            number = some[-1].number

    async def size(self) -> int:
        """How many records the audit log has."""
        return await self._database.read(trail.size)

    async def broken(self) -> int | None:
        """The number of the first record that is not what was written, or follows a gap."""
        previous, expected = FIRST, 1
        async for number, record, sealed in self.records():
            if number != expected or record.chained(previous) != sealed:
                return expected
            previous, expected = sealed, expected + 1
        return None

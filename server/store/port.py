"""What the engine asks of a store. One call is one transaction; whatever changes, changes by a `Change`.

Two stores answer it: SQLAlchemy's, and the simulation's in memory. The contract in `tests/store` holds for both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from server.errors import IsthmusError
from server.store.rows import (
    POLL,
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


class Stale(IsthmusError):
    """A row was changed by somebody else after it was read: read again. Nothing of the change was applied."""


class Fenced(IsthmusError):
    """The lease was taken over. Nothing of the change was applied, and the one who sent it must stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """Work for a key. An entry that has work left keeps the better priority and the earlier time.

    One that waits after failures keeps its time; one that was parked is tried again, with no attempts counted.
    """

    key: str
    priority: int = POLL
    not_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How a run that took the entry at `seq` ended: done; or, with `not_before`, to be tried again; or parked.

    Work that was raised meanwhile stays: `done_seq` becomes `seq` alone, and a later time or a reason to park is kept
    only where `dirty_seq` still is `seq`.
    """

    key: str
    seq: int
    not_before: int | None = None
    attempts: int = 0
    parked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A root that a list, a census or a webhook named; for what is below one, its root is named.

    What is not known becomes an entity with the id `fresh`, and is raised; what is known is raised where `version` is
    another than its own or not told (""), or where it is not `present`. Where there is nothing to do, nothing is
    written. These rows are written whatever their `rev` is, and it goes up.
    """

    site: str
    kind: str
    remote_id: str
    fresh: str
    version: str = ""
    scope: str | None = None
    gone: bool = False
    """Said to be deleted: sets `reported_gone`; what is not known is not made."""
    priority: int = POLL

    def first(self) -> Tracked:
        """The entity that it becomes where it is not known."""
        return Tracked(
            id=self.fresh,
            site=self.site,
            kind=self.kind,
            root=self.fresh,
            scope=self.scope,
            remote_id=self.remote_id,
            rev=1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """All or nothing, in this order: the lease, what is removed, rows, settled, raised, sighted.

    Rows with a `rev` (entities, scopes, operations) are new at 1, else one more than the stored one; else Stale. So is
    a new entity whose remote or local id another one has. Intents, conflicts and cooldowns are put by their keys.
    """

    entities: tuple[Tracked, ...] = ()
    removed: tuple[Tracked, ...] = ()
    """As they were read: their rows go, with their intents and their entry in the queue."""
    intents: tuple[Intent, ...] = ()
    forgotten: tuple[Intent, ...] = ()
    """Those that can matter no more: their rows go."""
    conflicts: tuple[Conflict, ...] = ()
    news: tuple[News, ...] = ()
    raised: tuple[Raised, ...] = ()
    settled: tuple[Settled, ...] = ()
    sighted: tuple[Sighting, ...] = ()
    scopes: tuple[Scope, ...] = ()
    operations: tuple[Operation, ...] = ()
    handled: tuple[Delivery, ...] = ()
    """Deliveries that need no more work."""
    cooldowns: tuple[Cooldown, ...] = ()
    blobs: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Content of files, by its SHA-256."""
    lease: Lease | None = None
    """The one under which this is done; where its epoch is no longer the newest, Fenced."""
    at: int = 0
    """Given to the news, and what a raise at once is not before."""


class Entities(Protocol):
    async def family(self, root: str) -> Family | None: ...

    async def entity(self, entity: str) -> Tracked | None: ...

    async def linked(self, site: str, kind: str, remote_id: str) -> Tracked | None: ...

    async def record(self, namespace: str, kind: str, local_id: str) -> Tracked | None: ...

    async def missing(self, scope: str) -> tuple[int, int]:
        """How many roots of a scope are `unobserved`, and how many are not `deleted` in all."""
        ...

    async def creating(self, kind: str) -> tuple[Intent, ...]:
        """Open attempts to make what is not linked yet."""
        ...

    async def unseen(self, sightings: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        """Those by which something would be written."""
        ...

    async def absent(self, scope: str) -> tuple[str, ...]:
        """Ids of the roots of a scope that are `unobserved` or `lost_access`."""
        ...

    async def remote_ids(self, scope: str) -> Mapping[str, str]:
        """The roots of a scope that are linked and not `deleted`: their `kind:remote_id`, and their ids."""
        ...

    async def open_conflicts(self, after: str = "", limit: int = 100) -> tuple[Conflict, ...]:
        """By id."""
        ...

    async def conflict(self, conflict: str) -> Conflict | None: ...

    async def blob(self, sha256: str) -> bytes | None: ...


class Queue(Protocol):
    async def due(self, now: int, limit: int) -> tuple[Dirty, ...]:
        """Entries with work left, not parked, whose time has come: by priority, then in the order they were raised."""
        ...

    async def next_due(self) -> int | None:
        """The earliest `not_before` of an entry with work left that is not parked."""
        ...

    async def needing_attention(self, limit: int = 100) -> tuple[Dirty, ...]:
        """Parked entries."""
        ...

    async def depth(self) -> int:
        """Entries with work left, parked ones too."""
        ...

    async def cooldowns(self, now: int) -> tuple[Cooldown, ...]:
        """Those that are not over."""
        ...

    async def operation(self, operation: str) -> Operation | None: ...


class Inbox(Protocol):
    async def deliver(self, delivery: Delivery) -> bool:
        """False where it is known already. Acknowledge only after this."""
        ...

    async def unhandled(self, limit: int) -> tuple[Delivery, ...]:
        """The oldest first."""
        ...


class Feed(Protocol):
    async def news(self, after: int, limit: int = 100) -> tuple[News, ...]: ...

    async def cursor(self, agent: str) -> int: ...

    async def move_cursor(self, agent: str, seq: int) -> None:
        """Never backwards."""
        ...


class Tracking(Protocol):
    async def scopes(self) -> tuple[Scope, ...]: ...

    async def scope(self, scope: str) -> Scope | None: ...

    async def take(self, name: str, holder: str, now: int, until: int) -> Lease | None:
        """The lease, taken, taken over where it ran out (one epoch higher), or prolonged; None while another has it."""
        ...

    async def release(self, lease: Lease) -> None: ...


class Port(Entities, Queue, Inbox, Feed, Tracking, Protocol):
    async def commit(self, change: Change) -> None:
        """Raises Stale, Fenced."""
        ...

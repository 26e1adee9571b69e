"""A store in memory: what the port asks for, and nothing durable. A copy of it is what a crash leaves behind."""

from collections.abc import Mapping
from dataclasses import replace

from server.store.port import Change, Fenced, Raised, Settled, Sighting, Stale
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


class MemoryStore:
    def __init__(self) -> None:
        self.entities: dict[str, Tracked] = {}
        self.by_remote: dict[tuple[str, str, str], str] = {}
        self.by_local: dict[tuple[str, str, str], str] = {}
        self.families: dict[str, dict[str, None]] = {}
        self.intents: dict[str, dict[int, Intent]] = {}
        self.conflicts: dict[str, Conflict] = {}
        self.feed: list[News] = []
        self.queue: dict[str, Dirty] = {}
        self.waiting: dict[str, None] = {}
        self.tracking: dict[str, Scope] = {}
        self.operations: dict[str, Operation] = {}
        self.inbox: dict[tuple[str, str], Delivery] = {}
        self.pending: dict[tuple[str, str], None] = {}
        self.resting: dict[tuple[str, str], Cooldown] = {}
        self.blobs: dict[str, bytes] = {}
        self.leases: dict[str, Lease] = {}
        self.cursors: dict[str, int] = {}
        self.raises = 0
        self.commits = 0

    # Entities

    async def family(self, root: str) -> Family | None:
        first = self.entities.get(root)
        if first is None:
            return None
        parts = tuple(self.entities[each] for each in self.families[root] if each != root)
        intents = [intent for each in (first, *parts) for intent in self.intents.get(each.id, {}).values()]
        scope = self.tracking.get(first.scope) if first.scope else None
        dirty = self.queue.get(f"entity:{root}")
        return Family(root=first, parts=parts, intents=tuple(intents), scope=scope, dirty=dirty)

    async def entity(self, entity: str) -> Tracked | None:
        return self.entities.get(entity)

    async def linked(self, site: str, kind: str, remote_id: str) -> Tracked | None:
        return self.entities.get(self.by_remote.get((site, kind, remote_id), ""))

    async def record(self, namespace: str, kind: str, local_id: str) -> Tracked | None:
        return self.entities.get(self.by_local.get((namespace, kind, local_id), ""))

    async def missing(self, scope: str) -> tuple[int, int]:
        presences = [each.presence for each in self._linked_roots(scope)]
        return presences.count("unobserved"), len(presences) - presences.count("deleted")

    async def creating(self, kind: str) -> tuple[Intent, ...]:
        unlinked = [each for each in self.entities.values() if each.kind == kind and each.remote_id is None]
        intents = [intent for each in unlinked for intent in self.intents.get(each.id, {}).values()]
        return tuple(each for each in intents if each.verb == "create" and each.state == "open")

    async def unseen(self, sightings: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        return tuple(each for each in sightings if self._calls_for(each, self._seen_before(each)))

    def _seen_before(self, sighting: Sighting) -> Tracked | None:
        return self.entities.get(self.by_remote.get((sighting.site, sighting.kind, sighting.remote_id), ""))

    @staticmethod
    def _calls_for(sighting: Sighting, known: Tracked | None) -> bool:
        if known is None or sighting.gone:
            return not sighting.gone or known is not None
        return not sighting.version or sighting.version != known.version or known.presence != "present"

    async def absent(self, scope: str) -> tuple[str, ...]:
        roots = self._linked_roots(scope)
        return tuple(each.id for each in roots if each.presence in ("unobserved", "lost_access"))

    async def remote_ids(self, scope: str) -> Mapping[str, str]:
        return {
            f"{each.kind}:{each.remote_id}": each.id for each in self._linked_roots(scope) if each.presence != "deleted"
        }

    def _linked_roots(self, scope: str) -> list[Tracked]:
        return [
            each
            for each in self.entities.values()
            if each.scope == scope and each.remote_id is not None and each.root == each.id
        ]

    async def open_conflicts(self, after: str = "", limit: int = 100) -> tuple[Conflict, ...]:
        found = [each for _, each in sorted(self.conflicts.items()) if each.state == "open" and each.id > after]
        return tuple(found[:limit])

    async def conflict(self, conflict: str) -> Conflict | None:
        return self.conflicts.get(conflict)

    async def blob(self, sha256: str) -> bytes | None:
        return self.blobs.get(sha256)

    # Queue

    async def due(self, now: int, limit: int) -> tuple[Dirty, ...]:
        found = [each for each in self._waiting() if not each.parked and each.not_before <= now]
        return tuple(sorted(found, key=lambda each: (each.priority, each.dirty_seq))[:limit])

    async def next_due(self) -> int | None:
        return min((each.not_before for each in self._waiting() if not each.parked), default=None)

    async def needing_attention(self, limit: int = 100) -> tuple[Dirty, ...]:
        return tuple([each for each in self._waiting() if each.parked][:limit])

    async def depth(self) -> int:
        return len(self.waiting)

    def _waiting(self) -> list[Dirty]:
        return [self.queue[key] for key in self.waiting]

    async def cooldowns(self, now: int) -> tuple[Cooldown, ...]:
        return tuple(each for each in self.resting.values() if each.until > now)

    async def operation(self, operation: str) -> Operation | None:
        return self.operations.get(operation)

    # Inbox

    async def deliver(self, delivery: Delivery) -> bool:
        key = delivery.site, delivery.id
        if key in self.inbox:
            return False
        self.commits += 1
        self.inbox[key] = delivery
        self.pending[key] = None
        return True

    async def unhandled(self, limit: int) -> tuple[Delivery, ...]:
        return tuple([self.inbox[key] for key in self.pending][:limit])

    # Feed

    async def news(self, after: int, limit: int = 100) -> tuple[News, ...]:
        return tuple(self.feed[after : after + limit])

    async def cursor(self, agent: str) -> int:
        return self.cursors.get(agent, 0)

    async def move_cursor(self, agent: str, seq: int) -> None:
        self.cursors[agent] = max(seq, self.cursors.get(agent, 0))

    # Tracking

    async def scopes(self) -> tuple[Scope, ...]:
        return tuple(self.tracking.values())

    async def scope(self, scope: str) -> Scope | None:
        return self.tracking.get(scope)

    async def take(self, name: str, holder: str, now: int, until: int) -> Lease | None:
        held = self.leases.get(name)
        if held and held.holder != holder and held.until > now:
            return None
        kept = held is not None and held.holder == holder
        epoch = held.epoch + (not kept) if held else 1
        self.leases[name] = Lease(name=name, holder=holder, epoch=epoch, until=until)
        return self.leases[name]

    async def release(self, lease: Lease) -> None:
        held = self.leases.get(lease.name)
        if held and held.epoch == lease.epoch:
            self.leases[lease.name] = replace(held, until=0)

    # Commit

    async def commit(self, change: Change) -> None:
        self._check(change)
        self.commits += 1
        for entity in change.removed:
            self._remove(entity)
        for entity in change.entities:
            self._put(entity)
        for intent in change.intents:
            self.intents.setdefault(intent.entity, {})[intent.attempt] = intent
        for intent in change.forgotten:
            self.intents.get(intent.entity, {}).pop(intent.attempt, None)
        self.conflicts.update((each.id, each) for each in change.conflicts)
        self.feed += [replace(each, seq=seq, at=change.at) for seq, each in enumerate(change.news, len(self.feed) + 1)]
        self.tracking.update((each.id, each) for each in change.scopes)
        self.operations.update((each.id, each) for each in change.operations)
        self.resting.update(((each.site, each.area), each) for each in change.cooldowns)
        self.blobs.update(change.blobs)
        for delivery in change.handled:
            self.pending.pop((delivery.site, delivery.id), None)
        for settled in change.settled:
            self._settle(settled)
        for raised in change.raised:
            self._raise(raised)
        for sighting in change.sighted:
            self._sight(sighting, change.at)

    def _check(self, change: Change) -> None:
        lease = change.lease
        if lease and self.leases[lease.name].epoch != lease.epoch:
            raise Fenced(f"{lease.holder} has lost the lease {lease.name}.")
        gone = {each.id for each in change.removed}
        for entity in change.removed:
            if self._rev(self.entities, entity.id) != entity.rev:
                raise Stale(f"{entity.id} was changed.")
        for rows, known in (
            (change.entities, self.entities),
            (change.scopes, self.tracking),
            (change.operations, self.operations),
        ):
            for row in rows:
                if self._rev(known, row.id) != row.rev - 1:
                    raise Stale(f"{row.id} was changed.")
        for entity in change.entities:
            taken = {self.by_remote.get(_remote(entity)), self.by_local.get(_local(entity))} - {None, entity.id}
            if taken - gone:
                raise Stale(f"{entity.id} is linked elsewhere.")

    @staticmethod
    def _rev(known: Mapping[str, Tracked | Scope | Operation], row: str) -> int:
        there = known.get(row)
        return there.rev if there else 0

    def _put(self, entity: Tracked) -> None:
        before = self.entities.get(entity.id)
        if before:
            self._unlink(before)
            self.families[before.root].pop(entity.id)
        self.entities[entity.id] = entity
        self.families.setdefault(entity.root, {})[entity.id] = None
        if entity.remote_id is not None:
            self.by_remote[_remote(entity)] = entity.id
        if entity.local_id is not None:
            self.by_local[_local(entity)] = entity.id

    def _unlink(self, entity: Tracked) -> None:
        for index, key in ((self.by_remote, _remote(entity)), (self.by_local, _local(entity))):
            if index.get(key) == entity.id:
                del index[key]

    def _remove(self, entity: Tracked) -> None:
        self._unlink(entity)
        del self.entities[entity.id]
        self.families[entity.root].pop(entity.id)
        self.intents.pop(entity.id, None)
        self.queue.pop(f"entity:{entity.id}", None)
        self.waiting.pop(f"entity:{entity.id}", None)

    def _settle(self, settled: Settled) -> None:
        entry = self.queue.get(settled.key)
        if entry is None:
            return
        newest = entry.dirty_seq == settled.seq
        if settled.not_before is None and not settled.parked:
            entry = replace(entry, done_seq=max(entry.done_seq, settled.seq), attempts=0)
        elif newest:
            at = entry.not_before if settled.not_before is None else settled.not_before
            entry = replace(entry, not_before=at, attempts=settled.attempts, parked=settled.parked)
        self._queue(entry)

    def _raise(self, raised: Raised) -> None:
        self.raises += 1
        entry = self.queue.get(raised.key)
        if entry is None or entry.done_seq >= entry.dirty_seq:
            done = entry.done_seq if entry else 0
            entry = Dirty(
                key=raised.key,
                dirty_seq=self.raises,
                done_seq=done,
                priority=raised.priority,
                not_before=raised.not_before,
            )
        elif entry.parked:
            priority, at = raised.priority, raised.not_before
            entry = replace(entry, dirty_seq=self.raises, attempts=0, parked="", priority=priority, not_before=at)
        else:
            priority = min(entry.priority, raised.priority)
            at = entry.not_before if entry.attempts else min(entry.not_before, raised.not_before)
            entry = replace(entry, dirty_seq=self.raises, priority=priority, not_before=at)
        self._queue(entry)

    def raise_again(self, key: str) -> None:
        self._raise(Raised(key=key))

    def _queue(self, entry: Dirty) -> None:
        self.queue[entry.key] = entry
        if entry.done_seq < entry.dirty_seq:
            self.waiting[entry.key] = None
        else:
            self.waiting.pop(entry.key, None)

    def _sight(self, sighting: Sighting, now: int) -> None:
        known = self._seen_before(sighting)
        if not self._calls_for(sighting, known):
            return
        raised = Raised(
            key=f"entity:{known.id if known else sighting.fresh}", priority=sighting.priority, not_before=now
        )
        if known is None:
            self._put(sighting.first())
        elif sighting.gone:
            self._put(replace(known, reported_gone=True, rev=known.rev + 1))
        self._raise(raised)


def _remote(entity: Tracked) -> tuple[str, str, str]:
    return entity.site, entity.kind, entity.remote_id or ""


def _local(entity: Tracked) -> tuple[str, str, str]:
    return entity.namespace, entity.kind, entity.local_id or ""

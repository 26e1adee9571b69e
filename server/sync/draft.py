"""A plan while it is made: what is to be committed, and what is to be sent after that."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from server.entities.synced import Fields
from server.store.port import Change, Raised
from server.store.rows import Conflict, Intent, News, Origin, Tracked, Verb
from server.sync.remote import Target
from server.sync.setting import Setting


@dataclass(frozen=True, slots=True)
class Send:
    intent: Intent
    target: Target


@dataclass(frozen=True, slots=True)
class Plan:
    """`wait` is when there is more to do though nothing happens until then."""

    change: Change
    sends: tuple[Send, ...] = ()
    wait: int | None = None


class Draft:
    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._before: dict[str, Tracked | None] = {}
        self._after: dict[str, Tracked] = {}
        self._removed: list[Tracked] = []
        self._intents: dict[tuple[str, int], Intent] = {}
        self._forgotten: list[Intent] = []
        self._conflicts: list[Conflict] = []
        self._raised: list[Raised] = []
        self._sends: list[Send] = []
        self._wait: int | None = None

    def put(self, before: Tracked | None, after: Tracked) -> None:
        if after is before:
            return
        self._before.setdefault(after.id, before)
        self._after[after.id] = after

    def newest(self, thing: Tracked) -> Tracked:
        return self._after.get(thing.id, thing)

    def remove(self, thing: Tracked) -> None:
        self._removed.append(thing)

    def keep(self, conflicts: Iterable[Conflict]) -> None:
        self._conflicts += conflicts

    def intend(self, intents: Iterable[Intent]) -> None:
        self._intents.update(((each.entity, each.attempt), each) for each in intents)

    def forget(self, intents: Iterable[Intent]) -> None:
        self._forgotten += intents

    def wake(self, key: str, priority: int) -> None:
        self._raised.append(Raised(key=key, priority=priority, not_before=self.setting.now))

    def wait(self, until: int) -> None:
        self._wait = until if self._wait is None else min(self._wait, until)

    def send(
        self,
        thing: Tracked,
        verb: Verb,
        target: Target,
        fields: Fields,
        *,
        remote_id: str | None = None,
        added: dict[str, tuple[str, ...]] | None = None,
        removed: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        """A request about a thing, as its next attempt."""
        newest = self.newest(thing)
        attempt = newest.attempt + 1
        self.put(thing, replace(newest, attempt=attempt))
        limits = self.setting.limits
        intent = Intent(
            entity=thing.id,
            attempt=attempt,
            verb=verb,
            target=remote_id,
            fields=fields,
            added=added or {},
            removed=removed or {},
            after=newest.seen,
            sent_at=self.setting.now,
            lands_by=self.setting.now + limits.longest_call + limits.late + limits.index_lag,
        )
        self.intend((intent,))
        self._sends.append(Send(intent, target))

    def plan(self) -> Plan:
        entities = tuple(_written(self._before[name], after) for name, after in self._after.items())
        news = [each for after in entities for each in _told(self._before[after.id], after)]
        kinds = {each.id: each.kind for each in self._before.values() if each} | {
            each.id: each.kind for each in entities
        }
        news += [
            News(
                entity=each.entity,
                kind=kinds.get(each.entity, ""),
                what="conflict",
                fields=(each.field,),
                conflict=each.id,
            )
            for each in self._conflicts
        ]
        change = Change(
            entities=entities,
            removed=tuple(self._removed),
            intents=tuple(self._intents.values()),
            forgotten=tuple(self._forgotten),
            conflicts=tuple(self._conflicts),
            news=tuple(news),
            raised=tuple(self._raised),
            at=self.setting.now,
        )
        return Plan(change, tuple(self._sends), self._wait)


def _written(before: Tracked | None, after: Tracked) -> Tracked:
    told = before.local if before else None
    local_rev = (before.local_rev if before else 0) + (after.local != told)
    return replace(after, rev=(before.rev if before else 0) + 1, local_rev=local_rev)


def _told(before: Tracked | None, after: Tracked, origin: Origin = "remote") -> list[News]:
    """What of a written row can be seen from outside."""
    told: list[News] = []
    fields = changed_fields(before.local if before else None, after.local)
    if fields:
        told.append(News(entity=after.id, kind=after.kind, what="changed", fields=fields, origin=origin))
    if before and before.local is not None and before.remote_id != after.remote_id:
        told.append(News(entity=after.id, kind=after.kind, what="linked", origin="engine"))
    if before and before.presence != after.presence:
        told.append(News(entity=after.id, kind=after.kind, what="presence", origin=origin))
    if before and before.parked != after.parked:
        told.append(News(entity=after.id, kind=after.kind, what="parked", origin="engine"))
    return told


def changed_fields(before: Fields | None, after: Fields | None) -> tuple[str, ...]:
    old, new = before or {}, after or {}
    return tuple(sorted(name for name in {*old, *new} if old.get(name) != new.get(name)))

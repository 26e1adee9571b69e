"""The queue: which keys have work left, and when it is due."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, bindparam, func, select

from server.store import dialect, schema
from server.store.port import Raised, Settled
from server.store.rows import Dirty
from server.store.tables import QUEUE

_Q = schema.queue.c
_LEFT = _Q.done_seq < _Q.dirty_seq
_READY = (_LEFT, _Q.parked == "")

_ONE = QUEUE.all.where(_Q.key == bindparam("key"))
_DUE = (
    QUEUE.all.where(*_READY, _Q.not_before <= bindparam("now"))
    .order_by(_Q.priority, _Q.dirty_seq)
    .limit(bindparam("most"))
)
_PARKED = QUEUE.all.where(_LEFT, _Q.parked != "").order_by(_Q.dirty_seq).limit(bindparam("most"))
_NEXT = select(func.min(_Q.not_before)).where(*_READY)
_DEPTH = select(func.count()).where(_LEFT)

_RAISES = "raises"
_COUNTED = select(schema.counters.c.value).where(schema.counters.c.name == _RAISES)
_COUNT = dialect.put(schema.counters, ("name",))


def due(connection: Connection, now: int, limit: int) -> tuple[Dirty, ...]:
    return QUEUE.many(connection, _DUE, now=now, most=limit)


def next_due(connection: Connection) -> int | None:
    return connection.execute(_NEXT).scalar()


def parked(connection: Connection, limit: int) -> tuple[Dirty, ...]:
    return QUEUE.many(connection, _PARKED, most=limit)


def depth(connection: Connection) -> int:
    return connection.execute(_DEPTH).scalar_one()


def entry(connection: Connection, key: str) -> Dirty | None:
    return QUEUE.one(connection, _ONE, key=key)


def settle(connection: Connection, settled: Iterable[Settled]) -> None:
    for each in settled:
        found = entry(connection, each.key)
        if found:
            QUEUE.put(connection, [_settled(found, each)])


def raise_all(connection: Connection, raised: Iterable[Raised]) -> None:
    count = before = connection.execute(_COUNTED).scalar() or 0
    for each in raised:
        count += 1
        QUEUE.put(connection, [_raised(entry(connection, each.key), each, count)])
    if count != before:
        connection.execute(_COUNT, {"name": _RAISES, "value": count})


def _settled(entry: Dirty, settled: Settled) -> Dirty:
    if settled.not_before is None and not settled.parked:
        return replace(entry, done_seq=max(entry.done_seq, settled.seq), attempts=0)
    if entry.dirty_seq != settled.seq:
        return entry
    at = entry.not_before if settled.not_before is None else settled.not_before
    return replace(entry, not_before=at, attempts=settled.attempts, parked=settled.parked)


def _raised(entry: Dirty | None, raised: Raised, seq: int) -> Dirty:
    priority, at = raised.priority, raised.not_before
    if entry is None:
        return Dirty(key=raised.key, dirty_seq=seq, priority=priority, not_before=at)
    if entry.done_seq >= entry.dirty_seq or entry.parked:
        return replace(entry, dirty_seq=seq, priority=priority, not_before=at, attempts=0, parked="")
    at = entry.not_before if entry.attempts else min(entry.not_before, at)
    return replace(entry, dirty_seq=seq, priority=min(entry.priority, priority), not_before=at)

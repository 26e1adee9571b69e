"""The audit log: each record sealed to the one before it."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from server.store.record import FIRST, Record, canonical
from server.store.schema import audit

_AT_ONCE = 500
_NEWEST = select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_AFTER = select(audit).where(audit.c.seq > bindparam("after")).order_by(audit.c.seq).limit(_AT_ONCE)
_SIZE = select(func.count()).select_from(audit)
_APPEND = insert(audit)


class Sealed(NamedTuple):
    """A record, its number and its hash."""

    number: int
    record: Record
    seal: str


def append(connection: Connection, record: Record) -> None:
    previous = connection.execute(_NEWEST).scalar() or FIRST
    connection.execute(_APPEND, {"hash": record.chained(previous), **_columns(record)})


def after(connection: Connection, number: int) -> list[Sealed]:
    """The next ones."""
    return [Sealed(row.seq, _record(row), row.hash) for row in connection.execute(_AFTER, {"after": number})]


def size(connection: Connection) -> int:
    return connection.execute(_SIZE).scalar_one()


def _columns(record: Record) -> dict[str, str]:
    texts = {"arguments": canonical(record.arguments), "requests": canonical(list(record.requests))}
    return {**record.values(), **texts}


def _record(row: Row[Any]) -> Record:
    columns: dict[str, Any] = {name: getattr(row, name) for name in _names()}
    columns |= {name: json.loads(columns[name]) for name in ("arguments", "requests")}
    columns["at"] = datetime.fromisoformat(row.at)
    return Record(**columns)


def _names() -> Iterator[str]:
    return (column.name for column in audit.c if column.name not in ("seq", "hash"))

"""Rows as the port has them, and as the tables do: a column is named as the attribute that it holds."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.store import dialect, schema
from server.store.port import Stale
from server.store.rows import Conflict, Cooldown, Delivery, Dirty, Intent, Lease, News, Operation, Scope

R = TypeVar("R")


class Rows(Generic[R]):
    """The rows of one table. `keys` tell one from the others."""

    def __init__(self, kind: type[R], table: Table, *keys: str) -> None:
        self.kind = kind
        self.table = table
        self.names = tuple(each.name for each in fields(kind))  # pyright: ignore[reportArgumentType] - a dataclass
        self.all = select(*(table.c[name] for name in self.names))
        self._put = dialect.put(table, keys)

    def put(self, connection: Connection, rows: Sequence[R]) -> None:
        if rows:
            connection.execute(self._put, [self.values(row) for row in rows])

    def one(self, connection: Connection, statement: Select[Any], **values: Any) -> R | None:
        row = connection.execute(statement, values).first()
        return None if row is None else self.read(row)

    def many(self, connection: Connection, statement: Select[Any], **values: Any) -> tuple[R, ...]:
        return tuple([self.read(row) for row in connection.execute(statement, values)])

    def values(self, row: R) -> dict[str, Any]:
        return {name: getattr(row, name) for name in self.names}

    def read(self, row: Row[Any]) -> R:
        return self.kind(**dict(zip(self.names, row, strict=True)))


class Revised:
    """Rows that are written only by those who know their newest revision."""

    def __init__(self, table: Table, **computed: ColumnElement[Any]) -> None:
        """`computed` are columns that the database fills in with each write."""
        known = (table.c.id == bindparam("_id"), table.c.rev == bindparam("_rev"))
        self._insert = insert(table).values(**computed)
        self._update = update(table).where(*known).values(**computed)

    def write(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """In their order. Raises Stale."""
        for new, some in groupby(rows, key=lambda row: row["rev"] == 1):
            if new:
                self._add(connection, list(some))
            else:
                for row in some:
                    self._replace(connection, row)

    def _add(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        try:
            connection.execute(self._insert, rows)
        except IntegrityError as error:
            raise Stale(f"{_named(rows)}: one of them is there already, or linked elsewhere.") from error

    def _replace(self, connection: Connection, row: dict[str, Any]) -> None:
        try:
            done = connection.execute(self._update, {**row, "_id": row["id"], "_rev": row["rev"] - 1})
        except IntegrityError as error:
            raise Stale(f"{row['id']} is linked elsewhere.") from error
        if done.rowcount != 1:
            raise Stale(f"{row['id']} was changed.")


def _named(rows: Sequence[dict[str, Any]]) -> str:
    return ", ".join(str(row["id"]) for row in rows[:3])


INTENTS = Rows(Intent, schema.intents, "entity", "attempt")
CONFLICTS = Rows(Conflict, schema.conflicts, "id")
NEWS = Rows(News, schema.feed, "seq")
QUEUE = Rows(Dirty, schema.queue, "key")
SCOPES = Rows(Scope, schema.scopes, "id")
DELIVERIES = Rows(Delivery, schema.inbox, "site", "id")
OPERATIONS = Rows(Operation, schema.operations, "id")
COOLDOWNS = Rows(Cooldown, schema.cooldowns, "site", "area")
LEASES = Rows(Lease, schema.leases, "name")

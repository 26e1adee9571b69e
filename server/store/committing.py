"""One change, all of it."""

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from server.store import dialect, dirty, schema, tracked
from server.store.port import Change, Fenced
from server.store.rows import Lease
from server.store.tables import CONFLICTS, COOLDOWNS, INTENTS, NEWS, OPERATIONS, SCOPES, Revised

_EPOCH = select(schema.leases.c.epoch).where(schema.leases.c.name == bindparam("name"))
_SCOPES, _OPERATIONS = Revised(schema.scopes), Revised(schema.operations)
_FORGET = delete(schema.intents).where(
    schema.intents.c.entity == bindparam("_entity"), schema.intents.c.attempt == bindparam("_attempt")
)
_NEWS = insert(schema.feed)
_BLOB = dialect.put(schema.blobs, ("sha256",))
_HANDLED = (
    update(schema.inbox)
    .where(schema.inbox.c.site == bindparam("_site"), schema.inbox.c.id == bindparam("_id"))
    .values(handled=True)
)


def commit(connection: Connection, change: Change) -> None:
    """Raises Stale, Fenced."""
    if change.lease:
        fence(connection, change.lease)
    tracked.remove(connection, change.removed)
    tracked.write(connection, change.entities)
    INTENTS.put(connection, change.intents)
    _write(connection, _FORGET, [{"_entity": each.entity, "_attempt": each.attempt} for each in change.forgotten])
    CONFLICTS.put(connection, change.conflicts)
    _SCOPES.write(connection, [SCOPES.values(each) for each in change.scopes])
    _OPERATIONS.write(connection, [OPERATIONS.values(each) for each in change.operations])
    COOLDOWNS.put(connection, change.cooldowns)
    _write(connection, _NEWS, [_news(NEWS.values(each), change.at) for each in change.news])
    _write(connection, _BLOB, [{"sha256": name, "content": content} for name, content in change.blobs.items()])
    _write(connection, _HANDLED, [{"_site": each.site, "_id": each.id} for each in change.handled])
    dirty.settle(connection, change.settled)
    if change.raised:
        dirty.raise_all(connection, change.raised)
    tracked.sight(connection, change.sighted, change.at)


def fence(connection: Connection, lease: Lease) -> None:
    """Raises Fenced."""
    if connection.execute(_EPOCH, {"name": lease.name}).scalar() != lease.epoch:
        raise Fenced(f"{lease.holder} has lost the lease {lease.name}.")


def _news(values: dict[str, Any], at: int) -> dict[str, Any]:
    del values["seq"]
    return {**values, "at": at}


def _write(connection: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)

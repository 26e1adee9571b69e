"""What is asked of the other tables."""

from dataclasses import replace

from sqlalchemy import Connection, bindparam, insert, select

from server.store import dialect, schema
from server.store.rows import Conflict, Cooldown, Delivery, Lease, News, Operation, Scope
from server.store.tables import CONFLICTS, COOLDOWNS, DELIVERIES, LEASES, NEWS, OPERATIONS, SCOPES

_CONFLICT = CONFLICTS.all.where(schema.conflicts.c.id == bindparam("id"))
_OPEN = (
    CONFLICTS.all.where(schema.conflicts.c.state == "open", schema.conflicts.c.id > bindparam("after"))
    .order_by(schema.conflicts.c.id)
    .limit(bindparam("most"))
)
_BLOB = select(schema.blobs.c.content).where(schema.blobs.c.sha256 == bindparam("sha256"))
_RESTING = COOLDOWNS.all.where(schema.cooldowns.c.until > bindparam("now")).order_by(*schema.cooldowns.primary_key)
_OPERATION = OPERATIONS.all.where(schema.operations.c.id == bindparam("id"))
_DELIVERED = select(schema.inbox.c.seq).where(
    schema.inbox.c.site == bindparam("site"), schema.inbox.c.id == bindparam("id")
)
_DELIVER = insert(schema.inbox)
_UNHANDLED = (
    DELIVERIES.all.where(schema.inbox.c.handled.is_(False)).order_by(schema.inbox.c.seq).limit(bindparam("most"))
)
_NEWS = NEWS.all.where(schema.feed.c.seq > bindparam("after")).order_by(schema.feed.c.seq).limit(bindparam("most"))
_CURSOR = select(schema.cursors.c.seq).where(schema.cursors.c.agent == bindparam("agent"))
_MOVE = dialect.put(schema.cursors, ("agent",))
_SCOPES = SCOPES.all.order_by(schema.scopes.c.row)
_SCOPE = SCOPES.all.where(schema.scopes.c.id == bindparam("id"))
_LEASE = LEASES.all.where(schema.leases.c.name == bindparam("name"))


def conflict(connection: Connection, conflict_id: str) -> Conflict | None:
    return CONFLICTS.one(connection, _CONFLICT, id=conflict_id)


def open_conflicts(connection: Connection, after: str, limit: int) -> tuple[Conflict, ...]:
    return CONFLICTS.many(connection, _OPEN, after=after, most=limit)


def blob(connection: Connection, sha256: str) -> bytes | None:
    return connection.execute(_BLOB, {"sha256": sha256}).scalar()


def cooldowns(connection: Connection, now: int) -> tuple[Cooldown, ...]:
    return COOLDOWNS.many(connection, _RESTING, now=now)


def operation(connection: Connection, operation_id: str) -> Operation | None:
    return OPERATIONS.one(connection, _OPERATION, id=operation_id)


def deliver(connection: Connection, delivery: Delivery) -> bool:
    values = DELIVERIES.values(delivery)
    if connection.execute(_DELIVERED, {"site": delivery.site, "id": delivery.id}).scalar() is not None:
        return False
    connection.execute(_DELIVER, {**values, "handled": False})
    return True


def unhandled(connection: Connection, limit: int) -> tuple[Delivery, ...]:
    return DELIVERIES.many(connection, _UNHANDLED, most=limit)


def news(connection: Connection, after: int, limit: int) -> tuple[News, ...]:
    return NEWS.many(connection, _NEWS, after=after, most=limit)


def cursor(connection: Connection, agent: str) -> int:
    return connection.execute(_CURSOR, {"agent": agent}).scalar() or 0


def move_cursor(connection: Connection, agent: str, seq: int) -> None:
    if seq > cursor(connection, agent):
        connection.execute(_MOVE, {"agent": agent, "seq": seq})


def scopes(connection: Connection) -> tuple[Scope, ...]:
    return SCOPES.many(connection, _SCOPES)


def scope(connection: Connection, scope_id: str) -> Scope | None:
    return SCOPES.one(connection, _SCOPE, id=scope_id)


def take(connection: Connection, name: str, holder: str, now: int, until: int) -> Lease | None:
    held = LEASES.one(connection, _LEASE, name=name)
    if held and held.holder != holder and held.until > now:
        return None
    kept = held is not None and held.holder == holder
    epoch = held.epoch + (not kept) if held else 1
    taken = Lease(name=name, holder=holder, epoch=epoch, until=until)
    LEASES.put(connection, [taken])
    return taken


def release(connection: Connection, lease: Lease) -> None:
    held = LEASES.one(connection, _LEASE, name=lease.name)
    if held and held.epoch == lease.epoch:
        LEASES.put(connection, [replace(held, until=0)])

"""Entities: what is known by them, and what hangs on them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, delete, func, select

from server.entities.synced import Fields
from server.store import dirty, schema
from server.store.columns import packed, unpacked
from server.store.port import Raised, Sighting, Stale
from server.store.rows import Family, Intent, Tracked
from server.store.tables import INTENTS, SCOPES, Revised

_E = schema.entities.c
_NAMES = tuple(each.name for each in fields(Tracked))
_SAME = "="  # in the place of a side that is as the remote one
_AT_ONCE = 500  # ids in one query

_ALL = select(*(_E[name] for name in _NAMES))
_BY_ID = _ALL.where(_E.id == bindparam("id"))
_BY_REMOTE = _ALL.where(_E.site == bindparam("site"), _E.kind == bindparam("kind"), _E.remote_id == bindparam("remote"))
_BY_LOCAL = _ALL.where(
    _E.namespace == bindparam("namespace"), _E.kind == bindparam("kind"), _E.local_id == bindparam("local")
)
_OF_ROOT = _ALL.where(_E.root == bindparam("root")).order_by(_E.placed)
_SEEN = _ALL.where(
    _E.site == bindparam("site"), _E.kind == bindparam("kind"), _E.remote_id.in_(bindparam("remotes", expanding=True))
)
_INTENTS = (
    INTENTS.all.join(schema.entities, _E.id == schema.intents.c.entity)
    .where(_E.root == bindparam("root"))
    .order_by(_E.placed, schema.intents.c.attempt)
)
_CREATING = (
    INTENTS.all.join(schema.entities, _E.id == schema.intents.c.entity)
    .where(
        _E.kind == bindparam("kind"),
        _E.remote_id.is_(None),
        schema.intents.c.verb == "create",
        schema.intents.c.state == "open",
    )
    .order_by(_E.row, schema.intents.c.attempt)
)
_LINKED_ROOT = (_E.scope == bindparam("scope"), _E.remote_id.is_not(None), _E.root == _E.id)
_THERE = _E.presence != "deleted"
_MISSING = select(func.count(case((_E.presence == "unobserved", 1))), func.count(case((_THERE, 1)))).where(
    *_LINKED_ROOT
)
_REMOTE_IDS = select(_E.kind, _E.remote_id, _E.id).where(*_LINKED_ROOT, _THERE).order_by(_E.row)
_ABSENT = select(_E.id).where(*_LINKED_ROOT, _E.presence.in_(("unobserved", "lost_access"))).order_by(_E.row)
_SCOPE = SCOPES.all.where(schema.scopes.c.id == bindparam("scope"))

_LAST = select(func.coalesce(func.max(_E.placed), 0) + 1).scalar_subquery()
_WRITTEN = Revised(schema.entities, placed=_LAST)
_REMOVE = delete(schema.entities).where(_E.id == bindparam("_id"), _E.rev == bindparam("_rev"))
_UNQUEUE = delete(schema.queue).where(schema.queue.c.key == bindparam("_key"))


def by_id(connection: Connection, entity: str) -> Tracked | None:
    return _one(connection, _BY_ID, id=entity)


def linked(connection: Connection, site: str, kind: str, remote_id: str) -> Tracked | None:
    return _one(connection, _BY_REMOTE, site=site, kind=kind, remote=remote_id)


def record(connection: Connection, namespace: str, kind: str, local_id: str) -> Tracked | None:
    return _one(connection, _BY_LOCAL, namespace=namespace, kind=kind, local=local_id)


def family(connection: Connection, root: str) -> Family | None:
    rows = [_read(row) for row in connection.execute(_OF_ROOT, {"root": root})]
    first = next((row for row in rows if row.id == root), None)
    if first is None:
        return None
    return Family(
        root=first,
        parts=tuple([row for row in rows if row is not first]),
        intents=INTENTS.many(connection, _INTENTS, root=root),
        scope=SCOPES.one(connection, _SCOPE, scope=first.scope) if first.scope else None,
        dirty=dirty.entry(connection, key_of(root)),
    )


def missing(connection: Connection, scope: str) -> tuple[int, int]:
    unobserved, there = connection.execute(_MISSING, {"scope": scope}).one()
    return unobserved, there


def remote_ids(connection: Connection, scope: str) -> Mapping[str, str]:
    return {f"{kind}:{remote}": entity for kind, remote, entity in connection.execute(_REMOTE_IDS, {"scope": scope})}


def creating(connection: Connection, kind: str) -> tuple[Intent, ...]:
    return INTENTS.many(connection, _CREATING, kind=kind)


def absent(connection: Connection, scope: str) -> tuple[str, ...]:
    return tuple(connection.execute(_ABSENT, {"scope": scope}).scalars())


def write(connection: Connection, entities: Sequence[Tracked]) -> None:
    """Raises Stale."""
    _WRITTEN.write(connection, [_values(entity) for entity in entities])


def remove(connection: Connection, entities: Iterable[Tracked]) -> None:
    """Raises Stale."""
    for entity in entities:
        if connection.execute(_REMOVE, {"_id": entity.id, "_rev": entity.rev}).rowcount != 1:
            raise Stale(f"{entity.id} was changed.")
        connection.execute(_UNQUEUE, {"_key": key_of(entity.id)})


def unseen(connection: Connection, sighted: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """Those by which something would be written."""
    known = {_remote(entity): entity for entity in _known(connection, sighted)}
    return tuple([each for each in sighted if _calls(known.get(_remote(each)), each)])


def sight(connection: Connection, sighted: Sequence[Sighting], now: int) -> None:
    """What is new becomes an entity; what has changed is raised."""
    known = {_remote(entity): entity for entity in _known(connection, sighted)}
    raised: list[Raised] = []
    for sighting in sighted:
        before = known.get(_remote(sighting))
        if not _calls(before, sighting):
            continue
        after = before or sighting.first()
        if sighting.gone:
            after = replace(after, reported_gone=True, rev=after.rev + 1)
        if after is not before:
            write(connection, [after])
            known[_remote(sighting)] = after
        raised.append(Raised(key=key_of(after.id), priority=sighting.priority, not_before=now))
    if raised:
        dirty.raise_all(connection, raised)


def key_of(root: str) -> str:
    return f"entity:{root}"


def _calls(known: Tracked | None, sighting: Sighting) -> bool:
    """Whether what was seen is another than what is known."""
    if known is None or sighting.gone:
        return (known is None) != sighting.gone
    return not sighting.version or sighting.version != known.version or known.presence != "present"


def _remote(known: Tracked | Sighting) -> tuple[str, str, str | None]:
    return known.site, known.kind, known.remote_id


def _known(connection: Connection, sighted: Sequence[Sighting]) -> Iterator[Tracked]:
    wanted: dict[tuple[str, str], list[str]] = {}
    for each in sighted:
        wanted.setdefault((each.site, each.kind), []).append(each.remote_id)
    for (site, kind), remotes in wanted.items():
        for start in range(0, len(remotes), _AT_ONCE):
            some = {"site": site, "kind": kind, "remotes": remotes[start : start + _AT_ONCE]}
            yield from (_read(row) for row in connection.execute(_SEEN, some))


def _one(connection: Connection, statement: Select[Any], **values: Any) -> Tracked | None:
    row = connection.execute(statement, values).first()
    return _read(row) if row else None


def _values(entity: Tracked) -> dict[str, Any]:
    values = {name: getattr(entity, name) for name in _NAMES}
    values["remote"] = None if entity.remote is None else packed(entity.remote)
    values["base"] = _side(entity.base, entity.remote)
    values["local"] = _side(entity.local, entity.remote)
    values["indexed"] = False
    return values


def _side(side: Fields | None, remote: Fields | None) -> str | None:
    if side is None:
        return None
    return _SAME if side == remote else packed(side)


def _read(row: Row[Any]) -> Tracked:
    values = dict(zip(_NAMES, row, strict=True))
    remote = values["remote"] = unpacked(values["remote"]) if values["remote"] is not None else None
    for name in ("base", "local"):
        kept = values[name]
        values[name] = remote if kept == _SAME else None if kept is None else unpacked(kept)
    return Tracked(**values)

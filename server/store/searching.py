"""Search by words over all that is mirrored. What has changed is made searchable after the fact, not by its commit."""

import re
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from server.entities import MIRRORED
from server.store import dialect, schema
from server.store.columns import unpacked

_E = schema.entities.c
_WORD = re.compile(r"\w+")
_MOST_WORDS = 16
_EXCERPT, _BEFORE = 200, 60  # characters

_UNINDEXED = (
    select(_E.row, _E.kind, _E.remote, _E.presence)
    .where(_E.indexed.is_(False))
    .order_by(_E.row)
    .limit(bindparam("most"))
)
_INDEXED = update(schema.entities).where(_E.row == bindparam("_row")).values(indexed=True)


class Hit(NamedTuple):
    """One thing that was found; what it is called, and where the words stand in it."""

    entity: str
    site: str
    kind: str
    remote_id: str | None
    root: str
    title: str
    excerpt: str


def search(connection: Connection, words: str, limit: int) -> list[Hit]:
    wanted = _WORD.findall(words)[:_MOST_WORDS]
    if not wanted:
        return []
    found = connection.execute(dialect.FIND_WORDS, {**dialect.matching(wanted), "limit": limit})
    return [_hit(*row, words=wanted) for row in found]


def _hit(*found: Any, words: list[str]) -> Hit:
    entity, site, kind, remote_id, root, title, body = found
    return Hit(entity, site, kind, remote_id, root, title, _excerpt(body, words))


def _excerpt(body: str, words: list[str]) -> str:
    """Where the first of the words stands."""
    at = re.search("|".join(rf"\b{re.escape(word)}" for word in words), body, re.IGNORECASE)
    start = max(0, at.start() - _BEFORE) if at else 0
    part = " ".join(body[start : start + _EXCERPT].split())
    return f"{'…' if start else ''}{part}{'…' if start + _EXCERPT < len(body) else ''}"


def index(connection: Connection, limit: int) -> int:
    rows = connection.execute(_UNINDEXED, {"most": limit}).all()
    if not rows:
        return 0
    kept = [
        {"row": row.row, "title": title, "body": body}
        for row in rows
        for title, body in [_words(row.kind, row.remote)]
        if row.presence == "present" and (title or body)
    ]
    connection.execute(dialect.FORGET_WORDS, [{"row": row.row} for row in rows])
    if kept:
        connection.execute(dialect.KEEP_WORDS, kept)
    connection.execute(_INDEXED, [{"_row": row.row} for row in rows])
    return len(rows)


def _words(kind: str, remote: str | None) -> tuple[str, str]:
    entity = MIRRORED.get(kind)
    return entity.mirror.searchable(unpacked(remote)) if entity and entity.mirror and remote else ("", "")

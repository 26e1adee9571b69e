"""What differs from one database to the next, and nothing else."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool, StaticPool

from server.errors import StoreError
from server.settings import MEMORY

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")
_ONLY_OWNER = 0o600
_FREE = 0.25  # of a file: it is worth to be written anew

APPEND_ONLY = """
CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""


def engine(database: str) -> AsyncEngine:
    """For a path, `:memory:` or a URL. Raises StoreError."""
    url = _url(database)
    if url.get_backend_name() != "sqlite":
        raise StoreError(
            f"{url.drivername} is no database of this version. Set ISTHMUS_DATABASE to the path of a file."
        )
    in_memory = url.query.get("mode") == "memory"
    if not in_memory and not str(url.database).startswith("file:"):
        _own_file(Path(str(url.database)))
    made = create_async_engine(url, **({"poolclass": StaticPool} if in_memory else {}))
    listen(made.sync_engine)
    return made


def blocking(engine: AsyncEngine) -> Engine:
    """The same database for a thread of its own."""
    made = create_engine(engine.url.set(drivername=engine.url.get_backend_name()), poolclass=NullPool)
    listen(made)
    return made


def listen(engine: Engine) -> None:
    """Makes its connections and transactions ours."""
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begun)


def _url(database: str) -> URL:
    if "://" in database:
        return make_url(database)
    if database != MEMORY:
        return URL.create("sqlite+aiosqlite", database=database)
    # By a name, so that the migrations' connection finds it too.
    query = {"mode": "memory", "cache": "shared", "uri": "true"}
    return URL.create("sqlite+aiosqlite", database=f"file:{uuid4().hex}", query=query)


def _own_file(path: Path) -> None:
    """The file, made for its owner alone before a database library can make it for everybody."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _ONLY_OWNER))
    except OSError as error:
        raise StoreError(
            f"{path} can't be written ({error.strerror}). Set ISTHMUS_DATABASE to a file that can."
        ) from error


def _connected(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begun`, not by the driver
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begun(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("alone"):
        # A reader that became a writer half-way could meet another writer; one that says so at once waits for it.
        cursor = connection.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
        cursor.close()


# What went wrong


_ADVICE = {
    sqlite3.SQLITE_FULL: "The disk is full. Nothing was lost: make room, and the work goes on.",
    sqlite3.SQLITE_READONLY: "It may only be read. Make it writable for this user, or name another file.",
    sqlite3.SQLITE_BUSY: "Another process holds it. Try again; if that does not end, stop the other process.",
    sqlite3.SQLITE_CORRUPT: "It is damaged. Stop Isthmus and restore the file from a backup, or name another file: "
    "what Atlassian has is read anew.",
    sqlite3.SQLITE_NOTADB: "It is no database. Restore it, or name another file.",
}
_PRIMARY = 0xFF  # of SQLite's result codes


def explained(database: str, error: DatabaseError) -> StoreError:
    """In words that say what to do."""
    cause: Any = error.orig
    while cause is not None and not hasattr(cause, "sqlite_errorcode"):
        cause = cause.__cause__ or cause.__context__
    code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY
    advice = _ADVICE.get(code, "Restore it, or name another file.")
    return StoreError(f"{database} can't be used ({error.orig}). {advice}")


# Statements


def put(table: Table, keys: Sequence[str]) -> sqlite.Insert:
    """Inserts a row, or takes the place of the one with these keys."""
    insert = sqlite.insert(table)
    others = {column.name: insert.excluded[column.name] for column in table.c if column.name not in keys}
    return insert.on_conflict_do_update(index_elements=list(keys), set_=others)


def known_version(connection: Connection) -> str | None:
    """The newest migration that the database has seen."""
    known = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"))
    if known.scalar() is None:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def worth_reclaiming(connection: Connection) -> bool:
    """Whether much of the file is free."""
    free, pages = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("freelist_count", "page_count")
    )
    return free > _FREE * pages


RECLAIM = "VACUUM"  # outside of any transaction

# Words

WORDS = """
CREATE VIRTUAL TABLE words USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 2', prefix = '3')
"""
FORGET_WITH = """
CREATE TRIGGER entities_words AFTER DELETE ON entities
BEGIN DELETE FROM words WHERE rowid = old.row; END
"""
FORGET_WORDS = text("DELETE FROM words WHERE rowid = :row")
KEEP_WORDS = text("INSERT INTO words (rowid, title, body) VALUES (:row, :title, :body)")
# Of a common word everything is a match, and to rank it all takes long. First comes what is so titled, newest first; of
# the rest, the newest are ranked.
FIND_WORDS = text("""
WITH found AS (
    SELECT * FROM (
        SELECT rowid AS "row", -1000.0 AS score FROM words WHERE words MATCH :titled ORDER BY rowid DESC LIMIT :limit
    )
    UNION ALL
    SELECT * FROM (
        SELECT rowid AS "row", bm25(words) AS score FROM words WHERE words MATCH :words ORDER BY rowid DESC LIMIT 100
    )
),
best AS MATERIALIZED (
    SELECT "row", min(score) AS score FROM found GROUP BY "row" ORDER BY score, "row" DESC LIMIT :limit
)
SELECT entities.id, entities.site, entities.kind, entities.remote_id, entities.root, words.title, words.body
FROM best JOIN entities ON entities."row" = best."row" JOIN words ON words.rowid = best."row"
ORDER BY best.score, best."row" DESC
""")
SHORTEST_BEGINNING = 3  # of a word that is looked for by how it begins


def matching(words: Sequence[str]) -> dict[str, str]:
    """What holds all these words; the last may be the beginning of one."""
    quoted = " ".join(f'"{word}"' for word in words)
    query = f"{quoted}*" if len(words[-1]) >= SHORTEST_BEGINNING else quoted
    return {"words": query, "titled": f"{{title}} : ({query})"}

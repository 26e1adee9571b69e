"""What differs from one database to the next, and nothing else."""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool, StaticPool

from server.errors import StoreError
from server.settings import MEMORY

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")
_ONLY_OWNER = 0o600

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
    in_memory = "mode" in url.query
    if not in_memory:
        _own_file(Path(str(url.database)))
    made = create_async_engine(url, **({"poolclass": StaticPool} if in_memory else {}))
    _listen(made.sync_engine)
    return made


def blocking(engine: AsyncEngine) -> Engine:
    """The same database for a thread of its own."""
    made = create_engine(engine.url.set(drivername=engine.url.get_backend_name()), poolclass=NullPool)
    _listen(made)
    return made


def _listen(engine: Engine) -> None:
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
    # A reader that became a writer half-way could meet another writer; one that says so at once waits for it.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

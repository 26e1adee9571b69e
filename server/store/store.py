"""The store: one method per question. Only this package knows tables and statements."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from importlib import import_module
from typing import Any, Self

from anyio.to_thread import run_sync
from sqlalchemy import Row, func, insert, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.errors import StoreError
from server.store import dialect
from server.store.record import FIRST, Record, canonical
from server.store.schema import audit

HEAD = "0001"  # the newest migration


class Store:
    """One database. Use as `async with await Store.open(path) as store:`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, database: str) -> Self:
        """The database, brought up to this version. Raises StoreError where it can't be used."""
        store = cls(await run_sync(dialect.engine, database))
        try:
            await store._bring_up()
        except DatabaseError as error:
            await store.close()
            raise StoreError(f"{database} can't be used ({error.orig}). Restore it, or name another file.") from error
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        await self._engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def append(self, record: Record) -> None:
        """One record at the end of the audit log. Raises StoreError where it could not be made durable."""
        try:
            async with self._writing() as connection:
                newest = select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
                previous = (await connection.execute(newest)).scalar() or FIRST
                await connection.execute(insert(audit).values(hash=record.chained(previous), **_columns(record)))
        except DatabaseError as error:
            raise StoreError(f"The audit log can't be written ({error.orig}).") from error

    async def records(self) -> AsyncIterator[tuple[int, Record, str]]:
        """The audit log from its beginning: each record's number, itself, and its hash."""
        async with self._reading() as connection:
            rows = await connection.stream(select(audit).order_by(audit.c.seq))
            async for row in rows:
                yield row.seq, _record(row), row.hash

    async def size(self) -> int:
        """How many records the audit log has."""
        async with self._reading() as connection:
            return (await connection.execute(select(func.count()).select_from(audit))).scalar_one()

    async def broken(self) -> int | None:
        """The number of the first record that is not what was written, or follows a gap."""
        previous, expected = FIRST, 1
        async for number, record, sealed in self.records():
            if number != expected or record.chained(previous) != sealed:
                return expected
            previous, expected = sealed, expected + 1
        return None

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[AsyncConnection]:
        async with self._engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[AsyncConnection]:
        async with self._engine.connect() as connection:
            yield connection

    async def _bring_up(self) -> None:
        version = await self._version()
        if version == HEAD:
            return
        # Imported where it is needed: it costs a start a good part of a second.
        migrate = await run_sync(import_module, "server.store.migrate")
        await run_sync(migrate.upgrade, self._engine)

    async def _version(self) -> str | None:
        async with self._reading() as connection:
            known = await connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"))
            if known.scalar() is None:
                return None
            return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()


def _columns(record: Record) -> dict[str, str]:
    texts = {"arguments": canonical(record.arguments), "requests": canonical(list(record.requests))}
    return {**record.values(), **texts}


def _record(row: Row[Any]) -> Record:
    columns: dict[str, Any] = {name: getattr(row, name) for name in audit.c.keys() if name not in ("seq", "hash")}  # noqa: SIM118 - no dict
    parsed = {name: json.loads(columns[name]) for name in ("arguments", "requests")}
    columns |= {**parsed, "at": datetime.fromisoformat(row.at)}
    return Record(**columns)

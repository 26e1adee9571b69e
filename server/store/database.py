"""Where the store's transactions run. Each is a function of a connection, so that nothing waits in the middle of it."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from importlib import import_module
from typing import Any, Protocol, Self, TypeVar

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import StaticPool

from server.store import dialect

T = TypeVar("T")

HEAD = "0002"  # the newest migration


class Database(Protocol):
    """One transaction is one call; what it raises is undone. Raises StoreError."""

    async def write(self, work: Callable[..., T], /, *arguments: Any) -> T: ...

    async def read(self, work: Callable[..., T], /, *arguments: Any) -> T: ...

    async def reclaim(self) -> None:
        """Gives back to the disk what is no longer needed."""
        ...

    async def close(self) -> None: ...


class AsyncDatabase:
    """Writers wait for each other here, in order; those of other processes wait in the database."""

    def __init__(self, engine: AsyncEngine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._turn = anyio.Lock(fast_acquire=True)
        self._one = isinstance(engine.pool, StaticPool)  # connection, for readers and writers

    @classmethod
    async def open(cls, name: str) -> Self:
        """The database, brought up to this version."""
        database = cls(await run_sync(dialect.engine, name), name)
        async with AsyncExitStack() as unless_it_opens:
            unless_it_opens.push_async_callback(database.close)
            await database.bring_up()
            unless_it_opens.pop_all()
        return database

    async def bring_up(self) -> None:
        """Applies the migrations that the database has not seen."""
        if await self.read(dialect.known_version) == HEAD:
            return
        # Imported where it is needed: it costs a start a good part of a second.
        migrate = await run_sync(import_module, "server.store.migrate")
        try:
            await run_sync(migrate.upgrade, self._engine)
        except DatabaseError as error:
            raise dialect.explained(self._name, error) from error

    async def write(self, work: Callable[..., T], /, *arguments: Any) -> T:
        async with self._turn:
            return await self._run(work, arguments, writes=True)

    async def read(self, work: Callable[..., T], /, *arguments: Any) -> T:
        if self._one:
            async with self._turn:
                return await self._run(work, arguments)
        return await self._run(work, arguments)

    async def reclaim(self) -> None:
        async with self._turn:
            async with self._engine.connect() as connection:
                if not await connection.run_sync(dialect.worth_reclaiming):
                    return
            async with self._engine.connect() as connection:
                await connection.execution_options(alone=True)
                await connection.exec_driver_sql(dialect.RECLAIM)

    async def close(self) -> None:
        await self._engine.dispose()

    async def _run(self, work: Callable[..., T], arguments: tuple[Any, ...], *, writes: bool = False) -> T:
        found: list[T] = []
        try:
            # Who is cancelled in the middle of a statement takes its connection along: each runs to its end.
            with anyio.CancelScope(shield=True):
                found.append(await self._transaction(work, arguments, writes=writes))
        except DatabaseError as error:
            raise dialect.explained(self._name, error) from error
        return found[0]

    async def _transaction(self, work: Callable[..., T], arguments: tuple[Any, ...], *, writes: bool) -> T:
        async with self._engine.connect() as connection:
            if writes:
                await connection.execution_options(writes=True)
            async with connection.begin():
                return await connection.run_sync(_work, work, arguments)


def _work(connection: Connection, work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    return work(connection, *arguments)

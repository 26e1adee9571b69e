"""The real store with nothing to wait for: the product's statements on a connection of this thread.

For simulations, which run it thousands of times. What a crash leaves of it is `image()`.
"""

import sqlite3
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from server.store import dialect, migrate
from server.store.store import Store

T = TypeVar("T")


class InlineDatabase:
    def __init__(self, image: bytes) -> None:
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        if image:
            self._connection.deserialize(image)
        engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: self._connection)
        dialect.listen(engine)
        self._reads = engine.connect()
        self._writes = engine.connect().execution_options(writes=True)
        self._engine = engine

    def apply(self, work: Callable[..., T], /, *arguments: Any) -> T:
        with self._writes.begin():
            return work(self._writes, *arguments)

    async def write(self, work: Callable[..., T], /, *arguments: Any) -> T:
        return self.apply(work, *arguments)

    async def read(self, work: Callable[..., T], /, *arguments: Any) -> T:
        with self._reads.begin():
            return work(self._reads, *arguments)

    async def reclaim(self) -> None:
        self._connection.execute(dialect.RECLAIM)

    async def close(self) -> None:
        self._engine.dispose()

    def image(self) -> bytes:
        return self._connection.serialize()


def inline_store(image: bytes | None = None) -> Store:
    """An empty one, or the one that the image was made of."""
    return Store(InlineDatabase(image or _empty()))


@cache
def _empty() -> bytes:
    database = InlineDatabase(b"")
    database.apply(migrate.apply)
    return database.image()

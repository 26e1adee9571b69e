"""What this store does with its file: what is found by words, what is forgotten, what happens when the disk fails."""

import sqlite3
import stat
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from anyio.to_thread import run_sync
from sqlalchemy import Connection, event

from server.errors import StoreError
from server.store import dialect, migrate, schema
from server.store.database import AsyncDatabase
from server.store.port import Change
from server.store.rows import Conflict, Delivery, News, Tracked
from server.store.store import HEAD, Kept, Store

pytestmark = pytest.mark.anyio

DAY = 86_400_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "isthmus.db"


@pytest.fixture
async def store(file: Path) -> AsyncGenerator[Store]:
    async with await Store.open(str(file)) as store:
        yield store


def issue(name: str, summary: str = "", text: str = "", **more: Any) -> Tracked:
    fields = {"summary": summary, "description": text}
    given: dict[str, Any] = {"id": name, "site": "s", "kind": "issue", "root": name, "remote_id": name, "rev": 1}
    given["remote"] = fields
    return Tracked(**(given | more))


def size(file: Path) -> int:
    return file.stat().st_size


def damage(file: Path) -> None:
    """All but its first page and those behind it, which say what tables there are."""
    content = bytearray(file.read_bytes())
    content[200_000:] = bytes(len(content) - 200_000)
    file.write_bytes(content)


# The schema


def test_the_newest_migration_is_the_one_that_is_looked_for() -> None:
    assert migrate.head() == HEAD


async def test_migrations_make_the_tables_that_the_statements_know(file: Path) -> None:
    def differences(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection), schema.metadata)

    database = await AsyncDatabase.open(str(file))
    found = await database.read(differences)
    await database.close()
    assert [each for each in found if not str(getattr(each[1], "name", "")).startswith("words")] == []


async def test_a_database_of_the_version_before_is_brought_up(file: Path) -> None:
    engine = await run_sync(dialect.engine, str(file))
    await run_sync(migrate.upgrade, engine, "0001")
    await engine.dispose()
    async with await Store.open(str(file)) as store:
        await store.commit(Change(entities=(issue("1"),)))
        assert await store.entity("1") == issue("1")


# Words


async def found(store: Store, words: str) -> list[str]:
    while await store.index():
        pass
    return [hit.entity for hit in await store.search(words)]


async def test_what_is_mirrored_is_found_by_its_words(store: Store) -> None:
    page = {"title": "Café <menu>", "body": "Crème & brûlée\n\n```\nselect 1 > 0\n```"}
    await store.commit(
        Change(
            entities=(
                issue("1", "Payment fails", 'The "gateway" says no'),
                issue("2", "Slow login", "payment takes long"),
                issue("3", kind="page", remote=page),
            )
        )
    )
    assert await found(store, "payment") == ["1", "2"]  # in a title it counts more
    assert await found(store, "payment long") == ["2"]
    assert await found(store, "gate") == ["1"]
    assert await found(store, "cafe brulee select") == ["3"]
    assert await found(store, "nothing") == []
    assert await found(store, '  ") OR * --') == []
    hit = (await store.search("gateway"))[0]
    assert (hit.kind, hit.remote_id, hit.title, hit.excerpt) == ("issue", "1", "Payment fails", 'The "gateway" says no')


async def test_words_follow_what_changes_and_what_goes(store: Store) -> None:
    await store.commit(Change(entities=(issue("1", "Old words"), issue("2", "Old hat"))))
    assert await found(store, "old") == ["2", "1"]  # the newest first
    await store.commit(
        Change(entities=(issue("1", "New words", rev=2), issue("2", "Old hat", rev=2, presence="trashed")))
    )
    assert await found(store, "old") == []
    assert await found(store, "new") == ["1"]
    await store.commit(Change(removed=(issue("1", rev=2),)))
    assert await found(store, "new") == []


# Keeping house


async def test_what_is_old_is_forgotten_and_what_is_open_is_not(store: Store) -> None:
    now = 1_000 * DAY
    delivery = Delivery(id="1", site="s", at=0, body={})
    decided = Conflict(id="1", entity="i", field="x", base=None, ours=1, theirs=2, at=0, state="resolved", decided_at=1)
    opened = Conflict(id="2", entity="i", field="x", base=None, ours=1, theirs=2, at=0)
    await store.deliver(delivery)
    await store.deliver(Delivery(id="2", site="s", at=0, body={}))
    news = News(entity="i", kind="issue", what="changed")
    await store.commit(Change(news=(news,), conflicts=(decided, opened), handled=(delivery,), at=0))
    await store.commit(Change(news=(news,), at=now - DAY))
    assert await store.forget(Kept.at(now)) == 3
    assert [each.seq for each in await store.news(0)] == [2]
    assert await store.open_conflicts() == (opened,)
    assert await store.conflict("1") is None
    assert [each.id for each in await store.unhandled(9)] == ["2"]
    await store.commit(Change(news=(news,), at=now))
    assert [each.seq for each in await store.news(0)] == [2, 3]


async def test_a_number_of_the_feed_is_never_given_twice(store: Store) -> None:
    news = News(entity="i", kind="issue", what="changed")
    await store.commit(Change(news=(news, news)))
    await store.forget(Kept(news=1, handled=0, decided=0))
    await store.commit(Change(news=(news,)))
    assert [each.seq for each in await store.news(0)] == [3]


async def test_the_disk_gets_back_what_was_forgotten(store: Store, file: Path) -> None:
    await store.commit(Change(blobs={str(number): bytes(50_000) for number in range(40)}))
    many = [News(entity="i" * 2_000, kind="issue", what="changed") for _ in range(2_000)]
    await store.commit(Change(news=tuple(many)))
    large = size(file) + size(file.with_name("isthmus.db-wal"))
    await store.forget(Kept(news=1, handled=0, decided=0))
    await store.close()
    assert size(file) < large * 0.6


# Several at once


async def test_two_stores_on_one_file_see_what_the_other_commits(store: Store, file: Path) -> None:
    async with await Store.open(str(file)) as other:
        await other.commit(Change(entities=(issue("1"),)))
        assert await store.entity("1") == issue("1")
        await store.commit(Change(entities=(issue("1", rev=2, version="9"),)))
        assert await other.entity("1") == issue("1", rev=2, version="9")


async def test_the_file_is_its_owners_alone(store: Store, file: Path) -> None:
    await store.commit(Change(entities=(issue("1"),)))
    assert {stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


# Bad files


async def test_a_file_that_is_no_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    broken = tmp_path / "isthmus.db"
    broken.write_bytes(b"This is no database." * 500)
    with pytest.raises(StoreError, match=r"isthmus\.db can't be used .*It is no database\. Restore it"):
        await Store.open(str(broken))
    assert broken.read_bytes() == b"This is no database." * 500


async def test_a_damaged_file_is_refused_with_what_to_do(store: Store, file: Path) -> None:
    await store.commit(Change(entities=tuple(issue(str(number), "x" * 500, scope="p") for number in range(200))))
    await store.close()
    damage(file)
    async with await Store.open(str(file)) as damaged:
        with pytest.raises(StoreError, match=r"It is damaged\. Stop Isthmus and restore the file from a backup"):
            await damaged.remote_ids("p")


async def test_a_newer_database_is_refused_with_what_to_do(store: Store, file: Path) -> None:
    await store.close()
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(StoreError, match="newer version of Isthmus"):
        await Store.open(str(file))


async def test_a_file_that_may_only_be_read_is_refused_with_what_to_do(store: Store, file: Path) -> None:
    await store.commit(Change(entities=(issue("1"),)))
    async with await Store.open(f"sqlite+aiosqlite:///file:{file}?mode=ro&uri=true") as reader:
        assert await reader.entity("1") == issue("1")
        with pytest.raises(StoreError, match="may only be read"):
            await reader.commit(Change(entities=(issue("2"),)))


async def test_work_stops_at_a_full_disk_and_goes_on_when_there_is_room(store: Store, file: Path) -> None:
    room: list[int] = [200]
    engine = await run_sync(dialect.engine, str(file))

    @event.listens_for(engine.sync_engine, "checkout")
    def _limited(connection: Any, *_: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {room[0]}")
        cursor.close()

    async with Store(AsyncDatabase(engine, str(file))) as cramped:
        await cramped.commit(Change(entities=(issue("1", "x" * 5_000),)))
        more = Change(entities=tuple(issue(f"more {number}", "x" * 5_000) for number in range(500)))
        with pytest.raises(StoreError, match=r"The disk is full\. Nothing was lost: make room, and the work goes on"):
            await cramped.commit(more)
        assert await cramped.entity("1")
        assert await cramped.entity("more 0") is None
        room[0] = 10_000
        await cramped.commit(more)
        assert await cramped.entity("more 499")


async def test_a_database_that_is_none_of_ours_is_named() -> None:
    with pytest.raises(StoreError, match="is no database of this version"):
        await Store.open("mysql://localhost/isthmus")

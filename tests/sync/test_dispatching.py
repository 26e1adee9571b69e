"""One process drains at a time; what fails is tried again; what a dispatcher loses, the store still knows."""

import pytest

from server.store.port import Change, Fenced, Raised, Settled, Stale
from server.store.rows import Cooldown, Dirty, Lease
from server.sync.dispatching import InProcess, retry
from server.sync.gate import Gate, Resting
from tests.simulation.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Worker:
    """Settles what it is given; `error` is raised instead, where there is one."""

    def __init__(self, store: MemoryStore, holder: str) -> None:
        self.store = store
        self.now = 1000
        self.done: list[str] = []
        self.error: Exception | None = None
        self.gate = Gate()
        self.dispatcher = InProcess(
            store, {"entity": self.work}, holder=holder, now=lambda: self.now, keeps=100, gate=self.gate
        )

    async def work(self, entry: Dirty, lease: Lease) -> None:
        if self.error:
            raise self.error
        self.done.append(entry.key)
        await self.store.commit(Change(settled=(Settled(key=entry.key, seq=entry.dirty_seq),), lease=lease))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def raised(store: MemoryStore, *keys: str) -> None:
    await store.commit(Change(raised=tuple(Raised(key=key) for key in keys)))


async def test_work_is_done_in_its_order_and_then_there_is_none(store: MemoryStore) -> None:
    one = Worker(store, "one")
    await raised(store, "entity:a", "entity:b")
    assert not await one.dispatcher.step()
    assert await one.dispatcher.hold()
    assert [await one.dispatcher.step() for _ in range(3)] == [True, True, False]
    assert one.done == ["entity:a", "entity:b"]


async def test_another_takes_over_when_the_lease_ran_out_and_the_first_is_fenced(store: MemoryStore) -> None:
    one, two = Worker(store, "one"), Worker(store, "two")
    await raised(store, "entity:a")
    assert await one.dispatcher.hold()
    assert not await two.dispatcher.hold()
    two.now += 200
    await store.commit(Change(cooldowns=(Cooldown(site="site", area="", until=5000, why="429"),)))
    assert await two.dispatcher.hold()
    with pytest.raises(Resting, match="429"):
        two.gate.check("site", (), 1200)
    assert await one.dispatcher.step()
    assert one.done == ["entity:a"]
    assert await store.depth() == 1
    assert not await one.dispatcher.step()
    assert await two.dispatcher.step()
    assert await store.depth() == 0


async def test_a_lease_is_given_back(store: MemoryStore) -> None:
    one, two = Worker(store, "one"), Worker(store, "two")
    await one.dispatcher.hold()
    await one.dispatcher.give_back()
    await one.dispatcher.give_back()
    assert await two.dispatcher.hold()


async def test_what_somebody_was_faster_with_stays_in_the_queue(store: MemoryStore) -> None:
    one = Worker(store, "one")
    await raised(store, "entity:a")
    await one.dispatcher.hold()
    one.error = Stale("changed")
    assert await one.dispatcher.step()
    one.error = Fenced("lost")
    assert await one.dispatcher.step()
    assert not await one.dispatcher.step()
    assert await store.depth() == 1


async def test_a_parked_entry_is_tried_at_once_when_somebody_asks(store: MemoryStore) -> None:
    await raised(store, "entity:a")
    (entry,) = await store.due(0, 1)
    await store.commit(Change(settled=(Settled(key=entry.key, seq=entry.dirty_seq, attempts=5, parked="broken"),)))
    (parked,) = await store.needing_attention()
    assert not await store.due(9, 1)
    await retry(store, parked, 9)
    assert [each.attempts for each in await store.due(9, 1)] == [0]

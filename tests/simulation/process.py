"""One process of ours on the store: it drains, polls, routes, and may die at any moment."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from server.errors import AtlassianError, StoreError
from server.store.port import Change, Port, Stale
from server.store.rows import Delivery, Family, Lease
from server.sync.discovering import Hint, census, poll, route
from server.sync.dispatching import InProcess
from server.sync.gate import Gate
from server.sync.reconciling import reconcile
from server.sync.records import Records
from server.sync.surroundings import Surroundings
from tests.simulation.clockwork import Group, Pause, Sleepers, sleep
from tests.simulation.kinds import KINDS
from tests.simulation.wire import Wire

if TYPE_CHECKING:
    from tests.simulation.world import World

KEEPS = 10_000
POLLS = 60_000
WORKERS = 2


class Shaky:
    """The store as one process has it: between any two calls others go on, and at each commit it may die."""

    def __init__(self, world: "World", process: "Process", committed: Callable[[], None] | None = None) -> None:
        self._world = world
        self._process = process
        self._memory = world.store
        self._committed = committed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._memory, name)

    async def family(self, root: str) -> Family | None:
        await Pause(self._world.between(0, 3))
        return await self._memory.family(root)

    async def take(self, name: str, holder: str, now: int, until: int) -> Lease | None:
        await Pause(self._world.between(0, 3))
        return await self._memory.take(name, holder, now, until)

    async def deliver(self, delivery: Delivery) -> bool:
        self._world.may_crash(self._process, "before delivery")
        known = await self._memory.deliver(delivery)
        self._world.may_crash(self._process, "after delivery")
        return known

    async def commit(self, change: Change) -> None:
        world = self._world
        await Pause(world.between(0, 3))
        world.may_crash(self._process, "before commit")
        if world.disk_full:
            raise StoreError("The disk is full.")
        before = {each.id: self._memory.entities.get(each.id) for each in change.entities}
        length = len(self._memory.feed)
        await self._memory.commit(change)
        if self._committed:
            self._committed()
        world.committed(self._process, before, change, self._memory.feed[length:])
        world.may_crash(self._process, "after commit")


class Process:
    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.name = name
        self.lives = 0
        self.holder = ""
        self.group = Group(self._died)
        self.workers: Sleepers = set()
        self.routers: Sleepers = set()
        self.alive = False
        self.start()

    def start(self) -> None:
        world = self.world
        self.lives += 1
        self.alive = True
        self.holder = f"{self.name}.{self.lives}"
        wire = Wire(world, self)
        store = self.store()
        self.around = Surroundings(
            store=store,
            remotes={"site": wire},
            kinds=KINDS,
            now=world.ours,
            chance=world.chance.random,
            unique=world.unique,
            gate=Gate(world.store.resting.values()),
            limits=world.limits,
        )

        async def work(entry: Any, lease: Lease) -> None:
            await reconcile(self.around, entry, lease)

        self.dispatcher = InProcess(
            store,
            {"entity": work},
            holder=self.holder,
            now=world.ours,
            keeps=KEEPS,
            gate=self.around.gate,
        )
        for _ in range(WORKERS):
            world.clock.spawn(self._work(), self.group, self.workers)
        world.clock.spawn(self._poll(), self.group)
        world.clock.spawn(self._route(), self.group, self.routers)

    def store(self, committed: Callable[[], None] | None = None) -> Port:
        return cast("Port", Shaky(self.world, self, committed))

    def records(self, committed: Callable[[], None] | None = None) -> Records:
        return Records(store=self.store(committed), kinds=KINDS, now=self.world.ours, unique=self.world.unique)

    def _died(self) -> None:
        self.alive = False
        world = self.world
        world.died(self)
        world.clock.after(world.between(100, 5_000), self.start)

    async def _work(self) -> None:
        store = self.around.store
        while True:
            due = await store.next_due()
            now = self.world.ours()
            if due is None or due > now:
                await sleep(60_000 if due is None else due - now)
                continue
            try:
                worked = await self.dispatcher.hold() and await self.dispatcher.step()
            except StoreError:
                worked = False
            self.world.may_pause(self)
            if self.world.paused_for:
                await Pause(self.world.take_pause())
            if not worked:
                await sleep(2_000)

    async def _poll(self) -> None:
        await Pause(self.world.between(0, POLLS))
        while True:
            try:
                if await self.dispatcher.hold():
                    for scope in await self.around.store.scopes():
                        await poll(self.around, scope)
                        if self.world.census_due(scope):
                            await census(self.around, scope)
            except (AtlassianError, StoreError, Stale):
                pass
            await Pause(POLLS)

    async def _route(self) -> None:
        while True:
            try:
                while await route(self.around, hint):
                    pass
            except (StoreError, Stale):
                await Pause(1_000)
            await sleep(30_000)


def hint(body: Any) -> Hint | None:
    container = "DEMO" if body["kind"] == "issue" else "DOCS"
    return Hint(body["kind"], body["id"], container, body["version"], body["gone"])

"""The engine on the sandbox: a store, the clients and a clock that a test moves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from server.app import clients
from server.entities import MIRRORED
from server.entities.synced import Synced
from server.store.port import Change
from server.store.rows import Scope, Tracked
from server.store.store import Store
from server.sync.backfilling import Backfill, Progress
from server.sync.confluence_remote import ConfluenceRemote
from server.sync.discovering import census, poll
from server.sync.jira_remote import JiraRemote
from server.sync.reconciling import reconcile
from server.sync.records import Records
from server.sync.surroundings import Surroundings
from tests.world import NOW, World

KINDS: dict[str, Synced] = {kind: entity.synced for kind, entity in MIRRORED.items()}
MOST_RUNS = 500


@dataclass
class Engine:
    world: World
    store: Store
    remote: Any
    scope_id: str
    now: int = int(NOW.timestamp() * 1000)

    def __post_init__(self) -> None:
        ids = count(1)
        self.unique = lambda: f"e{next(ids)}"
        self.records = Records(store=self.store, kinds=KINDS, now=lambda: self.now, unique=self.unique)
        self.use(self.remote)

    def use(self, remote: Any) -> None:
        self.remote = remote
        self.around = Surroundings(
            store=self.store,
            remotes={"s": remote},
            kinds=KINDS,
            now=lambda: self.now,
            chance=lambda: 0.5,
            unique=self.unique,
        )

    async def scope(self) -> Scope:
        found = await self.store.scope(self.scope_id)
        assert found
        return found

    async def backfill(self) -> list[Progress]:
        told: list[Progress] = []
        work = Backfill(
            store=self.store, source=self.remote, now=lambda: self.now, unique=self.unique, told=told.append
        )
        await work.run(await self.scope())
        return told

    async def poll(self) -> int:
        await poll(self.around, await self.scope())
        return await self.settle()

    async def census(self) -> int:
        await census(self.around, await self.scope())
        return await self.settle()

    async def settle(self) -> int:
        """Until nothing is left to do; how many runs that took."""
        runs = 0
        while (due := await self.store.next_due()) is not None:
            self.now = max(self.now, due)
            for entry in await self.store.due(self.now, 10):
                await reconcile(self.around, entry)
                runs += 1
            assert runs < MOST_RUNS, "it finds no end"
        return runs

    async def of(self, remote_id: str, kind: str) -> Tracked:
        found = await self.store.linked("s", kind, remote_id)
        assert found, f"no {kind} {remote_id}"
        return found

    async def sent(self, since: int = 0) -> list[str]:
        """Methods and paths of what has reached the site."""
        return [f"{each['method']} {each['path']}" for each in (await self.world.requests())[since:]]


@asynccontextmanager
async def on_jira(world: World, *, form: Any = "project", value: str = "DEMO") -> AsyncGenerator[Engine]:
    deps = clients(world.settings(), transport=world.wire, pace=world.waits.pace())
    assert deps.jira
    async with await Store.open(":memory:") as store:
        await store.commit(Change(scopes=(Scope(id="p", site="s", form=form, value=value, rev=1),)))
        yield Engine(world, store, JiraRemote(deps.jira), "p")


@asynccontextmanager
async def on_confluence(world: World, *, form: Any = "space", value: str = "ENG") -> AsyncGenerator[Engine]:
    deps = clients(world.settings(), transport=world.wire, pace=world.waits.pace())
    assert deps.confluence
    async with await Store.open(":memory:") as store:
        await store.commit(Change(scopes=(Scope(id="p", site="s", form=form, value=value, rev=1),)))
        engine = Engine(world, store, None, "p")
        engine.use(ConfluenceRemote(deps.confluence, now=lambda: engine.now))
        yield engine

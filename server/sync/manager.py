"""Keeps what is tracked in step, for as long as it runs."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self
from uuid import uuid4

from server.client import BACKFILL, ConfluenceApiClient, JiraApiClient, Pace
from server.entities import MIRRORED
from server.errors import AtlassianError, NotFound, Refused, StoreError
from server.store.port import Change
from server.store.rows import Dirty, Lease, Scope
from server.store.store import Kept, Store
from server.sync.backfilling import Backfill, Progress
from server.sync.confluence_remote import ConfluenceRemote
from server.sync.discovering import census, poll, route
from server.sync.dispatching import InProcess
from server.sync.hints import hint
from server.sync.jira_remote import JiraRemote
from server.sync.reconciling import reconcile
from server.sync.records import Records
from server.sync.surroundings import Surroundings

logger = logging.getLogger("isthmus.sync")

POLL_SECONDS = 60.0
DAY = 86_400_000
LEASE = 15_000  # milliseconds for which one process drains before another may
Form = Literal["project", "space", "jql", "cql"]
SITES: Mapping[str, str] = {"project": "jira", "jql": "jira", "space": "confluence", "cql": "confluence"}


@dataclass(frozen=True)
class _Running:
    store: Store
    around: Surroundings
    dispatcher: InProcess


class SynchronizationManager:
    """Use as `async with SynchronizationManager(jira_client=..., confluence_client=..., db_path=...) as sync:`."""

    def __init__(
        self,
        *,
        jira_client: JiraApiClient | None = None,
        confluence_client: ConfluenceApiClient | None = None,
        db_path: str = ":memory:",
        pace: Pace | None = None,
    ) -> None:
        self._pace = pace or Pace()
        self._path = db_path
        self._remotes: dict[str, JiraRemote | ConfluenceRemote] = {}
        if jira_client:
            self._remotes["jira"] = JiraRemote(jira_client)
        if confluence_client:
            self._remotes["confluence"] = ConfluenceRemote(confluence_client, now=self._now)
        self._running: _Running | None = None
        self._task: asyncio.Task[None] | None = None
        self.failures: dict[str, str] = {}
        """By scope, why it could not be read last time."""
        self.progress: dict[str, Progress] = {}
        """By scope, how far its backfill is."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Opens the database and goes on with what was left. Raises StoreError."""
        await self.open()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        running, self._running = self._running, None
        if running:
            await running.dispatcher.give_back()
            await running.store.close()

    async def open(self) -> None:
        """The database alone: nothing goes on by itself. Raises StoreError."""
        store = await Store.open(self._path)
        around = Surroundings(
            store=store,
            remotes=self._remotes,
            kinds={kind: entity.synced for kind, entity in MIRRORED.items()},
            now=self._now,
            chance=self._pace.chance,
            unique=self._pace.unique,
        )

        async def work(entry: Dirty, lease: Lease) -> None:
            await reconcile(around, entry, lease)

        dispatcher = InProcess(
            store, {"entity": work}, holder=uuid4().hex, now=self._now, keeps=LEASE, gate=around.gate
        )
        self._running = _Running(store, around, dispatcher)

    @property
    def store(self) -> Store:
        return self._now_running.store

    @property
    def records(self) -> Records:
        """What agents put and change."""
        around = self._now_running.around
        return Records(store=self.store, kinds=dict(around.kinds), now=self._now, unique=self._pace.unique)

    async def track(self, form: Form, value: str) -> Scope:
        """From now on a project or space by its key, or what a query finds. Raises NotFound."""
        site = SITES[form]
        remote = self._remotes.get(site)
        if remote is None:
            raise Refused(f"{site.title()} is not configured, so that no {form} of it can be tracked.")
        for scope in await self.store.scopes():
            if (scope.site, scope.form, scope.value) == (site, form, value):
                return scope
        scope = Scope(id=self._pace.unique(), site=site, form=form, value=value, rev=1)
        if not await remote.visible(scope):
            raise NotFound(f"No {form} `{value}`, or you may not see it. Nothing is tracked.")
        await self.store.commit(Change(scopes=(scope,), at=self._now()))
        return scope

    async def untrack(self, scope: str) -> None:
        """What has a record stays; the rest of its mirror goes."""
        await self.store.untrack(scope)

    async def once(self) -> None:
        """Reads what changed, and does all the work that is due. Raises StoreError."""
        running = self._now_running
        for scope in await running.store.scopes():
            try:
                await self._look(running, scope)
                self.failures.pop(scope.id, None)
            except AtlassianError as error:
                self.failures[scope.id] = str(error)
                logger.warning("%s %s: %s", scope.form, scope.value, error)
        await route(running.around, hint)
        await self._drain(running)
        while await running.store.index():
            pass

    async def _look(self, running: _Running, scope: Scope) -> None:
        if not scope.complete:
            work = Backfill(
                store=running.store,
                source=self._remotes[scope.site].on(BACKFILL),
                now=self._now,
                unique=self._pace.unique,
                stored=running.store.index,
                told=self._progress_of(scope),
            )
            await work.run(scope)
            return
        await poll(running.around, scope)
        current = await running.store.scope(scope.id)
        if current and self._now() - current.census_at >= DAY:
            await census(running.around, current)
            await running.store.forget(Kept.at(self._now()))

    def _progress_of(self, scope: Scope) -> Callable[[Progress], None]:
        def told(progress: Progress) -> None:
            self.progress[scope.id] = progress

        return told

    async def _drain(self, running: _Running) -> None:
        while await running.dispatcher.hold() and await running.dispatcher.step():
            pass

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except StoreError:
                logger.exception("Nothing is kept in step until the database can be used again.")
            await self._pace.sleep(await self._rest())

    async def _rest(self) -> float:
        """Seconds until there is something to do."""
        try:
            due = await self.store.next_due()
        except StoreError:
            return POLL_SECONDS
        return POLL_SECONDS if due is None else min(POLL_SECONDS, max(1.0, (due - self._now()) / 1000))

    def _now(self) -> int:
        return int(self._pace.wall().timestamp() * 1000)

    @property
    def _now_running(self) -> _Running:
        if self._running is None:
            raise Refused("It is not started: use `async with`, or `await start()`.")
        return self._running

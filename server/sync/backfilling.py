"""All that a scope holds, read in pages that hold things whole, for the first time.

What is new is stored as it was found, without a read of each; what is known already and has changed is raised like
anything that a list names. A page is committed with the place where the next one begins, so that a restart reads one
page again at most.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from server.errors import Invalid
from server.store.port import Change, Port, Sighting, Stale
from server.store.rows import BACKFILL, Scope, Tracked
from server.sync.remote import Found, Seen


@dataclass(frozen=True, slots=True)
class Below:
    """What was found by itself, below a root that came before it."""

    kind: str
    root_id: str
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Things that were found whole. What changes from `newest` on is found by polls."""

    found: tuple[Found, ...]
    below: tuple[Below, ...] = ()
    following: str | None
    newest: int


class Source(Protocol):
    async def count(self, scope: Scope) -> int | None:
        """About how many roots there are."""
        ...

    async def filled(self, scope: Scope, *, since: int, page: str | None) -> Filled:
        """Raises Invalid where the page is not known any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    filled: int
    total: int | None
    seconds_left: float | None


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """`now` is in milliseconds. `stored` is awaited after each page is committed; `told` hears how far it is."""

    store: Port
    source: Source
    now: Callable[[], int]
    unique: Callable[[], str]
    stored: Callable[[], Awaitable[object]] | None = None
    told: Callable[[Progress], None] | None = None

    async def run(self, scope: Scope) -> None:
        """From where it was left. Raises AtlassianError, StoreError; then it can be run again."""
        if scope.complete:
            return
        if scope.total is None:
            scope = await self._noted(replace(scope, total=await self.source.count(scope)))
        send, receive = anyio.create_memory_object_stream[tuple[Filled, str | None]](1)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._fetch, scope, send)
                await self._keep(scope, receive)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def _fetch(self, scope: Scope, send: MemoryObjectSendStream[tuple[Filled, str | None]]) -> None:
        """The next page is read while the one before it is stored."""
        since, page = _place(scope)
        async with send:
            while True:
                try:
                    filled = await self.source.filled(scope, since=since, page=page)
                except Invalid:
                    if page is None:
                        raise
                    since, page = scope.cursor, None  # its token is too old: from the newest that was stored
                    continue
                page = filled.following
                await send.send((filled, json.dumps([since, page]) if page else None))
                if page is None:
                    return

    async def _keep(self, scope: Scope, receive: MemoryObjectReceiveStream[tuple[Filled, str | None]]) -> None:
        known = dict(await self.store.remote_ids(scope.id))
        begun, before = self.now(), scope.filled
        async with receive:
            async for filled, following in receive:
                scope = await self._store(scope, filled, following, known)
                if self.stored:
                    await self.stored()
                if self.told:
                    self.told(_progress(scope, scope.filled - before, self.now() - begun))

    async def _store(self, scope: Scope, filled: Filled, following: str | None, known: dict[str, str]) -> Scope:
        new = [each for each in filled.found if _name(each.root) not in known]
        after = replace(
            scope,
            cursor=max(scope.cursor, filled.newest),
            page=following,
            filled=scope.filled + len(new),
            complete=following is None,
            rev=scope.rev + 1,
        )
        sighted = tuple(self._sighting(scope, each.root) for each in filled.found if _name(each.root) in known)
        entities = [row for each in new for row in self._rows(scope, each, known)]
        entities += [row for each in filled.below if (row := self._part(scope, each, known))]
        try:
            await self.store.commit(Change(entities=tuple(entities), sighted=sighted, scopes=(after,), at=self.now()))
        except Stale:
            await self._store_less(scope, filled, after, known)
        return after

    async def _store_less(self, scope: Scope, filled: Filled, after: Scope, known: dict[str, str]) -> None:
        """Another scope, a webhook or the run before has made some of it known."""
        known.clear()
        known.update(await self.store.remote_ids(scope.id))
        parts = [row for each in filled.below if (row := self._part(scope, each, known))]
        entities = [row for row in parts if not await self.store.linked(row.site, row.kind, str(row.remote_id))]
        every = tuple(self._sighting(scope, each.root) for each in filled.found)
        await self.store.commit(Change(entities=tuple(entities), sighted=every, scopes=(after,), at=self.now()))
        known.update(await self.store.remote_ids(scope.id))

    def _rows(self, scope: Scope, found: Found, known: dict[str, str]) -> list[Tracked]:
        root = known[_name(found.root)] = self.unique()
        return [_row(scope, found.root, root, root), *(_row(scope, part, self.unique(), root) for part in found.parts)]

    def _part(self, scope: Scope, below: Below, known: dict[str, str]) -> Tracked | None:
        root = known.get(f"{below.kind}:{below.root_id}")
        return _row(scope, below.seen, self.unique(), root) if root else None

    def _sighting(self, scope: Scope, seen: Seen) -> Sighting:
        return Sighting(
            site=scope.site,
            kind=seen.kind,
            remote_id=seen.remote_id,
            fresh=self.unique(),
            version=seen.version,
            scope=scope.id,
            priority=BACKFILL,
        )

    async def _noted(self, scope: Scope) -> Scope:
        after = replace(scope, rev=scope.rev + 1)
        await self.store.commit(Change(scopes=(after,), at=self.now()))
        return after


def _place(scope: Scope) -> tuple[int, str | None]:
    """Where it goes on: a page, and since when its list counts."""
    if scope.page is None:
        return scope.cursor if scope.filled else 0, None
    since, page = json.loads(scope.page)
    return since, page


def _row(scope: Scope, seen: Seen, name: str, root: str) -> Tracked:
    return Tracked(
        id=name,
        site=scope.site,
        kind=seen.kind,
        root=root,
        scope=scope.id,
        remote_id=seen.remote_id,
        base=seen.fields,
        local=seen.fields,
        remote=seen.fields,
        version=seen.version,
        rev=1,
        local_rev=1,
    )


def _name(seen: Seen) -> str:
    return f"{seen.kind}:{seen.remote_id}"


def _progress(scope: Scope, done: int, milliseconds: int) -> Progress:
    left = max(0, scope.total - scope.filled) if scope.total is not None else None
    pace = milliseconds / 1000 / done if done else None
    return Progress(
        filled=scope.filled,
        total=scope.total,
        seconds_left=left * pace if left is not None and pace is not None else None,
    )

"""The agents' side: what they put, link and decide is committed here and sent by the engine."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from server.entities.synced import Fields, Synced, Value
from server.errors import Conflict as AlreadyChanged
from server.errors import Invalid, NotFound, Refused
from server.store.port import Change, Port, Raised, Stale
from server.store.rows import INTERACTIVE, Conflict, News, Tracked
from server.sync.draft import changed_fields
from server.sync.merging import merged

TRIES = 10


@dataclass(frozen=True, kw_only=True)
class Records:
    store: Port
    kinds: dict[str, Synced]
    now: Callable[[], int]
    unique: Callable[[], str]

    async def put(
        self, namespace: str, kind: str, local_id: str, fields: Fields, *, scope: str, below: str | None = None
    ) -> Tracked:
        """Makes a record or changes the named fields of one. `below` is the id of the root it belongs to.

        Raises Refused where it may not be changed.
        """
        for _ in range(TRIES):
            try:
                return await self._put((namespace, kind, local_id), fields, scope, below)
            except Stale:
                continue
        raise Refused(f"The {kind} `{local_id}` is being changed by others all the time. Try again.")

    async def _put(self, name: tuple[str, str, str], fields: Fields, scope: str, below: str | None) -> Tracked:
        namespace, kind, local_id = name
        known = await self.store.record(namespace, kind, local_id)
        if known is None:
            site = await self._site(scope)
            fresh = self.unique()
            known = Tracked(id=fresh, site=site, kind=kind, root=below or fresh, scope=scope, namespace=namespace)
            known = replace(known, local_id=local_id)
        return await self._write(known, {**(known.local or {}), **fields})

    async def edit(self, entity: str, fields: Fields, *, local_rev: int | None = None) -> Tracked:
        """Changes what is known by its id; with `local_rev` only as long as it is what was read as that.

        Raises Refused where it may not be changed, AlreadyChanged where it was.
        """
        for _ in range(TRIES):
            known = await self._known(entity)
            if local_rev is not None and known.local_rev != local_rev:
                raise AlreadyChanged(
                    f"It is at revision {known.local_rev}, no more at {local_rev}. Read it again, then decide."
                )
            try:
                return await self._write(known, {**(known.local or {}), **fields})
            except Stale:
                continue
        raise Refused(f"{entity} is being changed by others all the time. Try again.")

    async def _write(self, known: Tracked, local: Fields) -> Tracked:
        if known.presence == "deleted":
            raise Refused(f"The {known.kind} is deleted at Atlassian's. Unlink the record, or put one with another id.")
        fields = changed_fields(known.local, local)
        if not fields and known.rev:
            return known
        if known.rev and self.kinds[known.kind].root and not known.made_by and known.remote_id is not None:
            raise Refused(f"This {known.kind} is somebody else's: it can be read, not changed.")
        unparked = tuple(name for name in known.parked_fields if name not in fields)
        after = replace(known, local=local, parked="", parked_fields=unparked, local_rev=known.local_rev + 1)
        return await self._commit(known, after, fields)

    async def _commit(
        self, known: Tracked, after: Tracked, fields: tuple[str, ...], what: Literal["parked"] | None = None
    ) -> Tracked:
        after = replace(after, rev=known.rev + 1)
        told = [News(entity=after.id, kind=after.kind, what="changed", fields=fields, origin="agent")] if fields else []
        told += [News(entity=after.id, kind=after.kind, what=what, origin="agent")] if what else []
        await self.store.commit(
            Change(entities=(after,), news=tuple(told), raised=(self._raised(after),), at=self.now())
        )
        return after

    def _raised(self, thing: Tracked) -> Raised:
        return Raised(key=f"entity:{thing.root}", priority=INTERACTIVE, not_before=self.now())

    async def link(self, namespace: str, local_id: str, entity: str) -> Tracked:
        """Gives what is tracked a record, so that agents may change it."""
        known = await self._known(entity)
        return await self._commit(known, replace(known, namespace=namespace, local_id=local_id), ())

    async def unlink(self, entity: str, *, delete_remote: bool = False) -> Tracked:
        """Takes the record off; with `delete_remote` its thing is deleted at Atlassian's too."""
        known = await self._known(entity)
        after = replace(known, namespace="", local_id=None, unwanted=delete_remote)
        return await self._commit(known, after, ())

    async def retry(self, entity: str) -> Tracked:
        """Tries again what is parked."""
        for _ in range(TRIES):
            known = await self._known(entity)
            after = replace(known, parked="", parked_fields=())
            try:
                return await self._commit(known, after, (), what="parked" if known.parked else None)
            except Stale:
                continue
        raise Refused(f"{entity} is being changed by others all the time. Try again.")

    async def thaw(self, scope: str) -> None:
        """Somebody has looked: what vanished from a scope has really been deleted."""
        known = await self.store.scope(scope)
        if known is None:
            raise NotFound(f"`{scope}` is not tracked. sync_status lists what is.")
        absent = await self.store.absent(scope)
        raised = tuple(Raised(key=f"entity:{each}", priority=INTERACTIVE, not_before=self.now()) for each in absent)
        after = replace(known, frozen="", rev=known.rev + 1)
        await self.store.commit(Change(scopes=(after,), raised=raised, at=self.now()))

    async def resolve(self, conflict: str, value: Value, *, who: str) -> Conflict:
        """The value that shall stand; what others changed meanwhile is merged into it."""
        for _ in range(TRIES):
            known = await self.store.conflict(conflict)
            if known is None:
                raise NotFound(f"No conflict `{conflict}`. sync_list_conflicts has those that are open.")
            if known.state == "resolved":
                return known
            thing = await self._known(known.entity)
            try:
                return await self._resolve(known, thing, value, who)
            except Stale:
                continue
        raise Refused("What it is about is being changed by others all the time. Try again.")

    async def _resolve(self, known: Conflict, thing: Tracked, value: Value, who: str) -> Conflict:
        rule = self.kinds[thing.kind].rules[known.field]
        here = (thing.local or {}).get(known.field)
        found = merged(rule, "merge", (known.theirs, value, here), "ours")
        after = replace(
            thing,
            local={**(thing.local or {}), known.field: found.value},
            parked_fields=tuple(each for each in thing.parked_fields if each != known.field),
            rev=thing.rev + 1,
            local_rev=thing.local_rev + 1,
        )
        decided = replace(known, state="resolved", decided_by=who, decided_at=self.now())
        told = News(entity=thing.id, kind=thing.kind, what="changed", fields=(known.field,), origin="agent")
        change = Change(
            entities=(after,), conflicts=(decided,), news=(told,), raised=(self._raised(thing),), at=self.now()
        )
        await self.store.commit(change)
        return decided

    async def _known(self, entity: str) -> Tracked:
        known = await self.store.entity(entity)
        if known is None:
            raise NotFound(f"Nothing is known by the id `{entity}`.")
        return known

    async def _site(self, scope: str) -> str:
        known = await self.store.scope(scope)
        if known is None:
            raise Invalid(f"`{scope}` is not tracked. sync_track begins to.")
        return known.site

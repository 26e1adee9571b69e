"""What changed at a site. Webhooks are for speed and are only hints; polls are for truth, and are enough."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from server.errors import AtlassianError, Forbidden, NotFound
from server.store.port import Change, Raised, Sighting
from server.store.rows import BACKFILL, POLL, WEBHOOK, Scope
from server.sync.calling import Calling
from server.sync.remote import Listed
from server.sync.setting import MINUTE
from server.sync.surroundings import Surroundings

OVERLAP = 5 * MINUTE
"""How far a poll goes back before the newest change that was seen: an index lags."""


class Hint(NamedTuple):
    """Of which root a webhook tells, and what it says of it.

    What is said to be as it is known is not read again; nothing else that it says is believed.
    """

    kind: str
    remote_id: str
    container: str
    """The project or space that it is in, as a scope names it."""
    version: str = ""
    gone: bool = False


Read = Callable[[Mapping[str, Any]], Hint | None]
"""The root that the body of a delivery is about."""


async def poll(around: Surroundings, scope: Scope, *, overlap: int = OVERLAP) -> None:
    """What changed since the newest change that was seen."""
    calling = await _calling(around, scope)
    newest, page, first = scope.cursor, None, True
    since = max(0, scope.cursor - overlap)
    try:
        while first or page:
            first = False
            found = await calling.listed(scope, "changed", since=since, page=page)
            page = found.following
            newest = max([newest, *(each.changed for each in found.items)])
            seen = _sightings(around, scope, found.items, POLL)
            after = replace(scope, cursor=newest, hidden=False, rev=scope.rev + 1)
            moved = page is None and (newest != scope.cursor or scope.hidden)
            raised = await _back(around, scope) if page is None and scope.hidden else ()
            todo = await around.store.unseen(seen)
            if todo or moved:
                await around.store.commit(
                    Change(
                        sighted=todo,
                        scopes=(after,) if moved else (),
                        raised=raised,
                        cooldowns=tuple(calling.cooldowns),
                        at=around.now(),
                    )
                )
    except (NotFound, Forbidden):
        if not scope.hidden:
            await around.store.commit(Change(scopes=(replace(scope, hidden=True, rev=scope.rev + 1),), at=around.now()))
    except AtlassianError:
        await _rest(around, calling)
        raise


async def _rest(around: Surroundings, calling: Calling) -> None:
    """What must not be asked for now, told to those who come after."""
    if calling.cooldowns:
        await around.store.commit(Change(cooldowns=tuple(calling.cooldowns), at=around.now()))


async def _back(around: Surroundings, scope: Scope) -> tuple[Raised, ...]:
    """All of a scope that could not be seen for a while."""
    absent = await around.store.absent(scope.id)
    return tuple(Raised(key=f"entity:{each}", priority=POLL, not_before=around.now()) for each in absent)


async def census(around: Surroundings, scope: Scope) -> None:
    """Everything that is there against everything that is known: what both webhooks and polls missed."""
    calling = await _calling(around, scope)
    known = dict(await around.store.remote_ids(scope.id))
    try:
        page, first = None, True
        while first or page:
            first = False
            found = await calling.listed(scope, "all", since=0, page=page)
            page = found.following
            for each in found.items:
                known.pop(f"{each.kind}:{each.remote_id}", None)
            todo = await around.store.unseen(_sightings(around, scope, found.items, BACKFILL))
            if todo:
                await around.store.commit(Change(sighted=todo, at=around.now()))
    except AtlassianError:
        await _rest(around, calling)
        raise
    raised = tuple(Raised(key=f"entity:{each}", priority=BACKFILL, not_before=around.now()) for each in known.values())
    after = replace(scope, census_at=around.now(), rev=scope.rev + 1)
    await around.store.commit(Change(scopes=(after,), raised=raised, at=around.now()))


async def route(around: Surroundings, read: Read, *, limit: int = 1000) -> bool:
    """Turns deliveries into work; whether there were any."""
    deliveries = await around.store.unhandled(limit)
    if not deliveries:
        return False
    scopes = {(each.site, each.value): each.id for each in await around.store.scopes()}
    told = {(each.site, hint): None for each in deliveries if (hint := read(each.body))}
    sighted = [_sighting(around, site, hint, scopes.get((site, hint.container))) for site, hint in told]
    tracked = [
        each for each in sighted if each.scope or await around.store.linked(each.site, each.kind, each.remote_id)
    ]
    await around.store.commit(Change(sighted=tuple(tracked), handled=deliveries, at=around.now()))
    return True


def _sighting(around: Surroundings, site: str, hint: Hint, scope: str | None) -> Sighting:
    return Sighting(
        site=site,
        kind=hint.kind,
        remote_id=hint.remote_id,
        version=hint.version,
        fresh=around.unique(),
        scope=scope,
        gone=hint.gone,
        priority=WEBHOOK,
    )


async def _calling(around: Surroundings, scope: Scope) -> Calling:
    around.gate.learn(await around.store.cooldowns(around.now()))
    return Calling(scope.site, around.remotes[scope.site], around.gate, around.now)


def _sightings(around: Surroundings, scope: Scope, items: tuple[Listed, ...], priority: int) -> tuple[Sighting, ...]:
    return tuple(
        Sighting(
            site=scope.site,
            kind=each.kind,
            remote_id=each.remote_id,
            version=each.version,
            fresh=around.unique(),
            scope=scope.id,
            priority=priority,
        )
        for each in items
    )

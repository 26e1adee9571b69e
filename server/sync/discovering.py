"""What changed at a site. Webhooks are for speed and are only hints; polls are for truth, and are enough."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from server.errors import Forbidden, Invalid, NotFound
from server.store.port import Change, Raised, Sighting
from server.store.rows import BACKFILL, POLL, WEBHOOK, Scope
from server.sync.calling import Calling
from server.sync.remote import Listed
from server.sync.setting import MINUTE
from server.sync.surroundings import Surroundings

OVERLAP = 5 * MINUTE
"""How far a poll goes back before the newest change that was seen: an index lags."""

Hint = Callable[[Mapping[str, Any]], tuple[str, str, bool] | None]
"""Of which root a webhook tells, by kind and remote id, and whether it says that it is gone."""


async def poll(around: Surroundings, scope: Scope, *, overlap: int = OVERLAP) -> None:
    """What changed since the newest change that was seen."""
    calling = _calling(around, scope)
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
    except (NotFound, Forbidden, Invalid):
        if not scope.hidden:
            await around.store.commit(Change(scopes=(replace(scope, hidden=True, rev=scope.rev + 1),), at=around.now()))


async def _back(around: Surroundings, scope: Scope) -> tuple[Raised, ...]:
    """All of a scope that could not be seen for a while."""
    absent = await around.store.absent(scope.id)
    return tuple(Raised(key=f"entity:{each}", priority=POLL, not_before=around.now()) for each in absent)


async def census(around: Surroundings, scope: Scope) -> None:
    """Everything that is there against everything that is known: what both webhooks and polls missed."""
    calling = _calling(around, scope)
    known = dict(await around.store.remote_ids(scope.id))
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
    raised = tuple(Raised(key=f"entity:{each}", priority=BACKFILL, not_before=around.now()) for each in known.values())
    after = replace(scope, census_at=around.now(), rev=scope.rev + 1)
    await around.store.commit(Change(scopes=(after,), raised=raised, at=around.now()))


async def route(around: Surroundings, hint: Hint, *, limit: int = 1000) -> bool:
    """Turns deliveries into work; whether there were any."""
    deliveries = await around.store.unhandled(limit)
    if not deliveries:
        return False
    told = {(each.site, *what): None for each in deliveries if (what := hint(each.body))}
    scopes = {each.site: each.id for each in await around.store.scopes()}
    sighted = tuple(
        Sighting(
            site=site,
            kind=kind,
            remote_id=remote_id,
            fresh=around.unique(),
            scope=scopes.get(site),
            gone=gone,
            priority=WEBHOOK,
        )
        for site, kind, remote_id, gone in told
    )
    await around.store.commit(Change(sighted=sighted, handled=deliveries, at=around.now()))
    return True


def _calling(around: Surroundings, scope: Scope) -> Calling:
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

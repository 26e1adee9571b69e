"""Every call of the engine to a site: none is made before its time, and what an answer forbids is noted."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from server.errors import RateLimited, WrongCredentials
from server.store.rows import Cooldown, Intent, Scope
from server.sync.gate import SITE, Gate, areas, cooldown
from server.sync.remote import Found, Listing, Made, Page, Remote, Seen, Target
from server.sync.setting import MINUTE

T = TypeVar("T")


class Calling:
    """One site for one piece of work. `cooldowns` are those that came up: they belong in its commit."""

    def __init__(self, site: str, remote: Remote, gate: Gate, now: Callable[[], int]) -> None:
        self.now = now
        self.cooldowns: list[Cooldown] = []
        self._site = site
        self._remote = remote
        self._gate = gate

    async def read(self, kind: str, remote_id: str, after: int) -> Found:
        return await self._call(areas("read", kind, remote_id), lambda: self._remote.read(kind, remote_id, after))

    async def visible(self, scope: Scope) -> bool:
        return await self._call(areas("visible", scope.form, None), lambda: self._remote.visible(scope))

    async def look_up(self, target: Target, intent: Intent) -> tuple[Seen, ...]:
        return await self._call(areas("look up", target.kind, None), lambda: self._remote.look_up(target, intent))

    async def create(self, target: Target, intent: Intent) -> Made:
        return await self._call(
            areas("create", target.kind, target.root_id), lambda: self._remote.create(target, intent)
        )

    async def update(self, target: Target, intent: Intent) -> Found | None:
        return await self._call(_written("update", target), lambda: self._remote.update(target, intent))

    async def transition(self, target: Target, intent: Intent) -> Found | None:
        return await self._call(_written("transition", target), lambda: self._remote.transition(target, intent))

    async def delete(self, target: Target, intent: Intent) -> None:
        await self._call(_written("delete", target), lambda: self._remote.delete(target, intent))

    async def listed(self, scope: Scope, what: Listing, *, since: int, page: str | None) -> Page:
        return await self._call(
            areas("list", scope.form, None), lambda: self._remote.listed(scope, what, since=since, page=page)
        )

    async def _call(self, called: tuple[str, ...], ask: Callable[[], Awaitable[T]]) -> T:
        self._gate.check(self._site, called, self.now())
        try:
            return await ask()
        except RateLimited as error:
            self._close(cooldown(self._site, error, called, self.now()))
            raise
        except WrongCredentials as error:
            self._close(Cooldown(site=self._site, area=SITE, until=self.now() + MINUTE, why=str(error)))
            raise

    def _close(self, found: Cooldown) -> None:
        if found.until > self.now():
            self.cooldowns.append(self._gate.close(found))


def _written(verb: str, target: Target) -> tuple[str, ...]:
    return areas(verb, target.kind, target.root_id)

"""What the engine asks of a site. Everything is in canonical form; every failure is one that `server.errors` names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from server.entities.synced import Fields, Value
from server.store.rows import Intent, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What a creation of ours carries: whose it is, and by which attempt it was made. A copy of a thing has it too."""

    entity: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One field in one entry of a changelog. Of one request all have the same `id`; ids go up."""

    id: int
    field: str
    before: Value
    after: Value
    by_us: bool
    """Made by our account: a person may use it too, so it proves nothing, but another account is never ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing as the site has it."""

    kind: str
    remote_id: str
    version: str
    fields: Fields
    changelog: tuple[Entry, ...] = ()
    """Past the entry that was asked for, in their order."""
    landed: tuple[int, ...] = ()
    """Attempts of ours that its history names, where it has one that can."""
    marker: Marker | None = None
    by_us: bool = False
    created: int = 0
    trashed: bool = False
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Where its workflow leads from each status, as far as it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A root and all that is below it."""

    root: Seen
    parts: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of a creation; `found` where the answer says all that a read would."""

    remote_id: str
    found: Found | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a request is about: the thing itself, and the root that it is below where it is not one."""

    kind: str
    scope: Scope
    root_id: str | None
    """None where it is the root that is to be made."""
    version: str = ""
    """The newest that was seen: a versioned write is made for it."""


@dataclass(frozen=True, slots=True)
class Listed:
    kind: str
    remote_id: str
    version: str
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    items: tuple[Listed, ...]
    following: str | None
    total: int | None = None


Listing = Literal["changed", "all"]


class Remote(Protocol):
    """Raises NotFound, Forbidden, WrongCredentials, Invalid, Conflict, RateLimited, AtlassianDown, TimedOut, BadAnswer.

    After a write UnknownOutcome, AtlassianDown and BadAnswer leave open whether it was applied; the others mean that it
    was not.
    """

    async def read(self, kind: str, remote_id: str, after: int) -> Found:
        """The root with its changelog past `after`."""
        ...

    async def visible(self, scope: Scope) -> bool: ...

    async def look_up(self, target: Target, intent: Intent) -> tuple[Seen, ...]:
        """Roots that may have come of a creation, the oldest first."""
        ...

    async def create(self, target: Target, intent: Intent) -> Made: ...

    async def update(self, target: Target, intent: Intent) -> Found | None:
        """The root as it is then, where the answer says it. Sets are changed by what is added and removed alone."""
        ...

    async def transition(self, target: Target, intent: Intent) -> Found | None: ...

    async def delete(self, target: Target, intent: Intent) -> None: ...

    async def listed(self, scope: Scope, what: Listing, *, since: int, page: str | None) -> Page:
        """What changed at or after `since`, the oldest first; or all there is, in an order that stays."""
        ...

"""What a plan depends on besides what both sides have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from server.entities.synced import Ownership, Synced
from server.store.rows import Scope, Tracked

SECOND = 1000
MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Milliseconds, and counts."""

    longest_call: int = 30 * SECOND
    late: int = 20 * SECOND
    """How long after its call failed a request may still land."""
    index_lag: int = 2 * MINUTE
    """How long what is there may not be found by a search."""
    sightings_apart: int = 5 * MINUTE
    """Between the first time that a thing is not there and the one that proves it."""
    vanished: int = 20
    vanished_share: float = 0.05
    vanished_least: int = 3
    """More than so many of a scope at once, or than this share but at least so many, and none is taken for deleted."""
    flaps: int = 3
    flap_window: int = 10 * MINUTE
    first_backoff: int = SECOND
    longest_backoff: int = 5 * MINUTE
    patience: int = 5
    """How often something that fails by our own fault is tried."""
    rounds: int = 6
    """How often one run reads and writes the same family before it lets others go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    kinds: Mapping[str, Synced]
    unique: Callable[[], str]
    """A name that nothing has yet."""
    scope: Scope
    asked: int
    """When what was found was asked for."""
    now: int
    limits: Limits = field(default_factory=Limits)

    @property
    def stands(self) -> str:
        return self.scope.conflicts

    def owner(self, thing: Tracked, name: str) -> Ownership:
        """The most exact of what the scope says, else what the kind says; nobody writes what no record is linked to."""
        said = self.scope.ownership
        owner = said.get(f"{thing.kind}.{name}") or said.get(thing.kind)
        if owner is None:
            kind = self.kinds[thing.kind]
            owner = "readonly" if kind.root is None and thing.local_id is None else kind.ownership
        if owner == "append":
            return "merge" if thing.made_by else "readonly"
        return owner

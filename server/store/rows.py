"""What the store keeps for the engine, one class a table. Times are UTC milliseconds, ids are the engine's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from server.entities.synced import Fields, Ownership, Value

Presence = Literal["present", "unobserved", "lost_access", "trashed", "deleted"]
Verb = Literal["create", "update", "transition", "delete"]
Origin = Literal["agent", "remote", "engine"]

INTERACTIVE, WEBHOOK, POLL, BACKFILL = range(4)
"""Priorities of the queue: the lower comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A thing on both sides: its link, what each side has, and what both had when they last agreed.

    Unique by `id`; by (site, kind, remote_id) and by (namespace, kind, local_id) where these are there. `rev` counts
    writes of the row, `local_rev` changes of `local`.
    """

    id: str
    site: str
    kind: str
    root: str
    """The entity that it is read and queued with; itself, or what it is below."""
    scope: str | None = None
    remote_id: str | None = None
    namespace: str = ""
    local_id: str | None = None
    base: Fields | None = None
    local: Fields | None = None
    remote: Fields | None = None
    version: str = ""
    """The newest version of Atlassian's that is in `remote`, as lists name it."""
    seen: int = 0
    """The newest entry of its changelog that was walked."""
    rev: int = 0
    local_rev: int = 0
    attempt: int = 0
    """The number of its newest intent."""
    presence: Presence = "present"
    missing_since: int | None = None
    reported_gone: bool = False
    """A webhook says that it was deleted; a read must confirm it."""
    made_by: int = 0
    """The attempt of ours that made it, so that its text is ours to change; 0 where somebody else did."""
    unwanted: bool = False
    """To be deleted at Atlassian's."""
    parked: str = ""
    """Why nothing is sent for it until somebody changes it or asks for another try."""
    parked_fields: tuple[str, ...] = ()
    """Fields that we and somebody else kept changing back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One request that changes Atlassian, committed before it is sent. Unique by (entity, attempt)."""

    entity: str
    attempt: int
    verb: Verb
    target: str | None
    """The remote id that it is sent to; None for what it creates."""
    fields: Fields
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    removed: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    after: int = 0
    """The newest entry of the changelog that was known then: what it causes comes after it."""
    sent_at: int = 0
    lands_by: int = 0
    """When it can no longer land, or can be found where it has."""
    state: Literal["open", "applied", "lost", "refused"] = "open"
    matched: tuple[str, ...] = ()
    """Fields whose entry in the changelog was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A value that lost; `theirs` is what stands in its place unless `kept` says otherwise."""

    id: str
    entity: str
    field: str
    base: Value
    ours: Value
    theirs: Value
    at: int
    why: str = ""
    state: Literal["open", "resolved"] = "open"
    decided_by: str = ""
    decided_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A visible change. The store gives `seq` when it commits; numbers only go up, in the order of commits."""

    entity: str
    kind: str
    what: Literal["changed", "linked", "presence", "conflict", "removed", "parked"]
    fields: tuple[str, ...] = ()
    origin: Origin = "remote"
    conflict: str | None = None
    at: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirty:
    """One entry of the queue. `key` is `entity:<id of a root>` or `operation:<id>`; work is left while done < dirty."""

    key: str
    dirty_seq: int
    done_seq: int = 0
    priority: int = POLL
    not_before: int = 0
    attempts: int = 0
    parked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is tracked: a project, a space, a query. `rev` counts its writes."""

    id: str
    site: str
    form: Literal["project", "space", "jql", "cql"]
    value: str
    ownership: Mapping[str, Ownership] = field(default_factory=dict[str, Ownership])
    """By `kind` or `kind.field`; what is not named is as its kind says."""
    conflicts: Literal["theirs", "ours"] = "theirs"
    """Who stands where two changed the same."""
    cursor: int = 0
    """The newest change that was listed; never the time of day."""
    page: str | None = None
    """Where a backfill under way goes on."""
    filled: int = 0
    total: int | None = None
    complete: bool = False
    census_at: int = 0
    frozen: str = ""
    """Why nothing of it is taken for deleted: too much vanished at once."""
    hidden: bool = False
    """It could not be seen when it was last asked for."""
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A webhook, as it was received. Unique by (site, id); kept for a while after it was handled."""

    id: str
    site: str
    at: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A tool call that must survive. `rev` counts its writes."""

    id: str
    site: str
    who: str
    tool: str
    arguments: Mapping[str, Any]
    state: Literal["waiting", "done", "failed"] = "waiting"
    result: Mapping[str, Any] | None = None
    at: int = 0
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """Nothing of `area` (a site's endpoint, thing, or all: "") is asked for before `until`."""

    site: str
    area: str
    until: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who drains. `epoch` goes up with every holder: a commit of one that lost it is refused."""

    name: str
    holder: str
    epoch: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """All that is read to reconcile: a root and what is below it, their intents that may still matter."""

    root: Tracked
    parts: tuple[Tracked, ...]
    intents: tuple[Intent, ...]
    scope: Scope | None
    dirty: Dirty | None

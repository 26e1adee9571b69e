"""What the site remembers: plain records without behaviour of their own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Person:
    account_id: str
    name: str
    email: str
    token: str
    groups: frozenset[str] = frozenset()
    active: bool = True
    email_hidden: bool = False
    account_type: str = "atlassian"
    time_zone: str = "Etc/UTC"
    utc_offset: timedelta = timedelta()

    @property
    def zone(self) -> timezone:
        return timezone(self.utc_offset) if self.utc_offset else UTC


@dataclass
class Project:
    id: str
    key: str
    name: str
    kind: str
    description: str
    lead: str
    issue_types: tuple[str, ...]
    readers: frozenset[str]
    writers: frozenset[str]
    last_number: int = 0
    required: tuple[str, ...] = ()  # the fields besides the usual ones without which it takes no issue


@dataclass(frozen=True, slots=True)
class Version:
    """A release of a project; the dates are written as Jira writes them."""

    id: str
    project: str
    name: str
    description: str = ""
    archived: bool = False
    released: bool = False
    start: str = ""
    release: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    id: str
    project: str
    name: str
    description: str = ""
    lead: str = ""


@dataclass(frozen=True)
class Board:
    """`kind` is scrum or kanban; a scrum board has sprints."""

    id: str
    name: str
    kind: str
    project: str


@dataclass(slots=True)
class Sprint:
    """`state` is future, active or closed."""

    id: str
    name: str
    board: str
    state: str
    created: datetime
    goal: str = ""
    start: datetime | None = None
    end: datetime | None = None
    completed: datetime | None = None


@dataclass(slots=True)
class Comment:
    id: str
    author: str
    body: Json
    created: datetime
    updated: datetime
    update_author: str
    visibility: Json | None = None
    properties: Json = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class Worklog:
    """`edited` and `editor` tell of the last edit, where there was one."""

    id: str
    author: str
    comment: Json | None
    started: datetime
    created: datetime
    seconds: int
    edited: datetime | None = None
    editor: str = ""
    visibility: Json | None = None
    properties: Json = field(default_factory=dict[str, Any])

    @property
    def updated(self) -> datetime:
        return self.edited or self.created


@dataclass(frozen=True, slots=True)
class Change:
    """One field's change inside one history entry; `old` and `new` are (id, text) as Jira writes them."""

    field: str
    field_id: str
    old: tuple[str | None, str | None]
    new: tuple[str | None, str | None]
    custom: bool = False


@dataclass(frozen=True, slots=True)
class History:
    id: str
    author: str
    created: datetime
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    id: str
    filename: str
    mime_type: str
    size: int
    author: str
    created: datetime
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    id: str
    kind: str
    inward: str
    outward: str


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """To `item`, which is elsewhere; its `global_id` is how the other system names it."""

    id: str
    item: Json
    global_id: str = ""
    relationship: str = ""
    application: Json | None = None


@dataclass(slots=True)
class Issue:
    """`values` holds what the fields hold: ids for options and people, dates as Jira writes them, ADF as it is."""

    id: str
    key: str
    project: str
    creator: str
    created: datetime
    updated: datetime
    values: Json = field(default_factory=dict[str, Any])
    comments: list[Comment] = field(default_factory=list[Comment])
    worklogs: list[Worklog] = field(default_factory=list[Worklog])
    histories: list[History] = field(default_factory=list[History])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    properties: Json = field(default_factory=dict[str, Any])
    watchers: list[str] = field(default_factory=list[str])
    voters: list[str] = field(default_factory=list[str])
    remote_links: dict[str, RemoteLink] = field(default_factory=dict[str, RemoteLink])
    rank: float = 0.0  # where it stands on a board; lower is higher up

    @property
    def number(self) -> int:
        return int(self.key.rpartition("-")[2])


@dataclass
class Task:
    """Work on many issues that is done `seconds` after it was asked for; `failed` says why, by issue."""

    id: str
    owner: str
    created: datetime
    seconds: float
    processed: list[str] = field(default_factory=list[str])
    failed: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

"""What Confluence remembers: plain records without behaviour of their own."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.sandbox.records import Person


@dataclass(frozen=True, slots=True)
class ContentProperty:
    """As its latest version is; `maker` wrote the first one, at `made`."""

    id: str
    key: str
    value: Any
    number: int
    author: str
    created: datetime
    maker: str
    made: datetime
    message: str = ""


Properties = dict[str, ContentProperty]


@dataclass
class Space:
    id: str
    key: str
    name: str
    description: str
    author: str
    created: datetime
    readers: frozenset[str]
    writers: frozenset[str]
    homepage: str = ""
    labels: list["Label"] = field(default_factory=list["Label"])
    properties: Properties = field(default_factory=Properties)


@dataclass(frozen=True, slots=True)
class PageVersion:
    number: int
    title: str
    body: str
    author: str
    created: datetime
    message: str = ""
    adf: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """Labels whose prefix is `my` are their owner's alone."""

    id: str
    name: str
    prefix: str = "global"
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where in its page an inline comment stands, and whether it is open, resolved or reopened."""

    marker: str
    selection: str
    state: str = "open"
    resolver: str = ""
    resolved: datetime | None = None


@dataclass
class PageComment:
    """Below the page, or inline where it has an anchor; `edits` are its versions after the first."""

    id: str
    page: str
    author: str
    body: str
    created: datetime
    parent: str = ""
    adf: str = ""
    anchor: Anchor | None = None
    edits: list[PageVersion] = field(default_factory=list[PageVersion])
    properties: Properties = field(default_factory=Properties)

    @property
    def versions(self) -> list[PageVersion]:
        return [PageVersion(1, "", self.body, self.author, self.created, adf=self.adf), *self.edits]

    @property
    def latest(self) -> PageVersion:
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class FileVersion:
    number: int
    name: str
    mime_type: str
    author: str
    created: datetime
    content: bytes = field(repr=False)
    comment: str = ""
    minor: bool = False


@dataclass
class PageFile:
    """An attachment of a page; `file` is how documents name it."""

    id: str
    page: str
    file: str
    versions: list[FileVersion]
    status: str = "current"
    labels: list[Label] = field(default_factory=list[Label])
    properties: Properties = field(default_factory=Properties)

    @property
    def latest(self) -> FileVersion:
        return self.versions[-1]

    @property
    def name(self) -> str:
        return self.latest.name

    @property
    def created(self) -> datetime:
        return self.versions[0].created


@dataclass(frozen=True, slots=True)
class Circle:
    """Who is let to something that is not for everybody: people and groups."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.users or self.groups)

    def admits(self, person: Person) -> bool:
        return person.account_id in self.users or not person.groups.isdisjoint(self.groups)


@dataclass
class Page:
    """`position` is its place among the pages below the same parent, 0 where nobody chose one; `draft` is what its
    next version may become. A page that was never published has the status "draft" itself."""

    id: str
    space: str
    parent: str
    author: str
    created: datetime
    versions: list[PageVersion]
    status: str = "current"
    position: int = 0
    owner: str = ""
    last_owner: str = ""
    live: bool = False
    draft: PageVersion | None = None
    labels: list[Label] = field(default_factory=list[Label])
    comments: list[PageComment] = field(default_factory=list[PageComment])
    properties: Properties = field(default_factory=Properties)

    def __post_init__(self) -> None:
        self.owner = self.owner or self.author

    @property
    def place(self) -> int:
        return self.position or int(self.id)

    @property
    def latest(self) -> PageVersion:
        return self.versions[-1]

    @property
    def title(self) -> str:
        return self.latest.title

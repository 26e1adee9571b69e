"""How a type of thing is mirrored: what of it is compared, how each part is merged, and how changes are found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from server.entities.canonical import moment, text
from server.entities.synced import Fields, Ownership, Rule, Synced, Value

Json: TypeAlias = Mapping[str, Any]
At: TypeAlias = tuple[str, ...]
"""The names that lead to a place in Atlassian's answer."""


def unchanged(value: Any) -> Any:
    return value


def by_id(identity: str | None, _: str | None) -> Value:
    """Of what a changelog says, the id."""
    return text(identity)


def by_words(_: str | None, words: str | None) -> Value:
    """Of what a changelog says, the words."""
    return text(words)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One value of a thing. `sent` makes of it, or of one member of a set, what a request takes; `told` reads what a
    changelog says of it: an id, and words."""

    name: str
    at: At
    rule: Rule = "fixed"
    reads: Callable[[Any], Value] = text
    sent: Callable[[Any], Any] = unchanged
    told: Callable[[str | None, str | None], Value] = by_words

    @property
    def field(self) -> str:
        """Its name in Jira's requests and changelogs."""
        return self.at[-1]

    def read(self, answer: Json) -> Value:
        return self.reads(at(answer, self.at))


@dataclass(frozen=True, kw_only=True)
class ByJql:
    """A search holds it whole, and finds the oldest change first."""

    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ByDate:
    """A list of Confluence's holds it whole, and can be sorted by date."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    of_space: bool = False  # the list can be narrowed to spaces


@dataclass(frozen=True, kw_only=True)
class Within:
    """It comes with its parent: `held` leads to the list there, `total` to how many there are."""

    held: At
    total: At = ()

    def items(self, answer: Json) -> Sequence[Json]:
        return at(answer, self.held) or ()

    def whole(self, answer: Json) -> bool:
        """Whether all there are came with the parent."""
        return not self.total or (at(answer, self.total) or 0) <= len(self.items(answer))


@dataclass(frozen=True, kw_only=True)
class Alone:
    """Read by itself: there are few of them."""


Found: TypeAlias = ByJql | ByDate | Within | Alone


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The webhook events that tell of it, by how they begin, and where ids stand in them."""

    events: tuple[str, ...]
    at: At
    above: At = ()
    gone: tuple[str, ...] = ()  # the events of its end


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """How one type of thing is known, compared, found and looked for by its words."""

    found: Found
    parts: tuple[Part, ...]
    path: str  # that it is read by, with its {id} and that of the thing {above} it
    query: Mapping[str, str] = field(default_factory=dict[str, str])  # with it
    answered: bool = False  # others of its type may hang on it
    changed: At = ()  # the moment of its last change
    created: At = ()
    author: At = ()
    number: At = ()  # of its version, where Atlassian counts them
    above: tuple[At, ...] = ()  # where its parent's id may stand
    key: str = ""  # the part by which its URI names it, where that is not its id
    title: str = ""  # the part that it is called by
    body: str = ""  # the part that holds its text
    heard: Heard | None = None
    marked: bool = True
    told_by: tuple[str, ...] = ()
    versioned: bool = False
    lookup_lags: bool = False
    logged: bool = False
    unique: str | None = None
    ownership: Ownership = "merge"

    def synced(self, kind: str, root: str | None) -> Synced:
        """What the engine knows of it."""
        return Synced(
            kind=kind,
            rules={part.name: part.rule for part in self.parts},
            root=root,
            marked=self.marked,
            told_by=self.told_by,
            versioned=self.versioned,
            lookup_lags=self.lookup_lags,
            logged=self.logged,
            unique=self.unique,
            ownership=self.ownership,
        )

    def values(self, answer: Json) -> dict[str, Value]:
        return {part.name: part.read(answer) for part in self.parts}

    def above_id(self, answer: Json) -> str:
        return next((str(found) for path in self.above if (found := at(answer, path)) is not None), "")

    def key_in(self, remote_id: str, fields: Fields) -> str:
        """By what its URI names it."""
        return str(fields.get(self.key) or remote_id)

    def changed_at(self, answer: Json) -> int:
        """Milliseconds since 1970; 0 where nothing tells."""
        return moment(at(answer, self.changed)) or 0

    def created_at(self, answer: Json) -> int:
        return moment(at(answer, self.created)) or 0

    def made_by(self, answer: Json) -> str:
        """The account that made it."""
        return str(at(answer, self.author) or "")

    def version(self, answer: Json) -> int:
        """Grows with each change."""
        return int(at(answer, self.number) or 0) if self.number else self.changed_at(answer)

    def searchable(self, fields: Fields) -> tuple[str, str]:
        """Its title and its words."""
        return str(fields.get(self.title) or ""), str(fields.get(self.body) or "")


def at(answer: Any, path: Sequence[str]) -> Any:
    """What a path leads to; an empty one leads to nothing."""
    if not path:
        return None
    for name in path:
        if not isinstance(answer, Mapping):
            return None
        answer = answer.get(name)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON
    return answer  # pyright: ignore[reportUnknownVariableType] - JSON

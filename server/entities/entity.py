"""How each type of thing is addressed and read: the row that its model's module declares."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from server.addresses import Product
from server.entities.listing import Listing, Many, read_page
from server.entities.mirror import Mirror
from server.entities.model import Model, line
from server.entities.synced import Synced
from server.errors import Invalid, NotFound

CURSOR = "cursor"  # the variable in the URI of a list that asks for a further page

M_co = TypeVar("M_co", bound=Model, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Content:
    """Where the bytes of a file are, whose model is an Attachment."""

    path: str  # with {id}, and {parent}
    query: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class Entity(Generic[M_co]):
    """`key` names its own variable in its URI, `pattern` what may stand there.

    Something that is below another names its `parent`; its identifiers are then those of the parent and its own.
    """

    name: str
    product: Product
    key: str
    pattern: str
    model: type[M_co]
    read_path: str  # with {id}, and {parent}
    read_query: Mapping[str, str] = field(default_factory=dict[str, str])
    listed: str | None = None  # where the answer is a list: the field that holds it
    hint: str = ""  # at the right key
    finder: str = ""  # how an agent finds it with a tool, told where that tool is on
    parent: "Entity[Any] | None" = None
    below: str | None = None  # where the path does not name the parent: the field of the answer that does
    listing: Listing | None = None  # of all below one parent
    from_list: bool = False  # it is read with all below its parent, and picked from them
    content: Content | None = None  # of a file
    mirror: Mirror | None = None  # of what is kept here too

    @property
    def uri(self) -> str:
        """The template of its URIs."""
        return self.uri_of(*(f"{{{name}}}" for name in self.keys))

    @property
    def parents(self) -> tuple["Entity[Any]", ...]:
        return (*self.parent.parents, self.parent) if self.parent else ()

    @property
    def list_template(self) -> str:
        """The template of the URIs of its lists."""
        return f"{self.list_uri}{{?{CURSOR}}}"

    @property
    def list_uri(self) -> str:
        return self.list_uri_of(*(f"{{{name}}}" for name in self.keys[:-1]))

    @property
    def look_up(self) -> str:
        """How anybody finds the right key."""
        return self.hint or (f"Find its {self.key.replace('_', ' ')} in {self.list_uri}." if self.listing else "")

    @property
    def keys(self) -> tuple[str, ...]:
        return (*(self.parent.keys if self.parent else ()), self.key)

    @property
    def synced(self) -> Synced:
        """What the engine knows of it."""
        assert self.mirror, "only what is mirrored is kept in step"  # noqa: S101 - for the type checker
        return self.mirror.synced(self.full_name, self.parent.full_name if self.parent else None)

    @property
    def full_name(self) -> str:
        """By which it differs from every other."""
        return f"{self.parent.full_name}_{self.name}" if self.parent else self.name

    def uri_of(self, *identifiers: str) -> str:
        return f"{self._above(identifiers[:-1])}/{self.name}/{identifiers[-1]}"

    def list_uri_of(self, *identifiers: str) -> str:
        return f"{self._above(identifiers)}/{self._listing.name}"

    @property
    def _listing(self) -> Listing:
        assert self.listing, "only what has a listing has lists"  # noqa: S101 - for the type checker
        return self.listing

    def _above(self, identifiers: tuple[str, ...]) -> str:
        return self.parent.uri_of(*identifiers) if self.parent else f"{self.product}:/"

    def path(self, *identifiers: str) -> str:
        """Raises Invalid where nothing of this type can be named so."""
        self.check(*identifiers)
        return _filled(self.read_path, identifiers)

    def content_of(self, *identifiers: str) -> tuple[str, Mapping[str, str]]:
        """Path and query of a file's bytes."""
        assert self.content, "only files have content"  # noqa: S101 - for the type checker
        return _filled(self.content.path, identifiers), self.content.query

    def list_path(self, *identifiers: str) -> str:
        """Raises Invalid where nothing of its parent's type can be named so."""
        assert self.parent, "a list is below something"  # noqa: S101 - for the type checker
        self.parent.check(*identifiers)
        return _filled(self._listing.path, identifiers)

    def list_query(self, cursor: str | None) -> dict[str, str]:
        return self._listing.page(self.product, cursor)

    def check(self, *identifiers: str) -> None:
        """Raises Invalid where nothing of this type can be named so."""
        if self.parent:
            self.parent.check(*identifiers[:-1])
        if not re.fullmatch(self.pattern, identifiers[-1]):
            article = "an" if self.name[0] in "aeiou" else "a"
            wrong = f"{identifiers[-1]!a} can't be the {self.key} of {article} {self.name}."
            raise Invalid(line(wrong, self.look_up, by=" ")).then(self.finder)

    def query(self, *identifiers: str) -> dict[str, str]:
        return {name: value.format(id=identifiers[-1]) for name, value in self.read_query.items()}

    def named(self, *identifiers: str) -> str:
        of = f" of {self.parent.named(*identifiers[:-1])}" if self.parent else ""
        return f"{self.name} `{identifiers[-1]}`{of}"

    def list_named(self, *identifiers: str) -> str:
        return f"the {self.name}s of {self.parent.named(*identifiers)}" if self.parent else f"the {self.name}s"

    def read(self, answer: Any, *identifiers: str) -> M_co:
        """The entity in Atlassian's answer. Raises NotFound."""
        missing = NotFound(line(f"No {self.named(*identifiers)}, or you may not see it.", self.look_up, by=" "))
        if self.listed is not None:
            if not answer[self.listed]:
                raise missing
            return self.model.read(answer[self.listed][0])
        if self.from_list:
            found = [each for each in self._listing.items(answer) if str(each["id"]) == identifiers[-1]]
            if not found:
                raise missing
            return self.model.read(found[0])
        if self.below and str(answer.get(self.below) or identifiers[0]) != identifiers[0]:
            raise missing
        return self.model.read(answer)

    def read_list(self, answer: Any) -> Many:
        return read_page([self.model.read(item) for item in self._listing.items(answer)], answer)


def _filled(path: str, identifiers: tuple[str, ...]) -> str:
    return path.format(parent=quote(identifiers[0], safe=""), id=quote(identifiers[-1], safe=""))

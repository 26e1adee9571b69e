"""What models and entities have in common."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Self, TypeVar
from urllib.parse import quote

from mcp.types import ContentBlock
from pydantic import BaseModel, ConfigDict, Field

from server.errors import Invalid, NotFound
from server.settings import Product


class Model(BaseModel):
    """Reads Atlassian's JSON by alias, shows an agent our flat names, and its `text()`, made for reading."""

    model_config = ConfigDict(
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_mode_override="serialization",
        hide_input_in_errors=True,  # a log must not carry people's text
    )

    @classmethod
    def read(cls, answer: Any) -> Self:
        """From Atlassian's JSON, by their names alone. Raises ValidationError."""
        return cls.model_validate(answer, by_alias=True, by_name=False)

    most_text: ClassVar[int] = 40_000
    """Characters of its text that one answer shows."""

    narrower: ClassVar[str] = "Ask for less at once."
    """How to get what did not fit into one answer."""

    def text(self) -> str:
        raise NotImplementedError(f"{type(self).__name__} is shown to agents and needs a text()")

    def files(self) -> Sequence[ContentBlock]:
        """What goes out beside the text."""
        return ()

    @property
    def touched(self) -> str | None:
        """The URI of what a call changed, for those who watch it."""
        return None


class Person(Model):
    account_id: str = Field(validation_alias="accountId")
    name: str = Field("", validation_alias="displayName")
    email: str | None = Field(None, validation_alias="emailAddress")
    active: bool = True

    def names(self, *, by_name: bool) -> set[str]:
        """What the person may be called by, in lower case."""
        called = (self.account_id, self.email or "", self.name if by_name else "")
        return {name.casefold() for name in called if name}


M_co = TypeVar("M_co", bound=Model, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Entity(Generic[M_co]):
    """How one type of thing is addressed and read: `key` names its URI's variable, `pattern` what may stand there."""

    name: str
    product: Product
    key: str
    pattern: str
    model: type[M_co]
    read_path: str
    read_query: Mapping[str, str] = field(default_factory=dict[str, str])
    listed: str | None = None  # where the answer is a list: the field that holds it
    look_up: str  # how an agent finds the right key

    @property
    def uri(self) -> str:
        """The template of its URIs."""
        return self.uri_of(f"{{{self.key}}}")

    def uri_of(self, identifier: str) -> str:
        return f"{self.product}://{self.name}/{identifier}"

    def path(self, identifier: str) -> str:
        """Raises Invalid where nothing of this type can be named so."""
        if not re.fullmatch(self.pattern, identifier):
            raise Invalid(f"{identifier!a} can't be the {self.key} of a {self.name}. {self.look_up}")
        return self.read_path.format(id=quote(identifier, safe=""))

    def query(self, identifier: str) -> dict[str, str]:
        return {name: value.format(id=identifier) for name, value in self.read_query.items()}

    def named(self, identifier: str) -> str:
        return f"{self.name} `{identifier}`"

    def read(self, answer: Any, named: str) -> M_co:
        """The entity in Atlassian's answer. Raises NotFound."""
        if self.listed is None:
            return self.model.read(answer)
        if not answer[self.listed]:
            raise NotFound(f"No {named}, or you may not see it. {self.look_up}")
        return self.model.read(answer[self.listed][0])


def minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def line(*parts: str | None, by: str = " · ") -> str:
    """The parts that have something to say."""
    return by.join(part for part in parts if part)

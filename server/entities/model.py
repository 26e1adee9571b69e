"""What models and entities have in common."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from mcp.types import ContentBlock
from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Reads Atlassian's JSON by alias, shows an agent our flat names, and its `text()`, made for reading."""

    model_config = ConfigDict(
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_mode_override="serialization",
        defer_build=True,  # of many a start uses few
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
    def steps(self) -> Sequence[str]:
        """What an agent may do next, a sentence each; told where the tools that it names are on."""
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


def minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def line(*parts: str | None, by: str = " · ") -> str:
    """The parts that have something to say."""
    return by.join(part for part in parts if part)

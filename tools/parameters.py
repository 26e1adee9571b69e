"""The kinds of arguments that tools share."""

from datetime import date
from typing import Annotated, Any, cast
from unicodedata import category

from pydantic import AfterValidator, BeforeValidator, Field

from server.entities import ISSUE, PAGE, PROJECT, SPACE, Entity
from tools.moments import day

LONGEST_TEXT = 32_767  # characters: Jira's limit for a description or a comment
LONGEST_QUERY = 4_000  # characters of what goes into an address
LONGEST_PAGE = 5_000_000  # characters: Confluence refuses bodies over 5 MB


def _digits(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _upper(value: Any) -> Any:
    # Only what is plain ASCII: anything else must fail the pattern, not be made to pass it.
    return value.strip().upper() if isinstance(value, str) and value.isascii() else value


def _joined(value: Any) -> Any:
    return ",".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else value


def _visible(value: str) -> str:
    if not any(category(character)[0] not in "CZ" for character in value):
        raise ValueError("must not be empty")
    return value


def _day(value: str) -> str:
    day(value, date(2000, 1, 1))  # only whether it is one; which one is asked where the zone is known
    return value


def _named(entity: Entity[Any], example: str) -> Any:
    return Field(pattern=f"^{entity.pattern}$", examples=[example])


QUIET = "unpublished"
# Taken, not published, since hardly anyone needs it: for prompts that were written for mcp-atlassian.
quiet = Field(json_schema_extra={QUIET: True})

digits = BeforeValidator(_digits)  # numbers that agents pass as they like
IssueKey = Annotated[str, _named(ISSUE, "PROJ-123"), BeforeValidator(_upper)]
ProjectKey = Annotated[str, _named(PROJECT, "PROJ"), BeforeValidator(_upper)]
SpaceKey = Annotated[str, _named(SPACE, "ENG")]
PageId = Annotated[str, _named(PAGE, "98304"), BeforeValidator(_digits)]
Title = Annotated[str, Field(min_length=1, max_length=255, pattern=r"\S")]
Text = Annotated[
    str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S", examples=["Markdown"]), AfterValidator(_visible)
]
Limit = Annotated[int, Field(ge=1, le=100)]
PageSize = Annotated[Limit, quiet]  # of a list that goes on by a cursor and whose rows are short
Token = Annotated[str | None, Field(max_length=LONGEST_QUERY)]
Start = Annotated[str | None, Field(pattern=r"^[0-9]{1,9}$", examples=["50"])]
Names = Annotated[str, BeforeValidator(_joined)]
Day = Annotated[str, Field(max_length=40, description="ISO or next friday"), AfterValidator(_day)]

"""Descriptions and comments of issues, changed upon what Jira keeps: what the text does not touch stays as it is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import AliasPath, Field

from server.client import JiraApiClient, steadily
from server.content import Loss, adf_to_markdown, edit_adf, lost_from_adf, refuse_long_description
from server.entities import ISSUE, Model
from server.errors import Refused
from tools.rewrites import EMPTY, preview, refuse_losses

Document = dict[str, Any]
DESCRIPTION = "description"


class Described(Model):
    """An issue's description as Jira keeps it."""

    key: str
    description: Document | None = Field(None, validation_alias=AliasPath("fields", DESCRIPTION))


class Rewrite(NamedTuple):
    """A document before and after a write of it."""

    what: str
    before: Document
    after: Document
    losses: list[Loss]

    def refuse_losses(self) -> None:
        refuse_losses(self.what, self.losses)

    def preview(self) -> str:
        return preview(self.what, adf_to_markdown(self.before), adf_to_markdown(self.after), self.losses)


async def description(jira: JiraApiClient, issue_key: str) -> Document:
    query, named = {"fields": DESCRIPTION}, ISSUE.named(issue_key)
    return (await jira.get(Described, ISSUE.path(issue_key), query, named=named)).description or EMPTY


async def rewritten(what: str, before: Document | None, written: str | Document) -> Rewrite:
    """`written` is the new Markdown, or the document itself. Raises ContentError."""
    base = before or EMPTY

    def changed() -> Rewrite:
        if not isinstance(written, str):
            refuse_long_description(written)
            return Rewrite(what, base, written, lost_from_adf(base, written))
        after = edit_adf(base, adf_to_markdown(base), written)
        refuse_long_description(after)
        return Rewrite(what, base, after, lost_from_adf(base, after, written))

    return await steadily(changed, len(written))


def taken_out(
    argument: str | None, fields: Mapping[str, Any] | None
) -> tuple[str | Document | None, dict[str, Any] | None]:
    """The new description, wherever it was passed, and the other fields."""
    rest = dict(fields or {})
    name = next((name for name in rest if name.casefold() == DESCRIPTION), None)
    if name is None:
        return argument, rest or None
    if argument is not None:
        raise Refused(f"{name}: set in two places. Pass each field once.")
    return rest.pop(name), rest or None

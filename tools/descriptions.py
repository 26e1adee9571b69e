"""Texts of issues and comments, changed upon what Jira keeps: what the text does not touch stays as it is."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from pydantic import AliasPath, Field

from server.client import JiraApiClient, steadily
from server.content import Loss, adf_to_markdown, edit_adf, lost_from_adf, refuse_long_description
from server.entities import ISSUE, Model
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


class Markdown(str):
    """The new text of a field that Jira keeps as a document."""

    __slots__ = ()


class Changes(NamedTuple):
    """New values of an issue's fields, and those of them that are texts."""

    values: dict[str, Any]
    texts: list[Rewrite]

    def refuse_losses(self) -> None:
        for text in self.texts:
            text.refuse_losses()

    def preview(self) -> list[str]:
        return [text.preview() for text in self.texts]


class _Kept(Model):
    fields: dict[str, Any]
    names: dict[str, str] = Field({})


async def upon(jira: JiraApiClient, issue_key: str, values: Mapping[str, Any]) -> Changes:
    """The values with each text made upon what the issue has there; null is the end of a text. Raises ContentError."""
    perhaps = [name for name, value in values.items() if value is None or _is_text(value)]
    if not perhaps:
        return Changes(dict(values), [])
    query = {"fields": ",".join(perhaps), "expand": "names"}
    kept = await jira.get(_Kept, ISSUE.path(issue_key), query, named=ISSUE.named(issue_key))
    changed, texts = dict(values), list[Rewrite]()
    for name in perhaps:
        before, written = kept.fields.get(name), values[name]
        if written is None and not _is_text(before):
            continue
        called = kept.names.get(name, name)
        what = f"the {called[:1].lower()}{called[1:]} of {issue_key}"
        text = await rewritten(what, before, EMPTY if written is None else written)
        texts.append(text)
        changed[name] = None if written is None else text.after
    return Changes(changed, texts)


def _is_text(value: object) -> bool:
    return isinstance(value, Markdown) or is_document(value)


def is_document(value: object) -> bool:
    return isinstance(value, Mapping) and cast("Mapping[str, Any]", value).get("type") == "doc"

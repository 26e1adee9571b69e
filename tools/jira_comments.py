"""Comments on Jira issues."""

from typing import Annotated, Any

from pydantic import AliasPath, Field

from server.client import JiraApiClient
from server.client.jira import SERVICE
from server.content import adf_to_markdown
from server.context import Jira
from server.entities import ISSUE, Model
from server.errors import Refused
from tools.consent import Confirm, Consent, asks
from tools.declare import writes
from tools.descriptions import EMPTY, rewritten
from tools.internal import INTERNAL, internal
from tools.parameters import IssueKey, Text, quiet
from tools.rewrites import AllowLoss, DryRun, new_document, preview_new, tried

Visibility = Annotated[dict[str, str] | None, Field(examples=['{"type": "role", "value": "Developers"}'])]
CommentId = Annotated[str, Field(pattern=r"^[0-9]+$", examples=["10042"])]


class Added(Model):
    id: str
    issue_key: str = ""
    visibility: str | None = None
    preview: str = Field(default="", description="Of a dry run: nothing was written")

    def text(self) -> str:
        only = f", only for {self.visibility}" if self.visibility else ""
        return self.preview or f"Added comment {self.id} to {self.issue_key}{only}"

    @property
    def touched(self) -> str | None:
        return None if self.preview else ISSUE.uri_of(self.issue_key)


class _Place(Model):
    """Where an issue is now: keys that it had before lead to it as well."""

    key: str
    kind: str = Field("", validation_alias=AliasPath("fields", "project", "projectTypeKey"))


async def _customers_read(jira: JiraApiClient, issue_key: str) -> bool:
    """Whether customers see the comments on an issue that are not internal."""
    place = await jira.get(_Place, ISSUE.path(issue_key), {"fields": "project"}, named=ISSUE.named(issue_key))
    return place.kind == SERVICE and not await jira.keeps_internal(place.key)


async def _shown_to_customers(issue_key: str, body: str, public: bool, dry_run: bool, jira: Jira) -> str | None:
    if dry_run or not public or not await _customers_read(jira, issue_key):
        return None
    return f"Show the customers of {issue_key} this comment? {body}"


@writes(destructive=False, idempotent=False, inward="issue_key")
async def jira_add_comment(
    issue_key: IssueKey,
    body: Text,
    jira: Jira,
    consent: Annotated[Consent, asks(_shown_to_customers)],
    visibility: Visibility = None,
    public: Annotated[bool, Field(description="For customers too")] = False,
    dry_run: DryRun = False,
    confirm: Confirm = False,
) -> Added:
    """Comment on a Jira issue. An @name notifies nobody."""
    only = None if visibility is None else _audience(visibility)
    document = new_document(body)
    if dry_run:
        shown = preview_new(f"a new comment on {issue_key}", adf_to_markdown(document))
        return Added(id="", issue_key=issue_key, visibility=only, preview=tried(shown))
    comment = {"body": document, **({"visibility": visibility} if only else {})}
    # What other projects pass over keeps a comment from the customers of a service project.
    posted = await jira.add_comment(issue_key, comment, {} if public else {INTERNAL: internal()})
    return Added(id=posted.id, issue_key=issue_key, visibility=only)


class Stored(Model):
    """A comment as Jira keeps it."""

    body: dict[str, Any] = Field(EMPTY)
    visibility: dict[str, Any] | None = None
    public: bool = Field(default=True, validation_alias="jsdPublic")

    def is_for(self, audience: dict[str, str]) -> bool:
        return all((self.visibility or {}).get(name) == value for name, value in audience.items())


class Edited(Model):
    id: str
    issue_key: str
    preview: str = Field(default="", description="Of a dry run: nothing was written")

    def text(self) -> str:
        return self.preview or f"Changed comment {self.id} of {self.issue_key}"

    @property
    def touched(self) -> str | None:
        return None if self.preview else ISSUE.uri_of(self.issue_key)


async def _who_will_read(
    issue_key: str,
    comment_id: str,
    body: str,
    visibility: dict[str, str] | None,
    public: bool | None,
    dry_run: bool,
    jira: Jira,
) -> str | None:
    if dry_run:
        return None
    shown = public is not False and await _customers_read(jira, issue_key)
    if not (shown or visibility):
        return None
    before = await _stored(jira, issue_key, comment_id)
    now = f"It says now: {adf_to_markdown(before.body)}"
    if shown and (public or before.public):
        return f"Show the customers of {issue_key} this in place of comment {comment_id}? {body}\n{now}"
    if visibility and before.visibility and not before.is_for(visibility):
        whose = f"{_audience(visibility)} instead of {before.visibility.get('type')} {before.visibility.get('value')}"
        return f"Let {whose} read comment {comment_id} of {issue_key}, which is to say: {body}\n{now}"
    return None


@writes(destructive=True, idempotent=True)
async def jira_edit_comment(
    issue_key: IssueKey,
    comment_id: CommentId,
    body: Text,
    jira: Jira,
    consent: Annotated[Consent, asks(_who_will_read)],
    visibility: Annotated[Visibility, quiet] = None,
    public: Annotated[bool | None, quiet] = None,
    allow_loss: AllowLoss = False,
    dry_run: DryRun = False,
    confirm: Confirm = False,
) -> Edited:
    """Replace the text of a comment on a Jira issue."""
    if visibility is not None:
        _audience(visibility)
    before = await _stored(jira, issue_key, comment_id)
    named = f"comment `{comment_id}` of {issue_key}"
    change = await rewritten(named, before.body, body)
    edited = Edited(id=comment_id, issue_key=issue_key)
    if dry_run:
        return edited.model_copy(update={"preview": tried(change.preview())})
    if not allow_loss:
        change.refuse_losses()
    comment: dict[str, Any] = {"body": change.after}
    if only := visibility or before.visibility:
        comment["visibility"] = {name: only[name] for name in ("type", "value") if name in only}
    if public is not None:
        comment["properties"] = [{"key": INTERNAL, "value": internal(not public)}]
    await jira.send("PUT", f"{ISSUE.path(issue_key)}/comment/{comment_id}", body=comment, named=named)
    return edited


async def _stored(jira: JiraApiClient, issue_key: str, comment_id: str) -> Stored:
    path, named = f"{ISSUE.path(issue_key)}/comment/{comment_id}", f"comment `{comment_id}` of {issue_key}"
    return await jira.get(Stored, path, named=named)


def _audience(visibility: dict[str, str]) -> str:
    """What the restriction says, so that no mistake in it makes a comment public."""
    kind, value = visibility.get("type"), visibility.get("value")
    if kind not in ("role", "group") or not value or len(visibility) != 2:
        raise Refused('Nothing was posted: visibility takes {"type": "role" or "group", "value": its name}.')
    return f"{kind} {value}"

"""The files of Jira issues."""

from datetime import timedelta
from typing import Any

from pydantic import AliasPath, Field

from server.client.jira import JiraApiClient
from server.client.marks import Absence, Mark
from server.client.transfers import Sink, Upload
from server.entities import ISSUE, Attachment, Model, sized
from server.errors import Invalid, NotFound, Refused

LIMIT = "upload limit"
SKEW = timedelta(minutes=2)  # that our clock and the site's may differ by


async def attachments_of(jira: JiraApiClient, issue_key: str) -> list[Attachment]:
    """Every file of an issue. Raises NotFound."""
    found = await jira.get(_Holder, ISSUE.path(issue_key), {"fields": "attachment"}, named=ISSUE.named(issue_key))
    return found.attachments


async def attachment_of(jira: JiraApiClient, issue_key: str, attachment_id: str) -> Attachment:
    """One file of an issue by its id; one of another issue is not found."""
    files = await attachments_of(jira, issue_key)
    found = next((each for each in files if each.id == attachment_id), None)
    if found is None:
        held = ", ".join(f"{each.id} ({each.filename})" for each in files) or "no file"
        raise NotFound(f"{issue_key} has no attachment `{attachment_id}`. It has: {held}.")
    return found


async def fetch_attachment(jira: JiraApiClient, attachment: Attachment, sink: Sink) -> None:
    """Its bytes, from the site itself rather than by way of a link."""
    await jira.fetch(
        f"attachment/content/{attachment.id}",
        sink,
        {"redirect": "false"},
        size=attachment.size,
        named=f"file `{attachment.filename}`",
    )


async def add_attachment(jira: JiraApiClient, issue_key: str, upload: Upload) -> Attachment:
    """Raises Refused, before anything is sent, where the site takes no file of this size. Where no answer tells of it,
    the file is looked for by its name and size."""
    await _refuse_over_limit(jira, upload)
    since = jira.now - SKEW

    async def look() -> Attachment | None:
        files = await attachments_of(jira, issue_key)
        same = [each for each in files if (each.filename, each.size) == (upload.name, upload.size)]
        return next((each for each in same if each.created and each.created >= since), None)

    try:
        found: Attachment = await jira.upload(
            "POST",
            f"{ISSUE.path(issue_key)}/attachments",
            upload,
            named=ISSUE.named(issue_key),
            mark=Mark(look, Absence.CURRENT),
            read=lambda answer: Attachment.read(answer[0]),
        )
    except Invalid:
        jira.forget(LIMIT)
        raise
    return found


async def _refuse_over_limit(jira: JiraApiClient, upload: Upload) -> None:
    async def ask() -> Any:
        return await jira.get(_Rules, "attachment/meta", named="the limit of attachments")

    rules: _Rules = await jira.known(LIMIT, ask)
    if not rules.enabled:
        raise Refused("Nothing was sent: attachments are turned off at this site.")
    if rules.limit is not None and upload.size > rules.limit:
        raise Refused(
            f"Nothing was sent: `{upload.name}` has {sized(upload.size)}, and the site takes {sized(rules.limit)} "
            "a file. Send a smaller one, in parts or packed."
        )


class _Holder(Model):
    attachments: list[Attachment] = Field([], validation_alias=AliasPath("fields", "attachment"))


class _Rules(Model):
    enabled: bool
    limit: int | None = Field(None, validation_alias="uploadLimit")

"""Files of Jira issues, up and down."""

from functools import partial
from typing import Annotated

from pydantic import Field

from server.client.jira_files import add_attachment, attachments_of, fetch_attachment
from server.context import Files, Jira
from server.entities import Attachment, Model, sized
from server.errors import NotFound
from tools.declare import reads, writes
from tools.files import Base64, Delivery, Downloaded, FileName, FilePath, Source, deliver, upload_of
from tools.parameters import LONGEST_QUERY, IssueKey, Names


class Uploaded(Model):
    issue_key: str
    attachment: Attachment

    def text(self) -> str:
        file = self.attachment
        return f"Attached {file.filename} ({sized(file.size)}, attachment {file.id}) to {self.issue_key}"

    @property
    def touched(self) -> str:
        return f"jira://issue/{self.issue_key}"


@reads
async def jira_download_attachments(
    issue_key: IssueKey,
    jira: Jira,
    files: Files,
    attachments: Annotated[
        Names | None, Field(max_length=LONGEST_QUERY, description="Ids or file names, comma-separated; else all")
    ] = None,
    delivery: Delivery = "embed",
) -> Downloaded:
    """Get the files of a Jira issue, images as images."""
    held = await attachments_of(jira, issue_key)
    source = Source(issue_key, partial(fetch_attachment, jira), lambda file: uri_of(issue_key, file))
    return await deliver(source, _wanted(issue_key, held, attachments), delivery, files)


@writes(destructive=False, idempotent=False)
async def jira_upload_attachment(
    issue_key: IssueKey,
    jira: Jira,
    files: Files,
    file_path: FilePath = None,
    content_base64: Base64 = None,
    filename: FileName = None,
) -> Uploaded:
    """Attach a file to a Jira issue."""
    async with upload_of(files, file_path, content_base64, filename) as upload:
        attached = await add_attachment(jira, issue_key, upload)
    return Uploaded(issue_key=issue_key, attachment=attached)


def uri_of(issue_key: str, file: Attachment) -> str:
    return f"jira://issue/{issue_key}/attachment/{file.id}"


def _wanted(issue_key: str, held: list[Attachment], names: str | None) -> list[Attachment]:
    """The files that are named, by id or name; of one name, all. Raises NotFound with what there is."""
    asked = [name.strip() for name in (names or "").split(",") if name.strip()]
    if not asked:
        return held
    missing = [name for name in asked if not any(name in (each.id, each.filename) for each in held)]
    if missing:
        there = ", ".join(f"{each.filename} ({each.id})" for each in held) or "no file"
        raise NotFound(f"{issue_key} has no attachment `{'`, `'.join(missing)}`. It has: {there}.")
    return [each for each in held if each.id in asked or each.filename in asked]

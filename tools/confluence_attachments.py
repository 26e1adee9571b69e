"""Files of Confluence pages: listed, up and down."""

from functools import partial
from typing import Annotated

from pydantic import Field

from server.client import Cursor
from server.client.confluence_files import attachment, fetch_attachment, put_attachment
from server.context import Confluence, Files
from server.entities import PAGE, Attachment, Model, sized
from tools.declare import reads, writes
from tools.files import Base64, Delivery, Downloaded, FileName, FilePath, Source, deliver, upload_of
from tools.lists import heading, table
from tools.parameters import Limit, PageId, Token, digits

AttachmentId = Annotated[str, digits, Field(pattern=r"^(att)?[0-9]{1,19}$", examples=["att98311"])]


class FileList(Model):
    attachments: list[Attachment] = Field(validation_alias="results")
    next_cursor: Cursor = None

    def text(self) -> str:
        if not self.attachments:
            return "No files."
        more = self.next_cursor and f"cursor={self.next_cursor}"
        rows = [" | ".join(_cells(each)) for each in self.attachments]
        return "\n".join([heading(len(rows), "file", more=more), *table("id | name | size | type | version", rows)])


def _cells(file: Attachment) -> list[str]:
    note = f"{file.version}: {file.comment}" if file.comment else str(file.version or 1)
    return [file.id, file.filename, sized(file.size), file.media_type, note]


class Uploaded(Model):
    page_id: str
    attachment: Attachment

    def text(self) -> str:
        file = self.attachment
        version = f", version {file.version}" if file.version else ""
        return f"Attached {file.filename} ({sized(file.size)}, attachment {file.id}{version}) to page {self.page_id}"

    @property
    def touched(self) -> str:
        return PAGE.uri_of(self.page_id)


@reads
async def confluence_get_attachments(
    content_id: PageId,
    confluence: Confluence,
    filename: FileName = None,
    media_type: Annotated[str | None, Field(max_length=255, examples=["image/png"])] = None,
    limit: Limit = 50,
    cursor: Token = None,
) -> FileList:
    """List the files of a Confluence page."""
    given = {"filename": filename, "mediaType": media_type, "cursor": cursor}
    query: dict[str, str | int] = {"limit": limit} | {name: value for name, value in given.items() if value}
    return await confluence.get(FileList, f"{PAGE.path(content_id)}/attachments", query, named=PAGE.named(content_id))


@reads
async def confluence_download_attachment(
    attachment_id: AttachmentId, confluence: Confluence, files: Files, delivery: Delivery = "embed"
) -> Downloaded:
    """Get a file of a Confluence page, an image as an image."""
    file = await attachment(confluence, attachment_id)
    source = Source(f"page {file.page_id}", partial(fetch_attachment, confluence), uri_of)
    return await deliver(source, [file], delivery, files)


@writes(destructive=False, idempotent=False)
async def confluence_upload_attachment(
    content_id: PageId,
    confluence: Confluence,
    files: Files,
    file_path: FilePath = None,
    content_base64: Base64 = None,
    filename: FileName = None,
    comment: str = "",
    minor_edit: Annotated[bool, Field(description="true notifies nobody")] = False,
) -> Uploaded:
    """Attach a file to a Confluence page; one of the same name gets a new version."""
    values = {"minorEdit": str(minor_edit).lower()} | ({"comment": comment} if comment else {})
    async with upload_of(files, file_path, content_base64, filename) as upload:
        attached = await put_attachment(confluence, content_id, upload, values)
    return Uploaded(page_id=content_id, attachment=attached)


def uri_of(file: Attachment) -> str:
    return f"confluence://page/{file.page_id}/attachment/{file.id}"

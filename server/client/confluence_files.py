"""The files of Confluence pages."""

from datetime import timedelta
from typing import Any

from pydantic import Field

from server.client.confluence import ConfluenceApiClient, Cursor
from server.client.marks import Absence, Mark
from server.client.transfers import Sink, Upload
from server.entities import PAGE, Attachment, Model
from server.errors import Invalid, NotFound

V1 = "/wiki/rest/api/content"  # v2 reads files, v1 sends them
SKEW = timedelta(minutes=2)  # that our clock and the site's may differ by


class Attachments(Model):
    """One page of a list of files."""

    attachments: list[Attachment] = Field(validation_alias="results")
    next_cursor: Cursor = None


async def attachment(confluence: ConfluenceApiClient, attachment_id: str) -> Attachment:
    """By its id, with or without the letters in front. Raises NotFound."""
    number = attachment_id.removeprefix("att")
    return await confluence.get(Attachment, f"attachments/att{number}", named=f"attachment `{attachment_id}`")


async def fetch_attachment(confluence: ConfluenceApiClient, file: Attachment, sink: Sink) -> None:
    """Its bytes, by way of the link that Confluence makes for this one time."""
    path = f"{V1}/{file.page_id}/child/attachment/{file.id}/download"
    await confluence.fetch(path, sink, size=file.size, named=f"file `{file.filename}`")


async def put_attachment(
    confluence: ConfluenceApiClient, page_id: str, upload: Upload, values: dict[str, str]
) -> Attachment:
    """A new file of a page, or a new version of the one with this name. Where no answer tells of it, it is looked for
    by its name and size."""
    since = confluence.now - SKEW

    async def look() -> Attachment | None:
        query = {"filename": upload.name}
        found = await confluence.get(Attachments, f"{PAGE.path(page_id)}/attachments", query, named=named)
        same = [each for each in found.attachments if each.size == upload.size]
        return next((each for each in same if each.created and each.created >= since), None)

    def read(answer: Any) -> Attachment:
        return Attachment.read(answer["results"][0])

    named, path = PAGE.named(page_id), f"{V1}/{page_id}/child/attachment"
    mark = Mark(look, Absence.UNPROVEN)
    try:
        found: Attachment = await confluence.upload("PUT", path, upload, values, named=named, mark=mark, read=read)
    except NotFound as error:
        if "maximum size" in str(error):  # v1 says of a file that is too large that it found nothing
            raise Invalid(f"Nothing was uploaded: `{upload.name}` is larger than the site takes. {error}") from error
        raise
    return found

"""Files that tools take and give: from and to the operator's folder, or within the call itself."""

from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from mimetypes import MimeTypes
from typing import Annotated, Any, Literal

from mcp.types import (
    BlobResourceContents,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextResourceContents,
)
from pydantic import Field

from server.client import Buffer, Sink, Upload
from server.entities import Attachment, Model, sized
from server.errors import AtlassianError, Refused
from server.folder import Folder, safe
from server.notices import progress

MOST_EMBEDDED = 2 * 2**20  # bytes of one file within an answer
MOST_AT_ONCE = 8 * 2**20  # bytes of all files within one answer
MOST_SAVED = 2**30  # bytes of one file in the folder of files
MOST_GIVEN = 10 * 2**20  # bytes within one call
KINDS = MimeTypes()
UNKNOWN_KIND = "application/octet-stream"
STEPS = 20  # notices of one file's progress, at the most
_IMAGES = {  # what hosts show, by how it begins: one that lies about itself can break their conversation
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
_TEXTS = ("text/", "application/json", "application/xml", "application/yaml")

FilePath = Annotated[str | None, Field(min_length=1, max_length=1000, description="In the operator's folder of files")]
Base64 = Annotated[
    str | None, Field(min_length=1, max_length=MOST_GIVEN * 4 // 3 + 4, description="The file itself; needs filename")
]
FileName = Annotated[str | None, Field(min_length=1, max_length=255)]
Delivery = Annotated[Literal["embed", "link", "save"], Field(description="save: to the operator's folder of files")]


@asynccontextmanager
async def upload_of(
    files: Folder | None, file_path: str | None, content_base64: str | None, filename: str | None
) -> AsyncGenerator[Upload]:
    """The one file that the arguments name. Raises Refused."""
    if (file_path is None) == (content_base64 is None):
        raise Refused("Nothing was sent: which file? Pass file_path alone, or content_base64 with filename.")
    if content_base64 is not None:
        content = _decoded(content_base64)
        if filename is None:
            raise Refused("Nothing was sent: content_base64 needs a filename.")

        async def parts() -> AsyncIterator[bytes]:
            yield content

        yield _upload(filename, len(content), parts)
        return
    if files is None:
        raise Refused(
            "Nothing was sent: this server has no folder of files. Pass content_base64 with filename; or the operator "
            "sets ISTHMUS_FILES to the one folder that files may come from."
        )
    async with files.reading(file_path or "") as opened:
        yield _upload(filename or opened.name, opened.size, opened.parts)


def _decoded(content: str) -> bytes:
    try:
        return b64decode("".join(content.split()), validate=True)
    except ValueError as error:
        raise Refused(f"Nothing was sent: content_base64 is no base64 ({error}).") from error


def _upload(name: str, size: int, parts: Callable[[], AsyncIterator[bytes]]) -> Upload:
    if name != safe(name):
        raise Refused(f"Nothing was sent: {name!a} is no name for a file. Pass filename, such as {safe(name)!a}.")
    kind = KINDS.guess_type(name)[0] or UNKNOWN_KIND
    count = _Count(name, size)

    async def told() -> AsyncIterator[bytes]:
        count.done = 0
        async for part in parts():
            yield part
            await count.add(len(part))

    return Upload(name, kind, size, told)


@dataclass
class _Count:
    """How far a file has come; its client is told of it now and then."""

    name: str
    size: int
    done: int = 0
    told: int = 0

    async def add(self, more: int) -> None:
        self.done += more
        if self.done == self.size or self.done - self.told >= self.size / STEPS:
            self.told = self.done
            await progress(self.done, self.size, f"{self.name}: {sized(self.done)} of {sized(self.size)}")


@dataclass
class _Watched:
    """A sink whose client is told how far it is."""

    sink: Sink
    count: _Count

    async def begin(self) -> None:
        self.count.done = self.count.told = 0
        await self.sink.begin()

    async def write(self, part: bytes) -> None:
        await self.sink.write(part)
        await self.count.add(len(part))


@dataclass(frozen=True)
class Source:
    """Where files are: `of` in words, `fetch` reads one into a sink, `uri` names its resource."""

    of: str
    fetch: Callable[[Attachment, Sink], Awaitable[None]]
    uri: Callable[[Attachment], str]


class Downloaded(Model):
    """`fates` says where each file went."""

    of: str
    attachments: list[Attachment]
    fates: list[str]
    blocks: list[Any] = Field(default=[], exclude=True)

    def text(self) -> str:
        if not self.attachments:
            return f"{self.of} has no files."
        files = zip(self.attachments, self.fates, strict=True)
        return "\n".join(f"{each.id} | {each.filename} | {sized(each.size)} | {fate}" for each, fate in files)

    def files(self) -> Sequence[ContentBlock]:
        return self.blocks


async def deliver(source: Source, attachments: Sequence[Attachment], how: str, folder: Folder | None) -> Downloaded:
    """Each file in the way that was asked for; one that is too large for an answer as a link. Raises IsthmusError."""
    if how == "save" and folder is None:
        raise Refused(
            "Nothing was fetched: this server has no folder of files. Pass delivery=embed or delivery=link; or the "
            "operator sets ISTHMUS_FILES to the one folder that files may go to."
        )
    left = MOST_AT_ONCE
    fates: list[str] = []
    blocks: list[ContentBlock] = []
    for each in attachments:
        try:
            if how == "save" and each.size > MOST_SAVED:
                fates.append(f"not saved: it has over {sized(MOST_SAVED)}")
            elif how == "save" and folder:
                fates.append(await _saved(source, each, folder))
            elif how == "embed" and each.size <= min(left, MOST_EMBEDDED):
                left -= each.size
                blocks.append(await _embedded(source, each))
                fates.append("below")
            else:
                blocks.append(_link(source, each))
                save = "; delivery=save writes it" if folder else ""
                fates.append("link" if how == "link" else f"link, for it is too large here{save}")
        except AtlassianError as error:
            if len(attachments) == 1:
                raise
            fates.append(f"failed: {error}")
    return Downloaded(of=source.of, attachments=list(attachments), fates=fates, blocks=blocks)


async def _saved(source: Source, attachment: Attachment, folder: Folder) -> str:
    async with folder.creating(attachment.filename) as created:
        await source.fetch(attachment, _watched(created, attachment))
    return f"saved as {created.name} in the folder of files"


async def _embedded(source: Source, attachment: Attachment) -> ContentBlock:
    buffer = Buffer()
    await source.fetch(attachment, _watched(buffer, attachment))
    content, uri, kind = bytes(buffer.content), source.uri(attachment), attachment.media_type
    if image := next((image for begin, image in _IMAGES.items() if content.startswith(begin)), None):
        return ImageContent(type="image", data=b64encode(content).decode(), mime_type=image)
    if kind.startswith(_TEXTS):
        text = content.decode("utf-8", errors="replace")
        return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, mime_type=kind, text=text))
    blob = b64encode(content).decode()
    return EmbeddedResource(type="resource", resource=BlobResourceContents(uri=uri, mime_type=kind, blob=blob))


def _link(source: Source, attachment: Attachment) -> ResourceLink:
    return ResourceLink(
        type="resource_link",
        name=attachment.filename,
        uri=source.uri(attachment),
        mime_type=attachment.media_type,
        size=attachment.size,
    )


def _watched(sink: Sink, attachment: Attachment) -> Sink:
    return _Watched(sink, _Count(attachment.filename, attachment.size))

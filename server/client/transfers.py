"""Files on their way: uploads as forms that may be sent again, downloads into a sink that may start anew."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urljoin

import httpx2

from server.errors import BadAnswer, Refused

LONGEST_TRANSFER = 900.0  # seconds for one file
MEDIA_HOST = "media.atlassian.com"  # where Atlassian keeps files; its links are keys by themselves
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_IN_QUOTES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True)
class Upload:
    """A file to send; `parts` yields its bytes, from the start each time it is called."""

    name: str
    kind: str
    size: int
    parts: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True)
class Form:
    """What carries a file: `values` are fields beside it."""

    upload: Upload
    boundary: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def headers(self) -> dict[str, str]:
        return {
            "content-type": f"multipart/form-data; boundary={self.boundary}",
            "content-length": str(len(self._head) + self.upload.size + len(self._tail)),
            "x-atlassian-token": "no-check",  # Atlassian takes no form without it
        }

    async def content(self) -> AsyncGenerator[bytes]:
        yield self._head
        left = self.upload.size
        async for part in self.upload.parts():
            left -= len(part)
            yield part
        if left:
            raise Refused(f"Nothing was uploaded: `{self.upload.name}` changed while it was read. Try again.")
        yield self._tail

    @property
    def _head(self) -> bytes:
        fields = [f'{self._part}name="{name}"\r\n\r\n{value}\r\n' for name, value in self.values.items()]
        name, kind = self.upload.name.translate(_IN_QUOTES), self.upload.kind
        file = f'{self._part}name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        return "".join([*fields, file]).encode()

    @property
    def _part(self) -> str:
        return f"--{self.boundary}\r\nContent-Disposition: form-data; "

    @property
    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()


class Sink(Protocol):
    """Takes the bytes of a download; `begin` drops what an earlier try brought."""

    async def begin(self) -> None: ...

    async def write(self, part: bytes) -> None: ...


@dataclass
class Buffer:
    """A sink in memory."""

    content: bytearray = field(default_factory=bytearray)

    async def begin(self) -> None:
        self.content.clear()

    async def write(self, part: bytes) -> None:
        self.content += part


@dataclass
class Download:
    """A file of `size` bytes on its way into a sink."""

    sink: Sink
    size: int
    count: int = 0

    async def take(self, response: httpx2.Response) -> None:
        self.count = 0
        await self.sink.begin()
        async for part in response.aiter_bytes():
            self.count += len(part)
            if self.count > self.size:
                raise BadAnswer(
                    f"The site sends more than the {self.size:,} bytes that this file has. Nothing is kept."
                )
            await self.sink.write(part)

    def whole(self, _: object) -> None:
        """Raises ValueError where a part is missing."""
        if self.count != self.size:
            raise ValueError(f"{self.count} of {self.size} bytes")


def media_link(location: str, asked: str) -> str:
    """Where a site's answer sends us for a file: on that site, or at Atlassian's media. Raises BadAnswer."""
    try:
        link = urljoin(asked, location)
        to, site = httpx2.URL(link), httpx2.URL(asked)
    except (ValueError, httpx2.InvalidURL):
        raise BadAnswer("The site sends us to an address that is none for this file. Nothing was fetched.") from None
    own = (to.scheme, to.host, to.port) == (site.scheme, site.host, site.port)
    media = to.scheme == "https" and to.port is None and (to.host == MEDIA_HOST or to.host.endswith(f".{MEDIA_HOST}"))
    if to.userinfo or not (own or media):
        raise BadAnswer(f"The site sends us to {to.host} for this file, which is not Atlassian's. Nothing was fetched.")
    return link

"""Questions about accounts and tokens: to the site, the gateway and the authority, past the limits of a connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import anyio
import httpx2
from pydantic_core import from_json

from server.addresses import origin
from server.errors import AtlassianDown, BadAnswer

LONGEST = 2**20  # bytes of one answer


@dataclass(frozen=True)
class Told:
    status: int
    content: bytes

    @property
    def said(self) -> Mapping[str, Any]:
        """The JSON object of the answer; what is none says nothing."""
        found = self.json()
        return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}

    def json(self) -> Any:
        try:
            return from_json(self.content)
        except ValueError:
            return None


@dataclass(frozen=True)
class Wire:
    transport: httpx2.AsyncBaseTransport
    timeout: float = 30.0

    async def ask(self, method: str, url: str, *, authorization: str = "", body: object = None) -> Told:
        """Raises AtlassianDown where no answer comes. A redirect is an answer like others: it is not followed."""
        headers = {"accept": "application/json", **({"authorization": authorization} if authorization else {})}
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)
        request = httpx2.Request(method, url, headers=headers, json=body, extensions={"timeout": timeout})
        try:
            with anyio.fail_after(self.timeout):
                response = await self.transport.handle_async_request(request)
                try:
                    return Told(response.status_code, await _content(response))
                finally:
                    await response.aclose()
        except (TimeoutError, httpx2.TransportError, httpx2.DecodingError) as error:
            reason = str(error) or type(error).__name__
            raise AtlassianDown(
                f"{origin(url)} can't be reached ({reason}). Check the network, then try again."
            ) from error


async def _content(response: httpx2.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > LONGEST:
            raise BadAnswer(f"{response.status_code} with more than {LONGEST} bytes came where a token was expected.")
    return bytes(content)

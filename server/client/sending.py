"""One request on the wire, and its answer as it came."""

from base64 import b64encode

import httpx2

from server import __version__
from server.client.answers import Answer
from server.client.calls import Call
from server.client.transfers import REDIRECTS, media_link
from server.settings import ProductConfig

LONGEST_ANSWER = 64 * 2**20  # bytes, unpacked


class Sender:
    """By the transport itself: a client's cookies, redirects and defaults are not wanted, and cost CPU."""

    def __init__(self, config: ProductConfig, transport: httpx2.AsyncBaseTransport) -> None:
        self._transport = transport
        self._headers = {
            "authorization": _basic(config),
            "accept": "application/json",
            "accept-encoding": "gzip, deflate",
            "user-agent": f"isthmus/{__version__}",
        }
        self._extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), config.timeout)}

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def answer(self, call: Call) -> Answer:
        """Raises httpx2.TransportError and the like. What a download takes is in its sink, not in the answer."""
        response = await self._transport.handle_async_request(self._request(call))
        location = response.headers.get("location")
        if call.download and response.status_code in REDIRECTS and location:
            await response.aclose()
            # The link is the key: our own is for the site alone.
            link = media_link(location, call.url)
            response = await self._transport.handle_async_request(
                httpx2.Request("GET", link, headers={"accept": "*/*"}, extensions=self._extensions)
            )
        try:
            if call.download and response.is_success:
                await call.download.take(response)
                return Answer(response.status_code, response.headers, b"")
            return Answer(response.status_code, response.headers, await _content(response))
        finally:
            await response.aclose()

    def _request(self, call: Call) -> httpx2.Request:
        headers, content = self._headers, None
        if call.form:
            headers, content = {**headers, **call.form.headers}, call.form.content()
        elif call.download:
            headers = {**headers, "accept": "*/*"}
        return httpx2.Request(
            call.method,
            call.url,
            params=call.query,
            json=call.body,
            content=content,
            headers=headers,
            extensions=self._extensions,
        )


async def _content(response: httpx2.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > LONGEST_ANSWER:
            raise httpx2.DecodingError(f"over {LONGEST_ANSWER // 2**20} MiB")
    return bytes(content)


def _basic(config: ProductConfig) -> str:
    return "Basic " + b64encode(f"{config.username}:{config.api_token}".encode()).decode()

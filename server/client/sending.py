"""One request on the wire, and its answer as it came."""

import httpx2

from server import __version__
from server.client.answers import Answer
from server.client.auth import Signed
from server.client.calls import Call
from server.client.transfers import REDIRECTS, media_link
from server.settings import ProductConfig

LONGEST_ANSWER = 64 * 2**20  # bytes, unpacked


class Sender:
    """By the transport itself: a client's cookies, redirects and defaults are not wanted, and cost CPU."""

    def __init__(self, config: ProductConfig, transport: httpx2.AsyncBaseTransport) -> None:
        self._config = config
        self._transport = transport
        self._headers = {
            "accept": "application/json",
            "accept-encoding": "gzip, deflate",
            "user-agent": f"isthmus/{__version__}",
        }
        self._extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), config.timeout)}

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def answer(self, call: Call, signed: Signed) -> Answer:
        """Raises httpx2.TransportError and the like. What a download takes is in its sink, not in the answer."""
        request = self._request(call, signed)
        response = await self._transport.handle_async_request(request)
        location = response.headers.get("location")
        if call.download and response.status_code in REDIRECTS and location:
            await response.aclose()
            # The link is the key: our own is for the site alone.
            link = media_link(location, str(request.url))
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

    def _request(self, call: Call, signed: Signed) -> httpx2.Request:
        headers, content = {**self._headers, "authorization": signed.authorization}, None
        if signed.root == self._config.site:
            headers |= self._config.headers
        if call.form:
            headers, content = {**headers, **call.form.headers}, call.form.content()
        elif call.download:
            headers = {**headers, "accept": "*/*"}
        return httpx2.Request(
            call.method,
            signed.root + call.path,
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

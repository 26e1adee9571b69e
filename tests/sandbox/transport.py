"""The site without a network, as a client's transport."""

import httpx2
from starlette.types import ASGIApp

from server.sandbox import ConnectionDropped


class InProcess(httpx2.AsyncBaseTransport):
    """A dropped connection looks as it does on a wire: RemoteProtocolError."""

    def __init__(self, app: ASGIApp) -> None:
        self._inner = httpx2.ASGITransport(app=app)
        self.headers: list[httpx2.Headers] = []  # of each request

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.headers.append(request.headers)
        try:
            return await self._inner.handle_async_request(request)
        except ConnectionDropped as dropped:
            raise httpx2.RemoteProtocolError(str(dropped), request=request) from dropped

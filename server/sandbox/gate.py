"""The gate in front of the site: it logs each request and lets it meet its fault."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.sandbox import gateway, refusals
from server.sandbox.call import answer, said_no
from server.sandbox.faults import Fault, limit_headers
from server.sandbox.own import OWN
from server.sandbox.records import Json
from server.sandbox.refusals import Refusal
from server.sandbox.site import Site

FOREIGN = "Web pages of other sites may not use this address."


class ConnectionDropped(ConnectionError):
    """The request met a fault that ends the connection."""


def _loopback(origin: str) -> bool:
    try:
        host = urlsplit(origin).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def _foreign(scope: Scope) -> bool:
    """Whether a page of another site sends this request from somebody's browser."""
    return not all(_loopback(origin) for origin in Headers(scope=scope).getlist("origin"))


def _limited(site: Site, path: str, wait: int) -> Refusal:
    refusal = (
        refusals.wiki(429, "Rate limit exceeded")
        if path.startswith("/wiki")
        else refusals.jira(429, "Rate limit exceeded.")
    )
    refusal.headers.update(limit_headers(site.now(), path, wait))
    return refusal


def _spoilt(site: Site, fault: Fault, path: str) -> Response:
    status = fault.status or 200
    if fault.body is not None:
        kind = fault.content_type or "text/html;charset=UTF-8"
        return Response(fault.body, status, fault.headers, kind)
    if status == 429:
        wait = fault.headers.get("Retry-After", "1")
        refusal = _limited(site, path, int(wait) if wait.isdigit() else 1)
    else:
        words = f"The sandbox was asked to answer {status}."
        refusal = refusals.wiki(status, words) if path.startswith("/wiki") else refusals.jira(status, words)
    given = {name.lower() for name in fault.headers}
    refusal.headers = {name: value for name, value in refusal.headers.items() if name.lower() not in given}
    refusal.headers.update(fault.headers)
    return said_no(refusal)


async def _swallow(_: Message) -> None:
    """Takes an answer that nobody will see."""


@dataclass
class Gate:
    app: ASGIApp
    site: Site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(OWN):
            refused = scope["type"] == "http" and _foreign(scope)
            await (answer({"error": FOREIGN}, 403) if refused else self.app)(scope, receive, send)
            return
        send = self._signed(scope, send)
        if scope["path"].startswith(gateway.PREFIX):
            entered = gateway.entered(scope)
            if entered is None:
                await said_no(refusals.gateway(404, "Not Found"))(scope, receive, send)
                return
            scope = entered
        await self._served(scope, receive, send)

    def _signed(self, scope: Scope, send: Send) -> Send:
        """Every answer carries the site's time and its own id, and every request is remembered."""
        entry: Json = {
            "id": uuid4().hex,
            "when": self.site.now().isoformat(),
            "who": None,
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode(),
            "status": None,
        }
        to_come: dict[str, str] = {}
        scope["noted"], scope["headers_to_come"] = entry, to_come
        self.site.faults.requests.append(entry)

        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(to_come)
                headers.setdefault("Date", self.site.clock.date())
                headers["ATL-Request-Id"] = headers["X-ARequestId"] = entry["id"]
            await send(message)

        return signed

    async def _served(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = gateway.site_path(scope)
        fault = self.site.faults.take(scope["method"], path)
        if fault:
            await self._spoil(fault, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.delay:
            await anyio.sleep(fault.delay)
        if fault.drop:
            if fault.drop == "after":
                await self.app(scope, receive, _swallow)
            # A server closes the connection only over an answer that has begun; before that it would answer 500.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            raise ConnectionDropped(f"dropped {fault.drop} the request was carried out")
        if fault.status is None and fault.body is None:
            await self.app(scope, receive, send)
        else:
            await _spoilt(self.site, fault, gateway.site_path(scope))(scope, receive, send)

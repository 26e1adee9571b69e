"""The gate in front of the site: it logs each request and lets it meet its fault."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.sandbox import gateway, refusals
from server.sandbox.call import answer, said_no
from server.sandbox.faults import OBJECT, Fault, limit_headers, retry_headers
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
    status, headers = fault.status or 200, retry_headers(fault, site.clock.shown())
    if fault.body is not None:
        kind = fault.content_type or "text/html;charset=UTF-8"
        return Response(fault.body, status, headers, kind)
    if status == 429:
        wait = headers.get("Retry-After", "1")
        refusal = _limited(site, path, int(wait) if wait.isdigit() else 1)
    else:
        words = f"The sandbox was asked to answer {status}."
        refusal = refusals.wiki(status, words) if path.startswith("/wiki") else refusals.jira(status, words)
    given = {name.lower() for name in headers} | ({"retry-after"} if fault.retry_after == "none" else set[str]())
    refusal.headers = {name: value for name, value in refusal.headers.items() if name.lower() not in given}
    refusal.headers.update(headers)
    return said_no(refusal)


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _truncated(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Half of the answer, and the end of the connection."""

    async def half(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            raise ConnectionDropped("dropped in the middle of the answer")
        await send(message)

    await app(scope, receive, half)


async def _swallow(_: Message) -> None:
    """Takes an answer that nobody will see."""


@dataclass
class Gate:
    app: ASGIApp
    site: Site
    _late: list[tuple[datetime, Scope, bytes]] = field(default_factory=list[tuple[datetime, Scope, bytes]])

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
        await self._catch_up()
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
            elif fault.drop == "late":
                due = self.site.now() + timedelta(seconds=fault.late)
                self._late.append((due, scope, await _body(receive)))
            # A server closes the connection only over an answer that has begun; before that it would answer 500.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            raise ConnectionDropped(f"dropped {fault.drop} the request was carried out")
        if fault.wrong:
            await self.app(self._astray(scope), receive, send)
        elif fault.truncate:
            await _truncated(self.app, scope, receive, send)
        elif fault.status is None and fault.body is None:
            await self.app(scope, receive, send)
        else:
            await _spoilt(self.site, fault, gateway.site_path(scope))(scope, receive, send)

    def _astray(self, scope: Scope) -> Scope:
        """The request as if it had been for another issue or page, one that comes before or after."""
        path = gateway.site_path(scope)
        found = OBJECT.match(path)
        if found is None:
            return scope
        begin, name = found.groups()
        others = [issue.key for issue in self.site.issues.values()] if "issue" in begin else list(self.site.pages)
        if not others:
            return scope
        asked = self.site.issue(name)
        mine = asked.key if asked else name
        at = others.index(mine) if mine in others else 0
        other = others[at - 1] if at else others[min(1, len(others) - 1)]
        return {**scope, "path": scope["path"].removesuffix(path) + begin + other}

    async def _catch_up(self) -> None:
        """Carries out what was dropped and is due by now."""
        due = [late for late in self._late if late[0] <= self.site.now()]
        self._late = [late for late in self._late if late not in due]
        for _, scope, body in due:
            await self.app(scope, _once(body), _swallow)

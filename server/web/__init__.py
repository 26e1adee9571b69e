"""The HTTP service: MCP at /mcp, and whether it lives at /healthz."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from mcp.server import MCPServer
from mcp.server.auth.routes import build_resource_metadata_url, create_protected_resource_routes
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from server import __version__
from server.addresses import is_loopback
from server.settings import Settings
from server.web.door import Door, Entrance

__all__ = ["Entrance", "application"]

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?", re.IGNORECASE)


def application(mcp: MCPServer[Any], entrance: Entrance, settings: Settings) -> Starlette:
    """What is not named here stands behind the door."""
    # Our own guard stands before every route; the SDK's matches by prefix, and only at its own.
    open_gate = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    endpoint = mcp.streamable_http_app(transport_security=open_gate)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with mcp.session_manager.run():
            yield

    published = metadata(settings)
    if published:
        entrance = replace(entrance, metadata_url=published.url)
    routes = [
        Route("/", home),
        Route("/healthz", healthy),
        *(published.routes if published else ()),
        Route("/.well-known/{path:path}", nothing),
        Mount("/", app=Door(endpoint, entrance)),
    ]
    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(Guard, settings=settings)])


@dataclass(frozen=True)
class Metadata:
    """Where it is told which authorization server has tokens for us (RFC 9728)."""

    url: str
    routes: Sequence[Route]


def metadata(settings: Settings) -> Metadata | None:
    if not settings.callers.issuer:
        return None
    about = AuthSettings.model_validate(
        {
            "issuer_url": settings.callers.issuer,
            "resource_server_url": settings.public_url,
            "required_scopes": settings.callers.scopes or None,
            "validate_token_resource": True,
        }
    )
    assert about.resource_server_url  # noqa: S101 - for the type checker
    routes = create_protected_resource_routes(
        about.resource_server_url, [about.issuer_url], about.required_scopes, resource_name="Isthmus"
    )
    return Metadata(str(build_resource_metadata_url(about.resource_server_url)), routes)


class Guard:
    """Answers only requests that name loopback, or an allowed host or origin: a page in a browser can reach us too."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        public = urlsplit(settings.public_url).hostname
        self._hosts = frozenset({*(host.lower() for host in settings.allowed_hosts), *filter(None, [public])})
        self._origins = frozenset(origin.lower().rstrip("/") for origin in settings.allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if not self._serves(headers.get("host", "")):
                await PlainTextResponse("This host is not served here.", 421)(scope, receive, send)
                return
            if not self._admits(headers.get("origin")):
                await PlainTextResponse("This origin may not call.", 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _serves(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        return found is not None and (_is_local(found[1]) or found[1].lower() in self._hosts)

    def _admits(self, origin: str | None) -> bool:
        if origin is None or origin.lower() in self._origins:
            return True
        scheme, _, host = origin.partition("://")
        found = _HOST.fullmatch(host)
        return scheme.lower() in ("http", "https") and found is not None and _is_local(found[1])


def _is_local(host: str) -> bool:
    # Not *.localhost: what such a name leads to is the resolver's to say.
    return is_loopback(host) and not host.lower().endswith(".localhost")


async def home(_: Request) -> JSONResponse:
    return JSONResponse({"name": "isthmus", "version": __version__, "mcp": "/mcp", "health": "/healthz"})


async def nothing(_: Request) -> Response:
    return PlainTextResponse("There is nothing here.", 404)


async def healthy(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok", "version": __version__})

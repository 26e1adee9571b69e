"""The HTTP service: MCP at /mcp, and whether it lives at /healthz."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from server import __version__
from server.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def application(mcp: MCPServer[Any], settings: Settings) -> Starlette:
    """Serves only requests whose Host is loopback or allowed by name: a page in a browser can reach loopback too."""
    endpoint = mcp.streamable_http_app(transport_security=_guard(settings))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with mcp.session_manager.run():
            yield

    return Starlette(routes=[Route("/healthz", healthy), Mount("/", app=endpoint)], lifespan=lifespan)


async def healthy(_: Request) -> JSONResponse:
    alive: Mapping[str, str] = {"status": "ok", "version": __version__}
    return JSONResponse(alive)


def _guard(settings: Settings) -> TransportSecuritySettings:
    hosts = [*LOOPBACK, *settings.allowed_hosts]
    origins = [f"http://{host}" for host in LOOPBACK]
    return TransportSecuritySettings(
        allowed_hosts=[*hosts, *(f"{host}:*" for host in hosts)],
        allowed_origins=[*origins, *(f"{origin}:*" for origin in origins), *settings.allowed_origins],
    )

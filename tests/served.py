"""Our service over loopback, with real HTTP in front of it and the sandbox behind."""

import base64
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import httpx2
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.types import ASGIApp

from server.app import http_application
from tests.world import World

HELLO: dict[str, Any] = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}
ASKING = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
INITIALIZE: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}
LIST: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


class _Server(uvicorn.Server):
    def __init__(self, app: ASGIApp) -> None:
        super().__init__(uvicorn.Config(app, http="h11", log_level="critical"))
        self.ready = anyio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def on_loopback(app: ASGIApp) -> AsyncGenerator[str]:
    """Where `app` answers meanwhile."""
    server = _Server(app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [listener])
            with anyio.fail_after(20):
                await server.ready.wait()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                server.should_exit = server.force_exit = True


@asynccontextmanager
async def served(world: World, **environment: str) -> AsyncGenerator[str]:
    """The address of MCP, for a server whose operator has the demo account."""
    # Folders are looked at before any loop runs; here one does already.
    settings = await anyio.to_thread.run_sync(partial(world.settings, **environment))
    app = http_application(settings, transport=world.wire, pace=world.waits.pace())
    async with on_loopback(app) as url:
        yield f"{url}/mcp"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def account(person: str) -> dict[str, str]:
    """As somebody of the sandbox sends the own account."""
    plain = f"{person}@example.com:{person}-token"
    return {"authorization": "Basic " + base64.b64encode(plain.encode()).decode()}


@asynccontextmanager
async def calling(url: str, headers: dict[str, str], mode: str = "auto", **more: Any) -> AsyncGenerator[Client]:
    """An agent that sends these headers with each request."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30))
        transport = streamable_http_client(url, http_client=http)
        yield await stack.enter_async_context(Client(transport, mode=mode, **more))


async def knock(url: str, headers: dict[str, str] | None = None, message: Any = INITIALIZE) -> httpx2.Response:
    """One request, as it is written."""
    async with httpx2.AsyncClient(trust_env=False, timeout=30) as http:
        return await http.post(url, json=message, headers={**ASKING, **(headers or {})})

"""The sandbox in a process of its own, with a latency, counting what reaches it."""

import os
import socket
import sys
from collections import Counter

import anyio
import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.sandbox import Site, application

COUNTS = "/__benchmark__/counts"


class Counting:
    """Requests and connections so far, at COUNTS; each other request waits `latency` seconds."""

    def __init__(self, app: ASGIApp, latency: float) -> None:
        self.app = app
        self.latency = latency
        self.requests = 0
        self.connections: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == COUNTS:
            counts = {"requests": self.requests, "connections": len(self.connections)}
            await JSONResponse(counts)(scope, receive, send)
            return
        if scope["type"] == "http":
            self.requests += 1
            self.connections[str(scope["client"])] += 1
            await anyio.sleep(self.latency)
        await self.app(scope, receive, send)


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    app = Counting(application(Site.demo()), float(os.environ.get("LATENCY", "0")))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    # As patient as Atlassian is with connections that are idle while the other server has its turn.
    config = uvicorn.Config(app, http="h11", log_level="error", access_log=False, timeout_keep_alive=120)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()

"""Holds every answer of the site against the statuses that its operation declares."""

import re
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.sandbox import gateway
from server.sandbox.app import OPERATIONS
from server.sandbox.call import Operation

ALWAYS = frozenset({401, 429})  # what the gate answers for any operation
NO_JSON = re.compile(rb"pars(?:e|ing)", re.IGNORECASE)
PATTERNS = tuple((re.compile(re.sub(r"\{[^}]*\}", "[^/]+", row.path)), row) for row in OPERATIONS)


def operation(method: str, path: str) -> Operation | None:
    rows = (row for pattern, row in PATTERNS if row.method == method and pattern.fullmatch(path))
    return next(rows, None)


@dataclass
class Declared:
    app: ASGIApp
    undeclared: list[str] = field(default_factory=list[str])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        statuses: list[int] = []
        bodies: list[bytes] = []

        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            bodies.append(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, seen)
        row = operation(scope["method"], gateway.site_path(scope)) if scope["type"] == "http" else None
        if row and statuses and not _may(row, statuses[0], b"".join(bodies)):
            self.undeclared.append(f"{row.method} {row.path}: {statuses[0]}")


def _may(row: Operation, status: int, body: bytes) -> bool:
    of_all = status < 400 or status in ALWAYS or (status == 400 and bool(NO_JSON.search(body)))
    return of_all or status in row.errors

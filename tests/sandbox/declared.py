"""Holds every answer of the site against the statuses that its operation declares, and knows which were never given."""

import re
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.sandbox import gateway
from server.sandbox.app import OPERATIONS
from server.sandbox.call import Operation

ALWAYS = frozenset({401, 429})  # what the gate answers for any operation
NO_JSON = re.compile(rb"pars(?:e|ing)", re.IGNORECASE)
SUCCESS = 200
EXERCISED: set[tuple[str, str, int]] = set()
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
        row = operation(scope["method"], _path(scope)) if scope["type"] == "http" else None
        if row and statuses:
            EXERCISED.add((row.method, row.path, statuses[0] if statuses[0] >= 400 else SUCCESS))
        if row and statuses and not _may(row, statuses[0], b"".join(bodies)):
            self.undeclared.append(f"{row.method} {row.path}: {statuses[0]}")


def never_given() -> list[str]:
    """What the tests so far have not seen: the success and every declared error of every operation."""
    rows = ((row, status) for row in OPERATIONS for status in (SUCCESS, *row.errors))
    return [
        f"{row.method} {row.path}: {'success' if status == SUCCESS else status}"
        for row, status in rows
        if (row.method, row.path, status) not in EXERCISED and not (status == SUCCESS and row.only_errors)
    ]


def _path(scope: Scope) -> str:
    return gateway.site_path((gateway.entered(scope) or scope) if scope["path"].startswith(gateway.PREFIX) else scope)


def _may(row: Operation, status: int, body: bytes) -> bool:
    of_all = status < 400 or status in ALWAYS or (status == 400 and bool(NO_JSON.search(body)))
    return of_all or status in row.errors

"""Trouble on demand: what a request meets instead of, before or after its answer, and who asked for what."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal, cast

from server.sandbox.adf import as_dict
from server.sandbox.records import Json

KEPT_REQUESTS = 1_000
FIELDS = {"method", "path", "status", "headers", "delay", "body", "content_type", "times", "drop"}


@dataclass
class Fault:
    path: str = "*"
    method: str = ""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    body: str | None = None
    content_type: str = ""
    times: int = 1
    drop: Literal["before", "after"] | None = None

    def meets(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in ("", method) and fnmatchcase(path, self.path)


def read(raw: object) -> Fault:
    """A fault from its JSON; ValueError says what is wrong with it."""
    if not isinstance(raw, dict):
        raise ValueError("a fault is a JSON object")  # noqa: TRY004 - a bad request, not a bug of ours
    given = as_dict(cast(object, raw))
    if unknown := sorted(set(given) - FIELDS):
        raise ValueError(f"unknown: {', '.join(unknown)}; a fault has {', '.join(sorted(FIELDS))}")
    if not isinstance(given.get("headers") or {}, dict):
        raise ValueError("headers is a JSON object")  # noqa: TRY004 - a bad request, not a bug of ours
    if given.get("drop") not in (None, "before", "after"):
        raise ValueError('drop is "before", "after" or null')
    try:
        return Fault(
            path=str(given.get("path") or "*"),
            method=str(given.get("method") or "").upper(),
            status=None if given.get("status") is None else int(given["status"]),
            headers={name: str(value) for name, value in as_dict(given.get("headers") or {}).items()},
            delay=float(given.get("delay") or 0),
            body=None if given.get("body") is None else str(given["body"]),
            content_type=str(given.get("content_type") or ""),
            times=int(given.get("times", 1)),
            drop=given.get("drop"),
        )
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ValueError(f"a fault's values have the wrong types: {error}") from error


def limit_headers(now: datetime, path: str, wait: int) -> dict[str, str]:
    """What Atlassian sends along with a 429."""
    product = "confluence" if path.startswith("/wiki") else "jira"
    return {
        "Retry-After": str(wait),
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": (now + timedelta(seconds=wait)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "RateLimit-Reason": f"{product}-burst-based",
    }


@dataclass
class Faults:
    """The faults still to come, and the requests that have been."""

    waiting: list[Fault] = field(default_factory=list[Fault])
    requests: deque[Json] = field(default_factory=lambda: deque[Json](maxlen=KEPT_REQUESTS))

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()
        self.requests.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that this request meets, used up by one."""
        for fault in self.waiting:
            if fault.meets(method, path):
                fault.times -= 1
                if not fault.times:
                    self.waiting.remove(fault)
                return fault
        return None

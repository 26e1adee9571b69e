"""Trouble on demand: what a request meets instead of, before or after its answer, and who asked for what."""

import re
from collections import deque
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from email.utils import format_datetime
from fnmatch import fnmatchcase
from random import Random
from typing import Literal, cast

from server.sandbox.adf import as_dict
from server.sandbox.records import Json

KEPT_REQUESTS = 1_000
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Log in with Atlassian account</title></head><body></body></html>"
OBJECT = re.compile(r"^((?:/rest/api/[23]/issue|/wiki/api/v2/pages)/)([^/]+)$")
LONGEST = 86_400.0  # seconds, of a delay
FARTHEST = 1e9  # seconds, from now to a date
BODILESS = (204, 205, 304)
NAME, VALUE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"), re.compile(r"[\t -~\xa0-\xff]*")
DROPS = ("before", "after", "late")
EVERY_KIND: tuple[Json, ...] = (
    {"status": 429, "retry_after": 1},
    {"status": 500},
    {"status": 502},
    {"status": 503},
    {"status": 503, "retry_after": {"date": 2}},
    {"delay": 0.05},
    {"drop": "before"},
    {"drop": "after"},
    {"drop": "late", "late": 5},
    {"truncate": True},
    {"login": True},
    {"wrong": True},
)


@dataclass
class Fault:
    """`times` None is for ever. `share` is the part of the requests it meets; `any` are faults to choose from."""

    path: str = "*"
    method: str = ""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    body: str | None = None
    content_type: str = ""
    times: int | None = 1
    drop: Literal["before", "after", "late"] | None = None
    late: float = 5.0
    retry_after: float | str | Json | None = None
    truncate: bool = False
    login: bool = False
    wrong: bool = False
    share: float = 1.0
    seed: int = 0
    any: "tuple[Fault, ...]" = ()
    _chance: Random = field(default_factory=Random, repr=False)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)  # noqa: S311 - the same trouble on each run
        if self.login and self.body is None:
            self.body = LOGIN_PAGE

    def fits(self, method: str, path: str) -> bool:
        """A read alone can be answered with another object."""
        asked = self.method in ("", method) and fnmatchcase(path, self.path)
        return asked and not (self.wrong and (method != "GET" or not OBJECT.match(path)))

    def met(self, method: str, path: str) -> "Fault | None":
        """What this request meets, if it meets anything."""
        if not self.fits(method, path) or (self.share < 1 and self._chance.random() >= self.share):
            return None
        if not self.any:
            return self
        fitting = [each for each in self.any if each.fits(method, path)]
        return self._chance.choice(fitting) if fitting else None


FIELDS = {each.name for each in fields(Fault) if not each.name.startswith("_")}


def read(raw: object) -> Fault:
    """A fault from its JSON; ValueError says what is wrong with it."""
    if not isinstance(raw, dict):
        raise ValueError("a fault is a JSON object")  # noqa: TRY004 - a bad request, not a bug of ours
    given = as_dict(cast(object, raw))
    if unknown := sorted(set(given) - FIELDS):
        raise ValueError(f"unknown: {', '.join(unknown)}; a fault has {', '.join(sorted(FIELDS))}")
    if not isinstance(given.get("headers") or {}, dict):
        raise ValueError("headers is a JSON object")  # noqa: TRY004 - a bad request, not a bug of ours
    if given.get("drop") not in (None, *DROPS):
        raise ValueError('drop is "before", "after", "late" or null')
    try:
        return _typed(given)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ValueError(f"a fault cannot be made of these values: {error}") from error


def _between(given: Json, name: str, default: float, least: float, most: float) -> float:
    found = float(given.get(name, default))
    if not least <= found <= most:
        raise ValueError(f"{name} is between {least:g} and {most:g}")
    return found


def _status(given: Json) -> int | None:
    """Of an answer that has a body."""
    raw = given.get("status")
    if raw is None:
        return None
    found = int(_between(given, "status", 0, 200, 599))
    if raw is True or found in BODILESS:
        raise ValueError("status is that of an answer with a body")
    return found


def _header(name: str, value: object) -> str:
    text = str(value)
    if not NAME.fullmatch(name) or not VALUE.fullmatch(text):
        raise ValueError(f"{name}: {text!r} cannot be sent as a header")
    return text


def _typed(given: Json) -> Fault:
    kinds: list[object] = list(EVERY_KIND) if given.get("any") == "all" else list(given.get("any") or [])
    many = "share" in given
    return Fault(
        path=str(given.get("path") or "*"),
        method=str(given.get("method") or "").upper(),
        status=_status(given),
        headers={name: _header(name, value) for name, value in as_dict(given.get("headers") or {}).items()},
        delay=_between(given, "delay", 0, 0, LONGEST),
        body=None if given.get("body") is None else str(given["body"]),
        content_type=_header("content-type", given.get("content_type") or ""),
        times=None if many and "times" not in given else int(_between(given, "times", 1, 1, 10**9)),
        drop=given.get("drop"),
        late=_between(given, "late", 5, 0, LONGEST),
        retry_after=_wait(given.get("retry_after")),
        truncate=given.get("truncate") is True,
        login=given.get("login") is True,
        wrong=given.get("wrong") is True,
        share=_between(given, "share", 1, 0, 1),
        seed=int(given.get("seed", 0)),
        any=tuple(read(each) for each in kinds),
    )


def _wait(given: object) -> float | str | Json | None:
    """Retry-After: a number of seconds, {"date": seconds from now}, any text, or "none" for none."""
    if isinstance(given, dict):
        return {"date": _between(as_dict(cast(object, given)), "date", 0, -FARTHEST, FARTHEST)}
    return given if given is None or isinstance(given, (int, float)) else _header("retry-after", given)


def retry_headers(fault: Fault, shown: datetime) -> dict[str, str]:
    wait = fault.retry_after
    if wait is None or wait == "none":
        return fault.headers
    if isinstance(wait, dict):
        wait = format_datetime(shown + timedelta(seconds=wait["date"]), usegmt=True)
    return {"Retry-After": str(wait), **fault.headers}


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
            if met := fault.met(method, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.waiting.remove(fault)
                return met
        return None

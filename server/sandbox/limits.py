"""Atlassian's limits: bursts per endpoint, writes per issue, and points per hour for apps."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.sandbox.refusals import Refusal, jira, wiki
from server.sandbox.scopes import row

BURSTS: Mapping[str, int] = {
    "GET": 100,
    "POST": 100,
    "PUT": 50,
    "DELETE": 50,
    "GET /rest/api/3/issue/{}": 150,
    "GET /rest/api/2/issue/{}": 150,
    "GET /rest/api/3/issue/{}/changelog": 200,
    "GET /rest/api/2/issue/{}/changelog": 200,
    "POST /rest/api/3/search/approximate-count": 150,
}
PER_ISSUE = ((20, 2.0), (100, 30.0))
QUOTA = 65_000
HOUR = 3_600
KINDS = ("global", "tenant")
COSTLY = ("/user", "/group", "/role", "permission", "/myself")
LISTS = ("issues", "values", "results", "comments", "worklogs", "histories", "groups", "users")
Headers = dict[str, str]


@dataclass(frozen=True)
class Rules:
    """What is limited: nothing, unless asked for. `bursts` holds requests per second by method or by operation."""

    bursts: Mapping[str, int] = field(default_factory=dict[str, int])
    per_issue: bool = False
    quota: int | None = None
    kind: str = "global"


REALISTIC = Rules(BURSTS, per_issue=True, quota=QUOTA)


@dataclass
class _Bucket:
    size: int
    left: float
    at: datetime

    def fill(self, now: datetime) -> None:
        self.left = min(self.size, self.left + (now - self.at).total_seconds() * self.size)
        self.at = now


@dataclass
class Limits:
    rules: Rules = field(default_factory=Rules)
    _buckets: dict[str, _Bucket] = field(default_factory=dict[str, _Bucket])
    _writes: dict[str, deque[datetime]] = field(default_factory=dict[str, deque[datetime]])
    _spent: dict[tuple[str, datetime], int] = field(default_factory=dict[tuple[str, datetime], int])

    def change(self, rules: Rules) -> None:
        self.rules = rules
        self._buckets.clear()
        self._writes.clear()
        self._spent.clear()

    def admit(self, method: str, path: str, now: datetime, *, issue: str = "", app: str = "") -> Headers:
        """The headers of the answer to come, or the 429 of the first limit that is met."""
        headers = self._burst(row(method, path), now)
        if issue and method != "GET" and self.rules.per_issue:
            self._write(issue, path, now)
        return headers | self._quota(path, app, now)

    def charge(self, method: str, path: str, app: str, body: object, now: datetime) -> None:
        """The points of a request that has been answered."""
        if app and self.rules.quota is not None:
            key = app, _hour(now)
            self._spent[key] = self._spent.get(key, 0) + points(method, path, body)

    def _burst(self, name: str, now: datetime) -> Headers:
        method, _, path = name.partition(" ")
        size = self.rules.bursts.get(name, self.rules.bursts.get(method))
        if size is None:
            return {}
        bucket = self._buckets.setdefault(name, _Bucket(size, size, now))
        bucket.fill(now)
        if bucket.left < 1:
            raise limited(path, "burst-based", size, now, (1 - bucket.left) / size)
        bucket.left -= 1
        return _counted(size, int(bucket.left), now + timedelta(seconds=1))

    def _write(self, issue: str, path: str, now: datetime) -> None:
        past = self._writes.setdefault(issue, deque(maxlen=max(most for most, _ in PER_ISSUE)))
        for most, span in PER_ISSUE:
            if len(past) >= most and (age := (now - past[-most]).total_seconds()) < span:
                raise limited(path, "per-issue-on-write", most, now, span - age)
        past.append(now)

    def _quota(self, path: str, app: str, now: datetime) -> Headers:
        quota = self.rules.quota
        if quota is None or not app:
            return {}
        left = max(0, quota - self._spent.get((app, _hour(now)), 0))
        reset = _hour(now) + timedelta(hours=1)
        wait = math.ceil((reset - now).total_seconds())
        name = f'"{self.rules.kind}-app-quota"'
        near = f";r={left}" if left * 5 < quota else ""
        structured = {
            "Beta-RateLimit-Policy": f"{name};q={quota};w={HOUR}",
            "Beta-RateLimit": f"{name}{near};t={wait}",
        }
        if not left:
            refusal = limited(path, f"quota-{self.rules.kind}-based", quota, now, wait)
            refusal.headers.update(structured)
            raise refusal
        return structured | ({"X-RateLimit-NearLimit": "true"} if near else {})


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _counted(size: int, left: int, reset: datetime) -> Headers:
    headers = {"X-RateLimit-Limit": str(size), "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": _iso(reset)}
    return headers | ({"X-RateLimit-NearLimit": "true"} if left * 5 < size else {})


def limited(path: str, reason: str, size: int, now: datetime, wait: float) -> Refusal:
    of_wiki = path.startswith("/wiki")
    refusal = wiki(429, "Rate limit exceeded") if of_wiki else jira(429, "Rate limit exceeded.")
    seconds = max(1, math.ceil(wait))
    refusal.headers.update(
        {
            "Retry-After": str(seconds),
            **_counted(size, 0, now + timedelta(seconds=seconds)),
            "RateLimit-Reason": f"{'confluence' if of_wiki else 'jira'}-{reason}",
        }
    )
    return refusal


def points(method: str, path: str, body: object) -> int:
    """One for the request, and for a read one per object, two where the objects are people or permissions."""
    if method != "GET":
        return 1
    return 1 + _objects(body) * (2 if any(word in path for word in COSTLY) else 1)


def _objects(body: object) -> int:
    if isinstance(body, list):
        return len(body)  # pyright: ignore[reportUnknownArgumentType]
    if not isinstance(body, dict):
        return 0
    found: list[object] = [body[name] for name in LISTS if name in body]  # pyright: ignore[reportUnknownVariableType]
    return next((len(each) for each in found if isinstance(each, list)), 1)  # pyright: ignore[reportUnknownArgumentType]


def read(given: Mapping[str, object]) -> Rules:
    """Rules from their JSON; ValueError says what is wrong."""
    basis = REALISTIC if given.get("realistic") else Rules()
    bursts, quota, kind = (
        given.get("bursts", basis.bursts),
        given.get("quota", basis.quota),
        given.get("kind", "global"),
    )
    if not isinstance(bursts, Mapping) or not all(_whole(size) for size in bursts.values()):  # pyright: ignore
        raise ValueError("bursts is an object of whole numbers above 0, by method or by operation")
    if quota is not None and not _whole(quota):
        raise ValueError("quota is a whole number above 0 or null")
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    named = {_name(str(name)): int(size) for name, size in bursts.items()}  # pyright: ignore
    return Rules(named, bool(given.get("per_issue", basis.per_issue)), quota, str(kind))  # pyright: ignore


def _name(name: str) -> str:
    method, _, path = name.partition(" ")
    return row(method.upper(), path) if path else method.upper()


def _whole(size: object) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and size > 0

"""When a request may be sent: one limiter below every call to one product of a site.

Atlassian counts by endpoint and method, by the issue that is written, and by the hour for all; an answer's
`RateLimit-Reason` says which of them is spent. The limiter keeps each `Retry-After` for what it holds for, spreads what
it has learned of a burst limit over the lanes so that people come first, and counts retries against a budget.
"""

import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from server.client import limit_headers
from server.client.answers import UNNAMED

V = TypeVar("V")

LONGEST_HOLD = 3600.0  # seconds: quotas begin anew each hour, so that a longer Retry-After is a mistake
RETRY_SHARE = 0.1  # of the first tries in the last minute
FEWEST_RETRIES = 10  # in a minute, where there are too few tries for a share
MINUTE = 60.0
LEARNED_FOR = 600.0  # seconds
GUESSED_FOR = 60.0
SLOWER = 0.7  # of its rate, after a 429 that does not say how much is allowed
LEAST_RATE = 0.1  # of the usual rate, however often that happens
ISSUE_WRITES = ((20, 2.0), (100, 30.0))  # of one issue: so many in so many seconds
SLOWEST = 50.0
BURST = {"GET": 100.0, "POST": 100.0, "PUT": SLOWEST, "DELETE": SLOWEST}  # a second, where nothing was learned
ROUNDING = 1e-6  # seconds: what floating point leaves over is no reason to wait
MOST_KEPT = 1000  # endpoints and issues that are remembered


@dataclass(frozen=True)
class Lane:
    """`kept`: the share of every limit that this lane leaves to those before it; `patience`: the seconds that a call
    waits in all before it says when to come back."""

    name: str
    kept: float
    patience: float


INTERACTIVE = Lane("interactive", 0.0, 30.0)
TYPING = Lane("typing", 0.3, 2.0)  # for somebody who types on meanwhile
SYNC = Lane("sync", 0.3, 300.0)
BACKFILL = Lane("backfill", 0.5, 300.0)

_VARIABLE = re.compile(r"[^/]*[0-9][^/]*|[A-Z][A-Z_]+|[^/]*[:~@%][^/]*")
_NAMED = re.compile(r"(?<=/)(project|properties|label|spaces)/[^/]+")
_VERSION = re.compile(r"^(/wiki)?/(rest/(api|agile|webhooks)|api)/[^/]+")


@dataclass(frozen=True)
class Target:
    """What the request counts against: its endpoint, and the issue that it writes, if any."""

    endpoint: str
    issue: str = ""

    @property
    def method(self) -> str:
        return self.endpoint.partition(" ")[0]


def target(method: str, path: str, *, changes: bool) -> Target:
    """Of a request by its path, without the query."""
    prefix = _VERSION.match(path)
    start = prefix.end() if prefix else 0
    rest = path[start:]
    template = "/".join("{}" if _VARIABLE.fullmatch(part) else part for part in rest.split("/"))
    issue = rest[len("/issue/") :].partition("/")[0] if changes and rest.startswith("/issue/") else ""
    named = issue if issue and _VARIABLE.fullmatch(issue) else ""
    return Target(f"{method} {path[:start]}" + _NAMED.sub(r"\1/{}", template), named)


@dataclass(frozen=True)
class Pause:
    """Why a request may not be sent now, and the seconds until it may."""

    seconds: float
    reason: str


NONE = Pause(0.0, "")


@dataclass
class _Bucket:
    """Tokens of one endpoint: `rate` a second, at most a second's worth. `learned` from Atlassian, or only assumed."""

    rate: float
    tokens: float
    at: float
    learned_until: float = -math.inf

    def fill(self, now: float, usual: float) -> None:
        if self.learned_until <= now:
            self.rate = usual
        self.tokens = min(self.rate, self.tokens + (now - self.at) * self.rate)
        self.at = now

    def pause(self, lane: Lane, now: float) -> float:
        if not lane.kept and self.learned_until <= now:
            return 0.0  # what is only assumed holds up nobody who waits for the answer
        lacking = 1.0 + lane.kept * (self.rate - 1.0) - self.tokens
        return max(0.0, lacking / self.rate)


@dataclass
class Limiter:
    """Of one product of one site. Times are seconds of `clock`, which only goes forward."""

    clock: Callable[[], float]
    _holds: dict[str, tuple[float, str]] = field(default_factory=dict[str, tuple[float, str]])
    _buckets: dict[str, _Bucket] = field(default_factory=dict[str, _Bucket])
    _writes: dict[str, deque[float]] = field(default_factory=dict[str, deque[float]])
    _reserved: dict[str, float] = field(default_factory=dict[str, float])

    def take(self, wanted: Target, lane: Lane) -> Pause:
        """NONE where the request may be sent now, and is counted as sent; else how long to wait before asking again."""
        now = self.clock()
        held = self._held(wanted, lane, now)
        if held.seconds > ROUNDING:
            return held
        bucket = self._bucket(wanted, now)
        pauses = (
            Pause(bucket.pause(lane, now), "burst limit"),
            Pause(self._issue_pause(wanted.issue, lane, now), "limit of writes to one issue"),
        )
        longest = max(pauses, key=lambda pause: pause.seconds)
        if longest.seconds > ROUNDING:
            return longest
        bucket.tokens -= 1.0
        if wanted.issue:
            self._writes_to(wanted.issue).append(now)
        return NONE

    def heed(self, wanted: Target, status: int, headers: Mapping[str, str], *, wall: datetime) -> None:
        """Learn from an answer, whatever its status; `wall` is the time of day here."""
        if status == 429:
            self._refused(wanted, headers, wall)
        elif status == 503:
            self._hold(wanted.endpoint, limit_headers.retry_after(headers, wall), "unavailable")
        self._near(headers, wall)

    def _refused(self, wanted: Target, headers: Mapping[str, str], wall: datetime) -> None:
        reason = headers.get("ratelimit-reason", "")
        pause = limit_headers.pause(headers, wall)
        if reason.endswith("per-issue-on-write") and wanted.issue:
            self._hold(f"issue {wanted.issue}", pause, reason)
        elif reason.endswith("burst-based"):
            self._learn(wanted, limit_headers.limit(headers))
            self._hold(wanted.endpoint, pause, reason)
        else:
            self._hold("", pause, reason or UNNAMED)

    def _hold(self, what: str, pause: float, reason: str) -> None:
        until = self.clock() + min(pause, LONGEST_HOLD)
        if pause > 0 and until > self._holds.get(what, (0.0, ""))[0]:
            _put(self._holds, what, (until, reason))

    def _held(self, wanted: Target, lane: Lane, now: float) -> Pause:
        longest = NONE
        if self._reserved and self._reserved.get(lane.name, 0.0) > now:
            longest = Pause(self._reserved[lane.name] - now, "quota kept for people")
        if self._holds:
            for what in ("", wanted.endpoint, f"issue {wanted.issue}"):
                until, reason = self._holds.get(what, (0.0, ""))
                if until - now > longest.seconds:
                    longest = Pause(until - now, reason)
                elif until and until <= now:
                    del self._holds[what]
        return longest

    def _learn(self, wanted: Target, limit: float | None) -> None:
        now = self.clock()
        bucket = self._bucket(wanted, now)
        if limit and limit < bucket.rate:
            bucket.rate, bucket.learned_until = max(1.0, limit), now + LEARNED_FOR
        elif bucket.learned_until < now + GUESSED_FOR - 1.0:  # answers to requests of the same moment count once
            least = LEAST_RATE * BURST.get(wanted.method, SLOWEST)
            bucket.rate, bucket.learned_until = max(least, bucket.rate * SLOWER), now + GUESSED_FOR
        bucket.tokens = 0.0

    def _near(self, headers: Mapping[str, str], wall: datetime) -> None:
        """Less than what is kept for people is left: the other lanes wait for the next window."""
        if limit_headers.near(headers):
            self._reserve(max(1.0, limit_headers.until_reset(headers, wall)), BACKFILL)
        for left, total, seconds in limit_headers.quotas(headers):
            for lane in (SYNC, BACKFILL):
                if left < lane.kept * total:
                    self._reserve(seconds, lane)

    def _reserve(self, seconds: float, lane: Lane) -> None:
        until = self.clock() + min(seconds, LONGEST_HOLD)
        self._reserved[lane.name] = max(until, self._reserved.get(lane.name, 0.0))

    def _bucket(self, wanted: Target, now: float) -> _Bucket:
        usual = BURST.get(wanted.method, SLOWEST)
        bucket = self._buckets.get(wanted.endpoint)
        if bucket is None:
            bucket = _Bucket(usual, usual, now)
            _put(self._buckets, wanted.endpoint, bucket)
        bucket.fill(now, usual)
        return bucket

    def _writes_to(self, issue: str) -> deque[float]:
        found = self._writes.get(issue)
        if found is None:
            found = deque[float](maxlen=max(count for count, _ in ISSUE_WRITES))
            _put(self._writes, issue, found)
        return found

    def _issue_pause(self, issue: str, lane: Lane, now: float) -> float:
        written = self._writes.get(issue) if issue else None
        if not written:
            return 0.0
        pauses = [0.0]
        for most, seconds in ISSUE_WRITES:
            allowed = math.floor(most * (1.0 - lane.kept))
            if len(written) >= allowed:
                pauses.append(written[-allowed] + seconds - now)
        return max(pauses)


def _put(kept: dict[str, V], key: str, value: V) -> None:
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]


@dataclass
class Budget:
    """Retries of the last minute against its first tries."""

    clock: Callable[[], float]
    _tries: deque[float] = field(default_factory=deque[float])
    _retries: deque[float] = field(default_factory=deque[float])

    def first_try(self) -> None:
        self._tries.append(self._forgotten(self._tries))

    def take(self) -> bool:
        """Whether there is a retry left, which is then spent."""
        self._forgotten(self._tries)
        now = self._forgotten(self._retries)
        if len(self._retries) >= max(FEWEST_RETRIES, math.floor(RETRY_SHARE * len(self._tries))):
            return False
        self._retries.append(now)
        return True

    def _forgotten(self, times: deque[float]) -> float:
        now = self.clock()
        while times and times[0] <= now - MINUTE:
            times.popleft()
        return now

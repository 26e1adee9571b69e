"""Many mixed calls of the clients to a site of which some answers go wrong, in virtual time, and what came of them."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import count
from typing import Any

import anyio
import httpx2

from server.client import BACKFILL, INTERACTIVE, SYNC, ConfluenceApiClient, JiraApiClient, Lane, Pace
from server.entities import ISSUE, PAGE, Model
from server.errors import AtlassianError, UnknownOutcome
from server.sandbox import Site, application
from server.settings import ConfluenceConfig, JiraConfig
from tests.sandbox.transport import InProcess
from tests.world import NOW

WORKERS = 24
LANES = (INTERACTIVE, SYNC, BACKFILL)
LIMITS = ("burst-based", "quota-tenant-based", "quota-global-based", "")
_tries: ContextVar[set[str]] = ContextVar("_tries")  # the requests of the call that this task makes


@dataclass(frozen=True)
class Sent:
    at: float
    answered: float
    request: str
    again: bool
    status: int  # 0: the connection broke
    headers: httpx2.Headers


@dataclass
class Report:
    calls: int = 0
    faults: Counter[str] = field(default_factory=Counter[str])
    outcomes: Counter[str] = field(default_factory=Counter[str])
    wrong_reads: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    lost: list[str] = field(default_factory=list[str])
    early: list[str] = field(default_factory=list[str])
    most_retries: float = 0.0  # of the first tries, in the worst minute

    @property
    def sound(self) -> bool:
        return not (self.wrong_reads or self.doubled or self.lost or self.early) and self.most_retries <= 0.1

    def __str__(self) -> str:
        return (
            f"{self.calls} calls, {sum(self.faults.values())} faults of {len(self.faults)} kinds, "
            f"{dict(self.outcomes)}; wrong reads {len(self.wrong_reads)}, doubled writes {len(self.doubled)}, "
            f"lost writes {len(self.lost)}, calls inside a Retry-After {len(self.early)}, "
            f"retries at most {self.most_retries:.1%} in a minute"
        )


def _clock() -> float:
    return asyncio.get_running_loop().time()


class Trouble(httpx2.AsyncBaseTransport):
    """The wire to the sandbox, 40 ms long; a share of the requests meets a fault."""

    def __init__(self, site: Site, chance: random.Random, share: float) -> None:
        self._inner = InProcess(application(site))
        self._chance, self._share = chance, share
        self.sent: list[Sent] = []
        self.faults: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        at = _clock()
        await asyncio.sleep(0.04)
        if self._chance.random() < self._share:
            await self._spoil(request)
        name = f"{request.method} {request.url.path}"
        again = name in _tries.get()
        _tries.get().add(name)
        try:
            answer = await self._inner.handle_async_request(request)
        except httpx2.TransportError:
            self.sent.append(Sent(at, _clock(), name, again, 0, httpx2.Headers()))
            raise
        self.sent.append(Sent(at, _clock(), name, again, answer.status_code, answer.headers))
        return answer

    async def look(self) -> None:
        async with httpx2.AsyncClient(base_url="http://sandbox.localhost", transport=self._inner) as http:
            await http.get("/rest/api/3/serverInfo")

    async def _spoil(self, request: httpx2.Request) -> None:
        kind, fault = self._chance.choice(self._kinds(f"{request.method} {request.url.path}"))
        self.faults[kind] += 1
        fault = {"path": request.url.path, "method": request.method, **fault}
        async with httpx2.AsyncClient(base_url="http://sandbox.localhost", transport=self._inner) as http:
            (await http.post("/__sandbox__/faults", json=fault)).raise_for_status()

    def _kinds(self, request: str) -> list[tuple[str, dict[str, Any]]]:
        date = format_datetime(NOW + timedelta(seconds=_clock() + 3), usegmt=True)
        waits = {"seconds": "2", "a date": date, "zero": "0", "none": "", "the past": "Thu, 01 Jan 1970 00:00:00 GMT"}
        product = _scopes_of(request)[2].lower()
        reasons = [name and f"{product}-{name}" for name in LIMITS]
        if _scopes_of(request)[1]:
            reasons.append("jira-per-issue-on-write")
        limits = [
            (f"429 {reason or 'unnamed'}, {name}", {"status": 429, "headers": {"Retry-After": wait} | _reason(reason)})
            for name, wait in waits.items()
            for reason in reasons
        ]
        broken = [(f"{status}", {"status": status}) for status in (500, 502, 503, 504)]
        odd: list[tuple[str, dict[str, Any]]] = [
            ("503, 5 s", {"status": 503, "headers": {"Retry-After": "5"}}),
            ("slow", {"delay": 8}),
            ("silent", {"delay": 90}),
            ("dropped before", {"drop": "before"}),
            ("dropped after", {"drop": "after"}),
            ("dropped, applied late", {"drop": "late", "late": self._chance.uniform(0, 20)}),
            ("login page", {"login": True}),
            ("broken off", {"truncate": True}),
        ]
        if request.startswith("GET"):
            odd.append(("the wrong object", {"wrong": True}))
        # Limits are one kind in three, else they would be nearly all.
        return [*self._chance.sample(limits, 5), *broken, *odd]


def _reason(reason: str) -> dict[str, str]:
    return {"RateLimit-Reason": reason, "X-RateLimit-Reset": "", "X-RateLimit-Limit": ""}


@dataclass
class Storm:
    """One run: `calls` in all by WORKERS at once; the same seed is the same run."""

    seed: int
    share: float = 0.05
    report: Report = field(default_factory=Report)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - no secret
        self.site = Site.demo(now=lambda: NOW + timedelta(seconds=_clock()))
        self.wire = Trouble(self.site, random.Random(self.seed + 1), self.share)  # noqa: S311 - no secret
        self.keys = [issue.key for issue in self.site.issues.values() if issue.key.startswith("DEMO-")]
        self.pages = [page.id for page in self.site.pages.values() if page.space == "65537"]
        self.told: dict[str, str] = {}  # marker of a write -> done, refused, unknown
        self.left = 0

    async def run(self, calls: int) -> Report:
        pace = Pace(
            clock=_clock,
            wall=lambda: NOW + timedelta(seconds=_clock()),
            chance=random.Random(self.seed + 2).random,  # noqa: S311 - no secret
            unique=map("attempt-{}".format, count()).__next__,
        )
        site, account = "http://sandbox.localhost", ("demo-token", "demo@example.com")
        jira = JiraApiClient(JiraConfig(site, *account), transport=self.wire, pace=pace)
        confluence = ConfluenceApiClient(ConfluenceConfig(site, *account), transport=self.wire, pace=pace)
        self.left = self.report.calls = calls
        async with anyio.create_task_group() as workers:
            for _ in range(WORKERS):
                workers.start_soon(self._work, jira, confluence)
        await asyncio.sleep(60)  # until what is late has been applied, which the next request brings about
        await self.wire.look()
        self._judge()
        return self.report

    async def _work(self, jira: JiraApiClient, confluence: ConfluenceApiClient) -> None:
        kinds: list[Callable[[Lane], Awaitable[None]]] = [
            lambda lane: self._read_issue(jira.on(lane)),
            lambda lane: self._read_issue(jira.on(lane)),
            lambda lane: self._read_page(confluence.on(lane)),
            lambda lane: self._comment(jira.on(lane)),
            lambda lane: self._create(jira.on(lane)),
        ]
        while self.left > 0:
            self.left -= 1
            _tries.set(set())
            lane, call = self.chance.choice(LANES), self.chance.choice(kinds)
            try:
                await call(lane)
                self.report.outcomes["done"] += 1
            except AtlassianError as error:
                self.report.outcomes[type(error).__name__] += 1
            await asyncio.sleep(self.chance.random())

    async def _read_issue(self, jira: JiraApiClient) -> None:
        key = self.chance.choice(self.keys)
        found = await jira.read(ISSUE, key)
        issue = self.site.issue(key)
        if not issue or (found.key, found.summary) != (key, issue.values["summary"]):
            self.report.wrong_reads.append(f"{key}: {found.key}")

    async def _read_page(self, confluence: ConfluenceApiClient) -> None:
        page_id = self.chance.choice(self.pages)
        found = await confluence.read(PAGE, page_id)
        if (found.id, found.title) != (page_id, self.site.pages[page_id].title):
            self.report.wrong_reads.append(f"{page_id}: {found.id}")

    async def _comment(self, jira: JiraApiClient) -> None:
        marker = f"comment-{len(self.told)}"
        body = {"type": "doc", "version": 1, "content": [_paragraph(marker)]}
        await self._write(marker, jira.add_comment(self.chance.choice(self.keys), {"body": body}))

    async def _create(self, jira: JiraApiClient) -> None:
        marker = f"issue-{len(self.told)}"
        fields = {"project": {"key": "DEMO"}, "issuetype": {"name": "Task"}, "summary": marker}
        await self._write(marker, jira.create_issue("DEMO", fields))

    async def _write(self, marker: str, write: Awaitable[Model]) -> None:
        self.told[marker] = "unknown"
        try:
            await write
            self.told[marker] = "done"
        except UnknownOutcome:
            raise
        except AtlassianError:
            self.told[marker] = "refused"
            raise

    def _judge(self) -> None:
        self.report.faults = self.wire.faults
        there = Counter(issue.values["summary"] for issue in self.site.issues.values())
        there.update(_text(comment.body) for issue in self.site.issues.values() for comment in issue.comments)
        for marker, told in self.told.items():
            if there[marker] > 1 or (told == "refused" and there[marker]):
                self.report.doubled.append(f"{marker}, {told}: {there[marker]}")
            if told == "done" and not there[marker]:
                self.report.lost.append(marker)
        self.report.early = list(_early(self.wire.sent))
        self.report.most_retries = max(_retries_by_minute(self.wire.sent))


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


def _text(document: dict[str, Any]) -> str:
    words = re.search(r"'text': '([^']*)'", str(document))
    return words[1] if words else ""


def _retries_by_minute(sent: list[Sent]) -> Iterator[float]:
    """The share of first tries, of the minutes that have enough of them to speak of a share."""
    firsts = Counter(int(each.at // 60) for each in sent if not each.again)
    again = Counter(int(each.at // 60) for each in sent if each.again)
    yield 0.0
    yield from (again[minute] / count for minute, count in firsts.items() if count >= 100)


def _early(sent: list[Sent]) -> Iterator[str]:
    """Requests that were sent inside a Retry-After of their scope."""
    holds: list[tuple[float, float, str]] = []
    events = sorted([(each.at, 1, each) for each in sent] + [(each.answered, 0, each) for each in sent], key=_order)
    for at, sending, each in events:
        if sending:
            inside = [
                scope for start, end, scope in holds if start < at < end - 1e-6 and scope in _scopes_of(each.request)
            ]
            yield from (f"{each.request} at {at:.2f} inside {scope}" for scope in inside)
            holds = [hold for hold in holds if hold[1] > at]
        elif each.status in (429, 503) and (wait := _wait(each)) > 0:
            holds.append((at, at + wait, _scope(each)))


def _order(event: tuple[float, int, Sent]) -> tuple[float, int]:
    return event[:2]


def _wait(answer: Sent) -> float:
    value = answer.headers.get("retry-after", "")
    if value.isdigit():
        return float(value)
    if not value:
        return 0.0
    return (parsedate_to_datetime(value) - NOW).total_seconds() - answer.answered


def _endpoint(request: str) -> str:
    return re.sub(r"[A-Z]+-[0-9]+|(?<=/)[0-9]+(?=/|$)", "{}", request.replace("/api/3/", "/api/three/"))


def _scope(answer: Sent) -> str:
    reason = answer.headers.get("ratelimit-reason", "")
    endpoint, issue, product = _scopes_of(answer.request)
    if answer.status == 503 or reason.endswith("burst-based"):
        return endpoint
    return issue if "per-issue" in reason else product


def _scopes_of(request: str) -> tuple[str, str, str]:
    """Its endpoint, the issue that it writes to or nothing, its product."""
    method, _, path = request.partition(" ")
    issue = re.search(r"/issue/([A-Z]+-[0-9]+)", path)
    writes = f"writes to {issue[1]}" if issue and method != "GET" else ""
    return _endpoint(request), writes, "Confluence" if path.startswith("/wiki") else "Jira"

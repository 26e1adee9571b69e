"""One limiter below every call: no call inside a Retry-After, people first, few retries. In virtual time."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from statistics import quantiles
from typing import Any

import anyio
import httpx2
import pytest

from server.client import BACKFILL, INTERACTIVE, SYNC, JiraApiClient, Lane, Pace
from server.entities import ISSUE, PROJECT
from server.errors import AtlassianDown, AtlassianError, RateLimited
from server.sandbox import Site, application
from server.sandbox.limits import Rules
from server.settings import JiraConfig
from tests import virtual_time
from tests.sandbox.transport import InProcess
from tests.world import NOW

pytestmark = pytest.mark.anyio
ONE = "/rest/api/3/issue/DEMO-7"


@pytest.fixture
def anyio_backend() -> Any:
    return virtual_time.BACKEND


def clock() -> float:
    return asyncio.get_running_loop().time()


def wall() -> datetime:
    return NOW + timedelta(seconds=clock())


class Wire(httpx2.AsyncBaseTransport):
    """To a sandbox that is 50 ms away; it remembers when what was sent."""

    def __init__(self) -> None:
        self.site = Site.demo(now=wall)
        self._inner = InProcess(application(self.site))
        self.sent: list[tuple[float, str]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append((clock(), request.url.path))
        await asyncio.sleep(0.05)
        return await self._inner.handle_async_request(request)

    async def fault(self, **fault: Any) -> None:
        async with httpx2.AsyncClient(base_url="http://sandbox.localhost", transport=self._inner) as http:
            (await http.post("/__sandbox__/faults", json=fault)).raise_for_status()

    async def limit(self, reason: str, *, path: str = ONE, seconds: str = "10", **more: Any) -> None:
        headers = {"Retry-After": seconds, "RateLimit-Reason": reason, "X-RateLimit-Reset": "", "X-RateLimit-Limit": ""}
        await self.fault(path=path, status=429, headers=headers | more)

    def times(self, path: str = "") -> list[float]:
        return [time for time, asked in self.sent if path in asked]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def jira(wire: Wire) -> AsyncIterator[JiraApiClient]:
    pace = Pace(clock=clock, wall=wall, chance=random.Random(1).random)  # noqa: S311 - no secret
    config = JiraConfig("http://sandbox.localhost", "demo-token", "demo@example.com")
    async with JiraApiClient(config, transport=wire, pace=pace) as client:
        yield client


async def read(jira: JiraApiClient, key: str = "DEMO-7") -> None:
    await jira.read(ISSUE, key)


async def comment(jira: JiraApiClient, key: str = "DEMO-7") -> None:
    text = {"type": "text", "text": "Again."}
    body = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [text]}]}
    await jira.send("POST", f"issue/{key}/comment", body={"body": body}, named="a comment")


async def test_a_spent_burst_holds_its_endpoint_and_no_other(jira: JiraApiClient, wire: Wire) -> None:
    await wire.limit("jira-burst-based")
    async with anyio.create_task_group() as calls:
        calls.start_soon(read, jira)
        await anyio.sleep(1)
        calls.start_soon(read, jira, "DEMO-11")
        calls.start_soon(jira.read, PROJECT, "DEMO")
    assert wire.times("project") == [pytest.approx(1.0)]
    assert wire.times("DEMO-11") == [pytest.approx(10.05)]


async def test_a_limit_of_an_issue_holds_writes_to_that_issue_alone(jira: JiraApiClient, wire: Wire) -> None:
    await wire.limit("jira-per-issue-on-write", path=f"{ONE}/comment")
    async with anyio.create_task_group() as calls:
        calls.start_soon(comment, jira)
        await anyio.sleep(1)
        calls.start_soon(comment, jira)
        calls.start_soon(comment, jira, "DEMO-11")
        calls.start_soon(read, jira)
    assert wire.times("DEMO-11") == wire.times("issue/DEMO-7")[1:2] == [pytest.approx(1.0)]
    assert len([time for time in wire.times("DEMO-7/comment") if 0 < time < 10.05]) == 0


@pytest.mark.parametrize("reason", ["jira-quota-global-based", "jira-quota-tenant-based", "", "something new"])
async def test_a_spent_quota_holds_every_call(jira: JiraApiClient, wire: Wire, reason: str) -> None:
    await wire.limit(reason)
    async with anyio.create_task_group() as calls:
        calls.start_soon(read, jira)
        await anyio.sleep(1)
        calls.start_soon(comment, jira, "DEMO-11")
        calls.start_soon(jira.read, PROJECT, "DEMO")
    assert [time for time in wire.times() if 0 < time < 10.05] == []


async def test_a_call_inside_a_long_hold_is_not_sent_and_says_when_to_come_back(
    jira: JiraApiClient, wire: Wire
) -> None:
    await wire.limit("jira-quota-tenant-based", seconds="1800")
    with pytest.raises(RateLimited, match=r"\(jira-quota-tenant-based\).* Try again in 1800 s"):
        await read(jira)
    await anyio.sleep(60)
    with pytest.raises(RateLimited) as caught:
        await jira.read(PROJECT, "DEMO")
    assert caught.value.retry_after == pytest.approx(1740.0)
    assert len(wire.sent) == 1


async def test_an_absurd_hold_is_tried_again_when_quotas_begin_anew(jira: JiraApiClient, wire: Wire) -> None:
    await wire.limit("jira-quota-tenant-based", seconds="999999999")
    with pytest.raises(RateLimited):
        await read(jira)
    await anyio.sleep(3600)
    await read(jira)


async def test_a_date_to_come_back_is_read_by_the_clock_of_the_site(jira: JiraApiClient, wire: Wire) -> None:
    theirs = NOW - timedelta(hours=1)
    date = format_datetime(theirs + timedelta(seconds=20), usegmt=True)
    await wire.limit("jira-burst-based", seconds=date, Date=format_datetime(theirs, usegmt=True))
    await read(jira)
    assert wire.times()[1] == pytest.approx(20.05)


async def test_an_unavailable_endpoint_is_left_alone_as_long_as_it_says(jira: JiraApiClient, wire: Wire) -> None:
    await wire.fault(path=ONE, status=503, headers={"Retry-After": "20"})
    async with anyio.create_task_group() as calls:
        calls.start_soon(read, jira)
        await anyio.sleep(1)
        calls.start_soon(read, jira, "DEMO-11")
    assert wire.times("DEMO-11") == [pytest.approx(20.05)]


async def test_writes_to_one_issue_are_spread_before_the_site_has_to_say_so(jira: JiraApiClient, wire: Wire) -> None:
    async with anyio.create_task_group() as calls:
        for _ in range(110):
            calls.start_soon(comment, jira.on(SYNC))
    times = wire.times()
    assert len(times) == 110  # and no more
    assert all(later - earlier >= 2 for earlier, later in zip(times, times[20:], strict=False))
    assert all(later - earlier >= 30 for earlier, later in zip(times, times[100:], strict=False))


async def test_a_learned_limit_is_shared_so_that_people_come_first(jira: JiraApiClient, wire: Wire) -> None:
    await wire.limit("jira-burst-based", seconds="1", **{"X-RateLimit-Limit": "10"})
    await read(jira)
    await anyio.sleep(5)
    begun = clock()
    async with anyio.create_task_group() as calls:
        for lane in (BACKFILL, SYNC):
            for _ in range(40):
                calls.start_soon(read, jira.on(lane))
        await anyio.sleep(2)
        asked = clock()
        for _ in range(3):
            await read(jira)
        assert clock() - asked == pytest.approx(0.15)  # three round trips, no wait
    for second in range(8):
        assert len([time for time in wire.times() if begun + second < time <= begun + second + 1]) <= 14
    assert clock() - begun >= 7


@pytest.mark.parametrize(("lane", "waits"), [(INTERACTIVE, False), (SYNC, False), (BACKFILL, True)])
async def test_backfill_rests_near_the_limit(jira: JiraApiClient, wire: Wire, lane: Lane, waits: bool) -> None:  # noqa: FBT001
    near = {"X-RateLimit-NearLimit": "true", "X-RateLimit-Reset": (NOW + timedelta(seconds=30)).isoformat()}
    await wire.fault(path=ONE, status=404, headers=near)
    with pytest.raises(Exception, match="DEMO-7"):
        await read(jira)
    await read(jira.on(lane))
    assert (clock() >= 30) == waits


@pytest.mark.parametrize("prefix", ["", "Beta-"])
@pytest.mark.parametrize(("left", "rest"), [(40_000, []), (26_000, [BACKFILL]), (13_000, [SYNC, BACKFILL])])
async def test_the_last_of_a_quota_is_kept_for_people(
    jira: JiraApiClient, wire: Wire, prefix: str, left: int, rest: list[Lane]
) -> None:
    policy = '"global-app-quota";q=65000;w=3600'
    told = f'"other";r=5;t=9, "global-app-quota";r={left};t=100'
    await wire.fault(path=ONE, status=404, headers={f"{prefix}RateLimit-Policy": policy, f"{prefix}RateLimit": told})
    with pytest.raises(Exception, match="DEMO-7"):
        await read(jira)
    for lane in (INTERACTIVE, SYNC, BACKFILL):
        begun = clock()
        async with anyio.create_task_group() as calls:
            calls.start_soon(read, jira.on(lane))
        assert (clock() - begun > 1) == (bool(rest) and lane is rest[0])


async def test_people_hardly_notice_what_the_other_lanes_do_at_the_limit(jira: JiraApiClient, wire: Wire) -> None:
    wire.site.limits.change(Rules({"GET": 20}))

    async def asked() -> list[float]:
        """Seconds of each of 200 calls, four a second."""
        taken: list[float] = []
        for _ in range(200):
            begun = clock()
            await read(jira)
            taken.append(clock() - begun)
            await anyio.sleep(max(0.0, begun + 0.25 - clock()))
        return taken

    async def busy(lane: Lane) -> None:
        while True:
            await read(jira.on(lane))

    alone = await asked()
    crowded, rate = list[float](), 0.0
    async with anyio.create_task_group() as others:
        for lane in (SYNC, BACKFILL):
            for _ in range(10):
                others.start_soon(busy, lane)
        await anyio.sleep(5)
        begun, sent = clock(), len(wire.sent)
        crowded = await asked()
        rate = (len(wire.sent) - sent) / (clock() - begun)
        others.cancel_scope.cancel()
    assert quantiles(crowded, n=20)[-1] <= 2 * quantiles(alone, n=20)[-1]
    assert rate > 15  # of 20: the other lanes take what people leave


async def test_retries_stay_within_a_tenth_of_the_calls(jira: JiraApiClient, wire: Wire) -> None:
    await wire.fault(path=ONE, status=503, times=100_000)
    failed = 0
    for _ in range(500):
        try:
            await read(jira.on(BACKFILL))
        except AtlassianDown:
            failed += 1
        await anyio.sleep(0.05)
    assert failed == 500
    assert 500 < len(wire.sent) <= 560


async def test_a_call_that_waited_long_for_silence_is_not_tried_again_without_end(
    jira: JiraApiClient, wire: Wire
) -> None:
    await wire.fault(path=ONE, delay=1000, times=9)
    with pytest.raises(Exception, match="did not answer in 30 s"):
        await read(jira)
    assert clock() < 61


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("issue/DEMO-7", "issue/DEMO-11"),
        ("issue/10023", "issue/DEMO-7"),
        ("project/DEMO", "project/help"),
        ("issue/DEMO-7/properties/isthmus.link", "issue/DEMO-7/properties/other"),
        ("user?accountId=712020:x", "user"),
    ],
)
async def test_ids_and_keys_do_not_make_an_endpoint(jira: JiraApiClient, wire: Wire, path: str, endpoint: str) -> None:
    await wire.limit("jira-burst-based", path=f"/rest/api/3/{path.partition('?')[0]}", seconds="25")
    for asked in (path, endpoint):
        with contextlib.suppress(AtlassianError):  # some of them are not there
            await jira.send("GET", asked)
    assert wire.times()[-1] >= 25

"""`python -m tests.benchmarks.mirror [--issues N] [--pages N]`: what it costs to read a whole site for the first time.

The site is a process of its own, so that what is measured here is ours.
"""

import argparse
import asyncio
import random
import resource
import shutil
import socket
import statistics
import sys
import time
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from server.app import clients
from server.client import BACKFILL, Pool
from server.settings import demo_environment, read_settings
from server.store.port import Change
from server.store.rows import Scope
from server.store.store import Store
from server.sync.backfilling import Backfill
from server.sync.confluence_remote import ConfluenceRemote
from server.sync.jira_remote import JiraRemote
from tests.benchmarks.rows import Row

ISTHMUS = shutil.which("isthmus", path=str(Path(sys.executable).parent)) or "isthmus"
SCOPES = (
    Scope(id="jira", site="jira", form="jql", value="project is not EMPTY", rev=1),
    Scope(id="wiki", site="wiki", form="cql", value="type = page", rev=1),
)
QUERIES = 200


class Counted(Pool):
    """Knows how many requests it has sent."""

    sent = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent += 1
        return await super().handle_async_request(request)


async def measured(issues: int, pages: int) -> list[Row]:
    with TemporaryDirectory() as folder:
        async with _site(issues, pages) as url, await Store.open(f"{folder}/isthmus.db") as store:
            await store.commit(Change(scopes=SCOPES))
            return [*await _filled(store, url), *await _searched(store)]


@asynccontextmanager
async def _site(issues: int, pages: int) -> AsyncGenerator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (ISTHMUS, "sandbox", "--port", str(port), "--issues", str(issues), "--pages", str(pages))
    process = await create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx2.AsyncClient() as http:
            while True:
                try:
                    await http.get(f"{url}/_edge/tenant_info")
                    break
                except httpx2.TransportError:
                    await asyncio.sleep(0.2)
        yield url
    finally:
        process.kill()
        await process.wait()


async def _filled(store: Store, url: str) -> list[Row]:
    wire, ids = Counted(), count(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    deps = clients(read_settings(demo_environment(url)), transport=wire)
    assert deps.jira
    assert deps.confluence
    rows: list[Row] = []
    sources: dict[str, Any] = {
        "jira": JiraRemote(deps.jira, lane=BACKFILL),
        "wiki": ConfluenceRemote(deps.confluence, now=_now, lane=BACKFILL),
    }
    async with wire:
        for name, source in sources.items():
            begun, sent, things = time.process_time(), wire.sent, Things(store)
            work = Backfill(store=store, source=source, now=_now, unique=lambda: f"e{next(ids)}", stored=things.index)
            scope = await store.scope(name)
            assert scope
            await work.run(scope)
            rows += await _costs(store, name, time.process_time() - begun, wire.sent - sent, things.count)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        *rows,
        Row("memory of all this process", f"{after:.0f} MB ({before:.0f} before)", "<= 150 MB", after <= 150),
    ]


@dataclass
class Things:
    """What was stored, counted as it is made searchable."""

    store: Store
    count: int = 0

    async def index(self) -> None:
        while some := await self.store.index(1_000):
            self.count += some


async def _costs(store: Store, name: str, seconds: float, sent: int, things: int) -> list[Row]:
    scope = await store.scope(name)
    assert scope
    each = seconds * 1000 / max(1, things)
    figure = f"{name}: CPU of ours for each of {things} things, {scope.filled} of them at the top"
    rows = [Row(figure, f"{each:.2f} ms", "<= 1.5 ms", each <= 1.5)]
    least = -(-scope.filled // (100 if scope.form == "jql" else 250))
    wanted = ("<= 1.05 x", sent <= 1.05 * least + 2) if scope.form == "jql" else ("-", None)
    rows.append(Row(f"{name}: requests", f"{sent}, at least {least}", *wanted))
    return rows


async def _searched(store: Store) -> list[Row]:
    chance, titles = random.Random(1), [hit.title for hit in await store.search("the", 500)]  # noqa: S311 - no secret
    times: list[float] = []
    for _ in range(QUERIES):
        words = chance.choice(titles or ["nothing here"]).split()
        query = " ".join(chance.sample(words, min(len(words), chance.choice((1, 2, 3)))))
        begun = time.perf_counter()
        await store.search(query)
        times.append((time.perf_counter() - begun) * 1000)
    middle = statistics.median(times)
    return [Row(f"search by words, p50 of {QUERIES}", f"{middle:.1f} ms", "<= 10 ms", middle <= 10)]


def _now() -> int:
    return int(time.time() * 1000)


def _print(rows: Sequence[Row]) -> None:
    table = Table("figure", "measured", "wanted", "", title="The mirror, measured")
    for row in rows:
        table.add_row(row.figure, row.measured, row.wanted, {True: "ok", False: "MISSED", None: ""}[row.reached])
    Console().print(table)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks.mirror", description=__doc__)
    asked.add_argument("--issues", type=int, default=10_000)
    asked.add_argument("--pages", type=int, default=2_000)
    given = asked.parse_args()
    _print(asyncio.run(measured(given.issues, given.pages)))

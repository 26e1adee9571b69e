"""The state of a site in a file: all of it comes back, and what is no such file is left alone."""

import json
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest
from anyio import to_thread
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from server.sandbox import Site, application, saved
from server.sandbox.people import SAM_CARTER
from server.sandbox.saved import Keeper, Unreadable
from server.sandbox.webhooks import Unreliability
from tests.sandbox.conftest import BASE, Clock, account
from tests.sandbox.nonsense import Nonsense
from tests.sandbox.test_oauth import granted, refreshed, status
from tests.sandbox.writing import doc, issue, page

pytestmark = pytest.mark.anyio
API, WIKI = "/rest/api/3", "/wiki/api/v2"
STATE = (
    "people projects issues links versions components boards sprints deleted_worklogs spaces pages files circles "
    "webhooks _keys _ids _parents _linked"
)
GONE = {"chance", "log"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.json"


def again(file: Path, clock: Clock) -> Site:
    site = Site(clock)
    saved.load(file, site)
    return site


async def restarted(site: Site, file: Path, clock: Clock) -> Site:
    """Saved, and loaded into another."""
    await to_thread.run_sync(saved.save, file, site)
    return await to_thread.run_sync(again, file, clock)


def differing(one: Site, other: Site) -> list[str]:
    """The parts in which two sites are not the same."""

    def parts(site: Site) -> dict[str, Any]:
        found = {name: getattr(site, name) for name in STATE.split() if name != "webhooks"}
        hooks = {name: value for name, value in vars(site.webhooks).items() if name not in GONE}
        tokens = {name: value for name, value in vars(site.authority).items() if name != "now"}
        moved = {"moved": site.clock.moved, "skew": site.clock.skew}
        return found | hooks | tokens | moved | {"chance": site.webhooks.chance.getstate()}

    left, right = parts(one), parts(other)
    return [name for name in left if left[name] != right[name]]


@asynccontextmanager
async def at(site: Site, keeper: Keeper | None = None, *, known: bool = True) -> AsyncGenerator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=application(site, keeper=keeper))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account() if known else None) as http:
        yield http


async def test_what_was_written_is_there_after_a_restart_and_ids_go_on(site: Site, clock: Clock, file: Path) -> None:
    fields = {"customfield_10038": "2026-03-01T23:30:00.000+0200", "description": doc("Kept")}
    async with at(site) as http:
        made = (await http.post(f"{API}/issue", json=issue(**fields))).json()
        one = f"{API}/issue/{made['key']}"
        await http.post(f"{one}/comment", json={"body": doc("Said")})
        deep: dict[str, Any] = {"map": [{"type": "doc", "content": []}], "time": None}
        await http.put(f"{one}/properties/deep", json=deep)
        await http.put(one, json={"fields": {"summary": "Renamed"}})
        files = {"file": ("a.bin", b"\x00\xff", "application/octet-stream")}
        await http.post(f"{one}/attachments", files=files, headers={"X-Atlassian-Token": "no-check"})
        await http.post(f"{WIKI}/pages", json=page("Kept"))
        await http.post("/__sandbox__/clock", json={"advance": 3600})
        before = (await http.get(f"{one}?expand=changelog")).json()
        listed = (await http.get(f"{WIKI}/pages?title=Kept&body-format=storage")).json()
    other = await restarted(site, file, clock)
    assert differing(site, other) == []
    async with at(other) as http:
        assert (await http.get(f"{one}?expand=changelog")).json() == before
        assert (await http.get(f"{WIKI}/pages?title=Kept&body-format=storage")).json() == listed
        content = before["fields"]["attachment"][0]["content"]
        assert (await http.get(content, follow_redirects=True)).content == b"\x00\xff"
        found = await http.post(f"{API}/search/jql", json={"jql": "description ~ kept AND cf[10038] is not EMPTY"})
        assert [each["id"] for each in found.json()["issues"]] == [made["id"]]
        assert other.now() == clock() + timedelta(hours=1)
        later = (await http.post(f"{API}/issue", json=issue())).json()
    assert int(later["id"]) > max(map(int, set(other.issues) - {later["id"]}))
    assert int(later["key"].partition("-")[2]) == int(made["key"].partition("-")[2]) + 1


async def test_tokens_and_webhooks_outlive_a_restart(site: Site, clock: Clock, file: Path) -> None:
    async with at(site, known=False) as http:
        tokens = await granted(http, scope="read:jira-work offline_access")
        hook = {"name": "Ours", "url": "http://127.0.0.1:9/", "events": ["jira:issue_created"]}
        assert (await http.post("/rest/webhooks/1.0/webhook", json=hook, auth=account("ada"))).status_code == 201
        site.webhooks.misbehave(Unreliability(reordering=0.5, seed=3))
        await http.post(f"{API}/issue", json=issue(), auth=account())
    other = await restarted(site, file, clock)
    assert differing(site, other) == []
    assert other.webhooks.waiting
    async with at(other, known=False) as http:
        assert await status(http, tokens) == 200
        assert (await refreshed(http, tokens["refresh_token"])).status_code == 200
        clock.pass_by(minutes=11)
        assert (await refreshed(http, tokens["refresh_token"])).status_code == 403
        assert await status(http, tokens) == 401  # All that came of one consent dies together.


@settings(max_examples=4, derandomize=True, deadline=None)
@given(st.integers(0, 2**32))
async def test_a_site_that_is_saved_and_loaded_is_the_same_site(seed: int) -> None:
    chance, clock = random.Random(seed), Clock()  # noqa: S311 - no secret
    site = Site.generated(seed, chance.randrange(40), chance.randrange(20), clock)
    nonsense = Nonsense(chance)
    async with at(site) as http:
        for _ in range(40):
            _, request, who = nonsense.request()
            await http.send(request, auth=httpx2.BasicAuth(*account(who)))
    with TemporaryDirectory() as directory:
        other = await restarted(site, Path(directory) / "site.json", clock)
    assert differing(site, other) == []
    assert saved.dumped(other) == saved.dumped(site)


def test_documents_that_issues_share_are_shared_again(clock: Clock, file: Path) -> None:
    site = Site.generated(1, 200, 0, clock)
    saved.save(file, site)
    other = again(file, clock)

    def blocks(one: Site) -> int:
        documents = [found.values["description"] for found in one.issues.values() if found.values.get("description")]
        return len({id(block) for document in documents for block in document["content"]})

    assert blocks(other) == blocks(site)


def torn(raw: bytes) -> bytes:
    return raw[:-100]


def changed(raw: bytes) -> bytes:
    return raw.replace(b"DEMO-7", b"DEMO-8", 1)


def newer(raw: bytes) -> bytes:
    return raw.replace(b'"version": 1', b'"version": 2', 1)


def emptied(raw: bytes) -> bytes:
    body = b"{}"
    head = json.loads(raw.partition(b"\n")[0])
    return json.dumps(head | {"sha256": saved.digest(body)}).encode() + b"\n" + body


def nothing(_: bytes) -> bytes:
    return b""


def a_list(_: bytes) -> bytes:
    return b"[1]\n"


def a_package(_: bytes) -> bytes:
    return b'{"name": "package"}\n'


def noise(_: bytes) -> bytes:
    return b"\xff\x00" * 9_000


FOREIGN = "is not the saved state"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (torn, "is damaged"),
        (changed, "is damaged"),
        (emptied, "is damaged"),
        (newer, "in format 2, and this Isthmus reads format 1"),
        *((spoil, FOREIGN) for spoil in (nothing, a_list, a_package, noise)),
    ],
)
def test_what_is_no_whole_state_is_refused_and_left_alone(
    site: Site, file: Path, spoil: Callable[[bytes], bytes], words: str
) -> None:
    saved.save(file, site)
    spoilt = spoil(file.read_bytes())
    file.write_bytes(spoilt)
    with pytest.raises(Unreadable, match=words) as refused:
        saved.load(file, Site())
    assert "it is left as it is" in str(refused.value)
    assert file.read_bytes() == spoilt


def test_a_field_that_came_later_has_its_default_and_one_that_went_is_forgotten(
    site: Site, clock: Clock, file: Path
) -> None:
    saved.save(file, site)
    state = json.loads(file.read_bytes().partition(b"\n")[2])
    columns = state["classes"]["Board"]
    boards = state["site"][state["classes"]["Site"].index("boards")]
    for _, row in boards:
        row[columns.index("kind")] = "kanban"
    columns.append("colour")
    for _, row in boards:
        row.append("red")
    people = state["classes"]["Person"]
    zone = people.index("time_zone")
    del people[zone]
    for _, row in state["site"][state["classes"]["Site"].index("people")]:
        del row[zone]
    body = json.dumps(state).encode()
    head = {"format": saved.FORMAT, "version": saved.VERSION, "sha256": saved.digest(body)}
    file.write_bytes(json.dumps(head).encode() + b"\n" + body)
    other = again(file, clock)
    assert {board.kind for board in other.boards.values()} == {"kanban"}
    assert {person.time_zone for person in other.people.values()} == {"Etc/UTC"}


async def lived(site: Site, keeper: Keeper, *writes: tuple[str, str, Any], until: Any = lambda: True) -> None:
    """The life of a service: it starts, is written to, and is told to stop."""
    app = application(site, keeper=keeper)
    over = anyio.Event()
    stage = [{"type": "lifespan.startup"}]

    async def receive() -> Message:
        if stage:
            return stage.pop()
        await over.wait()
        return {"type": "lifespan.shutdown"}

    async def send(_: Message) -> None:
        await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(app, {"type": "lifespan"}, receive, send)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account()) as http:
            for method, path, body in writes:
                await http.request(method, path, json=body)
        with anyio.fail_after(10):
            while not until():
                await anyio.lowlevel.checkpoint()
        over.set()


async def test_a_site_is_saved_soon_after_a_write(site: Site, clock: Clock, file: Path) -> None:
    write = ("POST", f"{API}/issue/DEMO-7/comment", {"body": doc("Soon")})
    keeper = Keeper(site, file, every=0)
    await lived(site, keeper, write, until=file.exists)
    assert (await to_thread.run_sync(again, file, clock)).issues == site.issues


async def test_a_site_is_saved_at_its_end_and_by_its_owner_alone(site: Site, clock: Clock, file: Path) -> None:
    keeper = Keeper(site, file, every=3_600)
    await lived(site, keeper, ("POST", f"{API}/issue", issue()))
    assert (await to_thread.run_sync(again, file, clock)).issues == site.issues
    assert [each.name async for each in anyio.Path(file.parent).iterdir()] == [file.name]
    assert (await anyio.Path(file).stat()).st_mode & 0o777 == 0o600


async def test_reading_saves_nothing(site: Site, file: Path) -> None:
    keeper = Keeper(site, file)
    async with at(site, keeper) as http:
        await http.get(f"{API}/issue/DEMO-7")
        await http.post(f"{API}/search/jql", json={"jql": "project = DEMO"})
        assert not keeper.due
        await http.get("/authorize")
        assert keeper.due


async def test_a_file_that_cannot_be_written_ends_nothing(site: Site, tmp_path: Path) -> None:
    said: list[str] = []
    keeper = Keeper(site, tmp_path / "nowhere" / "site.json", complain=said.append)
    await lived(site, keeper, ("PUT", f"{API}/issue/DEMO-7/assignee", {"accountId": SAM_CARTER.account_id}))
    assert len(said) == 1
    assert "cannot be saved" in said[0]
    assert keeper.due

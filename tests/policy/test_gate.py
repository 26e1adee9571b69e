"""The gate knows each operation of the sandbox: none reaches what is outside, none is closed to what is inside."""

import re
from contextlib import suppress
from typing import Any

import httpx2
import pytest

from server.app import clients
from server.client import Connection
from server.errors import AtlassianError, NotFound, Refused
from server.sandbox.app import OPERATIONS
from server.sandbox.call import Operation
from tests.world import World

pytestmark = pytest.mark.anyio

# What of a site stands for its projects and spaces together, and is closed: its parts can be asked for.
CLOSED = {
    "GET /wiki/api/v2/attachments",
    "GET /wiki/api/v2/footer-comments",
    "GET /wiki/api/v2/inline-comments",
    "GET /wiki/api/v2/labels",
    "GET /wiki/api/v2/labels/{label}/attachments",
    "GET /wiki/rest/api/label",
    "GET /rest/api/3/label",
    "GET /rest/api/3/worklog/deleted",
    "GET /rest/api/3/worklog/updated",
    *(f"{row.method} {row.path}" for row in OPERATIONS if re.search(r"/webhook|/rest/api/[23]/search$", row.path)),
}

# Things of DEMO and ENG, by the names that the operations' paths give them.
THINGS = {
    "issue": "DEMO-7",
    "epic": "DEMO-1",
    "project": "DEMO",
    "board": "1",
    "sprint": "1",
    "comment": "150020",
    "attachment": "att140001",
    "component": "10700",
    "version": "10600",
    "page": "131075",
    "content": "131075",
    "target": "131075",
    "space": "65537",
    "key": "ENG",
    "link": "42001",
    "position": "append",
}
JIRA_IDS = {"comment": "20120", "attachment": "40001"}  # whose names Confluence has for its own


@pytest.fixture
def world() -> World:
    """Nonsense is sent where the gate lets it through: no contract is kept here."""
    return World()


@pytest.fixture(scope="module")
def untouched() -> World:
    """A site that nothing reaches."""
    return World()


def named(row: Operation) -> str:
    return f"{row.method} {row.path}"


def at(row: Operation) -> str:
    """The operation's address, of those things: below an issue or a page they are that one's."""
    own = THINGS if "/wiki/" in row.path else {**THINGS, **JIRA_IDS}
    return re.sub(r"\{(\w+)\}", lambda found: own.get(found[1], "7"), row.path)


def things_of(row: Operation) -> set[str]:
    owned = set(re.findall(r"\{(\w+)\}", row.path))
    return owned - {"key"} if "/properties/" in row.path else owned


def reached(world: World, row: Operation, *, project: str = "HELP", space: str = "DOCS") -> Connection:
    bounds = {"JIRA_PROJECTS_FILTER": project, "CONFLUENCE_SPACES_FILTER": space, "ISTHMUS_MAX_RETRIES": "0"}
    site = clients(world.settings(**bounds), transport=world.wire, pace=world.waits.pace())
    client = site.confluence if row.path.startswith("/wiki") else site.jira
    assert client
    return client


async def ask(client: Connection, row: Operation, path: str) -> Any:
    body: dict[str, Any] | None = None if row.method in ("GET", "DELETE") else {}
    query = {"cql": "type = page"} if path.startswith("/wiki") and path.endswith("/search") else None
    return await client.send(row.method, path, query=query, body=body, named="thing `7`")


async def asked(world: World, row: Operation, path: str) -> bool:
    return (row.method, path) in [(each["method"], each["path"]) for each in await world.requests()]


OF_THINGS = [
    row
    for row in OPERATIONS
    if "/media/" not in row.path and things_of(row) & THINGS.keys() and named(row) not in CLOSED
]


@pytest.mark.parametrize("row", OF_THINGS, ids=named)
async def test_what_is_outside_is_not_there(untouched: World, row: Operation) -> None:
    client, path = reached(untouched, row), at(row)
    with pytest.raises(NotFound) as caught:
        await ask(client, row, path)
    assert "No thing `7`, or you may not see it." in str(caught.value)
    if row.method != "GET":
        assert not await asked(untouched, row, path)


@pytest.mark.parametrize("row", OF_THINGS, ids=named)
async def test_what_is_inside_is_asked_for(world: World, row: Operation) -> None:
    client, path = reached(world, row, project="DEMO", space="ENG"), at(row)
    if "/attachment/" in path and not row.path.startswith("/wiki"):
        await client.send("GET", "issue/DEMO-7")  # which has it
    with suppress(AtlassianError):  # as nonsense is answered; Refused would be the gate's own word
        await ask(client, row, path)
    assert await asked(world, row, path)


@pytest.mark.parametrize("row", [row for row in OPERATIONS if named(row) in CLOSED], ids=named)
async def test_what_is_of_the_whole_site_is_closed(untouched: World, row: Operation) -> None:
    client = reached(untouched, row)
    with pytest.raises(Refused, match="alone, and can't keep this to them"):
        await ask(client, row, at(row))
    assert not await asked(untouched, row, at(row))


@pytest.mark.parametrize(
    "row", [row for row in OPERATIONS if not things_of(row) and named(row) not in CLOSED], ids=named
)
async def test_what_names_nothing_shows_nothing_from_outside(world: World, row: Operation) -> None:
    client = reached(world, row)
    try:
        shown = str(await ask(client, row, row.path))
    except AtlassianError:
        return
    assert not re.search(r"DEMO-\d|'(DEMO|ARCH|ENG|POLICY)'|spaces/(ENG|POLICY)", shown)


@pytest.mark.parametrize(
    "path",
    [
        "issue/HELP-1/../DEMO-7",
        "issue/HELP-1%2F..%2FDEMO-7",
        "issue/HELP-1/./comment",
        "issue//DEMO-7",
        "issue/HELP-1\\..\\DEMO-7",
        "issue/HELP-1?fields=x",
        "issue/HELP-1%00",
        "issue/%252525252544EMO-7",
        "/rest/api/2/issue/HELP-1",
        "/rest/api/latest/issue/HELP-1",
        "/wiki/rest/api/search",
        "filter/1",
    ],
)
async def test_an_address_that_is_not_known_or_misleads_is_refused(world: World, path: str) -> None:
    client = reached(
        world, OPERATIONS[0] if path.startswith("/wiki") else next(r for r in OPERATIONS if "issue/" in r.path)
    )
    with pytest.raises((NotFound, Refused)):
        await client.send("GET", path, named="thing `7`")
    assert [each["path"] for each in await world.requests() if "DEMO" in each["path"]] == []


@pytest.mark.parametrize("key", ["HELP\u200b-1", "%48ELP-1", "\uff28ELP-1", "help-1", "HE%4CP%2D1"])
async def test_what_is_checked_is_what_is_sent(world: World, key: str) -> None:
    client = reached(world, next(row for row in OPERATIONS if "issue/" in row.path))
    issue = await client.send("GET", f"issue/{key}", query={"fields": "summary"}, named="it")
    assert issue["key"] == "HELP-1"
    asked_for = [each["path"] for each in await world.requests()]
    assert asked_for[-1].isascii()
    assert "%" not in asked_for[-1]


class Plain(httpx2.AsyncBaseTransport):
    """A wire to a site that leaves out of its answers where things are."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/project/search"):
            return httpx2.Response(200, json={"values": [{"id": "10001", "key": "HELP", "name": "Help Desk"}]})
        issue = {"id": "1", "fields": {"summary": "Secret"}}
        return httpx2.Response(200, json={"issues": [issue], "total": 1} if "search" in request.url.path else issue)


async def test_what_shows_no_place_is_not_shown(world: World) -> None:
    jira = clients(world.settings(JIRA_PROJECTS_FILTER="HELP"), transport=Plain(), pace=world.waits.pace()).jira
    assert jira
    found = await jira.send("POST", "search/jql", body={"jql": "status = Done"}, repeatable=True)
    assert found == {"issues": [], "total": 0}
    with pytest.raises(NotFound):
        await jira.send("GET", "component/1")


BODIES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "issue", {"fields": {"project": {"key": "DEMO"}, "summary": "A", "issuetype": {"name": "Task"}}}),
    ("POST", "issue", {"fields": {"project": {"id": "10000"}}}),
    ("POST", "issue/bulk", {"issueUpdates": [{"fields": {"project": {"key": "HELP"}, "parent": {"key": "DEMO-1"}}}]}),
    ("PUT", "issue/HELP-1", {"update": {"parent": [{"set": {"key": "DEMO-1"}}]}}),
    ("PUT", "issue/HELP-1", {"update": {"issuelinks": [{"add": {"outwardIssue": {"key": "DEMO-7"}}}]}}),
    ("PUT", "issue/HELP-1", {"fields": {"parent": {"id": 10101}}}),
    ("PUT", "issue/HELP-1", {"fields": {"project": {"key": "DEMO\u200b"}}}),
    ("POST", "issueLink", {"inwardIssue": {"key": "HELP-1"}, "outwardIssue": {"key": "DEMO-7"}}),
    ("POST", "version", {"name": "1", "project": "DEMO"}),
    ("POST", "version", {"name": "1", "projectId": 10000}),
    ("POST", "component", {"name": "1", "project": "DEMO"}),
    ("POST", "bulk/issues/move", {"targetToSourcesMapping": {"DEMO,10001": {"issueIdsOrKeys": ["HELP-1"]}}}),
    ("POST", "bulk/issues/move", {"targetToSourcesMapping": {"HELP,10001": {"issueIdsOrKeys": ["DEMO-1"]}}}),
    ("POST", "bulk/issues/delete", {"selectedIssueIdsOrKeys": ["HELP-1", "HELP-2", "DEMO-7"]}),
    ("POST", "bulk/issues/transition", {"bulkTransitionInputs": [{"selectedIssueIdsOrKeys": ["DEMO-7"]}]}),
    ("POST", "bulk/issues/watch", {"selectedIssueIdsOrKeys": ["DEMO-7"]}),
    ("POST", "bulk/issues/unwatch", {"selectedIssueIdsOrKeys": ["10107"]}),
    ("POST", "changelog/bulkfetch", {"issueIdsOrKeys": ["HELP-1", "10107"]}),
    ("POST", "comment/list", {"ids": [20120]}),
    ("POST", "worklog/list", {"ids": [41001]}),
    ("PUT", "/rest/agile/1.0/issue/rank", {"issues": ["HELP-1"], "rankBeforeIssue": "DEMO-7"}),
    ("POST", "/rest/agile/1.0/backlog/issue", {"issues": ["DEMO-7"]}),
    ("POST", "/rest/agile/1.0/sprint", {"name": "S", "originBoardId": 1}),
    ("GET", "user/assignable/search?project=DEMO", None),
    ("POST", "/wiki/api/v2/pages", {"spaceId": "65537", "title": "A"}),
    ("POST", "/wiki/api/v2/pages", {"spaceId": "65538", "title": "A", "parentId": "131075"}),
    ("PUT", "/wiki/api/v2/pages/131086", {"id": "131086", "title": "A", "spaceId": "65537"}),
    ("POST", "/wiki/api/v2/footer-comments", {"pageId": "131075"}),
    ("POST", "/wiki/api/v2/inline-comments", {"parentCommentId": "150020"}),
    ("POST", "/wiki/api/v2/footer-comments", {"attachmentId": "att140001"}),
    ("POST", "/wiki/api/v2/content/convert-ids-to-types", {"contentIds": ["131086", "131075"]}),
    ("POST", "/wiki/rest/api/content/131086/copy", {"destination": {"type": "space", "value": "ENG"}}),
    ("POST", "/wiki/rest/api/content/131086/copy", {"destination": {"type": "parent_page", "value": "131075"}}),
    ("POST", "/wiki/rest/api/content/131086/copy", {"destination": {"type": "elsewhere", "value": "1"}}),
    ("PUT", "/wiki/rest/api/content/131086/move/append/131075", None),
    ("GET", "/wiki/api/v2/pages?space-id=65537", None),
)


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=str)
async def test_what_a_request_names_besides_its_address_is_inside(
    world: World, method: str, path: str, body: Any
) -> None:
    plain, _, parameter = path.partition("?")
    name, _, value = parameter.partition("=")
    wiki = path.startswith("/wiki")
    client = reached(world, next(row for row in OPERATIONS if row.path.startswith("/wiki") == wiki))
    with pytest.raises(NotFound, match="or you may not see it"):
        await client.send(method, plain, body=body, query={name: value} if name else None, named="thing `7`")
    full = plain if plain.startswith("/") else f"/rest/api/3/{plain}"
    bodies = [each for each in await world.requests() if (each["method"], each["path"]) == (method, full)]
    assert bodies == [] or path.endswith(("/list", "-to-types"))  # by which the gate itself asks

"""Under a filter of projects and spaces: what is outside is not there, by whatever way an agent asks."""

import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError

from server.app import build, clients
from server.context import Deps
from server.errors import AtlassianError, NotFound, Refused
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio

ENG_PAGE, POLICY_PAGE, ENG_HOME = "131075", "131098", "131073"

DOCUMENT: dict[str, Any] = {"type": "doc", "version": 1, "content": []}


class Moved(httpx2.AsyncBaseTransport):
    """The wire to a site where one issue has moved: its old key still leads to it."""

    def __init__(self, wire: httpx2.AsyncBaseTransport, old: str, new: str) -> None:
        self._wire, self._old, self._new = wire, old, new

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        target = request.url.raw_path.replace(f"/issue/{self._old}".encode(), f"/issue/{self._new}".encode())
        request.url = request.url.copy_with(raw_path=target)
        return await self._wire.handle_async_request(request)


@asynccontextmanager
async def within(world: World, **more: str) -> AsyncGenerator[Client]:
    bounds = {"JIRA_PROJECTS_FILTER": "DEMO", "CONFLUENCE_SPACES_FILTER": "ENG", "TOOLSETS": "all"}
    async with Client(world.server(**{**bounds, **more})) as agent:
        yield agent


async def sent(world: World, method: str) -> list[str]:
    """What has been asked for so, but for the gate's own questions."""
    asked = [each["path"] for each in await world.requests() if each["method"] == method]
    return [path for path in asked if path not in ("/rest/api/3/project/search", "/wiki/api/v2/spaces")]


CALLS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("jira_get_issue", {"issue_key": "HELP-1"}),
    ("jira_get_transitions", {"issue_key": "HELP-1"}),
    ("jira_add_comment", {"issue_key": "HELP-1", "body": "Hello"}),
    ("jira_transition_issue", {"issue_key": "HELP-1", "transition_id": "11"}),
    ("jira_update_issue", {"issue_key": "HELP-1", "summary": "Mine"}),
    ("jira_delete_issue", {"issue_key": "HELP-1", "confirm": True}),
    ("jira_create_issue", {"project_key": "HELP", "summary": "Mine", "issue_type": "Task"}),
    ("jira_create_issue", {"project_key": "DEMO", "summary": "Mine", "issue_type": "Task", "parent": "HELP-1"}),
    ("jira_update_issue", {"issue_key": "DEMO-7", "parent": "HELP-1"}),
    ("jira_update_issue", {"issue_key": "DEMO-7", "fields": {"project": {"key": "HELP"}}}),
    ("jira_update_issue", {"issue_key": "DEMO-7", "fields": {"customfield_10014": "HELP-1"}}),
    ("jira_search", {"jql": "project = HELP"}),
    ("jira_search", {"jql": "key = HELP-1 OR status = Done"}),
    ("jira_search", {"jql": "issue in linkedIssues('HELP-1')"}),
    ("jira_search", {"jql": "fixVersion in releasedVersions(HELP)"}),
)


@pytest.mark.parametrize(("tool", "arguments"), CALLS, ids=str)
async def test_what_is_outside_is_refused_in_the_words_for_what_is_not_there(
    world: World, tool: str, arguments: dict[str, Any]
) -> None:
    nowhere = eval(repr(arguments).replace("HELP", "NOPE"))  # noqa: S307 - our own literals
    async with within(world) as agent:
        hidden = await refused(agent, tool, arguments)
        assert await refused(agent, tool, nowhere) == hidden.replace("HELP", "NOPE")
    assert "This server reaches the projects DEMO alone." in hidden
    assert [path for method in ("PUT", "POST", "DELETE") for path in await sent(world, method)] == []
    assert not any("HELP" in path for path in await sent(world, "GET"))


@pytest.mark.parametrize("number", ["10301", "10999"])
async def test_an_issue_outside_called_by_its_number_is_as_one_that_never_was(world: World, number: str) -> None:
    async with within(world) as agent:
        text = await refused(agent, "jira_search", {"jql": f"id = {number} OR status = Done"})
    assert f"An issue with key '{number}' does not exist for field 'id'." in text


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("confluence_get_page", {"page_id": POLICY_PAGE}),
        ("confluence_get_page", {"title": "Privacy", "space_key": "POLICY"}),
        ("confluence_update_page", {"page_id": POLICY_PAGE, "title": "Mine", "expected_version": 1}),
        (
            "confluence_update_page",
            {"page_id": ENG_PAGE, "title": "T", "expected_version": 2, "parent_id": POLICY_PAGE},
        ),
        ("confluence_create_page", {"space_key": "POLICY", "title": "Mine"}),
        ("confluence_create_page", {"space_key": "ENG", "title": "Mine", "parent_id": POLICY_PAGE}),
    ],
    ids=str,
)
async def test_a_page_outside_is_as_one_that_is_not_there(world: World, tool: str, arguments: dict[str, Any]) -> None:
    nowhere = {name: {POLICY_PAGE: "999", "POLICY": "NOPE"}.get(value, value) for name, value in arguments.items()}
    async with within(world) as agent:
        hidden = await refused(agent, tool, arguments)
        missing = await refused(agent, tool, nowhere)
    assert missing == hidden.replace(POLICY_PAGE, "999").replace("POLICY", "NOPE")
    assert await sent(world, "PUT") == []
    assert [path for path in await sent(world, "POST") if "convert-ids" not in path] == []


@pytest.mark.parametrize(
    ("hidden", "nowhere"),
    [
        ("jira://issue/HELP-1", "jira://issue/NOPE-1"),
        ("jira://issue/help-1", "jira://issue/nope-1"),
        ("jira://issue/HELP%E2%80%8B-1", "jira://issue/NOPE%E2%80%8B-1"),
        ("jira://issue/%48ELP-1", "jira://issue/%4EOPE-1"),
        ("jira://project/HELP", "jira://project/NOPE"),
        ("confluence://page/131098", "confluence://page/999"),
        ("confluence://space/POLICY", "confluence://space/NOPE"),
    ],
)
async def test_resources_are_held_to_the_filter(world: World, hidden: str, nowhere: str) -> None:
    texts: list[str] = []
    async with within(world) as agent:
        for uri in (hidden, nowhere):
            with pytest.raises(MCPError) as caught:
                await agent.read_resource(uri)
            texts.append(str(caught.value))
        await agent.read_resource("jira://issue/DEMO-7")
        await agent.read_resource(f"confluence://page/{ENG_PAGE}")
    for each, other in (("HELP", "NOPE"), ("help", "nope"), ("131098", "999"), ("POLICY", "NOPE")):
        texts[0] = texts[0].replace(each, other)
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "jql",
    [
        "project = HELP) OR (key = DEMO-7",
        'summary ~ "x" OR project = HELP OR summary ~ "',
        "status = Done ORDER BY created) OR (project is not EMPTY",
        "status = Done /* ",
        "status = Done\u00a0OR project is not EMPTY",
    ],
)
async def test_a_query_that_can_not_be_read_is_refused_with_the_place_and_the_remedy(world: World, jql: str) -> None:
    async with within(world) as agent:
        text = await refused(agent, "jira_search", {"jql": jql})
    assert "can't be read at character" in text
    assert "Close quotes and parentheses" in text
    assert await sent(world, "POST") == []


@pytest.mark.parametrize(
    "jql",
    [
        "status = Done OR project is not EMPTY",
        "NOT status = Done OR NOT (status != Done)",
        "created > -9999d ORDER BY project, key",
        'summary ~ "x) OR (project = HELP" OR reporter is not EMPTY',
    ],
)
async def test_a_search_finds_what_is_inside_alone(world: World, jql: str) -> None:
    async with within(world, JIRA_PROJECTS_FILTER="HELP") as agent:
        inside = (await told(agent, "jira_search", {"jql": jql, "limit": 100})).splitlines()[2:]
    async with Client(world.server()) as free:
        everything = (await told(free, "jira_search", {"jql": jql, "limit": 100})).splitlines()[2:]
    assert inside
    assert inside == [row for row in everything if row.startswith("HELP-")]
    assert inside != everything


async def test_the_site_is_asked_for_what_is_inside_alone_so_that_a_page_of_a_search_is_full(world: World) -> None:
    async with within(world, JIRA_PROJECTS_FILTER="HELP") as agent:
        rows = (await told(agent, "jira_search", {"jql": "created > -9999d ORDER BY key", "limit": 3})).splitlines()
    assert [row[:5] for row in rows if "-" in row.partition(" ")[0]] == ["HELP-"] * 3


async def test_a_page_search_finds_what_is_inside_alone(world: World) -> None:
    async with within(world) as agent:
        found = await told(agent, "confluence_search", {"query": "space = POLICY OR type = page", "limit": 100})
        words = await told(agent, "search", {"query": "checkout", "limit": 50})
        spaces = await told(agent, "confluence_list_spaces", {})
        refusal = await refused(agent, "confluence_search", {"query": 'space = POLICY) OR (title ~ "a"'})
    assert all(" | Engineering | " in row for row in found.splitlines()[1:])
    assert not any(other in found + words for other in ("Policies", "Product Documentation", "HELP-"))
    assert spaces.splitlines()[2:] == ["ENG | Engineering"]
    assert "This CQL can't be read at character 15" in refusal


async def test_an_issue_that_moved_outside_is_gone(world: World) -> None:
    bounds = world.settings(JIRA_PROJECTS_FILTER="DEMO", TOOLSETS="all", ISTHMUS_MAX_RETRIES="0")
    server = build(bounds, transport=Moved(world.wire, "DEMO-7", "HELP-1"), pace=world.waits.pace())
    async with Client(server) as agent:
        for tool in ("jira_get_issue", "jira_get_transitions"):
            gone = await refused(agent, tool, {"issue_key": "DEMO-7"})
            assert gone == (await refused(agent, tool, {"issue_key": "DEMO-999"})).replace("999", "7")
        assert "No issue `DEMO-7`" in await refused(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Hi"})
    assert await sent(world, "POST") == []


async def test_what_an_issue_leads_to_outside_is_not_shown(world: World) -> None:
    async with within(world, JIRA_PROJECTS_FILTER="HELP") as agent:
        shown = await told(agent, "jira_get_issue", {"issue_key": "HELP-1"})
    async with Client(world.server()) as free:
        whole = await told(free, "jira_get_issue", {"issue_key": "HELP-1"})
    assert "DEMO-7 [" in whole
    assert "DEMO-7 [" not in shown


async def test_work_inside_is_not_hindered(world: World) -> None:
    async with within(world) as agent:
        await told(
            agent,
            "jira_create_issue",
            {"project_key": "DEMO", "summary": "A", "issue_type": "Task", "parent": "DEMO-1"},
        )
        await told(agent, "jira_update_issue", {"issue_key": "DEMO-7", "summary": "B", "labels": ["HELP-1"]})
        await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "See HELP-1"})
        await told(agent, "jira_transition_issue", {"issue_key": "DEMO-7", "transition_id": "31"})
        await told(agent, "jira_delete_issue", {"issue_key": "DEMO-30", "confirm": True})
        created = await told(
            agent, "confluence_create_page", {"space_key": "ENG", "title": "New", "parent_id": ENG_HOME}
        )
        await told(agent, "confluence_get_page", {"page_id": created.split()[2]})


@pytest.mark.parametrize("written", ["eng", "ENG,", " ENG , NOPE"])
async def test_the_filter_is_read_as_people_write_it(world: World, written: str) -> None:
    async with within(world, JIRA_PROJECTS_FILTER=written.replace("ENG", "DEMO").replace("eng", "demo")) as agent:
        assert "DEMO-7" in await told(agent, "jira_search", {"jql": "key = DEMO-7"})


async def test_a_filter_of_which_nothing_is_there_says_so(world: World) -> None:
    async with within(world, JIRA_PROJECTS_FILTER="NOPE", CONFLUENCE_SPACES_FILTER="NOPE") as agent:
        for tool, arguments in (("jira_search", {"jql": "status = Done"}), ("confluence_search", {"query": "a"})):
            assert "NOPE alone, and none of them is there" in await refused(agent, tool, arguments)


async def test_projects_and_issues_are_narrowed_by_the_form_of_their_keys(world: World) -> None:
    forms = {"JIRA_PROJECTS_FILTER": "", "JIRA_PROJECT_KEY_PATTERN": "D.*", "JIRA_ISSUE_KEY_PATTERN": "[A-Z]+-[0-9]"}
    async with within(world, **forms) as agent:
        found = (await told(agent, "jira_search", {"jql": "created > -9999d", "limit": 100})).splitlines()[2:]
        assert "No issue `DEMO-10`" in await refused(agent, "jira_get_issue", {"issue_key": "DEMO-10"})
        assert "No issue `HELP-1`" in await refused(agent, "jira_get_issue", {"issue_key": "HELP-1"})
        await told(agent, "jira_get_issue", {"issue_key": "DEMO-7"})
    assert sorted(row.partition(" ")[0] for row in found) == [f"DEMO-{number}" for number in range(1, 10)]


async def test_deletions_in_a_minute_are_counted(world: World) -> None:
    async with within(world, ISTHMUS_DESTRUCTIVE_PER_MINUTE="2") as agent:
        for number in (30, 31):
            await told(agent, "jira_delete_issue", {"issue_key": f"DEMO-{number}", "confirm": True})
        text = await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-32", "confirm": True})
        assert "at most 2 times a minute (ISTHMUS_DESTRUCTIVE_PER_MINUTE)" in text
        assert "Try again in 60 s" in text
        world.waits.seconds.append(60.0)
        await told(agent, "jira_delete_issue", {"issue_key": "DEMO-32", "confirm": True})


async def test_nothing_is_asked_that_was_not_asked_before_where_nothing_is_narrowed(world: World) -> None:
    async with Client(world.server()) as agent:
        await told(agent, "jira_search", {"jql": "project = HELP OR status = Done"})
    [request] = await world.requests()
    assert request["path"] == "/rest/api/3/search/jql"


def reached(world: World, **bounds: str) -> Deps:
    """The clients of a server under these bounds."""
    return clients(world.settings(**bounds), transport=world.wire, pace=world.waits.pace())


async def test_a_rendered_page_may_show_others_and_is_refused(world: World) -> None:
    confluence = reached(world, CONFLUENCE_SPACES_FILTER="ENG").confluence
    assert confluence
    for path, query in (
        (f"pages/{ENG_PAGE}", {"body-format": "view"}),
        ("/wiki/rest/api/content/search", {"cql": "type = page", "expand": "space,body.export_view"}),
    ):
        with pytest.raises(Refused, match="a rendered page may show others"):
            await confluence.send("GET", path, query=query)
    await confluence.send("GET", f"pages/{ENG_PAGE}", query={"body-format": "atlas_doc_format"})


async def test_a_file_is_reached_by_way_of_its_issue(world: World) -> None:
    jira = reached(world, JIRA_PROJECTS_FILTER="DEMO").jira
    other = reached(world, JIRA_PROJECTS_FILTER="HELP").jira
    assert jira
    assert other
    with pytest.raises(NotFound):
        await jira.send("GET", "attachment/40001")
    for client in (jira, other):
        with suppress(NotFound):
            await client.send("GET", "issue/DEMO-7", query={"fields": "attachment"})
    assert (await jira.send("GET", "attachment/40001"))["id"] in (40001, "40001")
    with pytest.raises(NotFound):
        await other.send("GET", "attachment/40001")


async def test_many_at_once_are_too_many(world: World) -> None:
    jira = reached(world, ISTHMUS_MAX_BULK="2").jira
    assert jira
    new = {"fields": {"project": {"key": "DEMO"}, "summary": "A", "issuetype": {"name": "Task"}}}
    moves = {"targetToSourcesMapping": {"HELP,10001": {"issueIdsOrKeys": ["DEMO-7", "DEMO-8", "DEMO-9"]}}}
    with pytest.raises(Refused, match=r"3 at once, and this server changes at most 2 \(ISTHMUS_MAX_BULK\)"):
        await jira.send("POST", "issue/bulk", body={"issueUpdates": [new, new, new]})
    with pytest.raises(Refused, match="3 at once"):
        await jira.send("POST", "bulk/issues/move", body=moves)
    steps = {"bulkTransitionInputs": [{"selectedIssueIdsOrKeys": ["DEMO-7", "DEMO-8", "DEMO-9"], "transitionId": "31"}]}
    with pytest.raises(Refused, match="3 at once"):
        await jira.send("POST", "bulk/issues/transition", body=steps)
    assert len((await jira.send("POST", "issue/bulk", body={"issueUpdates": [new, new]}))["issues"]) == 2


async def properties(world: World, comment: str) -> dict[str, Any]:
    async with world.http() as http:
        keys = (await http.get(f"/rest/api/3/comment/{comment}/properties")).json()["keys"]
        paths = {each["key"]: f"/rest/api/3/comment/{comment}/properties/{each['key']}" for each in keys}
        return {key: (await http.get(path)).json()["value"] for key, path in paths.items()}


async def test_comments_of_internal_projects_stay_internal(world: World) -> None:
    internal = {"internal": True}
    async with Client(world.server(JIRA_INTERNAL_ONLY_PROJECTS="HELP")) as agent:
        public = {"body": "Hi", "public": True, "confirm": True}
        inside = (await told(agent, "jira_add_comment", {"issue_key": "HELP-1", **public})).split()[2]
        elsewhere = (await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", **public})).split()[2]
    assert (await properties(world, inside))["sd.public.comment"] == internal
    assert "sd.public.comment" not in await properties(world, elsewhere)
    jira = reached(world, JIRA_INTERNAL_ONLY_PROJECTS="HELP").jira
    assert jira
    shown = [{"key": "sd.public.comment", "value": {"internal": False}}]
    body = {"body": DOCUMENT, "properties": shown}
    await jira.send("PUT", f"issue/HELP-1/comment/{inside}", body=body)
    assert (await properties(world, inside))["sd.public.comment"] == internal
    with pytest.raises(Refused, match="stay internal"):
        await jira.send("PUT", f"comment/{inside}/properties/sd.public.comment", body={"internal": False})
    await jira.send("PUT", f"comment/{elsewhere}/properties/sd.public.comment", body={"internal": False})


async def test_a_comment_on_the_way_of_another_change_stays_internal_too(world: World) -> None:
    seen = Seen(world.wire)
    settings = world.settings(JIRA_INTERNAL_ONLY_PROJECTS="HELP")
    jira = clients(settings, transport=seen, pace=world.waits.pace()).jira
    assert jira
    comment = {"body": DOCUMENT}
    update = {"update": {"comment": [{"add": comment}]}}
    for path in ("issue/HELP-1", "issue/HELP-1/transitions", "/rest/servicedeskapi/request/HELP-1/comment"):
        with suppress(AtlassianError):
            await jira.send("PUT" if path == "issue/HELP-1" else "POST", path, body=dict(update), named="it")
    bodies = [json.loads(request.content) for request in seen.requests if request.method != "GET"]
    held = {**comment, "properties": [{"key": "sd.public.comment", "value": {"internal": True}}]}
    assert [body["update"]["comment"] for body in bodies[:2]] == [[{"add": held}]] * 2
    assert bodies[2]["public"] is False
    world.checked.forgive()


class Seen(httpx2.AsyncBaseTransport):
    """A wire that remembers what went over it."""

    def __init__(self, wire: httpx2.AsyncBaseTransport) -> None:
        self._wire = wire
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return await self._wire.handle_async_request(request)


def test_a_start_without_a_filter_does_not_wait_for_the_grammars() -> None:
    code = (
        "import sys; from server.app import build; from server.settings import demo_environment, read_settings;"
        "build(read_settings(demo_environment())); assert 'lark' not in sys.modules and 'server.policy.gate' not in "
        "sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""Somebody types, and is offered what the account sees; the site is not asked for every letter."""

from collections.abc import Mapping

import anyio
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import Completion, PromptReference, ResourceTemplateReference

from server.settings import demo_environment
from tests.world import World

pytestmark = pytest.mark.anyio

BOARD = "DEMO board"


async def complete(
    agent: Client, what: str, name: str, begun: str, given: Mapping[str, str] | None = None
) -> Completion:
    ref = ResourceTemplateReference(uri=what) if "://" in what else PromptReference(name=what)
    return (await agent.complete(ref, {"name": name, "value": begun}, dict(given or {}))).completion


async def values(agent: Client, what: str, name: str, begun: str, **given: str) -> list[str]:
    return (await complete(agent, what, name, begun, given)).values


@pytest.mark.parametrize(
    ("what", "name", "begun", "found"),
    [
        ("jira://project/{key}", "key", "dem", ["DEMO"]),
        ("jira://project/{key}", "key", "d", ["DEMO", "HELP"]),
        ("jira://issue/{key}", "key", "demo-34", ["DEMO-34"]),
        ("jira://issue/{key}", "key", "login redir", ["DEMO-7"]),
        ("jira://issue/{key}/comments{?cursor}", "key", "login redir", ["DEMO-7"]),
        ("jira://board/{id}", "id", "demo", ["1"]),
        ("jira://board/{id}", "id", "2", ["2"]),
        ("jira://sprint/{id}", "id", "DEMO Sprint 12", ["2"]),
        ("confluence://space/{key}", "key", "", ["ENG", "DOCS", "POLICY"]),
        ("confluence://space/{key}", "key", "engin", ["ENG"]),
        ("confluence://space/{key}", "key", "X", []),
        ("confluence://page/{id}", "id", "onboard", ["131074"]),
        ("confluence://page/{id}/comments{?cursor}", "id", "onboard", ["131074"]),
        ("triage", "project", "Demo Sh", ["DEMO"]),
        ("triage", "label", "chec", ["checkout"]),
        ("triage", "status", "in", ["In Progress", "In Review"]),
        ("status_report", "assignee", "sam cartw", ["Sam Cartwright"]),
        ("status_report", "since", "7", []),
        ("sprint_review", "board", "d", [BOARD]),
        ("page_from_issue", "issue_key", "DEMO-7", ["DEMO-7"]),
        ("page_from_issue", "space_key", "e", ["ENG"]),
        ("none", "x", "", []),
    ],
)
async def test_values_are_found_by_themselves_and_by_names(
    agent: Client, what: str, name: str, begun: str, found: list[str]
) -> None:
    assert await values(agent, what, name, begun) == found


async def test_what_stands_in_one_variable_narrows_the_next(agent: Client) -> None:
    assert await values(agent, "triage", "status", "", project="demo") == ["To Do", "In Progress", "In Review", "Done"]
    sprints = await values(agent, "sprint_review", "sprint", "", board=BOARD)
    assert sprints == ["DEMO Sprint 11", "DEMO Sprint 12", "DEMO Sprint 13"]
    assert await values(agent, "sprint_review", "sprint", "", board="1") == sprints
    assert await values(agent, "sprint_review", "sprint", "", board="nobody's") == []
    assert len(await values(agent, "jira://issue/{key}/comment/{id}", "id", "", key="DEMO-7")) == 12


@pytest.mark.parametrize("given", [{}, {"key": "DEM"}, {"key": "DEMO-99999"}])
async def test_while_the_other_variable_is_not_there_yet_nothing_is_offered(
    agent: Client, given: dict[str, str]
) -> None:
    assert await values(agent, "jira://issue/{key}/comment/{id}", "id", "", **given) == []


async def test_a_whole_answer_serves_all_that_is_typed_after_it(agent: Client, world: World) -> None:
    for begun in ("d", "de", "dem", "demo", "demo", "DEMO"):
        assert "DEMO" in await values(agent, "jira://project/{key}", "key", begun)
    for begun in ("", "c", "ch", "p"):
        assert await values(agent, "triage", "label", begun)
    assert [each["path"] for each in await world.requests()] == ["/rest/api/3/project/search", "/rest/api/3/label"]


async def test_of_one_kind_one_question_is_out_at_a_time(agent: Client, world: World) -> None:
    async with anyio.create_task_group() as typing:
        for begun in ("D", "DE", "DEM", "DEMO"):
            typing.start_soon(values, agent, "jira://project/{key}", "key", begun)
    assert len(await world.requests()) == 1


async def test_what_is_not_whole_is_said_to_be_more(agent: Client, world: World) -> None:
    found = await complete(agent, "jira://issue/{key}", "key", "demo")
    assert found.has_more
    assert found.total is None
    assert not (await complete(agent, "jira://issue/{key}", "key", "demo-34")).has_more
    assert len(await world.requests()) == 2


async def test_a_site_that_does_not_answer_is_not_waited_for(agent: Client, world: World) -> None:
    await world.fault(path="/rest/api/3/project/search", status=429, headers={"Retry-After": "9"}, times=9)
    with pytest.raises(MCPError, match="slow down"):
        await complete(agent, "jira://project/{key}", "key", "d")
    assert world.waits.seconds == []


@pytest.mark.parametrize("missing", ["JIRA", "CONFLUENCE"])
async def test_of_a_product_that_is_not_configured_nothing_is_offered(world: World, missing: str) -> None:
    absent = {name: "" for name in demo_environment() if name.startswith(missing)}
    prefix = f"{missing.lower()}://"
    templates = ("jira://issue/{key}", "jira://project/{key}", "jira://board/{id}", "jira://sprint/{id}")
    pages = ("confluence://space/{key}", "confluence://page/{id}")
    async with Client(world.server(**absent)) as agent:
        for template in (each for each in (*templates, *pages) if each.startswith(prefix)):
            assert await values(agent, template, template.partition("{")[2][:-1], "d") == []
    assert await world.requests() == []

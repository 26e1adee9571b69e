"""Agents that do whatever a text wants of them get nothing done: the guard is what refuses, not their good sense."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.server import MCPServer
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult

from server.content import plain
from server.context import Deps
from tests.attacks.corpus import CANARY, CARRIERS, OUTSIDE, OUTSIDE_PAGE, Carrier, Case, cases
from tests.world import World, text

pytestmark = pytest.mark.anyio

READS = ("/search/jql", "/bulkfetch", "/list", "/approximate-count", "/users-bulk", "/convert-ids-to-types")


async def disagrees(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
    del context, params
    return ElicitResult(action="decline")


def test_there_are_at_least_200_cases_and_no_two_are_the_same() -> None:
    every = [case for carrier in CARRIERS for case in cases(carrier)]
    assert len({(case.carrier.name, case.payload.wanted, case.form) for case in every}) == len(every) >= 200


@pytest.fixture(params=CARRIERS, ids=lambda carrier: carrier.name)
def carrier(request: pytest.FixtureRequest) -> Carrier:
    return request.param


@pytest.fixture
def guarded(world: World, tmp_path: Path, carrier: Carrier) -> MCPServer[Deps]:
    return world.server(
        TOOLSETS="all",
        ISTHMUS_FILES=str(tmp_path),
        ISTHMUS_EXCLUDED_TOOLS="confluence_copy_page",
        JIRA_PROJECTS_FILTER="DEMO,HELP",
        CONFLUENCE_SPACES_FILTER="ENG,DOCS",
        **carrier.environment,
    )


async def test_no_text_gets_an_agent_past_the_guards(world: World, guarded: MCPServer[Deps], carrier: Carrier) -> None:
    outside = _secrets(world)
    failures: list[str] = []
    async with Client(guarded, elicitation_callback=disagrees) as agent:
        listed = (await agent.list_tools()).model_dump_json()
        for case in cases(carrier):
            carrier.plant(world, case.text)
            failures += [f"{case.payload.wanted} ({case.form}): {each}" for each in await _obeyed(agent, case, outside)]
        if (await agent.list_tools()).model_dump_json() != listed:
            failures.append("the tools' descriptions changed")
    failures += [f"{each['method']} {each['path']}" for each in await world.requests() if _writes(each)]
    assert failures == []
    world.misbehaves = True  # what was planted past the site's own checks need not keep the contract


async def _obeyed(agent: Client, case: Case, outside: Mapping[str, str]) -> list[str]:
    """What went wrong while an agent read a text and did what it wants."""
    wrong: list[str] = []
    for tool, arguments in case.carrier.read:
        read = await agent.call_tool(tool, dict(arguments))
        wrong += [] if _hides_nothing(read) else [f"{tool} showed what nobody sees"]
        wrong += [] if not read.is_error else [f"{tool}: {text(read)}"]
    if not case.carrier.read:
        resource = await agent.read_resource("jira://issue/HELP-7")
        wrong += [] if plain(shown := resource.model_dump_json()) == shown else ["the resource showed what nobody sees"]
    for tool, arguments in case.payload.steps:
        named = {name: outside.get(str(value), value) for name, value in arguments.items()}
        result = await agent.call_tool(tool, named)
        said = json.dumps([each.model_dump(mode="json") for each in result.content])
        if CANARY in said:
            wrong.append(f"{tool} told a secret")
        if not result.is_error and not _found_nothing(said):
            wrong.append(f"{tool} was done: {said[:200]}")
    return wrong


def _hides_nothing(result: CallToolResult) -> bool:
    told: Any = [text(result), result.structured_content]
    shown = json.dumps(told, ensure_ascii=False)
    return plain(shown) == shown


def _found_nothing(said: str) -> bool:
    return "No issue matches" in said or "No page matches" in said


def _writes(request: Mapping[str, Any]) -> bool:
    return request["method"] != "GET" and not request["path"].endswith(READS)


def _secrets(world: World) -> dict[str, str]:
    """What is outside of the filter says a secret; the ids that are known only now."""
    issue = world.site.issue(OUTSIDE)
    assert issue
    issue.values["summary"] = CANARY
    space = next(each.id for each in world.site.spaces.values() if each.key == "POLICY")
    page = next(each for each in world.site.pages.values() if each.space == space)
    page.versions[-1] = replace(page.versions[-1], body=f"<p>{CANARY}</p>")
    return {OUTSIDE_PAGE: page.id}

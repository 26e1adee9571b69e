"""Before something is gone for good the person is asked, by whatever means the agent's host has."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult

from tests.world import World, refused, told

pytestmark = pytest.mark.anyio

Answer = Callable[[str], ElicitResult]


def says(action: Literal["accept", "decline", "cancel"], **content: bool) -> Answer:
    return lambda _: ElicitResult(action=action, content=dict(content) or None)


@asynccontextmanager
async def asked(world: World, era: str, answer: Answer) -> AsyncGenerator[tuple[Client, list[str]]]:
    """An agent whose host can ask its person, and what the person was asked."""
    questions: list[str] = []

    async def ask(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        questions.append(params.message)
        return answer(params.message)

    async with Client(world.server(TOOLSETS="all"), mode=era, elicitation_callback=ask) as agent:
        yield agent, questions


async def deletions(world: World) -> list[str]:
    return [each["path"] for each in await world.requests() if each["method"] == "DELETE"]


async def test_the_person_is_told_what_goes_and_it_goes(world: World, era: str) -> None:
    async with asked(world, era, says("accept", agreed=True)) as (agent, questions):
        assert await told(agent, "jira_delete_issue", {"issue_key": "DEMO-7"}) == "Deleted DEMO-7"
    assert len(questions) == 1
    assert questions[0].startswith("Delete DEMO-7 `")
    assert await deletions(world) == ["/rest/api/3/issue/DEMO-7"]


@pytest.mark.parametrize("answer", [says("decline"), says("cancel"), says("accept", agreed=False)])
async def test_a_person_who_does_not_agree_is_heeded(world: World, era: str, answer: Answer) -> None:
    async with asked(world, era, answer) as (agent, _):
        text = await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-7"})
    assert text == "Nothing was done: the person did not agree."
    assert await deletions(world) == []


async def test_confirm_does_not_speak_for_a_person_who_can_be_asked(world: World, era: str) -> None:
    async with asked(world, era, says("decline")) as (agent, questions):
        await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-7", "confirm": True})
    assert questions
    assert await deletions(world) == []


async def test_an_agent_without_a_way_to_ask_is_told_to_ask_and_how_to_go_on(world: World, agent: Client) -> None:
    text = await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-7"})
    assert "Nothing was done" in text
    assert "Delete DEMO-7" in text
    assert "confirm=true" in text
    assert await deletions(world) == []
    arguments: dict[str, Any] = {"issue_key": "DEMO-7", "confirm": True}
    assert await told(agent, "jira_delete_issue", arguments) == "Deleted DEMO-7"
    assert len([each for each in await world.requests() if each["method"] == "DELETE"]) == 1


async def test_what_is_not_there_is_not_asked_about(world: World, era: str) -> None:
    async with asked(world, era, says("accept", agreed=True)) as (agent, questions):
        assert "No issue `DEMO-999`" in await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-999"})
    assert questions == []

"""What a client hears besides answers."""

import warnings
from typing import Any

import anyio
import pytest
from anyio import fail_after
from mcp import Client
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.types import (
    LoggingMessageNotificationParams,
    ResourceUpdatedNotification,
)

from server.app import build
from server.client import Pace
from tests.world import World, told

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")]

ISSUE = "jira://issue/DEMO-11"
COMMENT = {"issue_key": "DEMO-11", "body": "News."}


class Ear:
    def __init__(self) -> None:
        self.said: list[str] = []

    async def log(self, params: LoggingMessageNotificationParams) -> None:
        self.said.append(str(params.data))


@pytest.mark.parametrize(("level", "hears"), [(None, True), ("debug", True), ("error", False)])
async def test_a_client_hears_why_its_call_waits_from_the_level_it_set(world: World, level: Any, hears: bool) -> None:  # noqa: FBT001 - a case
    await world.fault(path="/rest/api/3/issue/DEMO-7", status=429, headers={"Retry-After": "7"})
    ear = Ear()
    async with Client(world.server(), mode="legacy", logging_callback=ear.log) as agent:
        if level:
            await agent.set_logging_level(level)  # pyright: ignore[reportDeprecated] - for the era that has it
        await told(agent, "jira_get_issue", {"issue_key": "DEMO-7"})
    assert ear.said == (["Jira at http://sandbox.localhost: RateLimited; trying again in 7.0 s"] if hears else [])


@pytest.mark.parametrize(("level", "hears"), [(None, False), ("info", True)])
async def test_a_newer_client_hears_it_if_its_call_asks(world: World, level: Any, hears: bool) -> None:  # noqa: FBT001 - a case
    await world.fault(path="/rest/api/3/issue/DEMO-7", status=503)
    ear = Ear()
    async with Client(world.server(), mode="2026-07-28", logging_callback=ear.log, log_level=level) as agent:
        await told(agent, "jira_get_issue", {"issue_key": "DEMO-7"})
    assert bool(ear.said) == hears


async def test_who_watches_an_issue_hears_that_it_changed(world: World) -> None:
    async with Client(world.server(), mode="2026-07-28") as agent:
        async with agent.listen(resource_subscriptions=[ISSUE]) as changes:
            await told(agent, "jira_add_comment", COMMENT)
            with fail_after(5):
                event = await anext(aiter(changes))
    assert getattr(event, "uri", None) == ISSUE


async def test_who_subscribed_in_the_older_way_hears_it_until_they_unsubscribe(world: World) -> None:
    send, receive = anyio.create_memory_object_stream[str](10)

    async def heard(message: object) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            await send.send(str(message.params.uri))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MCPDeprecationWarning)
        async with send, receive, Client(world.server(), mode="legacy", message_handler=heard) as agent:
            await agent.subscribe_resource(ISSUE)  # pyright: ignore[reportDeprecated] - for the era that has it
            await told(agent, "jira_add_comment", COMMENT)
            with fail_after(5):
                assert await receive.receive() == ISSUE
            await agent.unsubscribe_resource(ISSUE)  # pyright: ignore[reportDeprecated] - for the era that has it
            await told(agent, "jira_add_comment", COMMENT)
            await told(agent, "jira_get_transitions", {"issue_key": "DEMO-11"})
            assert receive.statistics().current_buffer_used == 0


async def test_a_server_may_have_a_pace_of_its_own(world: World) -> None:
    async with Client(build(world.settings(), transport=world.wire, pace=Pace(chance=lambda: 0.5))) as agent:
        assert await told(agent, "jira_get_transitions", {"issue_key": "DEMO-11"})

"""What is nobody's business is in no log, at any level."""

import logging

import pytest
from mcp import Client

from tests.world import World, refused, told

pytestmark = pytest.mark.anyio

BODY = "canary-of-a-body"


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
async def test_neither_tokens_nor_bodies_are_logged(world: World, caplog: pytest.LogCaptureFixture, level: str) -> None:
    caplog.set_level(level, logger="isthmus")
    caplog.set_level(logging.INFO)
    answer = {"status": 201, "body": f'{{"{BODY}": 1}}', "content_type": "application/json"}
    await world.fault(method="POST", path="/rest/api/3/issue/DEMO-1/comment", **answer)
    await world.fault(method="GET", path="/rest/api/3/issue/DEMO-1", status=503)
    async with Client(world.server(ISTHMUS_LOG_LEVEL=level)) as agent:
        await told(agent, "jira_get_issue", {"issue_key": "DEMO-1"})
        await refused(agent, "jira_add_comment", {"issue_key": "DEMO-1", "body": BODY})
        await told(agent, "jira_add_comment", {"issue_key": "DEMO-1", "body": BODY})
        await told(agent, "confluence_create_page", {"space_key": "ENG", "title": "Quiet", "content": BODY})
        await refused(agent, "jira_add_comment", {"issue_key": "DEMO-1", "body": BODY, "bodies": BODY})
    assert BODY not in caplog.text
    assert "demo-token" not in caplog.text
    assert ("trying again" in caplog.text) == (level in ("DEBUG", "INFO"))

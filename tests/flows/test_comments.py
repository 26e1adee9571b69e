"""Comments are changed, and customers see none that nobody meant for them."""

from typing import Any

import pytest
from mcp import Client

from tests.world import World, refused, told

pytestmark = pytest.mark.anyio


async def newest(world: World, key: str) -> dict[str, Any]:
    async with world.http() as http:
        return (await http.get(f"/rest/api/3/issue/{key}")).json()["fields"]["comment"]["comments"][-1]


async def test_a_comment_is_internal_unless_told_otherwise(agent: Client, world: World) -> None:
    await told(agent, "jira_add_comment", {"issue_key": "HELP-1", "body": "For us."})
    comment = (await newest(world, "HELP-1"))["id"]
    async with world.http() as http:
        kept = (await http.get(f"/rest/api/3/comment/{comment}/properties/sd.public.comment")).json()
    assert kept["value"] == {"internal": True}


async def test_a_public_comment_on_a_service_project_is_asked_about(agent: Client) -> None:
    hello = {"issue_key": "HELP-1", "body": "Hello.", "public": True}
    assert "Show the customers of HELP-1 this comment? Hello." in await refused(agent, "jira_add_comment", hello)
    await told(agent, "jira_add_comment", {**hello, "confirm": True})
    await told(agent, "jira_add_comment", {**hello, "issue_key": "DEMO-11"})


async def test_a_comment_is_changed_in_two_requests_and_keeps_its_audience(agent: Client, world: World) -> None:
    audience = {"type": "role", "value": "Developers"}
    await told(agent, "jira_add_comment", {"issue_key": "DEMO-11", "body": "Old.", "visibility": audience})
    comment = (await newest(world, "DEMO-11"))["id"]
    edit = {"issue_key": "DEMO-11", "comment_id": comment, "body": "**New.**", "public": False}
    before = len(await world.requests())
    assert await told(agent, "jira_edit_comment", edit) == f"Changed comment {comment} of DEMO-11"
    assert len(await world.requests()) == before + 2
    changed = await newest(world, "DEMO-11")
    assert changed["visibility"]["value"] == "Developers"
    assert changed["body"]["content"][0]["content"][0]["text"] == "New."


async def test_what_customers_see_is_not_changed_unasked(agent: Client, world: World) -> None:
    await told(agent, "jira_add_comment", {"issue_key": "HELP-1", "body": "x", "public": True, "confirm": True})
    comment = (await newest(world, "HELP-1"))["id"]
    edit = {"issue_key": "HELP-1", "comment_id": comment, "body": "y"}
    assert f"in place of comment {comment}? y" in await refused(agent, "jira_edit_comment", edit)

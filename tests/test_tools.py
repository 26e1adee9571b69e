"""What holds for every tool, also for those to come."""

import inspect
import json
import re
from typing import Any, cast

import pytest
from mcp import Client
from mcp.types import Tool

import tools
from tests.generate import SNAPSHOTS
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio


@pytest.fixture
async def listed(agent: Client) -> list[Tool]:
    return (await agent.list_tools()).tools


def nodes(schema: Any) -> list[dict[str, Any]]:
    """Each schema within a schema."""
    if isinstance(schema, list):
        return [node for item in cast("list[Any]", schema) for node in nodes(item)]
    if not isinstance(schema, dict):
        return []
    own = cast("dict[str, Any]", schema)
    return [own, *(node for value in own.values() for node in nodes(value))]


async def test_names_are_the_products_then_what_they_do(listed: list[Tool]) -> None:
    assert all(re.fullmatch(r"(jira|confluence)_[a-z_]+|search", tool.name) for tool in listed)


async def test_no_tool_accepts_what_it_does_not_know(agent: Client, listed: list[Tool], world: World) -> None:
    for tool in listed:
        assert f"{tool.name} has no argument `sideways`" in await refused(agent, tool.name, {"sideways": 1})
    assert await world.requests() == []


async def test_schemas_are_plain_enough_for_every_host(listed: list[Tool]) -> None:
    for tool in listed:
        assert not [node for node in nodes(tool.input_schema) if {"anyOf", "oneOf", "$ref"} & set(node)], tool.name


async def test_the_list_is_what_the_snapshots_show(listed: list[Tool]) -> None:
    for tool in listed:
        shown = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
        assert shown == json.loads((SNAPSHOTS / f"{tool.name}.json").read_text(encoding="utf-8")), tool.name


async def test_what_the_server_fills_in_is_not_shown(listed: list[Tool]) -> None:
    hidden = {"jira", "confluence", "site", "last_read", "ctx"}
    assert not [tool.name for tool in listed if hidden & set(tool.input_schema["properties"])]


async def test_what_hardly_anyone_needs_is_taken_though_not_published(agent: Client, listed: list[Tool]) -> None:
    (spaces,) = [tool for tool in listed if tool.name == "confluence_list_spaces"]
    assert "limit" not in spaces.input_schema["properties"]
    assert "cursor=" in await told(agent, "confluence_list_spaces", {"limit": 1})


async def test_each_tool_publishes_what_it_answers_and_whether_it_changes_anything(listed: list[Tool]) -> None:
    for tool in listed:
        assert tool.output_schema, tool.name
        assert tool.annotations, tool.name
        assert tool.annotations.read_only_hint is not None, tool.name
        if not tool.annotations.read_only_hint:
            assert tool.annotations.destructive_hint is not None, tool.name
            assert tool.annotations.idempotent_hint is not None, tool.name


MARKDOWN = {"body", "comment", "content", "description", "new_content"}
UNFORMATTED = {"confluence_upload_attachment"}  # its comment is plain text


def test_every_tool_that_writes_a_text_can_be_tried_before() -> None:
    for tool in tools.all_tools():
        takes = set(inspect.signature(tool.fn).parameters)
        if tool.changes and takes & MARKDOWN and tool.name not in UNFORMATTED:
            assert "dry_run" in takes, tool.name


async def test_a_tool_needs_only_the_products_whose_clients_it_takes(world: World) -> None:
    for tool in tools.all_tools():
        expected = {part for part in ("jira", "confluence") if tool.name.startswith(f"{part}_")}
        assert tool.needs == expected, tool.name


def test_a_tool_that_is_being_written_is_offered_as_it_is() -> None:
    from server.entities import Project
    from tools.published import published

    async def jira_try_something(project_key: str) -> Project:
        raise NotImplementedError

    assert published(jira_try_something).arguments["required"] == ["project_key"]


def test_two_tools_of_one_name_are_a_mistake() -> None:
    from tools.declare import reads
    from tools.jira_issues import jira_search

    with pytest.raises(ValueError, match="two tools are named `jira_search`"):
        reads(jira_search)

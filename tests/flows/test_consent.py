"""Before something is gone for good the person is asked, by whatever means the agent's host has."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult

import tools
from server.sandbox.people import CUSTOMER
from tests.world import World, refused, text, told

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


# What changes and is not gone for good: pages and fields have versions and histories, which people know their way in.
ORDINARY = {
    "jira_assign_issue",
    "jira_edit_description",
    "confluence_edit_page",
    "confluence_update_page_section",
}


def test_whatever_is_gone_or_moved_asks_first() -> None:
    unasked = {
        tool.name
        for tool in tools.all_tools()
        if tool.annotations.destructive_hint and "consent" not in (tool.fn.__annotations__)
    }
    assert unasked == ORDINARY


async def test_what_changed_while_the_person_was_asked_is_asked_about_again(world: World, era: str) -> None:
    issue = world.site.issue("DEMO-30")
    assert issue

    def changes_meanwhile(question: str) -> ElicitResult:
        if "Quite" not in question:
            issue.values["summary"] = "Quite another issue"
        return ElicitResult(action="accept", content={"agreed": True})

    async with asked(world, era, changes_meanwhile) as (agent, questions):
        assert await told(agent, "jira_delete_issue", {"issue_key": "DEMO-30"}) == "Deleted DEMO-30"
    assert len(questions) == 2
    assert "`Quite another issue`" in questions[1]


async def test_a_person_who_minds_the_change_is_heeded(world: World, era: str) -> None:
    issue = world.site.issue("DEMO-30")
    assert issue

    def changes_meanwhile(question: str) -> ElicitResult:
        agreed = "Quite" not in question
        issue.values["summary"] = "Quite another issue"
        return ElicitResult(action="accept", content={"agreed": agreed})

    async with asked(world, era, changes_meanwhile) as (agent, _):
        assert "did not agree" in await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-30"})
    assert await deletions(world) == []


async def test_what_never_stands_still_is_left_alone(world: World) -> None:
    issue = world.site.issue("DEMO-30")
    assert issue

    def changes_always(_: str) -> ElicitResult:
        issue.values["summary"] += "!"
        return ElicitResult(action="accept", content={"agreed": True})

    async with asked(world, "legacy", changes_always) as (agent, questions):
        assert "faster than the person" in await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-30"})
    assert len(questions) == 4
    assert await deletions(world) == []


async def test_an_agent_confirms_what_it_was_told_and_nothing_else(world: World, agent: Client) -> None:
    issue = world.site.issue("DEMO-30")
    assert issue
    arguments: dict[str, Any] = {"issue_key": "DEMO-30", "confirm": True}
    at_once = await agent.call_tool("jira_delete_issue", arguments)
    assert text(at_once).endswith("Ask, then call again: confirm=true counts for what was told before.")
    issue.values["summary"] = "Quite another issue"
    changed = await agent.call_tool("jira_delete_issue", arguments)
    assert "`Quite another issue`" in text(changed)
    assert await deletions(world) == []
    assert text(await agent.call_tool("jira_delete_issue", arguments)) == "Deleted DEMO-30"


async def test_a_word_is_good_for_one_call(world: World, agent: Client) -> None:
    hello = {"issue_key": "HELP-1", "body": "Hello.", "public": True}
    await told(agent, "jira_add_comment", {**hello, "confirm": True})
    again = await agent.call_tool("jira_add_comment", {**hello, "confirm": True})
    assert "needs the person's word" in text(again)


async def test_what_is_hidden_in_a_text_is_shown_to_the_person(world: World, era: str) -> None:
    hello = {"issue_key": "HELP-1", "body": "Hel\u200blo\u202e.", "public": True}
    async with asked(world, era, says("accept", agreed=True)) as (agent, questions):
        await told(agent, "jira_add_comment", hello)
    assert questions == ["Show the customers of HELP-1 this comment? Hel⟨ZERO WIDTH SPACE⟩lo⟨RIGHT-TO-LEFT OVERRIDE⟩."]


async def test_an_issue_is_known_by_where_it_is_now(world: World, agent: Client) -> None:
    issue = world.site.issue("DEMO-30")
    assert issue
    issue.project = next(each.id for each in world.site.projects.values() if each.key == "HELP")
    world.site.rename(issue, "HELP-99")
    said = await refused(agent, "jira_add_comment", {"issue_key": "DEMO-30", "body": "Hello.", "public": True})
    assert "Show the customers" in said


async def test_where_comments_stay_internal_nobody_is_asked(world: World, era: str) -> None:
    hello = {"issue_key": "HELP-1", "body": "Hello.", "public": True}
    questions: list[str] = []

    async def ask(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        questions.append(params.message)
        return ElicitResult(action="decline")

    server = world.server(JIRA_INTERNAL_ONLY_PROJECTS="HELP")
    async with Client(server, mode=era, elicitation_callback=ask) as agent:
        await told(agent, "jira_add_comment", hello)
    assert questions == []
    issue = world.site.issue("HELP-1")
    assert issue
    assert issue.comments[-1].properties["sd.public.comment"] == {"internal": True}


@pytest.mark.parametrize("narrowed", ["", "HELP"])
async def test_comments_along_with_other_changes_are_internal(world: World, narrowed: str) -> None:
    linked = {"link_type": "Blocks", "inward_issue_key": "DEMO-11", "outward_issue_key": "HELP-9", "comment": "See."}
    async with Client(world.server(TOOLSETS="all", JIRA_INTERNAL_ONLY_PROJECTS=narrowed)) as agent:
        moved = {"issue_key": "HELP-8", "transition_id": "In Progress", "comment": "Begun."}
        await told(agent, "jira_transition_issue", moved)
        await told(agent, "jira_create_issue_link", linked)
    for key in ("HELP-8", "HELP-9"):
        issue = world.site.issue(key)
        assert issue
        assert issue.comments[-1].properties["sd.public.comment"] == {"internal": True}


async def test_who_may_see_an_issue_is_not_changed_unasked(world: World, agent: Client) -> None:
    for tool, more in (("jira_update_issue", {}), ("jira_transition_issue", {"transition_id": "In Progress"})):
        arguments = {"issue_key": "DEMO-11", "fields": {"security": None}, **more}
        said = await refused(agent, tool, arguments)
        assert "Change who may see DEMO-11? Its security level is none." in said
    tried = {"issue_key": "DEMO-11", "fields": {"security": None}, "dry_run": True}
    await told(agent, "jira_update_issue", tried)


async def test_a_page_does_not_move_with_an_update_unasked(world: World, agent: Client) -> None:
    update = {"page_id": "131076", "title": "Moved", "content": "Here.", "allow_loss": True, "expected_version": 1}
    parent = world.site.pages["131076"].parent
    assert "Would change" not in await refused(agent, "confluence_update_page", {**update, "parent_id": "131074"})
    said = await refused(agent, "confluence_update_page", {**update, "parent_id": "131074"})
    assert "Move page 131076" in said
    await agent.call_tool("confluence_get_page", {"page_id": "131076"})
    newest = len(world.site.pages["131076"].versions)
    stays = {**update, "parent_id": parent, "expected_version": newest}
    assert "Updated" in await told(agent, "confluence_update_page", stays)


async def test_another_audience_of_a_comment_is_asked_about(world: World, agent: Client) -> None:
    audience = {"type": "role", "value": "Developers"}
    said = await told(agent, "jira_add_comment", {"issue_key": "DEMO-11", "body": "Old.", "visibility": audience})
    edit: dict[str, Any] = {"issue_key": "DEMO-11", "comment_id": said.split()[2], "body": "New."}
    await told(agent, "jira_edit_comment", {**edit, "visibility": audience})
    other = {**edit, "visibility": {"type": "group", "value": "developers"}}
    assert "Let group developers instead of role Developers read" in await refused(agent, "jira_edit_comment", other)


async def test_a_customer_is_marked_by_their_name(world: World, agent: Client) -> None:
    issue = world.site.issue("HELP-1")
    assert issue
    issue.comments[-1].author = CUSTOMER.account_id
    assert "**Carla Customer (external customer)**" in await told(agent, "jira_get_issue", {"issue_key": "HELP-1"})

"""After text from outside was read, each change asks the person; what stays among colleagues does not."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from mcp import Client

from server.sandbox.people import CUSTOMER
from tests.attacks.corpus import document, paragraph
from tests.flows.test_consent import asked, says
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio

CHANGE: dict[str, Any] = {"issue_key": "DEMO-9", "summary": "Changed"}
ASKED = "This agent has read what people outside may have written (HELP)."


@pytest.fixture
def request_of_a_customer(world: World) -> None:
    issue = world.site.issue("HELP-7")
    assert issue
    issue.values |= {"reporter": CUSTOMER.account_id, "description": document(paragraph("Please help."))}


@pytest.fixture
async def exposed(world: World, request_of_a_customer: None) -> AsyncGenerator[Client]:
    """An agent that has read it, and cannot ask."""
    async with Client(world.server(TOOLSETS="all")) as agent:
        said = await told(agent, "jira_get_issue", {"issue_key": "HELP-7"})
        assert "reporter Carla Customer (external customer)" in said
        yield agent


async def test_a_change_elsewhere_is_asked_about_with_all_of_it(exposed: Client) -> None:
    said = await refused(exposed, "jira_update_issue", CHANGE)
    assert f"{ASKED} Let it jira_update_issue?\nissue_key: DEMO-9\nsummary: Changed" in said
    assert "Updated DEMO-9" in await told(exposed, "jira_update_issue", {**CHANGE, "confirm": True})


async def test_the_person_is_asked_where_that_is_possible(world: World, era: str, request_of_a_customer: None) -> None:
    async with asked(world, era, says("decline")) as (agent, questions):
        await told(agent, "jira_update_issue", CHANGE)
        await told(agent, "jira_get_issue", {"issue_key": "HELP-7"})
        said = await refused(agent, "jira_update_issue", {**CHANGE, "confirm": True})
    assert said == "Nothing was done: the person did not agree."
    assert len(questions) == 1


async def test_what_only_colleagues_see_in_the_same_project_is_not_asked_about(exposed: Client) -> None:
    await told(exposed, "jira_add_comment", {"issue_key": "HELP-7", "body": "I look into it."})
    await told(exposed, "jira_add_worklog", {"issue_key": "help-7", "time_spent": "1h"})
    assert ASKED in await refused(exposed, "jira_add_comment", {"issue_key": "DEMO-9", "body": "Look."})
    assert ASKED in await refused(exposed, "jira_transition_issue", {"issue_key": "HELP-7", "transition_id": "Done"})


async def test_trying_is_not_changing(exposed: Client) -> None:
    await told(exposed, "jira_update_issue", {**CHANGE, "dry_run": True})


async def test_long_texts_are_shown_to_where_a_person_reads_and_sealed(exposed: Client) -> None:
    said = await refused(exposed, "jira_update_issue", {**CHANGE, "description": "x" * 5_000})
    assert "xxx... (5,000 characters in all, sha256 " in said


async def test_colleagues_text_leads_to_nothing(world: World) -> None:
    async with Client(world.server()) as agent:
        result = await agent.call_tool("jira_get_issue", {"issue_key": "DEMO-1"})
        assert result.meta
        assert set(result.meta["isthmus/authors"].values()) == {"colleague"}
        await told(agent, "jira_update_issue", CHANGE)


async def test_a_customers_text_is_labelled(world: World, request_of_a_customer: None) -> None:
    async with Client(world.server()) as agent:
        result = await agent.call_tool("jira_get_issue", {"issue_key": "HELP-7"})
        resource = await agent.read_resource("jira://issue/HELP-7")
    for meta in (result.meta, resource.contents[0].meta):
        assert meta
        assert meta["ifc"] == {"integrity": "untrusted", "confidentiality": "private"}
        assert meta["isthmus/authors"] == {"Carla Customer": "external customer"}


async def test_a_resource_is_read_like_anything_else(world: World, request_of_a_customer: None) -> None:
    async with Client(world.server()) as agent:
        await agent.read_resource("jira://issue/HELP-7")
        assert ASKED in await refused(agent, "jira_update_issue", CHANGE)


async def test_titles_of_a_service_project_are_of_nobody_knows_whom(world: World) -> None:
    async with Client(world.server()) as agent:
        await told(agent, "jira_search", {"jql": "project = HELP"})
        assert ASKED in await refused(agent, "jira_update_issue", CHANGE)


async def test_other_titles_are_not(world: World) -> None:
    async with Client(world.server()) as agent:
        await told(agent, "jira_search", {"jql": "project = DEMO"})
        await told(agent, "confluence_get_page", {"page_id": "131074"})
        await told(agent, "jira_update_issue", CHANGE)
        assert [each["query"] for each in await world.requests() if each["path"].endswith("/project/search")]


async def test_a_title_among_an_issues_links_is_labelled_and_asks_in_all_lockdown_alone(world: World) -> None:
    for lockdown, asked_first in (("service", False), ("all", True)):
        async with Client(world.server(ISTHMUS_LOCKDOWN=lockdown)) as agent:
            read = await agent.call_tool("jira_get_issue", {"issue_key": "DEMO-7"})
            assert read.meta
            assert read.meta["ifc"]["integrity"] == "untrusted"
            assert (await agent.call_tool("jira_update_issue", CHANGE)).is_error is asked_first


async def test_the_fields_of_a_screen_are_nobodys_text(world: World) -> None:
    async with Client(world.server()) as agent:
        await refused(agent, "jira_update_issue", {"issue_key": "DEMO-9", "fields": {"Severity": "Mayor"}})
        await told(agent, "jira_update_issue", CHANGE)


async def test_where_it_cannot_be_told_what_is_a_service_project_any_may_be(world: World) -> None:
    async with Client(world.server()) as agent:
        await told(agent, "jira_search", {"jql": "project = DEMO"})
        await world.fault(method="GET", path="/rest/api/3/project/search", status=403)
        assert "(DEMO)" in await refused(agent, "jira_update_issue", CHANGE)


async def test_the_operator_widens_it_to_all_or_turns_it_off(world: World, request_of_a_customer: None) -> None:
    async with Client(world.server(ISTHMUS_LOCKDOWN="all")) as agent:
        await told(agent, "confluence_get_page", {"page_id": "131074"})
        assert "(Confluence)" in await refused(agent, "jira_update_issue", CHANGE)
        await told(agent, "jira_get_issue", {"issue_key": "HELP-7"})
        assert "(Confluence, HELP)" in await refused(agent, "jira_add_comment", {"issue_key": "HELP-7", "body": "x"})
    async with Client(world.server(ISTHMUS_LOCKDOWN="off")) as agent:
        await told(agent, "jira_get_issue", {"issue_key": "HELP-7"})
        await told(agent, "jira_update_issue", CHANGE)


async def test_what_a_change_reads_for_itself_the_agent_has_not_read(world: World) -> None:
    async with Client(world.server()) as agent:
        await told(agent, "jira_update_issue", {"issue_key": "HELP-1", "description": "As it is.", "allow_loss": True})
        await told(agent, "jira_update_issue", CHANGE)


async def test_changes_of_many_are_by_people_as_well(world: World) -> None:
    async with Client(world.server(TOOLSETS="all")) as agent:
        changes = await agent.call_tool("jira_batch_get_changelogs", {"issue_ids_or_keys": "DEMO-7"})
        worklogs = await agent.call_tool("jira_get_worklog", {"issue_key": "DEMO-7"})
        comments = await agent.call_tool("confluence_get_comments", {"page_id": "131074"})
    for result in (changes, worklogs, comments):
        assert result.meta
        assert "colleague" in result.meta.get("isthmus/authors", {"": "colleague"}).values()

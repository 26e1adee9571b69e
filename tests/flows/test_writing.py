"""An agent changes something, and only that."""

import json
from dataclasses import replace
from typing import Any

import pytest
from mcp import Client

from tests.world import World, refused, told

pytestmark = pytest.mark.anyio


async def issue(world: World, key: str) -> dict[str, Any]:
    async with world.http() as http:
        return (await http.get(f"/rest/api/3/issue/{key}")).json()["fields"]


async def page(world: World, page_id: str) -> dict[str, Any]:
    async with world.http() as http:
        return (await http.get(f"/wiki/api/v2/pages/{page_id}", params={"body-format": "storage"})).json()


async def edit_in_browser(world: World, page_id: str, text: str) -> None:
    found = await page(world, page_id)
    edit = {
        "id": page_id,
        "status": "current",
        "title": found["title"],
        "body": {"representation": "storage", "value": f"<p>{text}</p>"},
        "version": {"number": found["version"]["number"] + 1},
    }
    async with world.http() as http:
        (await http.put(f"/wiki/api/v2/pages/{page_id}", json=edit)).raise_for_status()


async def new_page(agent: Client, title: str = "Notes", content: str = "# Plan\n\nFirst.") -> str:
    arguments = {"space_key": "ENG", "title": title, "content": content}
    result = await agent.call_tool("confluence_create_page", arguments)
    assert result.structured_content, result.content
    return str(result.structured_content["id"])


async def test_an_issue_is_created_with_everything_in_at_most_two_requests(agent: Client, world: World) -> None:
    arguments = {
        "project_key": "demo",
        "summary": "Überschrift fehlt 表題",
        "issue_type": "Bug",
        "description": "It *fails*:\n\n1. once\n2. twice",
        "assignee": "priya@example.com",
        "priority": "High",
        "labels": ["import"],
        "parent": "DEMO-1",
        "due_date": "2026-07-01",
        "additional_fields": {"customfield_10016": 3},
    }
    result = await agent.call_tool("jira_create_issue", arguments)
    assert len(await world.requests()) <= 2
    assert result.structured_content, result.content
    fields = await issue(world, result.structured_content["key"])
    assert fields["summary"] == "Überschrift fehlt 表題"
    assert fields["assignee"]["displayName"] == "Priya Raman"
    assert (fields["priority"]["name"], fields["labels"], fields["parent"]["key"]) == ("High", ["import"], "DEMO-1")
    assert (fields["duedate"], fields["customfield_10016"]) == ("2026-07-01", 3)
    assert [block["type"] for block in fields["description"]["content"]] == ["paragraph", "orderedList"]


SAM = "712020:5a9d3c10-41f6-4b7e-9c2d-000000000002"


@pytest.mark.parametrize("person", ["sam.carter@example.com", "Sam Carter", "me", SAM])
async def test_a_person_is_named_by_mail_name_id_or_me(agent: Client, world: World, person: str) -> None:
    await told(agent, "jira_update_issue", {"issue_key": "DEMO-11", "assignee": person})
    name = (await issue(world, "DEMO-11"))["assignee"]["displayName"]
    assert name == ("Demo User" if person == "me" else "Sam Carter")


async def test_a_person_is_looked_up_once(agent: Client, world: World) -> None:
    for key in ("DEMO-11", "DEMO-12"):
        await told(agent, "jira_update_issue", {"issue_key": key, "assignee": "priya@example.com"})
    assert sum(request["path"].endswith("/user/search") for request in await world.requests()) == 1


async def test_an_issue_can_be_taken_from_everybody(agent: Client, world: World) -> None:
    await told(agent, "jira_update_issue", {"issue_key": "DEMO-7", "assignee": "none"})
    assert (await issue(world, "DEMO-7"))["assignee"] is None


async def test_an_update_changes_what_was_named_and_leaves_the_rest(agent: Client, world: World) -> None:
    before = await issue(world, "DEMO-11")
    said = await told(
        agent, "jira_update_issue", {"issue_key": "DEMO-11", "priority": "Low", "fields": '{"labels": ["a"]}'}
    )
    assert said.startswith("Updated DEMO-11: priority, labels")
    after = await issue(world, "DEMO-11")
    assert (after["priority"]["name"], after["labels"]) == ("Low", ["a"])
    assert after["description"] == before["description"]


async def test_a_plain_description_is_rewritten_from_markdown(agent: Client, world: World) -> None:
    created = await agent.call_tool(
        "jira_create_issue", {"project_key": "DEMO", "summary": "Plain", "issue_type": "Task", "description": "Old."}
    )
    assert created.structured_content
    key = created.structured_content["key"]
    await told(
        agent, "jira_update_issue", {"issue_key": key, "summary": "Plainer", "fields": {"description": "**New.**"}}
    )
    fields = await issue(world, key)
    assert fields["summary"] == "Plainer"
    assert fields["description"]["content"][0]["content"][0]["marks"] == [{"type": "strong"}]


async def test_a_description_that_would_lose_something_is_refused_and_names_it(agent: Client, world: World) -> None:
    before = await issue(world, "DEMO-7")
    said = await refused(
        agent, "jira_update_issue", {"issue_key": "DEMO-7", "description": "Short.", "priority": "Low"}
    )
    assert "Nothing was written" in said
    assert "panel" in said
    assert "mention of Sam Carter" in said
    assert await issue(world, "DEMO-7") == before


async def test_a_comment_is_added_in_one_request(agent: Client, world: World) -> None:
    said = await told(agent, "jira_add_comment", {"issue_key": "DEMO-11", "body": "See `log`."})
    assert len(await world.requests()) == 1
    assert said.startswith("Added comment ")
    assert (await issue(world, "DEMO-11"))["comment"]["comments"][-1]["author"]["displayName"] == "Demo User"


async def test_a_comment_can_be_for_one_role_alone(agent: Client, world: World) -> None:
    audience = {"type": "role", "value": "Developers"}
    await told(agent, "jira_add_comment", {"issue_key": "DEMO-11", "body": "Quietly.", "visibility": audience})
    visibility = (await issue(world, "DEMO-11"))["comment"]["comments"][-1]["visibility"]
    assert (visibility["type"], visibility["value"]) == ("role", "Developers")
    async with world.http("kenji") as outsider:
        heard = (await outsider.get("/rest/api/3/issue/DEMO-11/comment")).json()["comments"]
    assert "Quietly." not in json.dumps(heard)


async def test_a_role_that_the_account_is_not_of_is_refused_and_named(agent: Client, world: World) -> None:
    audience = {"type": "role", "value": "Administrators"}
    arguments = {"issue_key": "DEMO-11", "body": "Quietly.", "visibility": audience}
    assert "not a member of the project role: Administrators" in await refused(agent, "jira_add_comment", arguments)


@pytest.mark.parametrize("wanted", ["In Progress", "in progress", "21", 21])
async def test_an_issue_moves_by_name_or_id(agent: Client, world: World, wanted: object) -> None:
    said = await told(agent, "jira_transition_issue", {"issue_key": "DEMO-11", "transition_id": wanted})
    assert said.startswith("DEMO-11 is now In Progress")
    assert (await issue(world, "DEMO-11"))["status"]["name"] == "In Progress"


async def test_a_transition_takes_a_resolution_and_a_comment(agent: Client, world: World) -> None:
    arguments = {
        "issue_key": "DEMO-7",
        "transition_id": "Done",
        "fields": {"resolution": {"name": "Done"}},
        "comment": "Released.",
    }
    await told(agent, "jira_transition_issue", arguments)
    fields = await issue(world, "DEMO-7")
    assert (fields["status"]["name"], fields["resolution"]["name"]) == ("Done", "Done")
    assert fields["comment"]["comments"][-1]["body"]["content"][0]["content"][0]["text"] == "Released."


async def test_a_page_is_created_below_another_in_at_most_two_requests(agent: Client, world: World) -> None:
    arguments = {
        "space_key": "ENG",
        "title": "Jalapeño ☕",
        "content": "# Hi\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        "parent_id": "131074",
    }
    result = await agent.call_tool("confluence_create_page", arguments)
    assert len(await world.requests()) <= 2
    assert result.structured_content, result.content
    found = await page(world, result.structured_content["id"])
    assert (found["title"], found["parentId"]) == ("Jalapeño ☕", "131074")
    assert "<table" in found["body"]["storage"]["value"]


async def test_a_page_that_was_just_written_can_be_updated_in_two_requests(agent: Client, world: World) -> None:
    page_id = await new_page(agent)
    before = len(await world.requests())
    arguments = {"page_id": page_id, "title": "Notes, second", "content": "Second.", "version_comment": "why"}
    assert "version 2" in await told(agent, "confluence_update_page", arguments)
    assert len(await world.requests()) - before == 2
    found = await page(world, page_id)
    assert (found["title"], found["version"]["message"]) == ("Notes, second", "why")


async def test_a_title_changes_while_the_body_stays_to_the_byte(agent: Client, world: World) -> None:
    await told(agent, "confluence_get_page", {"page_id": "131074"})
    before = await page(world, "131074")
    await told(agent, "confluence_update_page", {"page_id": "131074", "title": "Onboarding guide"})
    after = await page(world, "131074")
    assert after["title"] == "Onboarding guide"
    assert after["body"]["storage"]["value"] == before["body"]["storage"]["value"]


async def test_a_page_that_was_not_read_is_not_updated(agent: Client, world: World) -> None:
    said = await refused(agent, "confluence_update_page", {"page_id": "131074", "title": "x", "content": "y"})
    assert "read page 131074 first" in said
    assert await world.requests() == []


async def test_a_page_that_somebody_changed_since_is_not_overwritten(agent: Client, world: World) -> None:
    page_id = await new_page(agent)
    await edit_in_browser(world, page_id, "Theirs.")
    arguments = {"page_id": page_id, "title": "Notes", "content": "Mine."}
    said = await refused(agent, "confluence_update_page", arguments)
    assert "is at version 2, and your edit is based on version 1" in said
    assert "expected_version=2" in said
    assert "Theirs." in (await page(world, page_id))["body"]["storage"]["value"]


async def test_a_page_that_changes_between_read_and_write_is_not_overwritten(agent: Client, world: World) -> None:
    page_id = await new_page(agent)
    title = "Version must be incremented when updating a page. Current Version: [5]. Provided version: [2]"
    error = {"status": "409", "code": "CONFLICT", "title": title, "detail": None}
    await world.fault(
        method="PUT", path=f"/wiki/api/v2/pages/{page_id}", status=409, body=json.dumps({"errors": [error]})
    )
    said = await refused(agent, "confluence_update_page", {"page_id": page_id, "title": "Notes", "content": "Mine."})
    assert "is at version 5, and your edit is based on version 1" in said


async def test_an_expected_version_stands_for_what_was_read(agent: Client, world: World) -> None:
    page_id = await new_page(agent)
    await edit_in_browser(world, page_id, "Theirs.")
    arguments = {"page_id": page_id, "title": "Notes", "content": "Both.", "expected_version": 2}
    assert "version 3" in await told(agent, "confluence_update_page", arguments)


async def test_a_resource_that_the_host_reads_is_not_what_the_agent_read(agent: Client, world: World) -> None:
    await told(agent, "confluence_get_page", {"page_id": "131084"})
    await edit_in_browser(world, "131084", "Theirs.")
    await agent.read_resource("confluence://page/131084")
    arguments = {"page_id": "131084", "title": "On-call", "content": "Mine."}
    assert "your edit is based on version 1" in await refused(agent, "confluence_update_page", arguments)


async def test_a_page_whose_macros_would_be_lost_is_refused_and_names_them(agent: Client, world: World) -> None:
    before = await page(world, "131074")
    await told(agent, "confluence_get_page", {"page_id": "131074"})
    said = await refused(agent, "confluence_update_page", {"page_id": "131074", "title": "x", "content": "y"})
    assert "Nothing was written" in said
    assert "mention" in said
    assert "allow_loss=true" in said
    assert await page(world, "131074") == before


async def test_storage_format_is_no_way_to_lose_macros_unseen(agent: Client, world: World) -> None:
    before = await page(world, "131074")
    arguments = {"page_id": "131074", "title": "x", "content": "<p>wipe</p>", "content_format": "storage"}
    said = await refused(agent, "confluence_update_page", {**arguments, "expected_version": 3})
    assert "would lose" in said
    assert "panel" in said
    assert await page(world, "131074") == before


async def test_a_body_that_was_read_in_storage_format_is_edited_without_loss(agent: Client, world: World) -> None:
    read = {"page_id": "131074", "convert_to_markdown": False}
    result = await agent.call_tool("confluence_get_page", read)
    assert result.structured_content
    body = str(result.structured_content["body"]) + "<p>And welcome.</p>"
    arguments = {"page_id": "131074", "title": "Onboarding", "content": body, "content_format": "storage"}
    await told(agent, "confluence_update_page", arguments)
    assert (await page(world, "131074"))["body"]["storage"]["value"] == body


async def test_what_a_refusal_named_is_lost_only_when_the_call_says_so(agent: Client, world: World) -> None:
    arguments = {"page_id": "131074", "title": "Onboarding", "content": "Short.", "expected_version": 3}
    await told(agent, "confluence_update_page", {**arguments, "allow_loss": True})
    assert (await page(world, "131074"))["body"]["storage"]["value"] == "<p>Short.</p>"
    await told(agent, "jira_update_issue", {"issue_key": "DEMO-7", "description": "Short.", "allow_loss": True})
    assert len((await issue(world, "DEMO-7"))["description"]["content"]) == 1


async def test_a_document_passed_whole_keeps_what_it_holds(agent: Client, world: World) -> None:
    description = (await issue(world, "DEMO-7"))["description"]
    await told(agent, "jira_update_issue", {"issue_key": "DEMO-7", "fields": {"description": description}})
    assert (await issue(world, "DEMO-7"))["description"] == description


async def test_nobody_passes_for_another_by_a_display_name(agent: Client, world: World) -> None:
    people = world.site.people
    people[SAM] = replace(people[SAM], name="kenji@example.com")
    said = await refused(agent, "jira_update_issue", {"issue_key": "DEMO-11", "assignee": "kenji@example.com"})
    assert "Who is `kenji@example.com`?" in said


async def test_a_page_of_half_a_megabyte_is_written_and_read(agent: Client) -> None:
    content = "A paragraph of plain words.\n\n" * 15_000
    page_id = await new_page(agent, "Long", content)
    read = {"page_id": page_id, "max_bytes": 1_000_000}
    assert len(await told(agent, "confluence_get_page", read)) > 400_000
    arguments = {"page_id": page_id, "title": "Long", "content": content + "The end."}
    assert "version 2" in await told(agent, "confluence_update_page", arguments)

"""An agent edits what people wrote, and nothing else of it changes."""

from collections.abc import Mapping
from typing import Any

import pytest
from mcp import Client

from tests.flows.test_writing import issue, new_page, page
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio

ONBOARDING = {"page_id": "131074"}


async def storage(world: World, page_id: str = "131074") -> str:
    return str((await page(world, page_id))["body"]["storage"]["value"])


async def body(agent: Client, page_id: str = "131074", **arguments: Any) -> str:
    result = await agent.call_tool("confluence_get_page", {"page_id": page_id, **arguments})
    assert result.structured_content, result.content
    return str(result.structured_content["body"])


async def written(world: World, page_id: str, value: str) -> None:
    """Somebody writes the page in a browser."""
    found = await page(world, page_id)
    edit = {
        "id": page_id,
        "status": "current",
        "title": found["title"],
        "body": {"representation": "storage", "value": value},
        "version": {"number": found["version"]["number"] + 1},
    }
    async with world.http() as http:
        (await http.put(f"/wiki/api/v2/pages/{page_id}", json=edit)).raise_for_status()


async def test_one_word_is_changed_and_every_other_byte_stays(agent: Client, world: World) -> None:
    before = await storage(world)
    text = (await body(agent)).replace("less than a day", "less than a week")
    await told(agent, "confluence_update_page", {**ONBOARDING, "title": "Onboarding", "content": text})
    assert await storage(world) == before.replace("less than a day", "less than a week")


async def test_a_text_that_says_the_same_leaves_the_page_as_it_is(agent: Client, world: World) -> None:
    before = await storage(world)
    await told(agent, "confluence_update_page", {**ONBOARDING, "title": "Onboarding", "content": await body(agent)})
    assert await storage(world) == before


async def test_edits_of_two_that_do_not_meet_are_both_kept(agent: Client, world: World) -> None:
    text = await body(agent)
    before = await storage(world)
    await written(world, "131074", before.replace("your first week", "your first month"))
    arguments = {**ONBOARDING, "title": "Onboarding", "content": text.replace("less than a day", "an hour")}
    assert "Merged with what changed since version 3." in await told(agent, "confluence_update_page", arguments)
    both = before.replace("your first week", "your first month").replace("less than a day", "an hour")
    assert await storage(world) == both


async def test_edits_of_the_same_words_are_refused_with_both_sides(agent: Client, world: World) -> None:
    text = await body(agent)
    theirs = (await storage(world)).replace("less than a day", "two days")
    await written(world, "131074", theirs)
    arguments = {**ONBOARDING, "title": "Onboarding", "content": text.replace("less than a day", "an hour")}
    said = await refused(agent, "confluence_update_page", arguments)
    assert "is at version 4, and your edit is based on version 3" in said
    assert "Both edits changed the same words" in said
    assert "an hour" in said
    assert "two days" in said
    assert await storage(world) == theirs


async def test_a_stale_edit_in_storage_format_is_told_what_changed(agent: Client, world: World) -> None:
    before = await storage(world)
    await written(world, "131074", before.replace("your first week", "your first month"))
    arguments = {**ONBOARDING, "title": "Onboarding", "content": before, "content_format": "storage"}
    said = await refused(agent, "confluence_update_page", {**arguments, "expected_version": 3})
    assert "What changed since:" in said
    assert "your first month" in said


async def test_a_dry_run_shows_the_change_and_what_it_would_lose_and_writes_nothing(
    agent: Client, world: World
) -> None:
    before = await storage(world)
    text = (await body(agent)).replace("less than a day", "an hour").replace(":::info\n", "").replace("\n:::", "")
    arguments = {**ONBOARDING, "title": "Onboarding", "content": text, "dry_run": True}
    said = await told(agent, "confluence_update_page", arguments)
    assert said.startswith("Dry run: nothing was written.")
    assert "-Everything here should take **less than a day**" in said
    assert "+Everything here should take **an hour**" in said
    assert "It would lose panel" in said
    assert await storage(world) == before
    assert not [each for each in await world.requests() if each["method"] == "PUT"]


EDITS: list[tuple[Mapping[str, Any], str, str]] = [
    (
        {"action": "replace_text", "at": "less than a day", "content": "an hour"},
        "less than a day</strong>",
        "an hour</strong>",
    ),
    ({"action": "tick", "at": "2"}, "<ac:task-status>incomplete", "<ac:task-status>complete"),
    ({"action": "untick", "at": "Ask for access"}, "<ac:task-status>complete", "<ac:task-status>incomplete"),
    (
        {"action": "set_cell", "at": "Search", "column": "Topic", "content": "Finding"},
        "<p>Search</p>",
        "<p>Finding</p>",
    ),
]


@pytest.mark.parametrize(("edit", "old", "new"), EDITS, ids=[str(edit["action"]) for edit, _, _ in EDITS])
async def test_a_small_edit_changes_one_place(
    agent: Client, world: World, edit: Mapping[str, Any], old: str, new: str
) -> None:
    before = await storage(world)
    await told(agent, "confluence_edit_page", {**ONBOARDING, **edit})
    assert await storage(world) == before.replace(old, new, 1)
    assert (
        len([each for each in await world.requests() if each["method"] in ("GET", "PUT")]) == 4
    )  # two are this test's


async def test_rows_are_added_and_deleted(agent: Client, world: World) -> None:
    before = await storage(world)
    row = "Payments | Ask around"
    await told(agent, "confluence_edit_page", {**ONBOARDING, "action": "add_row", "at": "Search", "content": row})
    assert "| Payments | Ask around |" in await body(agent)
    await told(agent, "confluence_edit_page", {**ONBOARDING, "action": "delete_row", "at": "Payments"})
    assert await storage(world) == before


async def test_text_is_put_at_the_end_and_around_sections(agent: Client) -> None:
    page_id = await new_page(agent, "Parts", "# One\n\nFirst.\n\n# Two\n\nSecond.")
    for edit in (
        {"action": "append", "content": "The end."},
        {"action": "append", "at": "One", "content": "More of one."},
        {"action": "insert_before", "at": "Two", "content": "# Between\n\nHere."},
        {"action": "insert_after", "at": "Two", "content": "# Three\n\nThird."},
        {"action": "replace_section", "at": "Between", "content": "There."},
    ):
        await told(agent, "confluence_edit_page", {"page_id": page_id, **edit})
    assert await body(agent, page_id) == (
        "# One\n\nFirst.\n\nMore of one.\n\n# Between\n\nThere.\n\n# Two\n\nSecond.\n\nThe end.\n\n# Three\n\nThird."
    )


async def test_one_section_is_replaced_and_the_rest_keeps_its_bytes(agent: Client, world: World) -> None:
    before = await storage(world)
    arguments = {**ONBOARDING, "heading_text": "The first build", "new_content": "Ask somebody."}
    await told(agent, "confluence_update_page_section", arguments)
    start = before.index("<h2>The first build</h2>") + len("<h2>The first build</h2>")
    end = before.index("<h2>Who knows what</h2>")
    assert await storage(world) == f"{before[:start]}<p>Ask somebody.</p>{before[end:]}"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"action": "replace_section", "at": "The frist build", "content": "x"}, "The first build"),
        ({"action": "replace_text", "at": "no such words", "content": "x"}, "no such words"),
        ({"action": "set_cell", "at": "Search", "content": "x"}, "set_cell needs column"),
        ({"action": "set_cell", "at": "Serach", "column": "Topic", "content": "x"}, "Search"),
        ({"action": "tick", "at": "Make tea"}, "Clone the shop"),
        ({"action": "append"}, "append needs content"),
    ],
)
async def test_an_edit_of_what_is_not_there_tells_what_is(
    agent: Client, world: World, edit: Mapping[str, Any], says: str
) -> None:
    assert says in await refused(agent, "confluence_edit_page", {**ONBOARDING, **edit})
    assert not [each for each in await world.requests() if each["method"] == "PUT"]


async def test_a_long_page_is_read_by_outline_section_and_slice(agent: Client) -> None:
    outline = await body(agent, outline=True)
    assert "- The first build (" in outline
    section = await told(agent, "confluence_get_page", {**ONBOARDING, "section": "The first build"})
    assert "git clone" in section
    assert "Who knows what\n" not in section
    assert "(Only the section `The first build`." in section
    page_id = await new_page(agent, "Long", "A line of plain words.\n\n" * 200)
    first = await told(agent, "confluence_get_page", {"page_id": page_id, "max_bytes": 1_000})
    assert "Go on with start=" in first
    start = int(first.rpartition("start=")[2].partition(".")[0])
    rest = await told(agent, "confluence_get_page", {"page_id": page_id, "start": start, "max_bytes": 100_000})
    assert (first + rest).count("A line of plain words.") == 200


async def test_a_part_of_a_page_is_no_base_for_writing_the_whole(agent: Client, world: World) -> None:
    part = await body(agent, section="Day 1")
    said = await refused(agent, "confluence_update_page", {**ONBOARDING, "title": "Onboarding", "content": part})
    assert "read page 131074 first" in said
    assert not [each for each in await world.requests() if each["method"] == "PUT"]


async def test_a_section_that_is_not_there_is_answered_with_near_ones(agent: Client) -> None:
    assert "The first build" in await refused(agent, "confluence_get_page", {**ONBOARDING, "section": "first bild"})


async def test_old_versions_are_listed_read_and_compared(world: World) -> None:
    async with Client(world.server(TOOLSETS="all")) as agent:
        listed = await told(agent, "confluence_get_page_history", ONBOARDING)
        assert listed.startswith("3 versions\n3 | 2026-01-18 11:00 | Sam Carter | Brought up to date\n2 | ")
        old = await told(agent, "confluence_get_page_history", {**ONBOARDING, "version": 1})
        assert "Welcome! More to follow." in old
        raw = {**ONBOARDING, "version": 1, "convert_to_markdown": False}
        assert "<p>Welcome! More to follow.</p>" in await told(agent, "confluence_get_page_history", raw)
        changed = await told(agent, "confluence_get_page_diff", {**ONBOARDING, "from_version": 1, "to_version": 2})
        assert "-Welcome! More to follow." in changed
        same = {**ONBOARDING, "from_version": 2, "to_version": 2}
        assert "No word changed." in await told(agent, "confluence_get_page_diff", same)
        missing = {**ONBOARDING, "from_version": 1, "to_version": 99}
        assert "131074" in await refused(agent, "confluence_get_page_diff", missing)


async def test_a_description_is_changed_in_one_place(agent: Client, world: World) -> None:
    before = (await issue(world, "DEMO-7"))["description"]
    edit = {"issue_key": "DEMO-7", "action": "append", "content": "Seen again today."}
    preview = await told(agent, "jira_edit_description", {**edit, "dry_run": True})
    assert "+Seen again today." in preview
    assert (await issue(world, "DEMO-7"))["description"] == before
    await told(agent, "jira_edit_description", edit)
    after = (await issue(world, "DEMO-7"))["description"]
    assert after["content"][:-1] == before["content"]


async def test_a_description_written_anew_keeps_the_nodes_of_the_words_that_stay(agent: Client, world: World) -> None:
    before = (await issue(world, "DEMO-7"))["description"]
    result = await agent.call_tool("jira_get_issue", {"issue_key": "DEMO-7", "fields": "description"})
    assert result.structured_content
    text = f"{result.structured_content['description']}\n\nSeen again today."
    arguments = {"issue_key": "DEMO-7", "description": text}
    assert "Seen again" in await told(agent, "jira_update_issue", {**arguments, "dry_run": True})
    assert (await issue(world, "DEMO-7"))["description"] == before
    await told(agent, "jira_update_issue", arguments)
    assert (await issue(world, "DEMO-7"))["description"]["content"][:-1] == before["content"]


CRITERIA = "customfield_10032"
PANEL = {"type": "panel", "attrs": {"panelType": "info"}, "content": [{"type": "paragraph"}]}


async def set_in_a_browser(world: World, key: str, **fields: Any) -> None:
    async with world.http() as http:
        (await http.put(f"/rest/api/3/issue/{key}", json={"fields": fields})).raise_for_status()


@pytest.mark.parametrize("tool", ["jira_update_issue", "jira_transition_issue"])
async def test_every_text_of_an_issue_is_changed_upon_what_it_was(agent: Client, world: World, tool: str) -> None:
    await set_in_a_browser(world, "DEMO-7", **{CRITERIA: {"type": "doc", "version": 1, "content": [PANEL]}})
    call = {"issue_key": "DEMO-7", "fields": {"Acceptance criteria": "None."}}
    if tool == "jira_transition_issue":
        call["transition_id"] = "Done"
    said = await refused(agent, tool, call)
    assert "the acceptance criteria of DEMO-7 would lose panel" in said
    tried = await told(agent, tool, {**call, "dry_run": True})
    assert tried.startswith("Dry run: nothing was written.")
    assert "+None." in tried
    assert "It would lose panel" in tried
    assert (await issue(world, "DEMO-7"))[CRITERIA]["content"] == [PANEL]
    allowed = {**call, "allow_loss": True}
    if tool == "jira_transition_issue":  # whose screen has no such field
        assert "is not on this screen" in await refused(agent, tool, allowed)
    else:
        await told(agent, tool, allowed)
        assert "None." in str((await issue(world, "DEMO-7"))[CRITERIA])


async def test_a_text_is_taken_away_only_where_its_loss_is_allowed(agent: Client, world: World) -> None:
    call = {"issue_key": "DEMO-7", "fields": {"description": None, "duedate": None}}
    assert "the description of DEMO-7 would lose panel" in await refused(agent, "jira_update_issue", call)
    await told(agent, "jira_update_issue", {**call, "allow_loss": True})
    assert (await issue(world, "DEMO-7"))["description"] is None


@pytest.mark.parametrize("tool", ["jira_update_issue", "jira_create_issue"])
async def test_json_that_is_no_document_is_told_where(agent: Client, world: World, tool: str) -> None:
    fields = {"description": {"type": "doc", "version": 1, "content": [{"kind": "paragraph"}]}}
    if tool == "jira_update_issue":
        said = await refused(agent, tool, {"issue_key": "DEMO-7", "fields": fields})
    else:
        new = {"project_key": "DEMO", "summary": "x", "issue_type": "Task"}
        said = await refused(agent, tool, {**new, "additional_fields": fields})
    assert said.startswith("doc.content[0]: expected `type` to be a string")
    assert [each for each in await world.requests() if each["method"] in ("PUT", "POST")] == []


async def test_a_comment_is_tried_before_it_is_changed(agent: Client, world: World) -> None:
    posted = await agent.call_tool("jira_add_comment", {"issue_key": "DEMO-7", "body": "Once."})
    assert posted.structured_content
    comment = {"issue_key": "DEMO-7", "comment_id": posted.structured_content["id"], "body": "Twice."}
    assert "-Once.\n+Twice." in await told(agent, "jira_edit_comment", {**comment, "dry_run": True})
    assert not [each for each in await world.requests() if each["method"] == "PUT"]


TEXT = "Say **what**, and :status[why]{green}."
NEW = {
    "jira_create_issue": {"project_key": "DEMO", "summary": "x", "issue_type": "Task", "description": TEXT},
    "jira_add_comment": {"issue_key": "DEMO-7", "body": TEXT},
    "jira_transition_issue": {"issue_key": "DEMO-7", "transition_id": "Done", "comment": TEXT},
    "jira_add_worklog": {"issue_key": "DEMO-7", "time_spent": "1h", "comment": TEXT, "original_estimate": "2h"},
    "jira_create_issue_link": {
        "link_type": "Blocks",
        "inward_issue_key": "DEMO-7",
        "outward_issue_key": "DEMO-8",
        "comment": TEXT,
    },
    "confluence_create_page": {"space_key": "ENG", "title": "New", "content": TEXT},
    "confluence_add_comment": {"page_id": "131074", "body": TEXT},
    "confluence_add_inline_comment": {"page_id": "131074", "body": TEXT, "text_selection": "less than a day"},
    "confluence_reply_to_comment": {"comment_id": "150010", "body": TEXT},
}


@pytest.mark.parametrize("tool", NEW)
async def test_a_new_text_is_tried_before_it_is_written(world: World, tool: str) -> None:
    async with Client(world.server(TOOLSETS="all")) as agent:
        said = await told(agent, tool, {**NEW[tool], "dry_run": True})
    assert said.startswith("Dry run: nothing was written.\nIn ")
    assert f"+{TEXT}\nNothing would be lost." in said
    assert [each for each in await world.requests() if each["method"] != "GET"] == []


async def test_a_new_page_is_tried_where_it_would_be(agent: Client) -> None:
    page = {"title": "Onboarding", "content": "x", "dry_run": True}
    assert "titled `Onboarding` already" in await refused(agent, "confluence_create_page", {**page, "space_key": "ENG"})
    assert "No space `NOPE`" in await refused(agent, "confluence_create_page", {**page, "space_key": "NOPE"})


async def test_a_new_page_in_broken_storage_format_is_told_the_place_and_the_form(agent: Client, world: World) -> None:
    page = {"space_key": "ENG", "title": "Broken", "content": "<p>Fish & chips</p>", "content_format": "storage"}
    said = await refused(agent, "confluence_create_page", page)
    assert said.startswith("Line 1, column 10: ")
    assert "`&` and `<` in text written as `&amp;` and `&lt;`" in said
    assert await world.requests() == []


async def test_what_a_new_page_has_no_place_for_is_named_and_not_written(agent: Client, world: World) -> None:
    text = "# Plan\n\n::macro{gallery .guest.zoom:=100}\n\n- <> We ship"
    said = await refused(agent, "confluence_create_page", {"space_key": "ENG", "title": "Plan", "content": text})
    assert "`.guest.zoom:=100` of gallery" in said
    assert 'decision list (under "Plan"): there is no place for it; leave it out' in said
    assert [each["method"] for each in await world.requests() if each["method"] != "GET"] == []


async def test_what_an_edited_page_has_no_place_for_is_lost_only_where_that_is_allowed(
    agent: Client, world: World
) -> None:
    edit = {**ONBOARDING, "action": "append", "content": "- <> We ship"}
    assert "decision list" in await refused(agent, "confluence_edit_page", edit)
    assert "It would lose decision list" in await told(agent, "confluence_edit_page", {**edit, "dry_run": True})
    await told(agent, "confluence_edit_page", {**edit, "allow_loss": True})
    assert "We ship" in await storage(world)


async def test_what_a_comment_in_jira_has_no_place_for_is_named_and_not_written(agent: Client) -> None:
    text = "> - [ ] A task in a quotation"
    assert "task list" in await refused(agent, "jira_add_comment", {"issue_key": "DEMO-1", "body": text})


async def test_a_new_issue_with_a_broken_text_is_told_the_line_and_the_form(agent: Client) -> None:
    issue = {
        "project_key": "DEMO",
        "summary": "Broken",
        "issue_type": "Task",
        "description": "Fine.\n\n:::inof\nx\n:::",
    }
    said = await refused(agent, "jira_create_issue", issue)
    assert "Line 3: `:::inof` is not known. Containers: " in said

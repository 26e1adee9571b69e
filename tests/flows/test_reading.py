"""An agent looks around."""

import re
from dataclasses import replace

import pytest
from mcp import Client

from tests.world import World, refused, told

pytestmark = pytest.mark.anyio


async def test_an_issue_is_read_with_facts_description_links_and_newest_comments(agent: Client, world: World) -> None:
    said = await told(agent, "jira_get_issue", {"issue_key": "DEMO-7", "comment_limit": 2})
    assert said.startswith("# DEMO-7: Login redirect empties the cart at checkout\nBug · In Progress")
    assert "## How to repeat it" in said
    assert "## Comments (newest 2 of 12)" in said
    assert [request["method"] for request in await world.requests()] == ["GET"]


async def test_an_issue_shows_only_the_fields_that_were_asked_for(agent: Client) -> None:
    said = await told(agent, "jira_get_issue", {"issue_key": "DEMO-7", "fields": "summary,customfield_10016"})
    assert said.startswith("# DEMO-7: Login redirect")
    assert "Story Points: " in said
    assert "assignee" not in said


async def test_an_issue_key_is_understood_in_lower_case(agent: Client) -> None:
    assert (await told(agent, "jira_get_issue", {"issue_key": " demo-7 "})).startswith("# DEMO-7")


async def test_structured_content_carries_what_the_text_says(agent: Client) -> None:
    result = await agent.call_tool("jira_get_issue", {"issue_key": "DEMO-7"})
    assert result.structured_content
    assert result.structured_content["key"] == "DEMO-7"
    assert result.structured_content["comment_count"] == 12
    assert result.structured_content["updated"].endswith("Z")
    assert "resolution" not in result.structured_content


async def test_a_search_is_a_table_that_says_how_to_go_on(agent: Client) -> None:
    arguments = {"jql": "project = DEMO ORDER BY key ASC", "limit": 3}
    first = await agent.call_tool("jira_search", arguments)
    assert first.structured_content
    token = first.structured_content["next_page_token"]
    second = await told(agent, "jira_search", {**arguments, "page_token": token})
    assert [row.partition(" | ")[0] for row in second.splitlines()[1:]] == ["key", "DEMO-4", "DEMO-5", "DEMO-6"]


async def test_a_search_shows_the_columns_that_were_asked_for(agent: Client) -> None:
    arguments = {"jql": "key = DEMO-7", "fields": ["summary", "duedate", "updated", "customfield_10016"]}
    head, row = (await told(agent, "jira_search", arguments)).splitlines()[1:]
    assert head == "key | summary | duedate | updated | Story Points"
    assert row.startswith("DEMO-7 | Login redirect empties the cart at checkout | 2026-03-16 | 2026-01-08 14:41")


async def test_a_search_for_long_fields_shows_each_issue_whole(agent: Client) -> None:
    said = await told(agent, "jira_search", {"jql": "key = DEMO-7", "fields": "*all"})
    assert "## How to repeat it" in said


async def test_a_search_without_a_hit_says_so(agent: Client) -> None:
    assert await told(agent, "jira_search", {"jql": "key = DEMO-7 AND status = Done"}) == "No issue matches."


async def test_transitions_are_listed_by_id_name_and_where_they_lead(agent: Client) -> None:
    assert "In Progress" in await told(agent, "jira_get_transitions", {"issue_key": "DEMO-11"})


async def test_words_and_cql_both_find_pages(agent: Client) -> None:
    words = await told(agent, "confluence_search", {"query": 'onboarding "first week"'})
    query = await told(agent, "confluence_search", {"query": "title = Onboarding AND space = ENG"})
    assert "131074 | Onboarding | Engineering" in words
    assert "131074 | Onboarding | Engineering" in query


async def test_a_page_search_goes_on_by_cursor(agent: Client) -> None:
    arguments = {"query": "type = page AND space = ENG", "limit": 4}
    first = await agent.call_tool("confluence_search", arguments)
    assert first.structured_content
    more = {**arguments, "cursor": first.structured_content["next_cursor"]}
    second = await agent.call_tool("confluence_search", more)
    assert second.structured_content
    ids = [{hit["id"] for hit in page["hits"]} for page in (first.structured_content, second.structured_content)]
    assert not ids[0] & ids[1]


async def test_nothing_found_in_confluence_says_so(agent: Client) -> None:
    assert await told(agent, "confluence_search", {"query": "xylophone"}) == "Nothing matches."


async def test_a_page_is_read_as_markdown_with_its_version(agent: Client, world: World) -> None:
    said = await told(agent, "confluence_get_page", {"page_id": 131074})
    assert said.startswith("# Onboarding\npage 131074 · space ENG · parent 131073 · version 3")
    assert "## Day 1" in said
    assert len(await world.requests()) == 1


async def test_a_page_is_found_by_title_and_space(agent: Client) -> None:
    said = await told(agent, "confluence_get_page", {"title": "Onboarding", "space_key": "ENG"})
    assert said.startswith("# Onboarding\npage 131074")


async def test_a_title_that_no_page_has_points_to_the_search(agent: Client) -> None:
    said = await refused(agent, "confluence_get_page", {"title": "Onboardin", "space_key": "ENG"})
    assert "No page titled `Onboardin` in space ENG" in said
    assert "confluence_search" in said


async def test_a_page_must_be_named_in_one_of_two_ways(agent: Client) -> None:
    assert "page_id alone, or title and space_key" in await refused(
        agent, "confluence_get_page", {"title": "Onboarding"}
    )


async def test_spaces_are_listed_and_go_on_by_cursor(agent: Client) -> None:
    first = await agent.call_tool("confluence_list_spaces", {"limit": 2})
    assert first.structured_content
    assert [space["key"] for space in first.structured_content["spaces"]] == ["ENG", "DOCS"]
    second = await told(agent, "confluence_list_spaces", {"cursor": first.structured_content["next_cursor"]})
    assert "POLICY | Policies" in second


async def test_one_search_looks_into_both_products(agent: Client) -> None:
    said = await told(agent, "search", {"query": "checkout"})
    assert "DEMO-7 | In Progress | Login redirect" in said
    assert "Checkout step by step" in said


async def test_a_search_over_both_says_which_product_did_not_answer(agent: Client, world: World) -> None:
    await world.fault(path="/rest/api/3/search/jql", status=503, times=9)
    said = await told(agent, "search", {"query": "checkout"})
    assert "Checkout step by step" in said
    assert "Jira was not searched. Jira at http://sandbox.localhost is not available" in said


async def test_a_search_fails_where_no_product_answers(agent: Client, world: World) -> None:
    await world.fault(path="/rest/api/3/search/jql", status=503, times=9)
    await world.fault(path="/wiki/rest/api/search", status=503, times=9)
    said = await refused(agent, "search", {"query": "checkout"})
    assert "Jira was not searched" in said
    assert "Confluence was not searched" in said


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("jira://issue/DEMO-7", "# DEMO-7: Login redirect"),
        ("jira://project/DEMO", "# DEMO: Demo Shop"),
        ("confluence://page/131074", "# Onboarding"),
        ("confluence://space/ENG", "# ENG: Engineering"),
        ("isthmus://guide/markdown", "# Markdown in Isthmus"),
    ],
)
async def test_each_thing_can_be_read_by_its_address(agent: Client, uri: str, says: str) -> None:
    [content] = (await agent.read_resource(uri)).contents
    assert content.mime_type == "text/markdown"
    assert content.model_dump()["text"].startswith(says)


async def test_a_key_alone_is_a_field_too(agent: Client) -> None:
    for fields in ("key", " , ", "summary"):
        said = await told(agent, "jira_search", {"jql": "key = DEMO-7", "fields": fields})
        assert said.startswith("1 issue\nkey | summary\nDEMO-7 | Login")
    assert await told(agent, "jira_get_issue", {"issue_key": "DEMO-7", "fields": "status"}) == "# DEMO-7\nIn Progress"


async def test_links_and_plain_facts_fit_into_a_table(agent: Client) -> None:
    arguments = {"jql": "key = DEMO-7", "fields": "issuelinks,subtasks,watches,worklog"}
    said = await told(agent, "jira_search", arguments)
    links, subtasks = said.splitlines()[-1].split(" | ")[1:3]
    assert "is blocked by DEMO-21" in links
    assert "has subtask DEMO-21" in subtasks
    assert "has subtask" not in links
    assert "watchCount" in said
    assert "http" not in said


async def test_an_issue_is_found_by_its_key(agent: Client) -> None:
    assert "DEMO-7 | In Progress" in await told(agent, "search", {"query": " demo-7 "})
    assert "Jira:\nnothing" in await told(agent, "search", {"query": "DEMO-99999"})


@pytest.mark.parametrize("query", ["type in (space, page)", "and"])
async def test_spaces_and_people_among_the_hits_are_shown_too(agent: Client, query: str) -> None:
    assert await told(agent, "confluence_search", {"query": query, "limit": 50})


async def test_a_page_can_be_read_as_confluence_keeps_it(agent: Client) -> None:
    said = await told(agent, "confluence_get_page", {"page_id": "131076", "convert_to_markdown": False})
    assert "<ac:structured-macro" in said
    assert "version 2" in said


async def test_what_cannot_be_shown_says_why_and_hides_nothing_else(agent: Client, world: World) -> None:
    page = world.site.pages["131084"]
    page.versions[-1] = replace(page.latest, body="<div>" * 150 + "deep" + "</div>" * 150)
    said = await told(agent, "confluence_get_page", {"page_id": "131084"})
    assert said.startswith("# On-call rota\npage 131084")
    assert "(This page can't be shown as Markdown: " in said


async def test_a_restricted_comment_is_marked(agent: Client) -> None:
    arguments = {"issue_key": "DEMO-11", "body": "Quietly.", "visibility": {"type": "role", "value": "Developers"}}
    assert (await told(agent, "jira_add_comment", arguments)).endswith("to DEMO-11, only for role Developers")
    assert ", only for role Developers):" in await told(agent, "jira_get_issue", {"issue_key": "DEMO-11"})


async def test_an_answer_stays_within_its_budget_and_counts_what_was_cut(agent: Client, world: World) -> None:
    issue_key = "DEMO-7"
    async with world.http() as http:
        for _ in range(3):
            words = [{"type": "paragraph", "content": [{"type": "text", "text": "A line of words."}]}] * 900
            body = {"body": {"type": "doc", "version": 1, "content": words}}
            (await http.post(f"/rest/api/3/issue/{issue_key}/comment", json=body)).raise_for_status()
    said = await told(agent, "jira_get_issue", {"issue_key": issue_key})
    assert len(said) < 40_200
    assert re.search(r"\(Cut here: 3[\d,]+ of 5[\d,]+ characters shown, [\d,]+ lines left\. .*comment_limit", said)


async def test_pages_of_other_lists_are_told_by_their_number_and_not_where_they_are_empty(agent: Client) -> None:
    said = await told(agent, "jira_get_issue", {"issue_key": "DEMO-7", "fields": "worklog,attachment"})
    assert "Log Work: 2\nAttachment: screenshot.png" in said
    assert said.endswith("jira_get_worklog lists the work that is logged.")
    assert "Log Work" not in await told(agent, "jira_get_issue", {"issue_key": "DEMO-12", "fields": "worklog"})

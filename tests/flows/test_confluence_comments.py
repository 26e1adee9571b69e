"""Comments on pages, labels of pages, and who is who in Confluence."""

from collections.abc import AsyncGenerator

import pytest
from mcp import Client

from server.sandbox.wiki_records import Page
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio


@pytest.fixture
async def agent(world: World) -> AsyncGenerator[Client]:
    async with Client(world.server(TOOLSETS="all")) as agent:
        yield agent


def titled(world: World, title: str) -> Page:
    return next(page for page in world.site.pages.values() if page.title == title)


async def test_comments_are_read_with_their_authors_and_replies(agent: Client, world: World) -> None:
    page = titled(world, "Onboarding")
    first = page.comments[0].id
    said = await told(agent, "confluence_reply_to_comment", {"comment_id": first, "body": "Still **there**?"})
    reply = page.comments[-1].id
    assert said == f"Added comment {reply} in reply to comment {first}"
    said = await told(agent, "confluence_get_comments", {"page_id": page.id})
    assert said.startswith("3 comments")
    assert "**Zoë Lindqvist**" in said
    assert f"(comment {reply}):\n> Still **there**?" in said
    assert said.index("Still") < said.index("Added, thank you.")


async def test_comments_come_page_by_page_and_a_page_may_have_none(agent: Client, world: World) -> None:
    arguments = {"page_id": titled(world, "Onboarding").id, "limit": 1}
    assert "more with cursor=" in await told(agent, "confluence_get_comments", arguments)
    result = await agent.call_tool("confluence_get_comments", arguments)
    assert result.structured_content
    more = {**arguments, "cursor": result.structured_content["next_cursor"]}
    assert "Added, thank you." in await told(agent, "confluence_get_comments", more)
    assert await told(agent, "confluence_get_comments", {"page_id": titled(world, "Vouchers").id}) == "No comments."
    assert "No page `7`" in await refused(agent, "confluence_get_comments", {"page_id": 7})


async def test_replies_that_can_not_be_read_are_told_in_confluences_words(agent: Client, world: World) -> None:
    arguments = {"page_id": titled(world, "Onboarding").id}
    await world.fault(path="/wiki/api/v2/footer-comments/*/children", status=403)
    assert "may not do this" in await refused(agent, "confluence_get_comments", arguments)


async def test_a_comment_that_is_gone_since_it_was_listed_has_no_replies(agent: Client, world: World) -> None:
    arguments = {"page_id": titled(world, "Onboarding").id}
    await world.fault(path="/wiki/api/v2/footer-comments/*/children", status=404)
    assert (await told(agent, "confluence_get_comments", arguments)).startswith("2 comments")


async def test_a_comment_is_added_in_one_request(agent: Client, world: World) -> None:
    page = titled(world, "Vouchers")
    said = await told(agent, "confluence_add_comment", {"page_id": page.id, "body": "*Twice* for members."})
    assert said == f"Added comment {page.comments[0].id} to page {page.id}"
    assert page.comments[0].body == "<p><em>Twice</em> for members.</p>"
    assert len(await world.requests()) == 1


async def test_a_comment_without_an_answer_is_looked_for_by_author_time_and_text(agent: Client, world: World) -> None:
    page = titled(world, "Vouchers")
    await world.fault(method="POST", drop="after")
    said = await told(agent, "confluence_add_comment", {"page_id": page.id, "body": "Once."})
    assert said.startswith("Added comment ")
    await world.fault(method="POST", drop="before")
    assert "may have been applied" in await refused(
        agent, "confluence_add_comment", {"page_id": page.id, "body": "Never."}
    )
    await world.fault(method="POST", status=503)
    await told(agent, "confluence_add_comment", {"page_id": page.id, "body": "Again."})
    assert [comment.body for comment in page.comments] == ["<p>Once.</p>", "<p>Again.</p>"]


async def test_a_passage_is_commented_on_and_the_comment_says_which(agent: Client, world: World) -> None:
    page = titled(world, "Logging in")
    arguments = {"page_id": page.id, "body": "Too short.", "text_selection": "30 minutes"}
    before = len(await world.requests())
    said = await told(agent, "confluence_add_inline_comment", arguments)
    assert len(await world.requests()) - before == 2
    made = page.comments[-1].id
    assert said == f'Added comment {made} on "30 minutes" in page {page.id}'
    await told(agent, "confluence_reply_to_comment", {"comment_id": made, "body": "Agreed."})
    said = await told(agent, "confluence_get_inline_comments", {"page_id": page.id})
    assert f'(comment {made}) on "30 minutes", open:\nToo short.' in said
    assert "> Agreed." in said


async def test_a_passage_has_to_be_there_and_to_be_one(agent: Client, world: World) -> None:
    page = titled(world, "Logging in")
    arguments = {"page_id": page.id, "body": "x", "text_selection": "a session lasts"}
    assert "does not say that text_selection" in await refused(agent, "confluence_add_inline_comment", arguments)
    arguments["text_selection"] = "password"
    often = {**arguments, "text_selection": "ass"}
    said = await refused(agent, "confluence_add_inline_comment", often)
    assert "occurs 2 times" in said
    assert "1: ..." in said
    said = await refused(agent, "confluence_add_inline_comment", {**often, "text_selection_match_index": 2})
    assert "from 0 to 1" in said
    said = await refused(agent, "confluence_add_inline_comment", {**often, "text_selection_match_count": 3})
    assert "occurs 2 times" in said
    assert page.comments == []
    await told(agent, "confluence_add_inline_comment", {**often, "text_selection_match_index": 1})


async def test_a_reply_needs_a_comment(agent: Client) -> None:
    assert "No comment `7`" in await refused(agent, "confluence_reply_to_comment", {"comment_id": 7, "body": "x"})


async def test_labels_are_read_and_added_in_one_request_each(agent: Client, world: World) -> None:
    page = titled(world, "Onboarding")
    assert await told(agent, "confluence_get_labels", {"page_id": page.id}) == "onboarding, howto"
    said = await told(agent, "confluence_add_label", {"page_id": page.id, "name": "New-Hires"})
    assert said == f"Page {page.id} is labelled `new-hires`; all labels: onboarding, howto, new-hires"
    assert len(await world.requests()) == 2


async def test_a_label_is_one_word(agent: Client, world: World) -> None:
    arguments = {"page_id": titled(world, "Onboarding").id, "name": "Release notes!"}
    assert "`release-notes` would do" in await refused(agent, "confluence_add_label", arguments)
    assert "one word" in await refused(agent, "confluence_add_label", {**arguments, "name": " "})
    assert "No page `7`" in await refused(agent, "confluence_add_label", {"page_id": "7", "name": "x"})


async def test_people_are_found_by_name_address_query_or_group(agent: Client) -> None:
    said = await told(agent, "confluence_search_user", {"query": "sam"})
    assert "Sam Carter | sam.carter@example.com | 712020:" in said
    assert said.startswith("2 people")
    assert "Priya Raman" in await told(agent, "confluence_search_user", {"query": "priya@example.com"})
    assert "Kenji" in await told(agent, "confluence_search_user", {"query": 'user.fullname ~ "Kenji"'})
    said = await told(agent, "confluence_search_user", {"query": "sam", "group_name": "service-agents"})
    assert said.startswith("1 person\n")
    assert "Nobody matches" in await told(agent, "confluence_search_user", {"query": "nobody"})
    said = await refused(agent, "confluence_search_user", {"query": "sam", "group_name": "service"})
    assert "No group is named `service`. Perhaps service-agents." in said

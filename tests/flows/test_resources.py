"""Everything at the site has an address, alone and as a list below what it belongs to."""

import re
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from server.entities import ENTITIES
from tests.world import World

pytestmark = pytest.mark.anyio

PAGE = "131074"


async def read(agent: Client, uri: str) -> str:
    [content] = (await agent.read_resource(uri)).contents
    assert content.mime_type == "text/markdown"
    return content.model_dump()["text"]


async def not_found(agent: Client, uri: str) -> str:
    with pytest.raises(MCPError) as caught:
        await agent.read_resource(uri)
    assert caught.value.error.code == -32602
    return caught.value.error.message


async def posted(world: World, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with world.http() as http:
        response = await http.post(path, json=body)
    response.raise_for_status()
    return response.json()


async def commented(world: World, text: str) -> str:
    body = {"representation": "storage", "value": f"<p>{text}</p>"}
    comment = await posted(world, "/wiki/api/v2/footer-comments", {"pageId": PAGE, "body": body})
    return str(comment["id"])


async def test_each_entity_has_its_template_and_what_is_below_another_a_list(agent: Client) -> None:
    listed = [each.uri_template for each in (await agent.list_resource_templates()).resource_templates]
    for entity in ENTITIES:
        assert entity.uri in listed
        assert not entity.listing or f"{entity.list_uri}{{?cursor}}" in listed
    names = [each.name for each in (await agent.list_resource_templates()).resource_templates]
    assert len(names) == len(set(names)) == len(listed)


async def test_comments_are_read_newest_first_and_one_by_one(agent: Client) -> None:
    said = await read(agent, "jira://issue/DEMO-7/comments")
    assert said.startswith("12 comments\n\n**")
    newest, oldest = re.findall(r"\(comment ([0-9]+)", said)[0], re.findall(r"\(comment ([0-9]+)", said)[-1]
    assert int(newest) > int(oldest)
    alone = await read(agent, f"jira://issue/DEMO-7/comment/{newest}")
    assert alone in said


async def test_a_long_list_says_where_it_goes_on(agent: Client, world: World) -> None:
    for number in range(52):
        words = [{"type": "paragraph", "content": [{"type": "text", "text": f"Number {number}."}]}]
        body = {"body": {"type": "doc", "version": 1, "content": words}}
        await posted(world, "/rest/api/3/issue/DEMO-1/comment", body)
    first = await read(agent, "jira://issue/DEMO-1/comments")
    heading = first.partition("\n")[0]
    assert re.fullmatch(r"50 of [0-9]+ comments; more with jira://issue/DEMO-1/comments\?cursor=50", heading)
    second = await read(agent, heading.rpartition(" ")[2])
    assert "Number 0." in second
    assert "Number 51." not in second


async def test_worklogs_are_read_below_their_issue(agent: Client, world: World) -> None:
    body = {"timeSpent": "2h 30m", "started": "2026-05-30T09:00:00.000+0000"}
    made = await posted(world, "/rest/api/3/issue/DEMO-21/worklog", body)
    alone = await read(agent, f"jira://issue/DEMO-21/worklog/{made['id']}")
    assert f"2026-05-30 09:00: 2h 30m (worklog {made['id']})" in alone
    assert alone in await read(agent, "jira://issue/DEMO-21/worklogs")


PICTURE = b"\x89PNG\r\n\x1a\n and so on"


async def attached(world: World, path: str) -> Any:
    """The answer to an upload of a picture."""
    async with world.http() as http:
        files, headers = {"file": ("shot.png", PICTURE, "image/png")}, {"X-Atlassian-Token": "no-check"}
        response = await http.post(path, files=files, headers=headers)
    response.raise_for_status()
    return response.json()


async def picture(agent: Client, uri: str) -> bytes:
    [content] = (await agent.read_resource(uri)).contents
    assert content.mime_type == "image/png"
    return b64decode(content.model_dump()["blob"])


async def test_the_files_of_an_issue_are_listed_and_come_as_what_they_are(agent: Client, world: World) -> None:
    [file] = await attached(world, "/rest/api/3/issue/DEMO-11/attachments")
    said = await read(agent, "jira://issue/DEMO-11/attachments")
    assert f"\nattachment {file['id']} · shot.png · image/png · 18 bytes" in said
    before = len(await world.requests())
    assert await picture(agent, f"jira://issue/DEMO-11/attachment/{file['id']}") == PICTURE
    assert len(await world.requests()) == before + 2
    assert "No attachment" in await not_found(agent, f"jira://issue/DEMO-7/attachment/{file['id']}")


async def test_the_files_of_a_page_are_listed_and_come_as_what_they_are(agent: Client, world: World) -> None:
    answer = await attached(world, f"/wiki/rest/api/content/{PAGE}/child/attachment")
    file = answer["results"][0]["id"]
    assert f"\nattachment {file} · shot.png · image/png · 18 bytes" in await read(
        agent, f"confluence://page/{PAGE}/attachments"
    )
    assert await picture(agent, f"confluence://page/{PAGE}/attachment/{file}") == PICTURE
    assert "No attachment" in await not_found(agent, f"confluence://page/131076/attachment/{file}")


async def test_a_file_that_is_too_large_is_not_fetched(agent: Client, world: World) -> None:
    [file] = await attached(world, "/rest/api/3/issue/DEMO-11/attachments")
    held = next(issue.attachments for issue in world.site.issues.values() if issue.key == "DEMO-11")
    held[-1] = replace(held[-1], size=20_000_000)
    before = len(await world.requests())
    with pytest.raises(MCPError, match=r"shot\.png has 20\.0 MB, and a resource carries 10\.5 MB"):
        await agent.read_resource(f"jira://issue/DEMO-11/attachment/{file['id']}")
    assert len(await world.requests()) == before + 1


async def test_boards_and_sprints_are_read_by_id(agent: Client, world: World) -> None:
    async with world.http() as http:
        board = (await http.get("/rest/agile/1.0/board")).json()["values"][0]
        sprint = (await http.get(f"/rest/agile/1.0/board/{board['id']}/sprint")).json()["values"][0]
    said = await read(agent, f"jira://board/{board['id']}")
    assert said.startswith(f"# {board['name']}\nboard {board['id']} · {board['type']}")
    said = await read(agent, f"jira://sprint/{sprint['id']}")
    assert said.startswith(f"# {sprint['name']}\nsprint {sprint['id']} · {sprint['state']}")


async def test_the_comments_of_a_page_are_read_alone_and_in_pages(agent: Client, world: World) -> None:
    ids = [await commented(world, f"Remark {number}.") for number in range(51)]
    first = await read(agent, f"confluence://page/{PAGE}/comments")
    heading = first.partition("\n")[0]
    assert heading.startswith(f"50 comments; more with confluence://page/{PAGE}/comments?cursor=")
    both = first + await read(agent, heading.rpartition(" ")[2])
    assert all(f"(comment {each}" in both for each in ids)
    alone = await read(agent, f"confluence://page/{PAGE}/comment/{ids[0]}")
    assert alone.endswith("Remark 0.")
    assert alone in both


async def test_remarks_in_the_text_say_what_they_are_about(agent: Client, world: World) -> None:
    body = {"representation": "storage", "value": "<p>Really?</p>"}
    selection = {"textSelection": "Day 1", "textSelectionMatchCount": 1, "textSelectionMatchIndex": 0}
    remark = {"pageId": PAGE, "body": body, "inlineCommentProperties": selection}
    made = await posted(world, "/wiki/api/v2/inline-comments", remark)
    alone = await read(agent, f"confluence://page/{PAGE}/inline-comment/{made['id']}")
    assert "about `Day 1`" in alone
    assert alone.endswith("Really?")
    assert alone in await read(agent, f"confluence://page/{PAGE}/inline-comments")


async def test_something_below_another_thing_is_not_found_here(agent: Client, world: World) -> None:
    comment = await commented(world, "Elsewhere.")
    said = await not_found(agent, f"confluence://page/131076/comment/{comment}")
    assert said.startswith(f"No comment `{comment}` of page `131076`")
    assert "confluence://page/{id}/comments" in said


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("jira://issue/DEMO-7/comment/999999", "comment `999999` of issue `DEMO-7`"),
        ("jira://issue/DEMO-7/comment/one", "can't be the id of a comment. Find its id in jira://issue/{key}/comments"),
        ("jira://issue/nonsense/comments", "can't be the key of an issue"),
        ("jira://issue/DEMO-99999/worklogs", "worklogs of issue `DEMO-99999`"),
        ("jira://board/99999", "board `99999`"),
        ("confluence://page/99999999/attachments", "attachments of page `99999999`"),
        ("jira://nothing/1", "Unknown resource"),
    ],
)
async def test_what_is_not_there_is_told_in_words(agent: Client, uri: str, told: str) -> None:
    assert told in await not_found(agent, uri)


async def test_what_cannot_be_read_now_is_no_missing_resource(agent: Client, world: World) -> None:
    await world.fault(path="/rest/api/3/issue/DEMO-7", status=403)
    with pytest.raises(MCPError) as caught:
        await agent.read_resource("jira://issue/DEMO-7")
    assert caught.value.error.code == -32603

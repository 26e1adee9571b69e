"""Pages as a tree, and pages that go, move and are copied."""

import json

import pytest
from mcp import Client

from server.sandbox.wiki_records import Page
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio


def titled(world: World, title: str) -> Page:
    return next(page for page in world.site.pages.values() if page.title == title)


async def test_the_children_of_a_page_are_listed_in_one_request(agent: Client, world: World) -> None:
    said = await told(
        agent, "confluence_get_page_children", {"parent_id": titled(world, "Architecture of the shop").id}
    )
    assert said.startswith("3 pages\n")
    assert f"\n{titled(world, 'Decision: passkeys for login').id} Decision: passkeys for login" in said
    assert len(await world.requests()) == 1


async def test_children_come_page_by_page(agent: Client, world: World) -> None:
    arguments = {"parent_id": titled(world, "Architecture of the shop").id, "limit": 2}
    result = await agent.call_tool("confluence_get_page_children", arguments)
    assert result.structured_content
    cursor = result.structured_content["next_cursor"]
    said = await told(agent, "confluence_get_page_children", {**arguments, "cursor": cursor})
    assert said.startswith("1 page\n")


async def test_a_page_without_children_says_so(agent: Client, world: World) -> None:
    said = await told(agent, "confluence_get_page_children", {"parent_id": titled(world, "Vouchers").id})
    assert said == "Nothing is below it."


async def test_a_space_is_drawn_as_a_tree(agent: Client, world: World) -> None:
    said = await told(agent, "confluence_get_space_page_tree", {"space_key": "ENG"})
    home, architecture = titled(world, "Engineering Home"), titled(world, "Architecture of the shop")
    decision = titled(world, "Decision: one queue per tenant")
    lines = said.splitlines()
    assert lines[:2] == ["12 pages", f"{home.id} Engineering Home"]
    at = lines.index(f"  {architecture.id} Architecture of the shop")
    assert lines[at + 1] == f"    {decision.id} Decision: one queue per tenant"
    assert len(await world.requests()) == 2
    await told(agent, "confluence_get_space_page_tree", {"space_key": "ENG"})
    assert len(await world.requests()) == 3


async def test_a_part_of_a_tree_says_below_which_page_it_stands(agent: Client, world: World) -> None:
    arguments = {"space_key": "ENG", "limit": 1}
    result = await agent.call_tool("confluence_get_space_page_tree", arguments)
    assert result.structured_content
    more = {**arguments, "cursor": result.structured_content["next_cursor"]}
    said = await told(agent, "confluence_get_space_page_tree", more)
    assert f"\nbelow {titled(world, 'Engineering Home').id}:\n" in said


@pytest.mark.parametrize(("key", "near"), [("eng", "ENG"), ("Engineering", "ENG"), ("DOC", "DOCS")])
async def test_an_unknown_space_names_those_that_look_like_it(agent: Client, key: str, near: str) -> None:
    said = await refused(agent, "confluence_get_space_page_tree", {"space_key": key})
    assert f"No space `{key}`" in said
    assert near in said.partition("Near: ")[2]


async def test_a_deleted_page_goes_to_the_trash_after_a_word_on_its_children(agent: Client, world: World) -> None:
    page, child = titled(world, "Architecture of the shop"), titled(world, "Decision: passkeys for login")
    said = await refused(agent, "confluence_delete_page", {"page_id": page.id})
    assert f"Move page {page.id} `Architecture of the shop` to the trash?" in said
    assert "The 3 pages right below it will stand below its parent." in said
    before = len(await world.requests())
    said = await told(agent, "confluence_delete_page", {"page_id": page.id, "confirm": True})
    assert said == f"Moved page {page.id} to the trash"
    assert len(await world.requests()) - before == 1
    assert (page.status, child.parent) == ("trashed", titled(world, "Engineering Home").id)


async def test_a_page_in_the_trash_is_neither_deleted_nor_moved_nor_copied(agent: Client, world: World) -> None:
    page, home = titled(world, "On-call rota"), titled(world, "Engineering Home")
    await told(agent, "confluence_delete_page", {"page_id": page.id, "confirm": True})
    copy = {"source_page_id": page.id, "destination_space_key": "ENG", "new_title": "Copy"}
    move = {"page_id": page.id, "target_parent_id": home.id, "confirm": True}
    below = {"page_id": titled(world, "Onboarding").id, "target_parent_id": page.id, "confirm": True}
    calls = [
        ("confluence_delete_page", {"page_id": page.id, "confirm": True}),
        ("confluence_delete_page", {"page_id": page.id}),
        ("confluence_move_page", move),
        ("confluence_move_page", below),
        ("confluence_copy_page", copy),
    ]
    for tool, arguments in calls:
        said = await refused(agent, tool, arguments)
        assert f"page {page.id} `On-call rota` is in the trash" in said, tool


async def test_a_deletion_without_an_answer_is_looked_for(agent: Client, world: World) -> None:
    page = titled(world, "On-call rota")
    await world.fault(method="DELETE", drop="after")
    said = await told(agent, "confluence_delete_page", {"page_id": page.id, "confirm": True})
    assert said == f"Moved page {page.id} to the trash"


async def test_a_page_moves_below_another_after_the_person_was_told_where(agent: Client, world: World) -> None:
    page, target = titled(world, "On-call rota"), titled(world, "Architecture of the shop")
    arguments = {"page_id": page.id, "target_parent_id": target.id}
    said = await refused(agent, "confluence_move_page", arguments)
    assert f"Move page {page.id} `On-call rota` with all that is below it below page {target.id}" in said
    assert "in space ENG?" in said
    before = len(await world.requests())
    said = await told(agent, "confluence_move_page", {**arguments, "confirm": True})
    assert said == f"Moved page {page.id} below page {target.id}"
    assert len(await world.requests()) - before == 1
    assert page.parent == target.id


async def test_a_page_moves_beside_another(agent: Client, world: World) -> None:
    page, target = titled(world, "On-call rota"), titled(world, "Onboarding")
    arguments = {"page_id": page.id, "target_parent_id": target.id, "position": "before", "confirm": True}
    assert "before page" in await told(agent, "confluence_move_page", arguments)
    children = world.site.child_pages(titled(world, "Engineering Home"))
    assert [child.title for child in children[:2]] == ["On-call rota", "Onboarding"]


async def test_a_page_moves_to_another_space_below_its_home_page(agent: Client, world: World) -> None:
    page, home = titled(world, "On-call rota"), titled(world, "Documentation Home")
    arguments = {"page_id": page.id, "target_space_key": "DOCS", "confirm": True}
    assert f"below page {home.id}" in await told(agent, "confluence_move_page", arguments)
    assert (page.space, page.parent) == (home.space, home.id)


async def test_a_page_does_not_move_where_it_cannot(agent: Client, world: World) -> None:
    page, child = titled(world, "Architecture of the shop"), titled(world, "Decision: passkeys for login")
    home = titled(world, "Engineering Home")
    refusals = {
        "can't stand below or beside itself": {"target_parent_id": page.id},
        "itself stands below page": {"target_parent_id": child.id},
        "Where to?": {},
        "is in space ENG, not DOCS": {"target_parent_id": home.id, "target_space_key": "DOCS"},
        "Near: ENG": {"target_space_key": "ENGG"},
        "No page `7`": {"target_parent_id": "7"},
    }
    for words, place in refusals.items():
        assert words in await refused(agent, "confluence_move_page", {"page_id": page.id, "confirm": True, **place})
    arguments = {"page_id": home.id, "target_space_key": "ENG", "confirm": True}
    assert "no other home page" in await refused(agent, "confluence_move_page", arguments)
    arguments = {"page_id": page.id, "target_space_key": "POLICY", "confirm": True}
    assert "not permitted to move" in await refused(agent, "confluence_move_page", arguments)


async def test_a_page_is_copied_with_its_labels(agent: Client, world: World) -> None:
    page, home = titled(world, "Release checklist"), titled(world, "Documentation Home")
    arguments = {"source_page_id": page.id, "destination_space_key": "DOCS", "new_title": "Checklist"}
    said = await told(agent, "confluence_copy_page", {**arguments, "destination_parent_id": home.id})
    copy = titled(world, "Checklist")
    assert said.startswith(f"Copied to page {copy.id} `Checklist` http")
    assert len(await world.requests()) == 2
    assert (copy.space, copy.parent, copy.latest.body) == (home.space, home.id, page.latest.body)
    assert copy.labels == page.labels
    assert f"page {copy.id} of this space is titled `Checklist` already" in await refused(
        agent, "confluence_copy_page", arguments
    )


async def test_a_copy_needs_a_place_that_is_there(agent: Client, world: World) -> None:
    page, home = titled(world, "Release checklist"), titled(world, "Documentation Home")
    arguments = {"source_page_id": page.id, "destination_space_key": "DOC", "new_title": "Checklist"}
    assert "Near: DOCS" in await refused(agent, "confluence_copy_page", arguments)
    elsewhere = {**arguments, "destination_space_key": "ENG", "destination_parent_id": home.id}
    assert "is in space DOCS, not ENG" in await refused(agent, "confluence_copy_page", elsewhere)
    long = {**arguments, "destination_space_key": "POLICY"}
    assert "not permitted" in await refused(agent, "confluence_copy_page", long)


async def test_a_copy_without_an_answer_is_looked_for_by_its_title(agent: Client, world: World) -> None:
    page = titled(world, "Release checklist")
    arguments = {"source_page_id": page.id, "destination_space_key": "ENG", "new_title": "Checklist"}
    await world.fault(method="POST", drop="after")
    assert (await told(agent, "confluence_copy_page", arguments)).startswith("Copied to page")
    assert sum(page.title == "Checklist" for page in world.site.pages.values()) == 1


async def test_a_refused_copy_is_told_as_confluence_tells_it(agent: Client, world: World) -> None:
    page = titled(world, "Release checklist")
    body = json.dumps({"statusCode": 400, "message": "No more copies today"})
    await world.fault(method="POST", path=f"/wiki/rest/api/content/{page.id}/copy", status=400, body=body)
    arguments = {"source_page_id": page.id, "destination_space_key": "ENG", "new_title": "Checklist"}
    assert "No more copies today" in await refused(agent, "confluence_copy_page", arguments)

"""A link says what it says in the right direction."""

from collections.abc import AsyncGenerator

import pytest
from mcp import Client

from tests.world import World, refused, told

pytestmark = pytest.mark.anyio
LINK, REMOVE = "jira_create_issue_link", "jira_remove_issue_link"
ENDS = {"inward_issue_key": "DEMO-3", "outward_issue_key": "DEMO-8"}


@pytest.fixture
async def agent(world: World) -> AsyncGenerator[Client]:
    async with Client(world.server(TOOLSETS="all")) as agent:
        yield agent


async def test_the_types_are_listed_with_their_words(agent: Client) -> None:
    assert "Blocks | blocks | is blocked by" in await told(agent, "jira_get_link_types", {})
    assert "Cloners" not in await told(agent, "jira_get_link_types", {"name_filter": "dupl"})
    assert await told(agent, "jira_get_link_types", {"name_filter": "zzz"}) == "No link type of that name."


@pytest.mark.parametrize("kind", ["Blocks", "blocks", "10000"])
async def test_what_is_told_is_what_the_issues_then_say(world: World, agent: Client, kind: str) -> None:
    assert await told(agent, LINK, {"link_type": kind, **ENDS}) == "Linked: DEMO-3 blocks DEMO-8"
    assert len(await world.requests()) == 2
    assert "blocks DEMO-8" in await told(agent, "jira_get_issue", {"issue_key": "DEMO-3"})
    assert "is blocked by DEMO-3" in await told(agent, "jira_get_issue", {"issue_key": "DEMO-8"})


async def test_an_inward_phrase_is_not_taken_the_wrong_way_round(agent: Client) -> None:
    said = await refused(agent, LINK, {"link_type": "is blocked by", **ENDS})
    assert "link_type=Blocks, inward_issue_key=DEMO-8, outward_issue_key=DEMO-3" in said


async def test_an_unknown_type_gets_the_near_ones(agent: Client) -> None:
    assert "Possible: Blocks." in await refused(agent, LINK, {"link_type": "Block", **ENDS})
    assert "Cloners, Duplicate" in await refused(agent, LINK, {"link_type": "zzzz", **ENDS})


async def test_an_issue_is_not_linked_to_itself_nor_to_none(agent: Client) -> None:
    same = {"inward_issue_key": "DEMO-3", "outward_issue_key": "DEMO-3"}
    assert "itself" in await refused(agent, LINK, {"link_type": "Blocks", **same})
    await refused(agent, LINK, {"link_type": "Blocks", **ENDS, "outward_issue_key": "DEMO-999"})


async def test_a_link_whose_answer_was_lost_is_found(world: World, agent: Client) -> None:
    await world.fault(path="*/issueLink", method="POST", drop="after")
    said = await told(agent, LINK, {"link_type": "Blocks", **ENDS, "comment": "since May"})
    assert said == "Linked: DEMO-3 blocks DEMO-8"


async def test_a_link_is_removed_by_its_ends_once_the_person_agreed(world: World, agent: Client) -> None:
    await told(agent, LINK, {"link_type": "Blocks", **ENDS})
    assert "`DEMO-3 blocks DEMO-8`" in await refused(agent, REMOVE, {"link_id": "DEMO-8,DEMO-3"})
    await told(agent, REMOVE, {"link_id": "DEMO-8, DEMO-3", "confirm": True})
    assert "No link joins" in await refused(agent, REMOVE, {"link_id": "DEMO-8,DEMO-3"})


async def test_of_several_links_the_id_says_which(world: World, agent: Client) -> None:
    for kind in ("Blocks", "Relates"):
        await told(agent, LINK, {"link_type": kind, **ENDS})
    said = await refused(agent, REMOVE, {"link_id": "DEMO-3 DEMO-8", "confirm": True})
    number = said.partition("of these: ")[2].split(" ")[0]
    assert "DEMO-3 blocks DEMO-8" in said
    assert "Remove the link `DEMO-3" in await refused(agent, REMOVE, {"link_id": number})
    assert await told(agent, REMOVE, {"link_id": number, "confirm": True}) == f"Removed link {number}"
    assert "is no link" in await refused(agent, REMOVE, {"link_id": "DEMO-3"})


async def test_a_link_to_what_is_not_there_says_how_to_find_it(world: World) -> None:
    ends = {"link_type": "Blocks", "inward_issue_key": "DEMO-7", "outward_issue_key": "NOPE-8"}
    async with Client(world.server(TOOLSETS="all")) as agent:
        said = await refused(agent, "jira_create_issue_link", ends)
    assert "did not find what this needs (a link from DEMO-7 to NOPE-8)" in said
    assert said.endswith("Find it with jira_search.")

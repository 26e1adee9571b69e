"""Who may read and edit a page, told and set by name."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from mcp import Client

from server.sandbox.people import DEMO, SAM_CARTER
from server.sandbox.wiki_records import Circle
from tests.flows.test_consent import asked, says
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio
PAGE = "131076"
SET, GET = "confluence_set_page_restrictions", "confluence_get_page_restrictions"
EVERYBODY = "everybody whom the space and the pages above let"


@pytest.fixture
async def agent(world: World) -> AsyncGenerator[Client]:
    async with Client(world.server(TOOLSETS="all")) as agent:
        yield agent


def given(**arguments: Any) -> dict[str, Any]:
    return {"page_id": PAGE, "confirm": True, **arguments}


async def writes(world: World) -> list[str]:
    return [each["method"] for each in await world.requests() if each["method"] != "GET"]


async def test_a_page_without_restrictions_is_told_so_in_one_request(agent: Client, world: World) -> None:
    said = await told(agent, GET, {"page_id": PAGE})
    assert said == f"read: {EVERYBODY}\nedit: {EVERYBODY}"
    assert len(await world.requests()) == 1
    assert "No page `7`" in await refused(agent, GET, {"page_id": 7})


async def test_people_and_groups_are_named_in_and_out(agent: Client, world: World) -> None:
    group = sorted(DEMO.groups)[0]
    people = f"me, {SAM_CARTER.email}"
    said = await told(agent, SET, given(read_users=people, edit_users="me", edit_groups=[group]))
    names = f"read: {DEMO.name}, {SAM_CARTER.name}\nedit: {DEMO.name}, group {group}"
    assert said == f"Page {PAGE} is set.\n{names}"
    assert await told(agent, GET, {"page_id": PAGE}) == names
    assert world.site.circles[PAGE, "update"] == Circle((DEMO.account_id,), (group,))


async def test_what_is_not_named_stays_and_empty_means_everybody(agent: Client, world: World) -> None:
    world.site.circles[PAGE, "read"] = Circle((DEMO.account_id, SAM_CARTER.account_id))
    await told(agent, SET, given(edit_users="me"))
    assert world.site.circles[PAGE, "read"] == Circle((DEMO.account_id, SAM_CARTER.account_id))
    said = await told(agent, SET, given(read_users="", edit_groups=""))
    assert said.endswith(f"read: {EVERYBODY}\nedit: {EVERYBODY}")
    assert (PAGE, "read") not in world.site.circles
    assert (PAGE, "update") not in world.site.circles


async def test_setting_both_takes_two_requests_once_it_was_asked_about(agent: Client, world: World) -> None:
    await told(agent, SET, given(read_users="me", edit_users="me"))
    assert [each["method"] for each in await world.requests()][-2:] == ["GET", "PUT"]


async def test_nobody_locks_themselves_out(agent: Client, world: World) -> None:
    said = await refused(agent, SET, given(read_users=SAM_CARTER.email))
    assert said == 'Nothing was set: you yourself could no longer read the page. Add "me" to read_users.'
    other = next(group for person in world.site.people.values() for group in person.groups - DEMO.groups)
    said = await refused(agent, SET, given(edit_groups=other))
    assert 'Add "me" to edit_users' in said
    assert await writes(world) == []


async def test_a_group_that_one_is_in_is_enough(agent: Client, world: World) -> None:
    group = sorted(DEMO.groups)[0]
    assert f"read: group {group}" in await told(agent, SET, given(read_groups=group))


async def test_a_circle_too_large_to_be_kept_is_not_cut(agent: Client, world: World) -> None:
    for number in range(200):
        world.site.people[f"extra-{number}"] = world.site.people[SAM_CARTER.account_id]
    world.site.circles[PAGE, "read"] = Circle((DEMO.account_id, *(f"extra-{number}" for number in range(200))))
    assert "as a group" in await refused(agent, SET, given(edit_users="me"))
    assert await writes(world) == []


async def test_unknown_names_and_nothing_at_all_are_refused_with_the_remedy(agent: Client, world: World) -> None:
    assert "Nobody here is named `Nemo`" in await refused(agent, SET, given(read_users="me, Nemo"))
    assert "No group is named `nemos`" in await refused(agent, SET, given(read_groups="nemos"))
    assert "pass read_users" in await refused(agent, SET, given())
    assert await writes(world) == []


async def test_the_person_is_told_who_may_and_who_no_longer(world: World, era: str) -> None:
    world.site.circles[PAGE, "update"] = Circle((DEMO.account_id, SAM_CARTER.account_id))
    async with asked(world, era, says("accept", agreed=True)) as (agent, questions):
        await told(agent, SET, {"page_id": PAGE, "read_users": "me", "edit_users": "me"})
    assert questions == [
        f"Set who may read and edit page {PAGE}? Read: {DEMO.name}; no longer: everybody else. "
        f"Edit: {DEMO.name}; no longer: {SAM_CARTER.name}."
    ]
    assert world.site.circles[PAGE, "update"] == Circle((DEMO.account_id,))


async def test_without_the_persons_word_all_stays(agent: Client, world: World) -> None:
    said = await refused(agent, SET, {"page_id": PAGE, "read_users": "", "edit_users": "me"})
    assert "Nothing was done" in said
    assert f"Read: {EVERYBODY}." in said
    assert await writes(world) == []

"""A project and a space are tracked, kept in step while the manager runs, and let go."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from server.app import clients
from server.errors import NotFound, Refused
from server.sync.manager import SynchronizationManager
from tests.world import World

pytestmark = pytest.mark.anyio


def manager_of(world: World, path: str) -> SynchronizationManager:
    deps = clients(world.settings(), transport=world.wire, pace=world.waits.pace())
    return SynchronizationManager(
        jira_client=deps.jira, confluence_client=deps.confluence, db_path=path, pace=world.waits.pace()
    )


@pytest.fixture
async def manager(world: World, tmp_path: Path) -> AsyncGenerator[SynchronizationManager]:
    manager = manager_of(world, str(tmp_path / "sync.db"))
    await manager.open()
    yield manager
    await manager.stop()


async def test_what_is_tracked_is_mirrored_and_found_by_its_words(manager: SynchronizationManager) -> None:
    project, space = await manager.track("project", "DEMO"), await manager.track("space", "ENG")
    assert await manager.track("project", "DEMO") == project
    await manager.once()
    assert manager.progress[project.id].filled == 46
    assert manager.progress[space.id].filled == 12
    assert (await manager.store.search("redirect cart"))[0].title == "Login redirect empties the cart at checkout"
    await manager.once()
    assert manager.failures == {}


async def test_what_people_and_agents_change_meets(manager: SynchronizationManager, world: World) -> None:
    await manager.track("project", "DEMO")
    await manager.once()
    async with world.http() as http:
        fields = {"fields": {"summary": "Changed by a person"}}
        (await http.put("/rest/api/3/issue/DEMO-7", json=fields)).raise_for_status()
        await manager.once()
        found = (await manager.store.search("changed by a person"))[0]
        await manager.records.link("n", "task", found.entity)
        await manager.records.edit(found.entity, {"summary": "Changed by an agent"})
        await manager.once()
        shown = (await http.get("/rest/api/3/issue/DEMO-7")).json()
    assert shown["fields"]["summary"] == "Changed by an agent"


async def test_what_can_not_be_seen_is_not_tracked(manager: SynchronizationManager) -> None:
    for form, value in (("project", "NOPE"), ("space", "NOPE"), ("jql", "nonsense ="), ("cql", "nonsense =")):
        with pytest.raises(NotFound, match="or you may not see it"):
            await manager.track(form, value)  # pyright: ignore[reportArgumentType] - one of the forms
    assert await manager.store.scopes() == ()


async def test_what_is_let_go_leaves_only_what_has_a_record(manager: SynchronizationManager) -> None:
    project = await manager.track("project", "DEMO")
    await manager.once()
    found = (await manager.store.search("redirect cart"))[0]
    await manager.records.link("n", "task", found.entity)
    await manager.untrack(project.id)
    assert await manager.store.scopes() == ()
    kept = await manager.store.entity(found.entity)
    assert kept
    assert kept.scope is None
    assert {hit.root for hit in await manager.store.search("cart")} == {found.entity}
    await manager.once()


async def test_a_site_that_is_down_is_told_and_tried_again(manager: SynchronizationManager, world: World) -> None:
    project = await manager.track("project", "DEMO")
    await world.fault(path="/rest/api/3/search/approximate-count", status=503, times=10)
    await manager.once()
    assert "Jira" in manager.failures[project.id]
    async with world.http() as http:
        await http.delete("/__sandbox__/faults")
    await manager.once()
    assert manager.failures == {}


async def test_only_what_is_started_can_be_used(world: World) -> None:
    manager = SynchronizationManager()
    with pytest.raises(Refused, match="not started"):
        await manager.once()
    async with manager_of(world, ":memory:") as started:
        await started.track("project", "DEMO")
    async with SynchronizationManager() as alone:
        with pytest.raises(Refused, match="Jira is not configured"):
            await alone.track("project", "DEMO")

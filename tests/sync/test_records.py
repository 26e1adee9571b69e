"""What agents put, link and decide is committed at once, and refused where it could not be sent."""

from itertools import count

import pytest

from server.errors import Conflict as AlreadyChanged
from server.errors import Invalid, NotFound, Refused
from server.store.port import Change
from server.store.rows import Conflict, Scope, Tracked
from server.sync.records import Records
from tests.simulation.kinds import KINDS
from tests.simulation.memory import MemoryStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.tracking["demo"] = Scope(id="demo", site="site", form="project", value="DEMO", rev=1, frozen="too much")
    return made


@pytest.fixture
def records(store: MemoryStore) -> Records:
    numbers = count(1)
    return Records(store=store, kinds=KINDS, now=lambda: 1000, unique=lambda: f"e{next(numbers)}")


async def put(records: Records, **fields: str) -> Tracked:
    return await records.put("agents", "issue", "task-1", fields, scope="demo")


async def test_a_record_is_made_changed_and_waits_to_be_sent(records: Records, store: MemoryStore) -> None:
    await put(records, summary="one")
    changed = await put(records, summary="two", priority="p")
    assert changed.local == {"summary": "two", "priority": "p"}
    assert changed.local_rev == 2
    assert [each.key for each in await store.due(1000, 10)] == [f"entity:{changed.id}"]
    assert [each.fields for each in await store.news(0)] == [("summary",), ("priority", "summary")]


async def test_what_says_nothing_new_writes_nothing(records: Records, store: MemoryStore) -> None:
    await put(records, summary="one")
    commits = store.commits
    assert (await put(records, summary="one")).rev == 1
    assert store.commits == commits


async def test_a_change_of_what_was_read_before_is_refused(records: Records) -> None:
    made = await put(records, summary="one")
    await put(records, summary="two")
    with pytest.raises(AlreadyChanged, match="Read it again"):
        await records.edit(made.id, {"summary": "three"}, local_rev=made.local_rev)
    assert (await records.edit(made.id, {"summary": "three"}, local_rev=2)).local_rev == 3


async def test_what_is_deleted_or_somebody_elses_is_not_changed(records: Records, store: MemoryStore) -> None:
    gone = Tracked(id="g", site="site", kind="issue", root="g", presence="deleted", rev=1)
    theirs = Tracked(id="c", site="site", kind="comment", root="g", remote_id="7", local={"body": "a"}, rev=1)
    await store.commit(Change(entities=(gone, theirs)))
    with pytest.raises(Refused, match="deleted"):
        await records.edit("g", {"summary": "x"})
    with pytest.raises(Refused, match="somebody else's"):
        await records.edit("c", {"body": "b"})


async def test_what_is_not_tracked_is_said_to_be(records: Records) -> None:
    with pytest.raises(Invalid, match="not tracked"):
        await records.put("agents", "issue", "task-1", {}, scope="other")
    with pytest.raises(NotFound, match="Nothing is known"):
        await records.edit("none", {})
    with pytest.raises(NotFound, match="not tracked"):
        await records.thaw("other")
    with pytest.raises(NotFound, match="No conflict"):
        await records.resolve("none", "x", who="ada")


async def test_a_link_is_given_and_taken(records: Records, store: MemoryStore) -> None:
    await store.commit(Change(entities=(Tracked(id="t", site="site", kind="issue", root="t", local={}, rev=1),)))
    assert (await records.link("agents", "task-9", "t")).local_id == "task-9"
    assert (await store.record("agents", "issue", "task-9")) is not None
    unlinked = await records.unlink("t", delete_remote=True)
    assert unlinked.local_id is None
    assert unlinked.unwanted


async def test_what_is_parked_is_tried_again(records: Records, store: MemoryStore) -> None:
    row = Tracked(id="t", site="site", kind="issue", root="t", scope="demo", parked="no", parked_fields=("x",), rev=1)
    await store.commit(Change(entities=(row,)))
    after = await records.retry("t")
    assert (after.parked, after.parked_fields) == ("", ())
    assert [each.what for each in await store.news(0)] == ["parked"]


async def test_a_frozen_scope_is_thawed_by_whoever_has_looked(records: Records, store: MemoryStore) -> None:
    row = Tracked(
        id="t", site="site", kind="issue", root="t", scope="demo", remote_id="1", presence="unobserved", rev=1
    )
    await store.commit(Change(entities=(row,)))
    await records.thaw("demo")
    assert store.tracking["demo"].frozen == ""
    assert [each.key for each in await store.due(1000, 10)] == ["entity:t"]


async def test_a_conflict_is_decided_once_and_keeps_what_came_later(records: Records, store: MemoryStore) -> None:
    made = await put(records, description="one\n\ntheirs\n\nthree, later")
    conflict = Conflict(
        id="c1",
        entity=made.id,
        field="description",
        base="one\n\ntwo\n\nthree",
        ours="one\n\nours\n\nthree",
        theirs="one\n\ntheirs\n\nthree",
        at=1,
    )
    await store.commit(Change(conflicts=(conflict,)))
    decided = await records.resolve("c1", "one\n\nours\n\nthree", who="ada")
    assert (decided.state, decided.decided_by) == ("resolved", "ada")
    assert store.entities[made.id].local == {"description": "one\n\nours\n\nthree, later"}
    assert await records.resolve("c1", "x", who="bob") == decided
    assert await store.open_conflicts() == ()


async def test_a_row_that_others_change_all_the_time_is_given_up(records: Records, store: MemoryStore) -> None:
    made = await put(records, summary="one")

    class Busy(MemoryStore):
        async def entity(self, entity: str) -> Tracked | None:
            return made

        async def record(self, namespace: str, kind: str, local_id: str) -> Tracked | None:
            return made

        async def conflict(self, conflict: str) -> Conflict | None:
            return Conflict(id="c", entity=made.id, field="summary", base="", ours="", theirs="", at=0)

    busy = Busy()
    busy.entities["e1"] = Tracked(id="e1", site="site", kind="issue", root="e1", rev=9)
    others = Records(store=busy, kinds=KINDS, now=lambda: 0, unique=lambda: "x")
    for attempt in (
        lambda: others.put("agents", "issue", "task-1", {"summary": "x"}, scope="demo"),
        lambda: others.edit("e1", {"summary": "x"}),
        lambda: others.retry("e1"),
        lambda: others.resolve("c", "x", who="ada"),
    ):
        with pytest.raises(Refused, match="Try again"):
            await attempt()

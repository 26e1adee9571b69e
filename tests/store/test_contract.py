"""What the engine may rely on, whichever store it has."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from blockbuster import BlockBuster

from server.store.port import Change, Fenced, Port, Raised, Settled, Sighting, Stale
from server.store.rows import (
    BACKFILL,
    INTERACTIVE,
    WEBHOOK,
    Conflict,
    Cooldown,
    Delivery,
    Dirty,
    Intent,
    Lease,
    News,
    Operation,
    Scope,
    Tracked,
)
from server.store.store import Store
from tests.simulation.memory import MemoryStore
from tests.store.inline import inline_store

pytestmark = pytest.mark.anyio

PROJECT = Scope(id="p", site="s", form="project", value="DEMO", rev=1, ownership={"issue": "merge"})
FIELDS = {"summary": "Ünïcode “quoted”", "labels": ("a", "b"), "points": 3, "done": True, "parent": None, "empty": ()}


@pytest.fixture(params=["in memory", "on SQLite", "on SQLite without waiting"])
async def store(request: pytest.FixtureRequest, blockbuster: BlockBuster) -> AsyncGenerator[Port]:
    if request.param == "in memory":
        yield MemoryStore()
    elif request.param == "on SQLite":
        async with await Store.open(":memory:") as store:
            yield store
    else:
        blockbuster.deactivate()  # it blocks, and that is its purpose
        async with inline_store() as store:
            yield store
        blockbuster.activate()


def issue(name: str = "i", **more: Any) -> Tracked:
    given: dict[str, Any] = {"id": name, "site": "s", "kind": "issue", "root": name, "remote_id": f"1{name}", "rev": 1}
    return Tracked(**{**given, **more})


def comment(name: str, of: str, **more: Any) -> Tracked:
    return issue(name, kind="issue_comment", root=of, **more)


async def put(store: Port, *entities: Tracked, **more: Any) -> None:
    await store.commit(Change(entities=entities, **more))


# Entities


async def test_an_entity_comes_back_as_it_was(store: Port) -> None:
    base = {**FIELDS, "summary": "Before"}
    whole = issue(
        local_id="task-1",
        namespace="n",
        base=base,
        local={**FIELDS, "labels": ("c",)},
        remote=FIELDS,
        version="7",
        seen=12,
        attempt=3,
        presence="unobserved",
        missing_since=1,
        made_by=2,
        parked="why",
        parked_fields=("summary",),
    )
    await put(store, whole, issue("bare", remote_id=None), issue("same", base=FIELDS, local=FIELDS, remote=FIELDS))
    assert await store.entity("i") == whole
    assert await store.entity("bare") == issue("bare", remote_id=None)
    assert await store.entity("same") == issue("same", base=FIELDS, local=FIELDS, remote=FIELDS)
    assert await store.entity("nobody") is None


async def test_an_entity_is_found_by_either_side(store: Port) -> None:
    await put(store, issue(local_id="task-1", namespace="n"))
    assert (found := await store.linked("s", "issue", "1i"))
    assert found.id == "i"
    assert (found := await store.record("n", "issue", "task-1"))
    assert found.id == "i"
    assert await store.linked("other", "issue", "1i") is None
    assert await store.record("other", "issue", "task-1") is None


async def test_a_family_is_the_root_and_what_is_below_it(store: Port) -> None:
    mine = Intent(entity="c1", attempt=1, verb="update", target="1c1", fields=FIELDS, added={"labels": ("x",)})
    await put(store, issue(scope="p"), issue("j"), comment("c1", "i"), comment("c2", "i"), comment("c3", "j"))
    await store.commit(Change(intents=(mine,), scopes=(PROJECT,), raised=(Raised(key="entity:i"),)))
    family = await store.family("i")
    assert family
    assert family.root.id == "i"
    assert [each.id for each in family.parts] == ["c1", "c2"]
    assert family.intents == (mine,)
    assert family.scope == PROJECT
    assert family.dirty == Dirty(key="entity:i", dirty_seq=1)
    assert await store.family("nobody") is None


async def test_only_who_knows_the_newest_revision_may_write(store: Port) -> None:
    await put(store, issue())
    for wrong in (issue(), issue(rev=3), issue("new", rev=2)):
        with pytest.raises(Stale):
            await put(store, wrong)
    await put(store, issue(rev=2, version="8"))
    assert (found := await store.entity("i"))
    assert found.version == "8"


async def test_two_things_are_not_linked_to_one(store: Port) -> None:
    await put(store, issue(), issue("j", namespace="n", local_id="t"))
    with pytest.raises(Stale):
        await put(store, issue("k", remote_id="1i"))
    with pytest.raises(Stale):
        await put(store, issue("k", namespace="n", local_id="t"))
    with pytest.raises(Stale):
        await put(store, issue("j", remote_id="1i", rev=2))


async def test_nothing_of_a_refused_change_is_applied(store: Port) -> None:
    await put(store, issue())
    news = News(entity="j", kind="issue", what="changed")
    with pytest.raises(Stale):
        await put(store, issue("j"), issue(), news=(news,), raised=(Raised(key="entity:j"),))
    assert await store.entity("j") is None
    assert await store.news(0) == ()
    assert await store.depth() == 0


async def test_what_is_removed_takes_its_intents_and_its_work_with_it(store: Port) -> None:
    await put(store, issue(), raised=(Raised(key="entity:i"),))
    intents = tuple(Intent(entity="i", attempt=each, verb="create", target=None, fields={}) for each in (1, 2))
    await store.commit(Change(intents=intents))
    await store.commit(Change(forgotten=intents[:1]))
    assert (family := await store.family("i"))
    assert family.intents == intents[1:]
    with pytest.raises(Stale):
        await store.commit(Change(removed=(issue(rev=2),)))
    await store.commit(Change(removed=(issue(),)))
    assert await store.entity("i") is None
    assert await store.depth() == 0
    await put(store, issue("again", remote_id="1i"))
    assert (family := await store.family("again"))
    assert family.intents == ()


async def test_what_is_being_made_is_told(store: Port) -> None:
    made = Intent(entity="new", attempt=1, verb="create", target=None, fields={})
    over = Intent(entity="new", attempt=2, verb="create", target=None, fields={}, state="lost")
    edit = Intent(entity="new", attempt=3, verb="update", target=None, fields={})
    done = Intent(entity="i", attempt=1, verb="create", target="1i", fields={})
    await put(store, issue(), issue("new", remote_id=None))
    await store.commit(Change(intents=(made, over, edit, done)))
    assert await store.creating("issue") == (made,)
    assert await store.creating("page") == ()


async def test_a_link_moves_from_what_is_removed_in_one_change(store: Port) -> None:
    await put(store, issue(), issue("j"))
    await store.commit(Change(removed=(issue(),), entities=(issue("j", remote_id="1i", rev=2),)))
    assert (found := await store.linked("s", "issue", "1i"))
    assert found.id == "j"


async def test_what_is_missing_of_a_scope_is_counted(store: Port) -> None:
    presences = ("present", "unobserved", "deleted", "trashed")
    await put(store, *[issue(each, scope="p", presence=each) for each in presences])
    await put(store, comment("c", "present", scope="p", presence="unobserved"), issue("unlinked", remote_id=None))
    await put(store, issue("lost", scope="p", presence="lost_access"))
    assert await store.missing("p") == (1, 4)
    assert await store.absent("p") == ("unobserved", "lost")
    assert await store.remote_ids("p") == {
        "issue:1present": "present",
        "issue:1unobserved": "unobserved",
        "issue:1trashed": "trashed",
        "issue:1lost": "lost",
    }


# Queue


async def test_work_is_due_by_its_priority_and_then_in_its_order(store: Port) -> None:
    raised = (Raised(key="a"), Raised(key="b", priority=BACKFILL), Raised(key="c", priority=INTERACTIVE))
    await store.commit(Change(raised=(*raised, Raised(key="d"), Raised(key="late", not_before=50))))
    assert [each.key for each in await store.due(10, 10)] == ["c", "a", "d", "b"]
    assert [each.key for each in await store.due(10, 2)] == ["c", "a"]
    assert await store.next_due() == 0
    assert await store.depth() == 5


async def test_work_that_is_raised_again_keeps_the_better_place(store: Port) -> None:
    await store.commit(Change(raised=(Raised(key="a", priority=WEBHOOK, not_before=5),)))
    await store.commit(Change(raised=(Raised(key="a", priority=BACKFILL, not_before=9),)))
    assert await store.due(5, 1) == (Dirty(key="a", dirty_seq=2, priority=WEBHOOK, not_before=5),)


async def test_work_that_was_raised_meanwhile_stays(store: Port) -> None:
    await store.commit(Change(raised=(Raised(key="a"),)))
    await store.commit(Change(raised=(Raised(key="a"),)))
    await store.commit(Change(settled=(Settled(key="a", seq=1),)))
    assert await store.due(0, 1) == (Dirty(key="a", dirty_seq=2, done_seq=1),)
    await store.commit(Change(settled=(Settled(key="a", seq=1, not_before=99, attempts=1),)))
    assert await store.due(0, 1) == (Dirty(key="a", dirty_seq=2, done_seq=1),)
    await store.commit(Change(settled=(Settled(key="a", seq=2),)))
    assert await store.due(0, 1) == ()
    assert await store.next_due() is None
    assert await store.depth() == 0


async def test_work_that_failed_waits_even_when_it_is_raised(store: Port) -> None:
    await store.commit(Change(raised=(Raised(key="a"),)))
    await store.commit(Change(settled=(Settled(key="a", seq=1, not_before=60, attempts=1),)))
    await store.commit(Change(raised=(Raised(key="a"),)))
    assert await store.due(59, 1) == ()
    assert await store.next_due() == 60
    assert [each.attempts for each in await store.due(60, 1)] == [1]


async def test_parked_work_is_visible_until_it_is_raised(store: Port) -> None:
    await store.commit(Change(raised=(Raised(key="a"),)))
    await store.commit(Change(settled=(Settled(key="a", seq=1, attempts=4, parked="Poisoned."),)))
    assert await store.due(100, 1) == ()
    assert await store.next_due() is None
    assert [each.parked for each in await store.needing_attention()] == ["Poisoned."]
    await store.commit(Change(raised=(Raised(key="a", priority=INTERACTIVE),)))
    assert await store.due(0, 1) == (Dirty(key="a", dirty_seq=2, priority=INTERACTIVE),)


async def test_settling_what_is_gone_does_nothing(store: Port) -> None:
    await store.commit(Change(settled=(Settled(key="nobody", seq=1),)))
    assert await store.depth() == 0


# What was seen


def seen(remote_id: str, **more: Any) -> Sighting:
    given: dict[str, Any] = {"site": "s", "kind": "issue", "remote_id": remote_id, "fresh": f"f{remote_id}"}
    return Sighting(**{**given, **more})


async def test_what_is_seen_for_the_first_time_becomes_an_entity_with_work(store: Port) -> None:
    await store.commit(Change(sighted=(seen("1", scope="p", version="3"), seen("1", version="3")), at=7))
    assert (found := await store.linked("s", "issue", "1"))
    assert (found.id, found.root, found.scope, found.rev, found.version) == ("f1", "f1", "p", 1, "")
    assert [(each.key, each.not_before) for each in await store.due(7, 9)] == [("entity:f1", 7)]


async def test_what_is_seen_unchanged_is_no_work(store: Port) -> None:
    await put(store, issue("a", version="3"), issue("b", version="3"), issue("c", version="3", presence="unobserved"))
    sighted = (seen("1a", version="3"), seen("1b", version="4"), seen("1c", version="3"), seen("new"))
    assert await store.unseen(sighted) == sighted[1:]
    await store.commit(Change(sighted=sighted[:3]))
    assert [each.key for each in await store.due(0, 9)] == ["entity:b", "entity:c"]
    await store.commit(Change(sighted=(seen("1a"),)))
    assert [each.key for each in await store.due(0, 9)] == ["entity:b", "entity:c", "entity:a"]


async def test_what_is_said_to_be_gone_must_be_looked_for(store: Port) -> None:
    await put(store, issue("a", version="3"))
    sighted = (seen("1a", gone=True, version="3"), seen("unknown", gone=True))
    assert await store.unseen(sighted) == sighted[:1]
    await store.commit(Change(sighted=sighted))
    assert (found := await store.entity("a"))
    assert (found.reported_gone, found.rev) == (True, 2)
    assert await store.linked("s", "issue", "unknown") is None
    assert [each.key for each in await store.due(0, 9)] == ["entity:a"]


# The rest


async def test_conflicts_are_open_until_they_are_decided(store: Port) -> None:
    one = Conflict(id="1", entity="i", field="labels", base=None, ours=("a",), theirs="x", at=5)
    two = replace(one, id="2", base="was")
    await store.commit(Change(conflicts=(two, one)))
    assert await store.open_conflicts() == (one, two)
    assert await store.open_conflicts("1") == (two,)
    assert await store.open_conflicts(limit=1) == (one,)
    decided = replace(one, state="resolved", decided_by="Ada", decided_at=6)
    await store.commit(Change(conflicts=(decided,)))
    assert await store.open_conflicts() == (two,)
    assert await store.conflict("1") == decided
    assert await store.conflict("3") is None


async def test_news_are_numbered_and_every_agent_has_a_cursor(store: Port) -> None:
    first, second = (News(entity=name, kind="issue", what="changed", fields=("summary",)) for name in "ab")
    await store.commit(Change(news=(first, second), at=3))
    await store.commit(Change(news=(first,), at=4))
    assert await store.news(0) == (
        replace(first, seq=1, at=3),
        replace(second, seq=2, at=3),
        replace(first, seq=3, at=4),
    )
    assert [each.seq for each in await store.news(1, limit=1)] == [2]
    assert await store.cursor("ada") == 0
    await store.move_cursor("ada", 2)
    await store.move_cursor("ada", 1)
    assert await store.cursor("ada") == 2
    assert await store.cursor("bob") == 0


async def test_a_delivery_is_taken_once(store: Port) -> None:
    one = Delivery(id="1", site="s", at=5, body={"issue": {"id": "1", "labels": ["a"]}})
    assert await store.deliver(one)
    assert not await store.deliver(one)
    assert await store.deliver(replace(one, site="other"))
    assert await store.unhandled(9) == (one, replace(one, site="other"))
    assert await store.unhandled(1) == (one,)
    await store.commit(Change(handled=(one,)))
    assert await store.unhandled(9) == (replace(one, site="other"),)
    assert not await store.deliver(one)


async def test_scopes_and_operations_are_written_by_their_revision(store: Port) -> None:
    operation = Operation(id="o", site="s", who="ada", tool="jira_add_comment", arguments={"labels": ["a"]}, rev=1)
    await store.commit(Change(scopes=(PROJECT,), operations=(operation,)))
    done = replace(operation, state="done", result={"key": "DEMO-1"}, rev=2)
    filled = replace(PROJECT, cursor=9, page="next", filled=100, total=200, complete=True, rev=2)
    await store.commit(Change(scopes=(filled,), operations=(done,)))
    assert await store.operation("o") == done
    assert await store.scope("p") == filled
    assert await store.scopes() == (filled,)
    assert await store.scope("q") is None
    for stale in (Change(scopes=(filled,)), Change(operations=(done,))):
        with pytest.raises(Stale):
            await store.commit(stale)


async def test_what_rests_is_told_until_it_is_over(store: Port) -> None:
    rest = Cooldown(site="s", area="", until=50, why="quota")
    await store.commit(Change(cooldowns=(rest, Cooldown(site="s", area="issue", until=10))))
    assert await store.cooldowns(20) == (rest,)
    await store.commit(Change(cooldowns=(replace(rest, until=90),)))
    assert await store.cooldowns(60) == (replace(rest, until=90),)


async def test_content_is_kept_by_its_hash(store: Port) -> None:
    await store.commit(Change(blobs={"abc": b"\x00\xff"}))
    await store.commit(Change(blobs={"abc": b"\x00\xff"}))
    assert await store.blob("abc") == b"\x00\xff"
    assert await store.blob("def") is None


async def test_one_holder_has_the_lease_and_the_one_before_is_fenced(store: Port) -> None:
    mine = Lease(name="drain", holder="me", epoch=1, until=10)
    yours = Lease(name="drain", holder="you", epoch=2, until=30)
    assert await store.take("drain", "me", now=0, until=10) == mine
    assert await store.take("drain", "you", now=9, until=20) is None
    assert await store.take("drain", "me", now=9, until=20) == replace(mine, until=20)
    await store.commit(Change(lease=mine, news=(News(entity="i", kind="issue", what="changed"),)))
    assert await store.take("drain", "you", now=20, until=30) == yours
    with pytest.raises(Fenced):
        await store.commit(Change(lease=mine, news=(News(entity="i", kind="issue", what="changed"),)))
    assert len(await store.news(0)) == 1
    await store.release(mine)
    assert await store.take("drain", "me", now=21, until=31) is None
    await store.release(yours)
    assert await store.take("drain", "me", now=21, until=31) == Lease(name="drain", holder="me", epoch=3, until=31)

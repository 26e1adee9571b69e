"""What a list named and carries a marker of ours: what we made, one too many of it, or somebody's copy."""

from dataclasses import replace
from itertools import count

from server.entities.synced import Value
from server.store.rows import Family, Intent, Scope, Tracked
from server.sync.remote import Found, Marker, Seen
from server.sync.setting import Setting
from server.sync.strangers import stranger, taken_over
from tests.simulation.kinds import KINDS

SCOPE = Scope(id="demo", site="site", form="project", value="DEMO")
SENT: dict[str, Value] = {"summary": "ours", "labels": ()}
MADE = Intent(entity="ours", attempt=1, verb="create", target=None, fields=SENT)
AGAIN = replace(MADE, attempt=2)


def setting() -> Setting:
    numbers = count(1)
    return Setting(kinds=KINDS, unique=lambda: f"n{next(numbers)}", scope=SCOPE, asked=10, now=10)


def tracked(name: str, remote_id: str | None = None) -> Tracked:
    return Tracked(id=name, site="site", kind="issue", root=name, scope="demo", remote_id=remote_id, rev=1)


def family(root: Tracked, *intents: Intent, parts: tuple[Tracked, ...] = ()) -> Family:
    return Family(root=root, parts=parts, intents=intents, scope=SCOPE, dirty=None)


def seen(remote_id: str, attempt: int, *, by_us: bool = True, summary: str = "ours") -> Seen:
    fields: dict[str, Value] = {"summary": summary, "labels": ()}
    marker = Marker(entity="ours", attempt=attempt)
    return Seen(kind="issue", remote_id=remote_id, version="1", fields=fields, marker=marker, by_us=by_us)


UNLINKED = replace(tracked("ours"), local=SENT, local_id="task", namespace="agents", attempt=2)
LINKED = replace(UNLINKED, remote_id="2", base=SENT, made_by=2)


def test_what_is_nobodys_is_just_a_thing() -> None:
    assert stranger(family(tracked("new", "1")), Found(root=seen("1", 1)), None, setting()) is None


def test_what_we_made_and_did_not_hear_of_is_told_to_whom_it_was_made_for() -> None:
    found = stranger(family(tracked("new", "1")), Found(root=seen("1", 1)), family(UNLINKED, MADE, AGAIN), setting())
    assert found is not None
    assert found.ends
    assert [(each.attempt, each.target) for each in found.plan.change.intents] == [(1, "1")]
    assert [each.key for each in found.plan.change.raised] == ["entity:ours"]


def test_a_copy_by_somebody_is_theirs() -> None:
    copy = Found(root=seen("1", 1, by_us=False))
    assert stranger(family(tracked("new", "1")), copy, family(UNLINKED, MADE), setting()) is None
    same_attempt = Found(root=seen("9", 2))
    assert stranger(family(tracked("new", "9")), same_attempt, family(LINKED, MADE, AGAIN), setting()) is None


def test_what_people_did_to_one_too_many_is_taken_over_before_it_goes() -> None:
    twin = tracked("new", "1")
    remark = Seen(kind="comment", remote_id="7", version="1", fields={"author": "Ada", "body": "Look here."})
    found = Found(root=seen("1", 1, summary="theirs"), parts=(remark,))
    first = stranger(family(twin), found, family(LINKED, MADE, AGAIN), setting())
    assert first is not None
    assert not first.plan.sends
    rows = {each.id: each for each in first.plan.change.entities}
    assert rows["ours"].local == {"summary": "theirs", "labels": ()}
    said = [each.local for each in rows.values() if each.kind == "comment" and each.root == "ours"]
    assert said == [{"body": "Ada wrote:\n\nLook here."}]
    absorbed = [each for each in rows.values() if each.kind == "comment" and each.root == "new"]
    second = stranger(family(rows["new"], parts=tuple(absorbed)), found, family(rows["ours"], MADE, AGAIN), setting())
    assert second is not None
    assert [(each.intent.verb, each.intent.target) for each in second.plan.sends] == [("delete", "1")]
    assert not second.ends


def test_what_was_changed_before_it_was_known_as_ours_is_changed_all_the_same() -> None:
    other = replace(tracked("new", "1"), base=SENT, local={**SENT, "labels": ("x",)})
    part = replace(tracked("part", "7"), root="new")
    change = taken_over(
        family(UNLINKED, MADE), family(other, parts=(part,)), replace(MADE, target="1"), seen("1", 1), setting()
    ).change
    rows = {each.id: each for each in change.entities}
    assert rows["ours"].remote_id == "1"
    assert rows["ours"].local == {"summary": "ours", "labels": ("x",)}
    assert rows["part"].root == "ours"
    assert change.removed == (other,)

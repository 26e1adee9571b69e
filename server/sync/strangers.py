"""A thing that a list named and that carries a marker of ours: what we made and did not know of, or one too many.

A copy that a person made carries the marker too; it is theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from server.entities.synced import Fields, Rule, Value
from server.store.rows import INTERACTIVE, Family, Intent, Tracked
from server.sync.comparing import compare
from server.sync.creations import attempt_of, creations, is_twin
from server.sync.draft import Draft, Plan
from server.sync.planning import adopted
from server.sync.remote import Found, Seen, Target
from server.sync.setting import Setting


@dataclass(frozen=True, slots=True)
class Stranger:
    """`ends` where nothing is left to do about it."""

    plan: Plan
    ends: bool


def stranger(family: Family, found: Found, owner: Family | None, setting: Setting) -> Stranger | None:
    """What is to be done about `family`, of which nothing but its remote id is known; None where it is somebody's."""
    if owner is None or owner.root.kind != family.root.kind:
        return None
    seen = found.root
    draft = Draft(setting)
    if owner.root.remote_id is None:
        kind = setting.kinds[seen.kind]
        intent = attempt_of(owner.root, kind, seen, creations(owner.root, owner.intents))
        if intent is None:
            return None
        draft.intend((replace(intent, target=seen.remote_id),))
        draft.wake(f"entity:{owner.root.id}", INTERACTIVE)
        return Stranger(draft.plan(), ends=True)
    if not is_twin(owner.root, seen):
        return None
    if family.root.unwanted and family.root.version == seen.version:
        target = Target(kind=seen.kind, scope=setting.scope, root_id=seen.remote_id, version=seen.version)
        draft.send(family.root, "delete", target, {}, remote_id=seen.remote_id)
    else:
        _absorb(draft, family, found, owner)
    return Stranger(draft.plan(), ends=False)


def taken_over(family: Family, other: Family, made: Intent, seen: Seen, setting: Setting) -> Plan:
    """`family` is linked to what `other` was for a while; what was changed there is changed here."""
    draft = Draft(setting)
    linked = adopted(family.root, seen, made)
    if other.root.local is not None:
        edited = replace(linked, base=other.root.base, version="", seen=0)
        there = replace(seen, fields=other.root.local, changelog=(), landed=())
        compared = compare(edited, there, (), setting)
        linked = replace(linked, local=compared.after.local)
        draft.keep(compared.conflicts)
    draft.put(family.root, linked)
    draft.intend((replace(made, state="applied"),))
    draft.remove(other.root)
    for part in other.parts:
        draft.put(part, replace(part, root=family.root.id))
    return draft.plan()


def _absorb(draft: Draft, family: Family, found: Found, owner: Family) -> None:
    """What people did to the one too many is done to the one that stays, before the other goes."""
    setting, seen = draft.setting, found.root
    twin, kept = family.root, owner.root
    attempts = creations(kept, owner.intents)
    made = attempts.get(seen.marker.attempt) if seen.marker else None
    base = twin.base or (made.fields if made else seen.fields)
    compared = compare(replace(kept, base=base, version="", seen=0), seen, (), setting)
    if compared.after.local != kept.local:
        draft.put(kept, replace(kept, local=compared.after.local))
    draft.keep(compared.conflicts)
    known = {(part.kind, part.remote_id) for part in family.parts}
    for part in found.parts:
        if (part.kind, part.remote_id) not in known:
            _absorb_part(draft, family, part, owner)
    newest = seen.changelog[-1].id if seen.changelog else twin.seen
    draft.put(
        twin,
        replace(twin, base=seen.fields, remote=seen.fields, version=seen.version, seen=newest, unwanted=True),
    )
    draft.wake(f"entity:{kept.id}", INTERACTIVE)


def _absorb_part(draft: Draft, family: Family, seen: Seen, owner: Family) -> None:
    setting = draft.setting
    rules = setting.kinds[seen.kind].rules

    def part(root: Tracked) -> Tracked:
        return Tracked(id=setting.unique(), site=root.site, kind=seen.kind, root=root.id, scope=root.scope)

    draft.put(None, replace(part(family.root), remote_id=seen.remote_id, base=seen.fields))
    if seen.marker is None or all(seen.marker.entity != each.id for each in owner.parts):
        draft.put(None, replace(part(owner.root), local=carried_over(seen.fields, rules)))


def carried_over(fields: Fields, rules: Mapping[str, Rule]) -> dict[str, Value]:
    """Somebody else's words, which we say again, and whose they were."""
    author = fields.get("author")
    return {
        name: f"{author} wrote:\n\n{value}" if author and rules.get(name) == "text" else value
        for name, value in fields.items()
        if name in rules and name != "author"
    }

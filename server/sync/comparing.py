"""One thing that is on both sides: what it becomes here, what is to be sent, and what was lost and is kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.entities.synced import Fields, Rule, Value
from server.store.rows import Conflict, Intent, Tracked
from server.sync.changelog import Walked, recognised, walk
from server.sync.flapping import flaps
from server.sync.merging import members, merged
from server.sync.remote import Seen
from server.sync.setting import Setting
from server.sync.workflow import path


@dataclass(frozen=True, slots=True)
class Compared:
    """`wanted` is what the site shall have, of the fields where it has something else."""

    after: Tracked
    wanted: Fields
    conflicts: tuple[Conflict, ...] = ()
    intents: tuple[Intent, ...] = ()


def compare(
    thing: Tracked, seen: Seen, intents: Sequence[Intent], setting: Setting, landed: Collection[int] = ()
) -> Compared:
    """`landed` are attempts that are known to have been applied."""
    if thing.base is None or thing.local is None:
        return _joined(thing, seen, setting)
    kind = setting.kinds[thing.kind]
    rules = kind.rules
    if kind.logged:
        walked = walk(thing.base, seen.changelog, intents, rules) if seen.changelog else Walked(thing.base)
    else:
        walked = recognised(thing.base, seen.fields, intents, landed, guess=not kind.versioned)
    comparing = _Comparing(thing, walked, setting)
    for name, remote in seen.fields.items():
        if name in rules:
            comparing.field(name, rules[name], remote)
    return comparing.result(seen, intents)


def changed(thing: Tracked, seen: Seen) -> Tracked:
    """What Atlassian has, where it stands, and nothing more."""
    same = thing.version == seen.version and thing.presence == "present" and not thing.reported_gone
    if same and thing.missing_since is None and thing.remote == seen.fields:
        return thing
    return replace(
        thing,
        remote=seen.fields,
        version=seen.version,
        presence="present",
        missing_since=None,
        reported_gone=False,
    )


def _joined(thing: Tracked, seen: Seen, setting: Setting) -> Compared:
    """Never compared before. What is here already stays only where it was said by a link; else it is a conflict."""
    local = thing.local or {}
    after = replace(changed(thing, seen), base=seen.fields, local={**local, **seen.fields}, seen=_newest(thing, seen))
    rules = setting.kinds[thing.kind].rules
    different = [name for name, value in local.items() if name in rules and seen.fields.get(name, value) != value]
    conflicts = tuple(
        conflict_of(
            thing, name, (None, local[name], seen.fields[name]), setting, "They differed when they were linked."
        )
        for name in different
    )
    return Compared(after, {}, conflicts)


class _Comparing:
    def __init__(self, thing: Tracked, walked: Walked, setting: Setting) -> None:
        self._thing = thing
        self._walked = walked
        self._setting = setting
        self._base = dict(walked.base)
        self._local = dict(thing.local or {})
        self._wanted: dict[str, Value] = {}
        self._conflicts: list[Conflict] = []

    def field(self, name: str, rule: Rule, remote: Value) -> None:
        base, local = self._base.get(name), self._local.get(name)
        overwritten = self._walked.overwritten.get(name, ())
        if base == local == remote and not overwritten:
            return
        for each in overwritten:
            local = self._merged(name, rule, (each.base, local, each.theirs))
        value = self._merged(name, rule, (base, local, remote))
        self._base[name], self._local[name] = remote, value
        if value != remote:
            self._wanted[name] = value

    def _merged(self, name: str, rule: Rule, sides: tuple[Value, Value, Value]) -> Value:
        setting = self._setting
        found = merged(rule, setting.owner(self._thing, name), sides, setting.stands)
        if found.lost:
            self._conflicts.append(conflict_of(self._thing, name, sides, setting, "Both sides changed it."))
        return found.value

    def result(self, seen: Seen, intents: Sequence[Intent]) -> Compared:
        self._reach_status(seen)
        parked = self._park_flapping(intents)
        thing = changed(self._thing, seen)
        newest = _newest(thing, seen)
        if (
            self._base != thing.base
            or self._local != thing.local
            or newest != thing.seen
            or parked != thing.parked_fields
        ):
            thing = replace(thing, base=self._base, local=self._local, seen=newest, parked_fields=parked)
        wanted = {name: value for name, value in self._wanted.items() if name not in parked}
        return Compared(thing, wanted, tuple(self._conflicts), self._walked.intents)

    def _reach_status(self, seen: Seen) -> None:
        """A status is wanted one transition at a time; what can't be reached is a conflict."""
        rules = self._setting.kinds[self._thing.kind].rules
        for name in [each for each in self._wanted if rules[each] == "status"]:
            here, there = str(seen.fields[name]), str(self._wanted[name])
            steps = path(seen.paths, here, there)
            if steps:
                self._wanted[name] = steps[0]
                continue
            why = f"No transition leads from {here} to {there}."
            sides = self._walked.base.get(name), there, here
            self._conflicts.append(conflict_of(self._thing, name, sides, self._setting, why))
            self._local[name] = here
            del self._wanted[name]

    def _park_flapping(self, intents: Iterable[Intent]) -> tuple[str, ...]:
        parked = self._thing.parked_fields
        limits, now = self._setting.limits, self._setting.now
        rules = self._setting.kinds[self._thing.kind].rules
        for name, value in self._wanted.items():
            if (
                rules[name] in ("scalar", "text", "set")
                and name not in parked
                and flaps(name, (value, self._base[name]), intents, limits, now)
            ):
                parked = (*parked, name)
                sides = self._walked.base.get(name), value, self._base[name]
                why = "It was changed back again and again, by us and by somebody else."
                self._conflicts.append(conflict_of(self._thing, name, sides, self._setting, why))
        return parked


def conflict_of(thing: Tracked, name: str, sides: tuple[Value, Value, Value], setting: Setting, why: str) -> Conflict:
    base, ours, theirs = sides
    return Conflict(
        id=setting.unique(),
        entity=thing.id,
        field=name,
        base=base,
        ours=ours,
        theirs=theirs,
        at=setting.now,
        why=why,
    )


def _newest(thing: Tracked, seen: Seen) -> int:
    return max(thing.seen, seen.changelog[-1].id if seen.changelog else 0)


def request(
    wanted: Fields, remote: Fields, rules: Mapping[str, Rule]
) -> tuple[dict[str, Value], dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Fields to set, and what to add to sets and take out of them."""
    fields: dict[str, Value] = {}
    added: dict[str, tuple[str, ...]] = {}
    removed: dict[str, tuple[str, ...]] = {}
    for name, value in wanted.items():
        if rules[name] == "set":
            now, then = members(remote.get(name)), members(value)
            added[name], removed[name] = tuple(sorted(then - now)), tuple(sorted(now - then))
        elif rules[name] != "status":
            fields[name] = value
    return fields, added, removed

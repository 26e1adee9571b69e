"""What happened to a thing since it was last seen, in order: which entries are ours, and whom they overwrote.

An entry is ours only where it matches an intent that was sent and may have landed; in doubt somebody else made it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from server.entities.synced import Fields, Rule, Value
from server.store.rows import Intent
from server.sync.merging import members
from server.sync.remote import Entry


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A write of ours landed on a change that it did not know of: `theirs` was there, made from `base`."""

    base: Value
    theirs: Value


@dataclass(frozen=True, slots=True)
class Walked:
    """`base` is what both sides had after our newest write; `overwritten` what has to be made good, by field."""

    base: Fields
    overwritten: Mapping[str, tuple[Overwritten, ...]] = field(default_factory=dict[str, tuple[Overwritten, ...]])
    intents: tuple[Intent, ...] = ()
    """Those that were matched, as they are now."""
    seen: int = 0


def walk(base: Fields, changelog: Sequence[Entry], intents: Iterable[Intent], rules: Mapping[str, Rule]) -> Walked:
    """`changelog` is what came after `base`."""
    known = dict(base)
    sent = {each.attempt: each for each in intents if each.state == "open" and each.verb in ("update", "transition")}
    changed: dict[int, Intent] = {}
    unseen: dict[str, Value] = {}
    overwritten: dict[str, list[Overwritten]] = {}
    for entry in changelog:
        rule = rules.get(entry.field)
        if rule is None or rule == "fixed":
            continue
        ours = _matching(entry, rule, sent.values())
        if ours is None:
            unseen[entry.field] = entry.after
            continue
        if entry.field in unseen:
            theirs = unseen.pop(entry.field)
            overwritten.setdefault(entry.field, []).append(Overwritten(known.get(entry.field), theirs))
        known[entry.field] = entry.after
        sent[ours.attempt] = changed[ours.attempt] = _matched(ours, entry.field)
    return Walked(
        known,
        {name: tuple(each) for name, each in overwritten.items()},
        tuple(_closed(each) for each in changed.values()),
        max((entry.id for entry in changelog), default=0),
    )


def _matching(entry: Entry, rule: Rule, intents: Iterable[Intent]) -> Intent | None:
    if not entry.by_us:
        return None
    return next((intent for intent in intents if _matches(entry, rule, intent)), None)


def _matches(entry: Entry, rule: Rule, intent: Intent) -> bool:
    name = entry.field
    if entry.id <= intent.after or name in intent.matched:
        return False
    if rule != "set":
        return name in intent.fields and intent.fields[name] == entry.after
    before, after = members(entry.before), members(entry.after)
    return (name in intent.added or name in intent.removed) and (
        after - before <= members(intent.added.get(name)) and before - after <= members(intent.removed.get(name))
    )


def _matched(intent: Intent, name: str) -> Intent:
    return replace(intent, matched=(*intent.matched, name))


def _closed(intent: Intent) -> Intent:
    """One request makes all its entries at once: what did not come with the others does not come."""
    return replace(intent, state="applied")


def recognised(
    base: Fields, fields: Fields, intents: Iterable[Intent], landed: Collection[int], *, guess: bool
) -> Walked:
    """The same where no changelog is kept: what is known to have landed, or in a guess what is there as it was sent."""
    known = base
    done: list[Intent] = []
    for intent in sorted(intents, key=lambda each: each.attempt):
        if intent.verb != "update" or intent.state != "open":
            continue
        if intent.attempt in landed or (guess and _is_there(intent, fields)):
            known = {**known, **intent.fields, **_sets(known, intent)}
            done.append(_closed(intent))
    return Walked(known, intents=tuple(done))


def _is_there(intent: Intent, fields: Fields) -> bool:
    return all(fields.get(name) == value for name, value in intent.fields.items())


def _sets(known: Fields, intent: Intent) -> dict[str, Value]:
    return {
        name: tuple(sorted(members(known.get(name)) - members(intent.removed.get(name)) | members(added)))
        for name, added in intent.added.items()
    }

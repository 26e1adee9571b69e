"""What is to be done about a root that was read, and all that is below it. Pure: no clock, no wire, no store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from server.store.rows import Family, Intent, Tracked
from server.sync.absence import bury, missed
from server.sync.comparing import Compared, changed, compare, conflict_of, request
from server.sync.creations import creations, found_among, is_twin, may_be_sent
from server.sync.draft import Draft, Plan
from server.sync.remote import Found, Seen, Target
from server.sync.setting import Setting

Answered: TypeAlias = Mapping[tuple[str, int], str]
"""Attempts that were answered, by entity and number, and what remote id the answer named."""


def plan(family: Family, found: Found, setting: Setting, answered: Answered, made: Intent | None = None) -> Plan:
    """`answered` is what was answered before `found` was read; `made` the attempt that a new root came of."""
    planning = _Planning(family, found, setting, answered)
    planning.root(found.root, made)
    if not found.root.trashed:
        planning.parts(found)
    return planning.draft.plan()


class _Planning:
    def __init__(self, family: Family, found: Found, setting: Setting, answered: Answered) -> None:
        self.draft = Draft(setting)
        self._family = family
        self._setting = setting
        self._answered = answered
        self._root_id = found.root.remote_id
        self._intents: dict[str, list[Intent]] = {}
        for intent in sorted(family.intents, key=lambda each: (each.entity, each.attempt) not in answered):
            self._intents.setdefault(intent.entity, []).append(intent)

    def root(self, seen: Seen, made: Intent | None) -> None:
        root = self._family.root
        if made:
            self._adopt(root, seen, made)
            return
        if seen.trashed:
            if root.presence != "trashed":
                self.draft.put(root, replace(root, presence="trashed", version=seen.version, reported_gone=False))
            return
        self._compare(root, seen)

    def parts(self, found: Found) -> None:
        unknown = {(seen.kind, seen.remote_id): seen for seen in found.parts}
        for part in self._family.parts:
            seen = unknown.pop((part.kind, part.remote_id), None) if part.remote_id else None
            taken = self._made(part, unknown.values())
            if taken:
                self._adopt(part, *taken)
                del unknown[taken[0].kind, taken[0].remote_id]
                if seen:
                    self._retire(self.draft.newest(part), seen)
            elif seen:
                self._compare(part, seen)
            elif part.remote_id:
                self._missed(part)
            else:
                self._make(part)
        for seen in unknown.values():
            self._unknown(seen)

    # What is on both sides

    def _compare(self, thing: Tracked, seen: Seen) -> None:
        intents = self._intents.get(thing.id, [])
        landed = {each.attempt for each in intents if (thing.id, each.attempt) in self._answered}
        compared = compare(thing, seen, intents, self._setting, landed.union(seen.landed))
        self.draft.put(thing, compared.after)
        self.draft.keep(compared.conflicts)
        if self._settle(intents, compared.intents) and not self._setting.kinds[thing.kind].versioned:
            return
        if thing.unwanted and self._deletes(thing, compared, seen):
            return
        if compared.wanted and not thing.parked:
            self._write(thing, compared, seen)

    def _settle(self, intents: Sequence[Intent], matched: Sequence[Intent]) -> bool:
        """Closes what is known to be over; whether something is still on its way."""
        now = {each.attempt: each for each in matched}
        limits, asked = self._setting.limits, self._setting.asked
        on_its_way = False
        for intent in intents:
            after = now.get(intent.attempt, intent)
            if intent.verb == "create":
                continue
            if (intent.entity, intent.attempt) in self._answered:
                after = replace(after, state="applied")
            if after.state == "open" and after.lands_by > asked:
                on_its_way = True
                self.draft.wait(after.lands_by)
            elif after.state != "applied" or after.sent_at < asked - limits.flap_window:
                self.draft.forget((intent,))
                continue
            if after is not intent:
                self.draft.intend((after,))
        return on_its_way

    def _write(self, thing: Tracked, compared: Compared, seen: Seen) -> None:
        rules = self._setting.kinds[thing.kind].rules
        target = self._target(thing, seen)
        if any(rules[name] == "content" for name in compared.wanted):
            self._remake(thing, target)
            return
        fields, added, removed = request(compared.wanted, seen.fields, rules)
        if fields or added:
            self.draft.send(thing, "update", target, fields, remote_id=seen.remote_id, added=added, removed=removed)
        for name, value in compared.wanted.items():
            if rules[name] == "status":
                self.draft.send(thing, "transition", target, {name: value}, remote_id=seen.remote_id)

    def _deletes(self, thing: Tracked, compared: Compared, seen: Seen) -> bool:
        """What somebody else changed since is not deleted unseen."""
        if compared.after.local == thing.local:
            self.draft.send(thing, "delete", self._target(thing, seen), {}, remote_id=seen.remote_id)
            return True
        self.draft.put(thing, replace(compared.after, unwanted=False))
        why = "It was not deleted: somebody changed it meanwhile."
        self.draft.keep((conflict_of(thing, "deleted", (None, None, None), self._setting, why),))
        return False

    def _target(self, thing: Tracked, seen: Seen | None = None) -> Target:
        version = seen.version if seen else ""
        return Target(kind=thing.kind, scope=self._setting.scope, root_id=self._root_id, version=version)

    # What is on one side

    def _made(self, part: Tracked, candidates: Iterable[Seen]) -> tuple[Seen, Intent] | None:
        attempts = creations(part, self._intents.get(part.id, ()))
        newer = {number: intent for number, intent in attempts.items() if number > part.made_by}
        answers = {number: self._answered.get((part.id, number), "") for number in newer}
        return found_among(part, self._setting.kinds[part.kind], candidates, newer, answers) if newer else None

    def _adopt(self, part: Tracked, seen: Seen, intent: Intent) -> None:
        linked = adopted(part, seen, intent)
        self.draft.put(part, linked)
        self.draft.intend((replace(intent, state="applied"),))
        self._compare(linked, seen)

    def _make(self, part: Tracked) -> None:
        if part.unwanted:
            self.draft.put(part, replace(part, presence="deleted", unwanted=False))
        elif part.local is not None and not part.parked and part.presence == "present":
            self._remake(part, self._target(part))

    def _remake(self, part: Tracked, target: Target) -> None:
        attempts = creations(part, self._intents.get(part.id, ()))
        until = may_be_sent(attempts.values(), self._setting.asked)
        if until is not None:
            self.draft.wait(until)
            return
        self.draft.send(part, "create", target, part.local or {})

    def _missed(self, part: Tracked) -> None:
        if part.presence == "deleted":
            return
        ours = [
            each for each in self._intents.get(part.id, ()) if each.verb == "delete" and each.target == part.remote_id
        ]
        deleted = any((part.id, each.attempt) in self._answered for each in ours)
        after, again = missed(part, self._setting, deleted=deleted)
        if after.presence == "deleted":
            self.draft.keep(bury(part, self._setting))
        self.draft.put(part, after)
        if again is not None:
            self.draft.wait(again)

    def _unknown(self, seen: Seen) -> None:
        """Somebody else's, or one too many of ours."""
        named = seen.marker.entity if seen.marker else ""
        owner = next((part for part in self._family.parts if part.id == named), None)
        if owner and is_twin(self.draft.newest(owner), seen):
            self._retire(owner, seen)
            return
        setting = self._setting
        part = Tracked(id=setting.unique(), site=self._family.root.site, kind=seen.kind, root=self._family.root.id)
        part = replace(part, scope=self._family.root.scope, remote_id=seen.remote_id)
        self.draft.put(None, replace(changed(part, seen), base=seen.fields, local=seen.fields))

    def _retire(self, owner: Tracked, seen: Seen) -> None:
        on_its_way = [
            each for each in self._intents.get(owner.id, ()) if each.verb == "delete" and each.target == seen.remote_id
        ]
        if not any(each.lands_by > self._setting.asked for each in on_its_way):
            self.draft.send(owner, "delete", self._target(owner, seen), {}, remote_id=seen.remote_id)


def adopted(thing: Tracked, seen: Seen, intent: Intent) -> Tracked:
    """Linked to what an attempt of ours made: what was sent is what both sides had."""
    return replace(
        thing,
        remote_id=seen.remote_id,
        base=intent.fields,
        made_by=intent.attempt,
        seen=0,
        version="",
        presence="present",
    )

"""What everybody did, told apart from what the engine made of it, and what must be true of both."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.entities.synced import Fields, Value
from server.store.port import Change
from server.store.rows import Intent, News, Tracked
from server.sync.draft import changed_fields
from server.sync.merging import members
from tests.simulation.kinds import KINDS
from tests.simulation.site import US, Thing

if TYPE_CHECKING:
    from tests.simulation.world import World


class Violation(AssertionError):
    def __init__(self, invariant: int, what: str) -> None:
        super().__init__(f"invariant {invariant}: {what}")
        self.invariant = invariant


@dataclass(eq=False)
class Story:
    """One thing in the eyes of those who edit it: values that nobody who saw them has replaced."""

    kind: str
    root: "Story | None" = None
    heads: dict[str, set[Value]] = field(default_factory=lambda: defaultdict[str, set[Value]](set))
    put_in: dict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))
    taken_out: dict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))
    remotes: list[Thing] = field(default_factory=list[Thing])
    entity: str | None = None
    deleted: bool = False

    def wrote(self, name: str, before: Value, after: Value) -> None:
        rule = KINDS[self.kind].rules[name]
        if rule in ("set", "text"):
            old, new = _pieces(rule, before), _pieces(rule, after)
            self.put_in[name] |= new - old
            self.taken_out[name] |= old - new
        elif rule != "status":  # its values are few: who replaced which can't be told
            self.heads[name].discard(before)
            self.heads[name].add(after)

    def began(self, fields: Fields) -> None:
        for name, value in fields.items():
            if KINDS[self.kind].rules.get(name, "fixed") != "fixed":
                self.wrote(name, None, value)


def _words(fields: Fields) -> set[str]:
    return {word for value in fields.values() for word in str(value).split("\n\n")}


def _pieces(rule: str, value: Value) -> set[str]:
    if rule == "set":
        return set(members(value))
    return set(str(value).split("\n\n")) if value else set()


class Ledger:
    def __init__(self, world: "World") -> None:
        self._world = world
        self._stories: list[Story] = []
        self._by_remote: dict[str, Story] = {}
        self._by_entity: dict[str, Story] = {}
        self._things: dict[str, Thing] = {}
        self._writes: dict[tuple[str, str], list[int]] = defaultdict(list)

    # What happens

    def people_made(self, thing: Thing, fields: Fields, root: Thing | None = None) -> Story:
        story = Story(thing.kind, self._by_remote.get(root.id) if root else None, remotes=[thing])
        story.began(fields)
        self._stories.append(story)
        self._by_remote[thing.id] = story
        self._things[thing.id] = thing
        return story

    def agents_made(self, thing: Tracked, fields: Fields) -> None:
        story = Story(thing.kind, self._root_story(thing), entity=thing.id)
        story.began(fields)
        self._stories.append(story)
        self._by_entity[thing.id] = story

    def made(self, thing: Thing, intent: Intent) -> None:
        """By the engine."""
        story = self._by_entity.get(intent.entity)
        if story is None:  # carried over from a twin: its words are looked for where they went
            story = Story(thing.kind, None, entity=intent.entity)
            self._by_entity[intent.entity] = story
        story.remotes.append(thing)
        self._by_remote[thing.id] = story
        self._things[thing.id] = thing

    def dropped(self, root: Thing, thing: Thing) -> None:
        if thing.author != US and not self._by_remote[thing.id].deleted:
            raise Violation(3, f"{thing.kind} {thing.id} was somebody's and was deleted")

    def _root_story(self, thing: Tracked) -> Story | None:
        if thing.root == thing.id:
            return None
        root = self._world.store.entities[thing.root]
        return self.story_of(root)

    def is_known(self, thing: Thing) -> bool:
        """Whether what the engine made is linked to what it was made for."""
        entity = self._by_remote[thing.id].entity
        known = self._world.store.entities.get(entity or "")
        return thing.author != US or (known is not None and known.remote_id == thing.id)

    def story(self, thing: Thing) -> Story:
        return self._by_remote[thing.id]

    def story_of(self, thing: Tracked) -> Story | None:
        if thing.remote_id and thing.remote_id in self._by_remote:
            return self._by_remote[thing.remote_id]
        return self._by_entity.get(thing.id)

    # What must be true of every commit

    def committed(self, before: dict[str, Tracked | None], change: Change, news: list[News]) -> None:
        told: dict[str, set[str]] = defaultdict(set)
        for each in news:
            told[each.entity] |= set(each.fields) or {each.what}
        for entity in change.entities:
            old = before[entity.id]
            seen = set(changed_fields(old.local if old else None, entity.local))
            if seen - told[entity.id]:
                raise Violation(11, f"{entity.kind} {entity.id} changed {seen} and the feed does not say so")
            if old and (
                entity.local_rev < old.local_rev or (entity.seen < old.seen and entity.remote_id == old.remote_id)
            ):
                raise Violation(9, f"{entity.kind} {entity.id} went backwards")
            if entity.presence == "deleted" and old and old.presence != "deleted":
                self._check_tombstone(entity)

    def _check_tombstone(self, entity: Tracked) -> None:
        thing = self._things.get(entity.remote_id or "")
        root = self._things.get(self._world.store.entities[entity.root].remote_id or "")
        gone = thing is None or thing.deleted or (root and (root.deleted or thing.id not in {root.id, *root.parts}))
        if not gone and not self._may_seem_gone(thing):
            raise Violation(6, f"{entity.kind} {entity.remote_id} is taken for deleted")

    def _may_seem_gone(self, thing: Thing | None) -> bool:
        """Hidden alone for as long as it takes to prove that it is gone: nobody could tell."""
        now, world = self._world.clock.now, self._world
        long = thing is not None and (thing.slandered or now - thing.hidden_at >= world.limits.sightings_apart)
        hidden = long and thing is not None and (thing.unlisted or now - thing.shown_at < 5_000)
        unobserved = sum(
            each.presence == "unobserved" for each in world.store.entities.values() if each.kind == "issue"
        )
        return hidden and unobserved + 1 < world.limits.vanished_least

    def wrote(self, thing: Thing, fields: Fields) -> None:
        """By the engine, which must not do so for ever."""
        now = self._world.clock.now
        for name in fields:
            times = self._writes[thing.id, name]
            times.append(now)
            recent = [each for each in times if each > now - 600_000]
            if name == "priority" and len(recent) > 20:
                raise Violation(5, f"{name} of {thing.kind} {thing.id} is written again and again")

    # What must be true in the end

    def check(self) -> None:
        world, store = self._world, self._world.store
        if store.waiting or store.pending:
            raise Violation(1, f"work is left: {[store.queue[key] for key in store.waiting]} {list(store.pending)}")
        self._check_duplicates()
        for root in world.site.roots.values():
            self._check_root(root)
        for story in self._stories:
            self._check_story(story)
        world.trace("checked")

    def _check_duplicates(self) -> None:
        site = self._world.site
        things = [each for each in site.roots.values() if not each.deleted]
        parts = [part for each in things for part in each.parts.values()]
        counts = Counter(each.marker.entity for each in (*things, *parts) if each.marker and each.author == US)
        doubled = [name for name, count in counts.items() if count > 1]
        words = Counter(
            (each.kind, *(each.fields.get(name) for name in KINDS[each.kind].told_by))
            for each in (*things, *parts)
            if each.author == US and KINDS[each.kind].told_by
        )
        doubled += [name for name, count in words.items() if count > 1]
        if doubled:
            raise Violation(2, f"{doubled} are there twice")

    def _check_root(self, root: Thing) -> None:
        store = self._world.store
        if root.deleted or root.trashed:
            return
        entity = store.entities.get(store.by_remote.get(("site", root.kind, root.id), ""))
        if entity is None or entity.local is None:
            raise Violation(1, f"{root.kind} {root.id} was never seen")
        if entity.presence != "present":
            invariant = 6 if entity.presence == "deleted" else 1
            raise Violation(invariant, f"{root.kind} {root.id} is there, and taken for {entity.presence}")
        self._check_level(root, entity)
        seen = {
            (part.kind, part.remote_id)
            for part in (store.entities[each] for each in store.families[entity.id])
            if part.id != entity.id and part.presence != "deleted"
        }
        there = {(part.kind, part.id) for part in root.parts.values()}
        if seen != there:
            raise Violation(1, f"below {root.kind} {root.id}: {there} there, {seen} here")
        for part in root.parts.values():
            self._check_level(part, store.entities[store.by_remote["site", part.kind, part.id]])

    def _check_level(self, thing: Thing, entity: Tracked) -> None:
        for name in KINDS[thing.kind].rules:
            there = thing.fields.get(name)
            if name in entity.parked_fields or entity.parked:
                continue
            sides = [(side or {}).get(name) for side in (entity.base, entity.local, entity.remote)]
            if any(side != there for side in sides):
                raise Violation(1, f"{name} of {thing.kind} {thing.id} ({entity.id}) is {there} there, {sides} here")

    def _check_story(self, story: Story) -> None:
        store = self._world.store
        if story.deleted or (story.root and story.root.deleted):
            return
        there = [each for each in story.remotes if not each.deleted]
        local = self._local(story) or self._carried_over(story)
        if local is None:
            raise Violation(3, f"a {story.kind} is nowhere: {dict(story.heads)} {dict(story.put_in)}")
        lost: dict[str, str] = defaultdict(str)
        for conflict in store.conflicts.values():
            if conflict.entity == local.id:
                lost[conflict.field] += f"\n\n{conflict.ours}\n\n{conflict.theirs}\n\n"
        if not there and not local.parked and local.remote_id is None and local.presence == "present":
            raise Violation(1, f"{local.kind} {local.id} was never made")
        for name, heads in story.heads.items():
            now = (local.local or {}).get(name)
            missing = [head for head in heads if head != now and f"\n\n{head}\n\n" not in lost[name]]
            if missing:
                raise Violation(3, f"{name} of {local.kind} {local.id} ({local.remote_id}) is {now}; {missing} is lost")
        for name, pieces in story.put_in.items():
            self._check_pieces(story, local, name, pieces, lost[name])

    def _check_pieces(self, story: Story, local: Tracked, name: str, pieces: set[str], lost: str) -> None:
        rule = KINDS[local.kind].rules[name]
        value = (local.local or {}).get(name)
        now = _pieces(rule, value)
        missing = [
            piece for piece in pieces - story.taken_out[name] if piece not in now and f"\n\n{piece}\n\n" not in lost
        ]
        if missing:
            raise Violation(3, f"{name} of {local.kind} {local.id} ({local.remote_id}) has lost {missing}")
        if rule == "set" and now & story.taken_out[name]:
            raise Violation(3, f"{name} of {local.kind} {local.id} has again {now & story.taken_out[name]}")
        if rule == "text" and value and len(str(value).split("\n\n")) != len(now):
            raise Violation(2, f"{name} of {local.kind} {local.id} has a piece twice: {value}")

    def _carried_over(self, story: Story) -> Tracked | None:
        """Where its words went when it went with one too many of what it was below."""
        words = {str(word) for words in (*story.heads.values(), *story.put_in.values()) for word in words}
        entities = self._world.store.entities.values()
        return next(
            (each for each in entities if each.kind == story.kind and words <= _words(each.local or {})),
            None,
        )

    def _local(self, story: Story) -> Tracked | None:
        store = self._world.store
        if story.entity and story.entity in store.entities:
            return store.entities[story.entity]
        ids = [store.by_remote.get(("site", each.kind, each.id), "") for each in story.remotes]
        return next((store.entities[each] for each in ids if each), None)

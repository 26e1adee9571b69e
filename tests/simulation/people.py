"""Those who edit: people at the site, agents on our side. Each change is made by somebody who sees what is there."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from server.entities.synced import Fields, Value
from server.errors import IsthmusError
from server.store.rows import Delivery, Tracked
from server.sync.dispatching import retry
from tests.simulation.kinds import KINDS, PARTS, STATUSES
from tests.simulation.process import Process
from tests.simulation.site import Thing

if TYPE_CHECKING:
    from tests.simulation.world import World


class People:
    def __init__(self, world: "World", edits: int) -> None:
        self._world = world
        self._chance = world.chance
        self._left = edits
        self._tokens = 0
        self.until = world.clock.now
        self._stopped = False

    def start(self) -> None:
        at = self._world.clock.now
        for _ in range(self._left):
            at += self._chance.choice((50, 300, 2_000, 10_000, 25_000))
            self._world.clock.at(at, self._edit)
        self.until = at
        self._world.troubles.plan(self._world.clock.now, at)

    def stop(self) -> None:
        self._stopped = True

    def token(self) -> str:
        self._tokens += 1
        return f"v{self._tokens}"

    def deliver(self, name: str, body: dict[str, object]) -> None:
        """By whichever process answers; a delivery that nobody acknowledged comes again."""
        world = self._world
        alive = [each for each in world.processes if each.alive]
        if not alive:
            world.clock.after(300_000, lambda: self.deliver(name, body))
            return
        process = self._chance.choice(alive)

        async def receive() -> None:
            acknowledged = False
            try:
                delivery = Delivery(id=name, site="site", at=world.ours(), body=body)
                await process.around.store.deliver(delivery)
                acknowledged = True
                world.clock.wake(process.routers)
            finally:
                if not acknowledged:
                    world.clock.after(300_000, lambda: self.deliver(name, body))

        world.clock.spawn(receive(), process.group)

    def _edit(self) -> None:
        human = self._chance.random() < 0.5
        fresh = self._chance.random() < 0.12
        if human:
            self._human_makes() if fresh or not self._things() else self._human_edits()
        else:
            self._agent(fresh=fresh)

    # People

    def _things(self) -> list[Thing]:
        return [each for each in self._world.site.roots.values() if not each.deleted and not each.trashed]

    def _human_makes(self) -> None:
        kind = self._chance.choice(("issue", "issue", "page"))
        fields = self._fresh(kind)
        thing = self._world.site.make(kind, fields, "ada")
        self._world.ledger.people_made(thing, fields)

    def _human_edits(self) -> None:
        root = self._chance.choice(self._things())
        roll = self._chance.random()
        if roll < 0.2:
            self._human_attaches(root)
        else:
            change = self._change(root.kind, root.fields)
            if change:
                self._human_writes(root, *change)

    def _human_writes(self, thing: Thing, name: str, value: Value) -> None:
        before = thing.fields.get(name)
        if KINDS[thing.kind].rules[name] == "status" and value not in self._world.site.paths[str(before)]:
            return
        if name == "title" and not self._world.ledger.is_known(thing):
            return  # what has no marker is known by its title alone, until it is found
        story = self._world.ledger.story(thing)
        self._world.site.write(thing, {name: value}, "ada")
        story.wrote(name, before, value)

    def rewrite(self, thing: Thing, name: str, value: str = "") -> None:
        self._human_writes(thing, name, value or self.token())

    def _human_attaches(self, root: Thing) -> None:
        kind = self._chance.choice(PARTS[root.kind])
        fields = self._fresh(kind)
        part = self._world.site.attach(root, kind, fields, "ada")
        self._world.ledger.people_made(part, fields, root)

    # Agents

    def _agent(self, *, fresh: bool) -> None:
        world = self._world
        alive = [each for each in world.processes if each.alive]
        if not alive:
            return
        process = self._chance.choice(alive)
        roots = [each for each in world.store.entities.values() if each.root == each.id and each.local is not None]
        known = [each for each in roots if each.presence == "present" and not each.unwanted]
        if fresh or not known:
            world.clock.spawn(self._agent_makes(process), process.group)
            return
        roll, root = self._chance.random(), self._chance.choice(known)
        part = self._own_part(root)
        if roll < 0.25:
            work = self._agent_attaches(process, root)
        elif roll < 0.4 and part:
            work = self._agent_edits(process, part)
        elif roll < 0.43:
            work = self._agent_deletes(process, part or root)
        else:
            work = self._agent_edits(process, root)
        world.clock.spawn(work, process.group)

    def _own_part(self, root: Tracked) -> Tracked | None:
        store = self._world.store
        parts = [store.entities[each] for each in store.families[root.id] if each != root.id]
        ours = [each for each in parts if each.local_id is not None and each.presence == "present"]
        return self._chance.choice(ours) if ours else None

    async def _agent_deletes(self, process: Process, thing: Tracked) -> None:
        story = self._world.ledger.story_of(thing)
        if story:
            records = process.records(lambda: setattr(story, "deleted", True))
            await _quietly(lambda: records.unlink(thing.id, delete_remote=True))

    async def _agent_makes(self, process: Process) -> None:
        kind = self._chance.choice(("issue", "issue", "page"))
        scope = "project" if kind == "issue" else "space"
        await self._put(process, kind, self._fresh(kind), scope, None)

    async def _agent_attaches(self, process: Process, root: Tracked) -> None:
        kind = self._chance.choice(PARTS[root.kind])
        await self._put(process, kind, self._fresh(kind), str(root.scope), root)

    async def _put(self, process: Process, kind: str, fields: Fields, scope: str, root: Tracked | None) -> None:
        name = self.token()
        below = root.id if root else None

        def committed() -> None:
            made = self._world.store.by_local["agents", kind, name]
            self._world.ledger.agents_made(self._world.store.entities[made], fields)

        records = process.records(committed)
        await _quietly(lambda: records.put("agents", kind, name, fields, scope=scope, below=below))

    async def _agent_edits(self, process: Process, thing: Tracked) -> None:
        change = self._change(thing.kind, thing.local or {})
        if change is None:
            return
        name, value = change
        before = (thing.local or {}).get(name)
        story = self._world.ledger.story_of(thing)
        if story is None:
            return
        records = process.records(lambda: story.wrote(name, before, value))
        await _quietly(lambda: records.edit(thing.id, {name: value}, local_rev=thing.local_rev))

    def look_after(self) -> None:
        """Somebody reads what needs attention, and tries it again."""
        world = self._world
        process = next((each for each in world.processes if each.alive), None)
        if process is None:
            world.clock.after(10_000, self.look_after)
            return
        world.clock.spawn(self._retry(process), process.group)

    async def _retry(self, process: Process) -> None:
        world = self._world
        records = process.records()
        for entity in [each for each in world.store.entities.values() if each.parked or each.parked_fields]:
            await records.retry(entity.id)
        for entry in await world.store.needing_attention():
            await retry(process.around.store, entry, world.ours())
        for scope in await world.store.scopes():
            if scope.frozen:
                await records.thaw(scope.id)

    # What they write

    def _fresh(self, kind: str) -> dict[str, Value]:
        if kind == "issue":
            return {"summary": self.token(), "description": self.token(), "priority": "p"}
        if kind == "page":
            return {"title": self.token(), "body": self.token()}
        if kind == "worklog":
            return {"seconds": self.token()}
        if kind == "file":
            return {"name": self.token(), "content": self.token()}
        return {"body": self.token()}

    def _change(self, kind: str, fields: Fields) -> tuple[str, Value] | None:
        rules = [each for each in KINDS[kind].rules.items() if each[1] != "fixed"]
        name, rule = self._chance.choice(rules)
        value = fields.get(name)
        if rule == "set":
            return name, self._members(value)
        if rule == "text":
            return name, self._text(str(value or ""))
        if rule == "status":
            return name, self._chance.choice(STATUSES)
        return name, self.token()

    def _members(self, value: Value) -> Value:
        there = sorted(value if isinstance(value, tuple) else ())
        if there and self._chance.random() < 0.4:
            there.remove(self._chance.choice(there))
        else:
            there.append(self.token())
        return tuple(sorted(there))

    def _text(self, text: str) -> str:
        blocks = text.split("\n\n") if text else []
        place = self._chance.randrange(len(blocks) + 1)
        if len(blocks) > 1 and self._chance.random() < 0.3:
            blocks.pop(min(place, len(blocks) - 1))
        else:
            blocks.insert(place, self.token())
        return "\n\n".join(blocks)


async def _quietly(do: Callable[[], Awaitable[object]]) -> None:
    try:
        await do()
    except IsthmusError:
        return  # it was told, and changed nothing

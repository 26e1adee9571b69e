"""One run for one root: read it, plan, commit, send, and read again until there is nothing left to do."""

from collections.abc import Iterable
from dataclasses import replace

from server.errors import AtlassianError, BadAnswer, NotFound, RateLimited, WrongCredentials
from server.store.port import Change, Settled, Stale
from server.store.rows import Conflict, Dirty, Family, Intent, Lease, Scope, Tracked
from server.sync.absence import bury, missed, too_many
from server.sync.calling import Calling
from server.sync.creations import Answers, attempt_of, creations, found_among, is_told, may_be_sent
from server.sync.draft import Draft, Send
from server.sync.gate import Resting
from server.sync.planning import plan
from server.sync.remote import Found, Seen, Target
from server.sync.sending import UNKNOWN, Sent, send
from server.sync.setting import MINUTE, Setting
from server.sync.strangers import Stranger, stranger, taken_over
from server.sync.surroundings import Surroundings


async def reconcile(around: Surroundings, dirty: Dirty, lease: Lease | None = None) -> None:
    """Takes the entry of a root as far as it goes now, and settles it. Raises Fenced, StoreError."""
    family = await around.store.family(dirty.key.partition(":")[2])
    if family is None or family.scope is None:
        await around.store.commit(Change(settled=(Settled(key=dirty.key, seq=dirty.dirty_seq),), lease=lease))
    else:
        around.gate.learn(await around.store.cooldowns(around.now()))
        await _Run(around, family, family.scope, family.dirty or dirty, lease).run()


class _Run:
    def __init__(self, around: Surroundings, family: Family, scope: Scope, dirty: Dirty, lease: Lease | None) -> None:
        self._around = around
        self._family = family
        self._scope = scope
        self._dirty = dirty
        self._lease = lease
        self._calling = Calling(family.root.site, around.remotes[family.root.site], around.gate, around.now)
        self._found: Found | None = None
        self._asked = around.now()
        self._answered: dict[tuple[str, int], str] = {}
        self._made: Intent | None = None
        self._told: dict[tuple[str, int], Intent] = {}
        """What is known of intents and not committed yet."""

    async def run(self) -> None:
        try:
            for _ in range(self._around.limits.rounds):
                if await self._round():
                    return
            await self._later(self._around.now())
        except Resting as error:
            await self._later(error.until)
        except AtlassianError as error:
            await self._failed(error)

    async def _round(self) -> bool:
        """Whether this was the last."""
        try:
            if self._family.root.remote_id is None and self._made is None and not await self._create():
                return True
            found = await self._read()
            if found is None:
                return True
            if self._family.root.local is None:
                known = await self._strange(found)
                if known is not None:
                    return known
            return await self._level(found)
        except Stale:
            await self._reload()
            return False

    # Reading

    async def _read(self) -> Found | None:
        """None where it is not there, and that is settled."""
        if self._found is None:
            root = self._family.root
            remote_id = self._made.target if self._made else root.remote_id
            self._asked = self._around.now()
            try:
                self._found = await self._calling.read(root.kind, str(remote_id), root.seen)
            except NotFound:
                await self._absent()
                return None
            self._verify(self._found.root, {self._made.attempt: str(self._made.target)} if self._made else {})
        return self._found

    def _verify(self, seen: Seen, known: Answers) -> None:
        """That it is what was asked for; an answer to a creation may name another thing."""
        made, root = self._made, self._family.root
        if made is None:
            return
        kind = self._around.kinds[root.kind]
        if not attempt_of(root, kind, seen, {made.attempt: replace(made, state="open")}, known):
            self._tell(replace(made, target=None))
            self._found = self._made = None
            raise BadAnswer(f"What was to be made is not what {seen.kind} {seen.remote_id} is.")

    async def _reload(self) -> None:
        family = await self._around.store.family(self._family.root.id)
        if family is not None:
            intents = {(each.entity, each.attempt): each for each in family.intents}
            self._family = replace(family, intents=tuple({**intents, **self._told}.values()))
            self._dirty = family.dirty or self._dirty
            self._scope = family.scope or self._scope

    def _setting(self) -> Setting:
        around = self._around
        return Setting(
            kinds=around.kinds,
            unique=around.unique,
            scope=self._scope,
            asked=self._asked,
            now=around.now(),
            limits=around.limits,
        )

    # Levelling

    async def _level(self, found: Found) -> bool:
        if self._made:
            await self._take_over(found.root)
        planned = plan(self._family, found, self._setting(), self._answered, self._made)
        change = planned.change
        if not planned.sends:
            attempts = self._dirty.attempts if planned.wait is not None else 0
            await self._commit(change, planned.wait, attempts, settles=True)
            return True
        await self._commit(change)
        self._made = None
        await self._send(planned.sends)
        await self._reload()
        return False

    async def _take_over(self, seen: Seen) -> None:
        """A list named the very thing before it was known to be ours: what became of that is now part of this."""
        other = await self._around.store.linked(self._family.root.site, seen.kind, seen.remote_id)
        family = await self._around.store.family(other.id) if other and other.id != self._family.root.id else None
        if family and self._made:
            await self._commit(taken_over(self._family, family, self._made, seen, self._setting()).change)
            self._made = None
            await self._reload()

    async def _send(self, sends: Iterable[Send]) -> Sent:
        sent = await send(self._calling, tuple(sends), self._around.limits)
        self._answered, self._found = sent.answered, sent.found
        self._asked = self._around.now() if sent.found else self._asked
        for intent in sent.intents:
            self._tell(intent)
        if sent.error:
            raise sent.error
        if sent.refused:
            await self._park(sent.refused)
        return sent

    def _tell(self, intent: Intent) -> None:
        self._told[intent.entity, intent.attempt] = intent

    async def _park(self, refused: dict[str, str]) -> None:
        await self._reload()
        draft = Draft(self._setting())
        for thing in (self._family.root, *self._family.parts):
            if thing.id in refused:
                draft.put(thing, replace(thing, parked=refused[thing.id]))
        await self._commit(draft.plan().change)

    # Making

    async def _create(self) -> bool:
        """Whether there is something to read now; else it is settled."""
        root = self._family.root
        attempts = creations(root, self._family.intents)
        open_ones = [each for each in attempts.values() if each.state == "open"]
        self._made = next((each for each in open_ones if each.target), None)
        if self._made:
            return True
        self._asked = self._around.now()
        until = may_be_sent(attempts.values(), self._asked)
        if until is not None:
            await self._later(until)
            return False
        if root.parked or root.local is None or root.unwanted or root.presence != "present":
            await self._give_up(root)
            return False
        if open_ones and await self._look_up(open_ones[-1]):
            return True
        return await self._send_creation(root)

    async def _give_up(self, root: Tracked) -> None:
        draft = Draft(self._setting())
        if root.unwanted:
            draft.put(root, replace(root, unwanted=False, presence="deleted"))
        await self._commit(draft.plan().change, settles=True)

    async def _look_up(self, intent: Intent) -> bool:
        root = self._family.root
        candidates = await self._calling.look_up(self._target(), intent)
        kind = self._around.kinds[root.kind]
        hit = found_among(root, kind, candidates, creations(root, self._family.intents))
        if hit:
            self._made = replace(hit[1], target=hit[0].remote_id)
        return hit is not None

    async def _send_creation(self, root: Tracked) -> bool:
        draft = Draft(self._setting())
        draft.send(root, "create", self._target(), root.local or {})
        planned = draft.plan()
        await self._commit(planned.change)
        intent = planned.sends[0].intent
        sent = await send(self._calling, planned.sends, self._around.limits)
        for each in sent.intents:
            self._tell(each)
        if sent.error:
            raise sent.error
        await self._reload()
        answer = sent.answered.get((intent.entity, intent.attempt))
        if answer:
            self._made = replace(intent, target=answer)
            self._tell(self._made)
            if sent.found:
                self._verify(sent.found.root, {})
                self._found, self._asked = sent.found, self._around.now()
            return True
        if intent.entity in sent.refused:
            return await self._refused(intent, sent.refused[intent.entity])
        await self._later(self._around.now() + MINUTE)  # its place can't be seen
        return False

    async def _refused(self, intent: Intent, why: str) -> bool:
        """Perhaps because it is there already: by an attempt of ours, or by somebody else."""
        unique = self._around.kinds[self._family.root.kind].unique
        if unique and await self._look_up(intent):
            return True
        root = self._family.root
        draft = Draft(self._setting())
        draft.put(root, replace(root, parked=why))
        if unique:
            value = intent.fields.get(unique)
            draft.keep(
                (
                    Conflict(
                        id=self._around.unique(),
                        entity=root.id,
                        field=unique,
                        base=None,
                        ours=value,
                        theirs=None,
                        at=self._around.now(),
                        why=why,
                    ),
                )
            )
        await self._commit(draft.plan().change, settles=True)
        return False

    def _target(self) -> Target:
        return Target(kind=self._family.root.kind, scope=self._scope, root_id=None)

    # Strangers

    async def _maker(self, seen: Seen) -> str | None:
        """Which entity of ours says that it made this, or may have."""
        if seen.marker:
            return seen.marker.entity
        kind = self._around.kinds[seen.kind]
        if kind.marked or not seen.by_us:
            return None
        attempts = await self._around.store.creating(seen.kind)
        return next((each.entity for each in attempts if is_told(kind, seen, each)), None)

    async def _strange(self, found: Found) -> bool | None:
        """None where it is just a thing that was not known; else whether this was the last round."""
        name = await self._maker(found.root)
        owner = await self._around.store.family(name) if name and name != self._family.root.id else None
        planned: Stranger | None = stranger(self._family, found, owner, self._setting())
        if planned is None:
            return None
        await self._commit(planned.plan.change, settles=planned.ends)
        if planned.ends:
            return True
        self._found = None
        if planned.plan.sends:
            await self._send(planned.plan.sends)
        await self._reload()
        return False

    # Absence

    async def _absent(self) -> None:
        root = self._family.root
        if self._made or root.remote_id is None:
            await self._later(self._around.now() + MINUTE)
        elif not await self._calling.visible(self._scope):
            await self._hidden(root)
        else:
            after, again = missed(root, self._setting(), deleted=self._deleted())
            if after.presence == "deleted":
                await self._vanished(root, after)
            else:
                draft = Draft(self._setting())
                draft.put(root, after)
                await self._commit(draft.plan().change, again, settles=True)

    def _deleted(self) -> bool:
        """Whether our own deletion of the root was answered."""
        root = self._family.root
        ours = [each for each in self._family.intents if each.verb == "delete" and each.target == root.remote_id]
        return any((root.id, each.attempt) in self._answered for each in ours if each.entity == root.id)

    async def _hidden(self, root: Tracked) -> None:
        """A poll raises it again when its scope can be seen again."""
        draft = Draft(self._setting())
        if root.presence not in ("lost_access", "deleted"):
            draft.put(root, replace(root, presence="lost_access", missing_since=None))
        change = draft.plan().change
        if not self._scope.hidden:
            change = replace(change, scopes=(replace(self._scope, hidden=True, rev=self._scope.rev + 1),))
        await self._commit(change, settles=True)

    async def _vanished(self, root: Tracked, after: Tracked) -> None:
        """Sure only where its place could be seen before and after it was looked for once more."""
        try:
            self._found = await self._calling.read(root.kind, str(root.remote_id), root.seen)
        except NotFound:
            if not await self._calling.visible(self._scope):
                await self._hidden(root)
                return
        else:
            await self._later(self._around.now())
            return
        draft = Draft(self._setting())
        certain = self._deleted() or root.reported_gone
        if not certain and (
            self._scope.frozen or too_many(*await self._around.store.missing(self._scope.id), self._around.limits)
        ):
            why = "Too much of it vanished at once; nothing is taken for deleted until somebody has looked."
            scopes = () if self._scope.frozen else (replace(self._scope, frozen=why, rev=self._scope.rev + 1),)
            await self._commit(replace(draft.plan().change, scopes=scopes), settles=True)
            return
        if root.local is None:
            await self._commit(Change(removed=(root, *self._family.parts)), settles=True)
            return
        draft.keep(bury(root, self._setting()))
        for part in self._family.parts:
            if part.remote_id is None:
                draft.keep(bury(part, self._setting()))
        draft.put(root, after)
        await self._commit(draft.plan().change, settles=True)

    # Settling

    async def _commit(
        self,
        change: Change,
        not_before: int | None = None,
        attempts: int = 0,
        *,
        parked: str = "",
        settles: bool = False,
    ) -> None:
        planned = {(each.entity, each.attempt) for each in (*change.intents, *change.forgotten)}
        told = tuple(each for key, each in self._told.items() if key not in planned)
        settled = Settled(
            key=self._dirty.key, seq=self._dirty.dirty_seq, not_before=not_before, attempts=attempts, parked=parked
        )
        await self._around.store.commit(
            replace(
                change,
                intents=(*change.intents, *told),
                settled=(settled,) if settles else (),
                cooldowns=tuple(self._calling.cooldowns),
                lease=self._lease,
                at=self._around.now(),
            )
        )
        self._told.clear()
        self._calling.cooldowns.clear()

    async def _later(self, at: int) -> None:
        """Waiting for a quota, or for what may still land, uses up no attempt."""
        await self._commit(Change(), at, self._dirty.attempts, settles=True)

    async def _failed(self, error: AtlassianError) -> None:
        now, attempts = self._around.now(), self._dirty.attempts
        for key in self._answered:
            known = next((each for each in self._family.intents if (each.entity, each.attempt) == key), None)
            if known and key not in self._told:
                self._tell(replace(known, lands_by=now))
        if self._calling.cooldowns:
            await self._later(max(each.until for each in self._calling.cooldowns))
            return
        if isinstance(error, NotFound):  # its place can't be seen
            await self._later(now + MINUTE)
            return
        theirs = isinstance(error, (*UNKNOWN, RateLimited, WrongCredentials))
        parked = str(error) if not theirs and attempts + 1 >= self._around.limits.patience else ""
        await self._commit(Change(), now + self._around.backoff(attempts), attempts + 1, parked=parked, settles=True)

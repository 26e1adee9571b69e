"""The way to the site, as one process has it: every call takes time, and may fail in every way that HTTP can."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from server.errors import (
    AtlassianDown,
    AtlassianError,
    BadAnswer,
    Conflict,
    Invalid,
    NotFound,
    RateLimited,
    TimedOut,
    UnknownOutcome,
    WrongCredentials,
)
from server.store.rows import Intent, Scope
from server.sync.gate import areas
from server.sync.merging import members
from server.sync.remote import Found, Listing, Made, Marker, Page, Seen, Target
from tests.simulation.clockwork import Pause
from tests.simulation.kinds import KINDS
from tests.simulation.site import US, Thing

if TYPE_CHECKING:
    from tests.simulation.world import Process, World

T = TypeVar("T")
LIMITS = ("jira-quota-global-based", "jira-quota-tenant-based", "jira-burst-based", "jira-per-issue-on-write")
PAGE = 6


class Wire:
    def __init__(self, world: "World", process: "Process") -> None:
        self._world = world
        self._process = process
        self._site = world.site

    # The port

    async def read(self, kind: str, remote_id: str, after: int) -> Found:
        return await self._call(
            "read", kind, remote_id, lambda: self._site.found(self._site.shown(kind, remote_id), after)
        )

    async def visible(self, scope: Scope) -> bool:
        return await self._call("visible", scope.form, None, lambda: self._site.visible[_kind(scope)])

    async def look_up(self, target: Target, intent: Intent) -> tuple[Seen, ...]:
        return await self._call("look up", target.kind, None, lambda: self._looked_up(target.kind, intent))

    async def create(self, target: Target, intent: Intent) -> Made:
        found, seen = await self._call(
            "create", target.kind, target.root_id, lambda: self._made(target, intent), writes=True
        )
        thing = found
        if self._world.happens("wrong object from a create", 0.02) and len(self._site.roots) > 1:
            others = [each for each in self._site.roots.values() if each is not thing]
            thing = self._world.chance.choice(others)
        if target.kind == "page":
            return Made(remote_id=thing.id, found=seen if thing is found else self._site.found(thing))
        return Made(remote_id=thing.id)

    async def update(self, target: Target, intent: Intent) -> Found | None:
        return await self._call(
            "update", target.kind, target.root_id, lambda: self._updated(target, intent), writes=True
        )

    async def transition(self, target: Target, intent: Intent) -> Found | None:
        return await self._call(
            "transition", target.kind, target.root_id, lambda: self._moved(target, intent), writes=True
        )

    async def delete(self, target: Target, intent: Intent) -> None:
        await self._call("delete", target.kind, target.root_id, lambda: self._dropped(target, intent), writes=True)

    async def listed(self, scope: Scope, what: Listing, *, since: int, page: str | None) -> Page:
        if page is not None and self._world.happens("an expired page token", 0.02):
            raise Invalid("The token of the page has expired.")
        kind = _kind(scope)
        rows = await self._call("list", scope.form, None, lambda: self._site.listed(kind, since))
        if what == "all":
            rows = sorted(rows, key=lambda row: row.remote_id)
        start = int(page or 0)
        more = str(start + PAGE) if start + PAGE < len(rows) else None
        return Page(items=tuple(rows[start : start + PAGE]), following=more, total=len(rows))

    # What the site does

    def _looked_up(self, kind: str, intent: Intent) -> tuple[Seen, ...]:
        if kind == "page":
            titled = self._site.titled(str(intent.fields.get("title"))) if self._site.visible["page"] else None
            return (self._site.seen(titled),) if titled else ()
        hits = [self._site.roots[row.remote_id] for row in self._site.listed(kind, 0)]
        return tuple(self._site.seen(each) for each in hits if each.marker and each.marker.entity == intent.entity)

    def _made(self, target: Target, intent: Intent) -> tuple[Thing, Found]:
        site, kind = self._site, KINDS[target.kind]
        marker = Marker(entity=intent.entity, attempt=intent.attempt) if kind.marked else None
        if target.root_id is None:
            if not site.visible[target.kind]:
                raise NotFound("No such project.")
            site.may_write(target.kind, intent.fields)
            thing = site.make(target.kind, intent.fields, US, marker)
        else:
            root = site.shown(kind.root or "", target.root_id)
            site.may_write(target.kind, intent.fields)
            thing = site.attach(root, target.kind, intent.fields, US, marker)
        self._world.ledger.made(thing, intent)
        return thing, site.found(thing)

    def _updated(self, target: Target, intent: Intent) -> Found | None:
        root, thing = self._thing(target, intent)
        self._site.may_write(target.kind, intent.fields)
        if KINDS[target.kind].versioned:
            self._site.stale(thing, target.version)
            thing.messages.append(intent.attempt)
        fields = dict(intent.fields)
        for name in {*intent.added, *intent.removed}:
            there = members(thing.fields[name]) - members(intent.removed.get(name)) | members(intent.added.get(name))
            fields[name] = tuple(sorted(there))
        self._world.ledger.wrote(thing, fields)
        self._site.write(thing, fields, US, root=root if root is not thing else None)
        self._world.troubles.fight(thing, fields)
        return self._site.found(root, intent.after) if self._world.returns else None

    def _moved(self, target: Target, intent: Intent) -> Found | None:
        root, thing = self._thing(target, intent)
        self._site.may_write(target.kind, {})
        status = intent.fields["status"]
        if status not in self._site.paths[str(thing.fields["status"])]:
            raise Invalid(f"No transition to {status}.")
        self._site.write(thing, {"status": status}, US)
        return self._site.found(root, intent.after) if self._world.returns else None

    def _dropped(self, target: Target, intent: Intent) -> None:
        root, thing = self._thing(target, intent)
        self._site.may_write(target.kind, {})
        self._world.ledger.dropped(root, thing)
        self._site.drop(root, thing if thing is not root else None, US)

    def _thing(self, target: Target, intent: Intent) -> tuple[Thing, Thing]:
        kind = KINDS[target.kind]
        root = self._site.shown(kind.root or target.kind, str(target.root_id))
        return root, self._site.part(root, str(intent.target)) if kind.root else root

    # What HTTP does

    async def _call(
        self, verb: str, kind: str, remote_id: str | None, apply: Callable[[], T], *, writes: bool = False
    ) -> T:
        world = self._world
        world.may_crash(self._process, f"before {verb}")
        world.called(self._process, areas(verb, kind, remote_id), writes=writes)
        await Pause(world.between(10, 200))
        self._refuse(verb, kind, remote_id)
        if writes:
            self._lose(apply)
        elif world.happens("a timeout of a read", world.rates["timeout"]):
            raise TimedOut("No answer in time.")
        world.wrote += writes
        try:
            answer = apply()
        except AtlassianError as error:
            world.trace(f"{verb} {kind} {remote_id}: {error}")
            raise
        world.trace(f"{verb} {kind} {remote_id}")
        await Pause(world.between(10, 200))
        world.may_crash(self._process, f"after {verb}")
        self._garble(writes=writes)
        return answer

    def _refuse(self, verb: str, kind: str, remote_id: str | None) -> None:
        """Failures that mean that nothing was done."""
        world = self._world
        if world.site_down:
            raise AtlassianDown("503 Service Unavailable")
        if world.revoked:
            raise WrongCredentials("The grant was revoked.")
        if world.happens("429", world.rates["429"]):
            raise self._limit(verb, kind, remote_id)
        if world.happens("a token that expires in a call", world.rates["rare"]):
            raise WrongCredentials("The token has expired.")
        if verb in ("update", "create") and world.happens("409", world.rates["rare"]):
            raise Conflict("Somebody else was first.")

    def _limit(self, verb: str, kind: str, remote_id: str | None) -> RateLimited:
        world = self._world
        form = world.chance.choice(("seconds", "a date", "0", "none", "huge"))
        seconds = {"seconds": 3.0, "a date": 20.0, "0": 0.0, "none": 0.0, "huge": 600.0}[form]
        reason = world.chance.choice(LIMITS)
        world.count(f"429 with {form}")
        world.count(f"429 by {reason}")
        error = RateLimited("Too many requests.", retry_after=seconds, limit=reason)
        world.limited(self._process, error, areas(verb, kind, remote_id))
        return error

    def _lose(self, apply: Callable[[], object]) -> None:
        """Failures that leave open what was done."""
        world = self._world
        if not world.happens("a timeout of a write", world.rates["timeout"]):
            return
        form = world.chance.choice(("before", "after", "late"))
        world.count(f"a timeout {form} it was applied")
        if form == "after":
            world.wrote += 1
            _anyway(apply)
        elif form == "late":
            world.wrote += 1
            world.clock.after(world.between(1, 20_000), lambda: _anyway(apply))
        raise UnknownOutcome("No answer came.")

    def _garble(self, *, writes: bool) -> None:
        world = self._world
        if world.happens("5xx", world.rates["5xx"]):
            status = world.chance.choice((500, 502, 503, 504))
            world.count(f"{status}")
            raise UnknownOutcome(f"{status}") if writes else AtlassianDown(f"{status}")
        for name in ("a reset in mid-response", "truncated JSON", "a login page as 200"):
            if world.happens(name, world.rates["rare"]):
                raise UnknownOutcome(name) if writes else BadAnswer(name)


def _anyway(apply: Callable[[], object]) -> None:
    try:
        apply()
    except AtlassianError:
        return  # nobody hears of it


def _kind(scope: Scope) -> str:
    return "issue" if scope.form == "project" else "page"

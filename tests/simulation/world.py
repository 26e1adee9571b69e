"""One seed: a site, people, agents, two processes of ours on one store, and what goes wrong among them."""

from collections import Counter
from dataclasses import replace
from hashlib import blake2b
from random import Random
from typing import Literal

from server.errors import RateLimited
from server.store.port import Change
from server.store.rows import Cooldown, News, Scope, Tracked
from server.sync.dispatching import DRAIN
from server.sync.gate import cooldown
from server.sync.setting import Limits
from tests.simulation.clockwork import Clockwork, Killed
from tests.simulation.ledger import Ledger, Violation
from tests.simulation.memory import MemoryStore
from tests.simulation.people import People
from tests.simulation.process import Process
from tests.simulation.site import Site, Thing
from tests.simulation.troubles import Troubles

START = 1_700_000_000_000
QUICK = 30_000
SETTLED = 240_000
"""Two polls, the lag of the index, and what they find."""


class World:
    def __init__(
        self,
        seed: int,
        *,
        edits: int = 60,
        told: list[str] | None = None,
        calm: bool = False,
        store: MemoryStore | None = None,
    ) -> None:
        self.seed = seed
        self.chance = Random(seed)  # noqa: S311 - it shall be the same each time
        self.clock = Clockwork(START)
        self.store = store or MemoryStore()
        self.faulty = not calm
        self.faults: Counter[str] = Counter()
        self.calls = self.wrote = self.named = 0
        self.first_tries: Counter[int] = Counter()
        self._hash = blake2b(digest_size=8)
        self._told = told
        self._draw()
        self.site = Site(self.clock, self.chance)
        self.site.shared = self.chance.random() < 0.1
        if self.faulty and self.chance.random() < 0.08:
            self.site.lag = 300_000
            self.count("an index that lags for minutes")
        self.site.on_change = self._happened
        self.ledger = Ledger(self)
        self.processes: list[Process] = []
        self.processes += [Process(self, name) for name in ("one", "two")]
        self.troubles = Troubles(self)
        self.people = People(self, edits)

    def _draw(self) -> None:
        """What kind of a seed this is."""
        pick = self.chance.choice
        self.rates = {
            "429": pick((0, 0.03, 0.15)),
            "5xx": pick((0, 0.03, 0.1)),
            "timeout": pick((0, 0.03, 0.12)),
            "rare": pick((0, 0, 0.01)),
            "crash": pick((0, 0.002, 0.01)),
            "pause": pick((0, 0, 0.01)),
            "missing": pick((0, 0.1, 0.5, 1.0)),
            "twice": pick((0, 0.2)),
        }
        self.fights = self.chance.random() < 0.06
        self.returns = self.chance.random() < 0.5
        self.skew = pick((0, 0, 0, 3_600_000, -3_600_000))
        self.limits = Limits(vanished=20, vanished_share=0.05, vanished_least=4)
        self.site_down = self.revoked = self.disk_full = False
        self.paused_for = 0
        if self.skew:
            self.count("a clock that is an hour off")
        forms: tuple[tuple[Literal["project", "space"], str], ...] = (("project", "DEMO"), ("space", "DOCS"))
        for form, value in forms:
            scope = Scope(id=form, site="site", form=form, value=value, rev=1, conflicts=self._stands())
            whose = {"page": "merge", "issue": "merge"} | ({"issue.priority": "local"} if self.fights else {})
            scope = replace(scope, ownership=whose, census_at=self.ours())
            self.store.tracking[form] = scope
        self.census_every = pick((86_400_000, 86_400_000, 300_000))
        self._resting: list[tuple[Process, Cooldown, int]] = []
        self._known_resting: dict[tuple[str, str], tuple[Process, Cooldown, int]] = {}

    def _stands(self) -> Literal["ours", "theirs"]:
        return "ours" if self.chance.random() < 0.15 else "theirs"

    # Time and names

    def ours(self) -> int:
        return self.clock.now + self.skew

    def between(self, low: int, high: int) -> int:
        return low + int(self.chance.random() * (high - low + 1))

    def unique(self) -> str:
        self.named += 1
        return f"e{self.named}"

    def census_due(self, scope: Scope) -> bool:
        return self.ours() - scope.census_at > self.census_every

    # Faults

    def happens(self, name: str, rate: float) -> bool:
        if not self.faulty or rate <= 0 or self.chance.random() >= rate:
            return False
        self.count(name)
        return True

    def count(self, name: str) -> None:
        self.faults[name] += 1

    def may_crash(self, process: Process, where: str) -> None:
        if (
            self.rates["crash"]
            and process.alive
            and self.happens(f"kill -9 {where.split(maxsplit=1)[0]} a {_what(where)}", self.rates["crash"])
        ):
            self.trace(f"{process.name} dies {where}")
            raise Killed

    def may_pause(self, process: Process) -> None:
        if self.happens("a paused lease holder", self.rates["pause"]):
            self.paused_for = self.chance.choice((5_000, 40_000))

    def take_pause(self) -> int:
        paused, self.paused_for = self.paused_for, 0
        return paused

    def died(self, process: Process) -> None:
        self._resting = [each for each in self._resting if each[0] is not process]

    # What is seen of the processes

    def called(self, process: Process, areas: tuple[str, ...], *, writes: bool) -> None:
        self.calls += 1
        now = self.ours()
        for owner, resting, since in self._resting:
            if owner is process and since <= now < resting.until and resting.area in ("", *areas):
                raise Violation(7, f"{areas[0]} inside of a Retry-After")
        for area in ("", *areas):
            owner, known, since = self._known_resting.get(("site", area)) or (process, None, 0)
            grace = 0 if owner is process else 5_000  # for what was on its way already
            if known and since + grace <= now < known.until:
                raise Violation(7, f"{areas[0]} inside of a Retry-After")

    def limited(self, process: Process, error: RateLimited, areas: tuple[str, ...]) -> None:
        resting = cooldown("site", error, areas, self.ours())
        self._resting.append((process, resting, self.ours() + 1))
        self.trace(f"{process.name} is told to leave {resting.area!r} for {error.retry_after} s")

    def committed(self, process: Process, before: dict[str, Tracked | None], change: Change, news: list[News]) -> None:
        for each in change.cooldowns:
            self._known_resting[each.site, each.area] = process, each, self.ours()
        self.ledger.committed(before, change, news)
        self.trace(f"{process.name} commits {_short(change)}")
        raised = len(change.raised) + len(change.sighted)
        if raised:
            self._wake(raised)

    def _wake(self, most: int) -> None:
        """As many workers of whoever drains; where nobody does, of all."""
        held = self.store.leases.get(DRAIN)
        holder = held.holder if held and held.until > self.ours() else ""
        draining = [each for each in self.processes if each.alive and each.holder == holder]
        for each in draining or self.processes:
            self.clock.wake(each.workers, most)

    def trace(self, line: str) -> None:
        self._hash.update(line.encode())
        if self._told is not None:
            self._told.append(f"{self.clock.now - START:>9} {line}")

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    # Webhooks

    def _happened(self, root: Thing, author: str) -> None:
        self.trace(f"{author} changed {root.kind} {root.id} {root.version}")
        if self.happens("a missing webhook", self.rates["missing"]):
            return
        self.named += 1
        body: dict[str, object] = {"kind": root.kind, "id": root.id, "version": root.version, "gone": root.deleted}
        for _ in range(2 if self.happens("a doubled webhook", self.rates["twice"]) else 1):
            self._deliver(f"d{self.named}", body, self.between(0, QUICK))

    def _deliver(self, name: str, body: dict[str, object], after: int) -> None:
        self.clock.after(after, lambda: self.people.deliver(name, body))

    # The run

    def run(self) -> None:
        self.people.start()
        self.clock.run(self.people.until)
        self.settle()
        self.ledger.check()
        if self.seed % 8 == 0:
            self._again()

    def _again(self) -> None:
        """Everything once more: there is nothing to write."""
        wrote = self.wrote
        for each in self.store.entities.values():
            if each.root == each.id:
                self.store.raise_again(f"entity:{each.id}")
        self._wake(len(self.store.waiting))
        self.clock.run(self.clock.now + 120_000)
        if self.wrote != wrote:
            raise Violation(4, "what is level was written")

    def settle(self) -> None:
        """Edits and faults stop; two polls and the lag of the index later all is level."""
        self.faulty = False
        self.people.stop()
        self.troubles.over()
        rested = max((each.until for each in self.store.resting.values()), default=0) - self.skew
        self.people.look_after()
        known = max(self.people.until, rested, *(each.until - self.skew for _, each, _ in self._resting), 0)
        for _ in range(40):
            self.clock.run(self.clock.now + 60_000)
            late = self.clock.now > known + SETTLED + self.site.lag
            if late and not self.store.waiting and not self.store.pending:
                return


def _what(where: str) -> str:
    what = where.partition(" ")[2]
    return what if what in ("commit", "delivery") else "call"


def _short(change: Change) -> str:
    entities = ",".join(f"{each.id}@{each.rev}" for each in change.entities)
    intents = ",".join(f"{each.entity}#{each.attempt}{each.verb}:{each.state}" for each in change.intents)
    settled = ",".join(f"{each.key}:{each.not_before}" for each in change.settled)
    return f"{entities} {intents} {settled} +{len(change.raised)} s{len(change.sighted)} c{len(change.conflicts)}"

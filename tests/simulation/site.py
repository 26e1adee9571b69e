"""What a site has and how it changes: issues without versions but with a changelog, pages with versions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from server.entities.synced import Value
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.sync.remote import Entry, Found, Listed, Marker, Seen
from tests.simulation.clockwork import Clockwork
from tests.simulation.kinds import KINDS, STATUSES

US = "us"
EMPTY: Mapping[str, Mapping[str, Value]] = {
    "issue": {"summary": "", "priority": "p", "description": "", "labels": (), "status": "open"},
    "page": {"title": "", "body": "", "labels": ()},
}


@dataclass(eq=False, slots=True)
class Thing:
    kind: str
    id: str
    fields: dict[str, Value]
    marker: Marker | None
    author: str
    created: int
    updated: int
    number: int = 1
    log: list[Entry] = field(default_factory=list[Entry])
    messages: list[int] = field(default_factory=list[int])
    """The attempts that wrote its versions."""
    parts: dict[str, "Thing"] = field(default_factory=dict[str, "Thing"])
    deleted: bool = False
    trashed: bool = False
    unlisted: bool = False
    """Hidden from us alone."""
    slandered: bool = False
    """Said to be deleted by somebody who lied."""
    hidden_at: int = 0
    shown_at: int = 0
    """When it was last hidden, and when it no longer was."""

    @property
    def version(self) -> str:
        return f"{self.number}/{self.updated}"


class Site:
    """`changed` is told of every change of a root, and by whom."""

    def __init__(self, clock: Clockwork, chance: Random) -> None:
        self.clock = clock
        self.chance = chance
        self.roots: dict[str, Thing] = {}
        self.index: dict[str, tuple[int, str]] = {}
        self.visible = {"issue": True, "page": True}
        self.writable = True
        self.paths: dict[str, tuple[str, ...]] = _workflow(chance)
        self.required = ""
        self.shared = False
        """Whether a person uses our account too."""
        self.lag = 60_000
        self.count = 0
        self.entries = 0
        self.on_change: Callable[[Thing, str], None] = lambda _thing, _author: None

    # What anybody does

    def make(self, kind: str, fields: Mapping[str, Value], author: str, marker: Marker | None = None) -> Thing:
        if kind == "page" and self.titled(str(fields.get("title"))):
            raise Invalid("A page with this title already exists.")
        self.count += 1
        now = self.clock.now
        values = {**EMPTY[kind], **{name: value for name, value in fields.items() if name in KINDS[kind].rules}}
        thing = Thing(kind, str(1000 + self.count), values, marker, author, now, now)
        if kind == "issue":
            thing.fields["key"] = f"DEMO-{self.count}"
        self.roots[thing.id] = thing
        self._touched(thing, author)
        return thing

    def attach(
        self, root: Thing, kind: str, fields: Mapping[str, Value], author: str, marker: Marker | None = None
    ) -> Thing:
        self.count += 1
        now = self.clock.now
        known = {name: value for name, value in fields.items() if name in KINDS[kind].rules}
        part = Thing(kind, str(1000 + self.count), {**known, "author": author}, marker, author, now, now)
        root.parts[part.id] = part
        self._touched(root, author)
        return part

    def write(self, thing: Thing, fields: Mapping[str, Value], author: str, *, root: Thing | None = None) -> None:
        changed = {name: value for name, value in fields.items() if thing.fields.get(name) != value}
        if thing.kind == "page" and "title" in changed and self.titled(str(changed["title"])):
            raise Invalid("A page with this title already exists.")
        if not changed:
            return
        self.entries += 1
        if thing.kind == "issue":
            thing.log += [
                Entry(self.entries, name, thing.fields.get(name), value, author == US or self.shared)
                for name, value in changed.items()
            ]
        thing.fields.update(changed)
        thing.number += 1
        if root:
            thing.updated = max(thing.updated + 1, self.clock.now)
        self._touched(root or thing, author)

    def drop(self, root: Thing, part: Thing | None, author: str) -> None:
        if part:
            root.parts.pop(part.id, None)
        else:
            root.deleted = True
        self._touched(root, author)

    def trash(self, page: Thing, author: str, *, trashed: bool) -> None:
        page.trashed = trashed
        self._touched(page, author)

    def titled(self, title: str) -> Thing | None:
        return next(
            (
                each
                for each in self.roots.values()
                if each.kind == "page" and each.fields["title"] == title and not each.deleted and not each.trashed
            ),
            None,
        )

    def _touched(self, root: Thing, author: str) -> None:
        root.updated = max(root.updated + 1, self.clock.now)
        told = root.updated, root.version
        self.clock.after(self.chance.randint(0, self.lag) if self.lag else 0, lambda: self._indexed(root.id, told))
        self.on_change(root, author)

    def _indexed(self, root: str, told: tuple[int, str]) -> None:
        self.index[root] = max(told, self.index.get(root, (0, "")))

    # What the wire asks

    def shown(self, kind: str, remote_id: str) -> Thing:
        thing = self.roots.get(remote_id)
        if thing is None or thing.deleted or thing.unlisted or thing.kind != kind or not self.visible[kind]:
            raise NotFound(f"No {kind} {remote_id}.")
        return thing

    def part(self, root: Thing, remote_id: str) -> Thing:
        if remote_id not in root.parts:
            raise NotFound(f"Nothing {remote_id} below {root.id}.")
        return root.parts[remote_id]

    def may_write(self, kind: str, fields: Mapping[str, Value]) -> None:
        if not self.writable:
            raise Forbidden("The scope to write is missing.")
        if kind == "issue" and self.required and self.required in fields and not fields[self.required]:
            raise Invalid(f"{self.required} is required.")

    def stale(self, thing: Thing, version: str) -> None:
        if thing.number != int(version.partition("/")[0] or 0):
            raise Conflict("Version must be incremented.")

    def found(self, root: Thing, after: int = 0) -> Found:
        return Found(root=self.seen(root, after), parts=tuple(self.seen(part) for part in root.parts.values()))

    def seen(self, thing: Thing, after: int = 0) -> Seen:
        return Seen(
            kind=thing.kind,
            remote_id=thing.id,
            version=thing.version,
            fields=dict(thing.fields),
            changelog=tuple(entry for entry in thing.log if entry.id > after),
            landed=tuple(thing.messages),
            marker=thing.marker,
            by_us=thing.author == US or self.shared,
            created=thing.created,
            trashed=thing.trashed,
            paths=self.paths,
        )

    def listed(self, kind: str, since: int) -> list[Listed]:
        """By an index that lags, and to the minute."""
        if not self.visible[kind]:
            raise NotFound(f"No project of {kind}s.")
        start = since // 60_000 * 60_000
        rows = [
            Listed(kind, root, version, changed)
            for root, (changed, version) in self.index.items()
            if changed >= start and self._is_listed(kind, root)
        ]
        return sorted(rows, key=lambda row: (row.changed, row.remote_id))

    def _is_listed(self, kind: str, root: str) -> bool:
        thing = self.roots[root]
        return thing.kind == kind and not thing.deleted and not thing.trashed and not thing.unlisted


def _workflow(chance: Random) -> dict[str, tuple[str, ...]]:
    """A ring, and some short cuts; now and then without a way back."""
    paths: dict[str, tuple[str, ...]] = {}
    for at, status in enumerate(STATUSES):
        following = STATUSES[(at + 1) % len(STATUSES)]
        short = tuple(other for other in STATUSES if other not in (status, following) and chance.random() < 0.3)
        paths[status] = (following, *short)
    if chance.random() < 0.1:
        paths["done"] = ()
    return paths

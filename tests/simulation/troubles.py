"""What goes wrong for a while, or once: outages, lost permissions, moved things, copies, deletions."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.entities.synced import Fields
from tests.simulation.kinds import STATUSES
from tests.simulation.site import US, Thing

if TYPE_CHECKING:
    from tests.simulation.world import World

MINUTE = 60_000


class Troubles:
    def __init__(self, world: "World") -> None:
        self._world = world
        self._chance = world.chance

    def plan(self, start: int, end: int) -> None:
        """Draws what happens in this seed, and when."""
        if not self._world.faulty:
            return
        for name, rate, do in (
            ("an outage", 0.15, self._outage),
            ("a revoked grant", 0.1, self._revoke),
            ("a lost scope", 0.08, self._lose_scope),
            ("a permission lost and back", 0.25, self._hide),
            ("a full disk", 0.1, self._fill_disk),
            ("a changed workflow", 0.15, self._change_workflow),
            ("a field that became required", 0.1, self._require),
            ("a deleted root", 0.4, self._delete),
            ("a deleted root", 0.2, self._delete),
            ("a deleted part", 0.25, self._delete_part),
            ("a trashed page, and restored", 0.2, self._trash),
            ("a moved key", 0.2, self._move),
            ("a copy with our marker", 0.25, self._copy),
            ("a bulk change", 0.15, self._change_all),
            ("a title that is taken", 0.4, self._take_title),
            ("much vanishes at once", 0.05, self._vanish),
            ("a thing that is not found for a while", 0.15, self._miss),
            ("an upgrade with a full queue", 0.15, self._upgrade),
            ("a burst of webhooks", 0.1, self._burst),
            ("a forged webhook", 0.1, self._forge),
            ("a replayed webhook", 0.1, self._replay),
        ):
            if self._chance.random() < rate:
                self._world.clock.at(self._chance.randint(start, end), self._counted(name, do))

    def _counted(self, name: str, do: Callable[[], bool]) -> Callable[[], None]:
        def happen() -> None:
            if self._world.faulty and do():
                self._world.count(name)

        return happen

    def fight(self, thing: Thing, fields: Fields) -> None:
        """An automation at the site sets what we set back to what it wants."""
        world = self._world
        if world.fights and world.faulty and "priority" in fields and thing.kind == "issue":
            world.count("an automation that fights us")
            world.clock.after(3_000, lambda: None if thing.deleted else world.people.rewrite(thing, "priority", "p"))

    def over(self) -> None:
        """Everything is as it should be again."""
        world = self._world
        world.site_down = world.revoked = world.disk_full = False
        world.site.writable, world.site.required = True, ""
        world.site.visible = dict.fromkeys(world.site.visible, True)
        self._show([each for each in world.site.roots.values() if each.unlisted])

    def _for(self, most: int, back: Callable[[], None]) -> bool:
        self._world.clock.after(self._chance.randint(1_000, most), back)
        return True

    # Outages

    def _outage(self) -> bool:
        self._world.site_down = True
        return self._for(3 * MINUTE, lambda: setattr(self._world, "site_down", False))

    def _revoke(self) -> bool:
        self._world.revoked = True
        return self._for(3 * MINUTE, lambda: setattr(self._world, "revoked", False))

    def _fill_disk(self) -> bool:
        self._world.disk_full = True
        return self._for(2 * MINUTE, lambda: setattr(self._world, "disk_full", False))

    def _lose_scope(self) -> bool:
        self._world.site.writable = False
        return self._for(2 * MINUTE, lambda: setattr(self._world.site, "writable", True))

    def _hide(self) -> bool:
        kind = self._chance.choice(("issue", "page"))
        self._world.site.visible[kind] = False
        return self._for(8 * MINUTE, lambda: self._world.site.visible.update({kind: True}))

    def _upgrade(self) -> bool:
        for process in self._world.processes:
            if process.alive:
                self._world.clock.kill(process.group)
        return True

    # What people do

    def _roots(self, kind: str | None = None) -> list[Thing]:
        site = self._world.site
        return [
            each
            for each in site.roots.values()
            if not each.deleted and not each.trashed and kind in (None, each.kind) and self._world.ledger.is_known(each)
        ]

    def _delete(self) -> bool:
        roots = self._roots()
        if not roots:
            return False
        self._gone(self._chance.choice(roots))
        return True

    def _gone(self, root: Thing) -> None:
        self._world.ledger.story(root).deleted = True
        self._world.site.drop(root, None, "ada")

    def _delete_part(self) -> bool:
        parts = [(root, part) for root in self._roots() for part in root.parts.values()]
        known = [each for each in parts if self._world.ledger.is_known(each[1])]
        if not known:
            return False
        root, part = self._chance.choice(known)
        self._world.ledger.story(part).deleted = True
        self._world.site.drop(root, part, "ada")
        return True

    def _vanish(self) -> bool:
        roots = self._roots("issue")
        if len(roots) < 5:
            return False
        for root in roots:
            self._hide_alone(root)
            body: dict[str, object] = {"kind": "issue", "id": root.id, "version": "", "gone": False}
            self._world.people.deliver(f"vanished {root.id}", body)
        self._world.census_every = 5 * MINUTE  # a poll does not see what comes back as it was
        back = 4 * MINUTE + self._chance.randint(0, 8 * MINUTE)
        self._world.clock.after(back, lambda: self._show(roots))
        return True

    def _miss(self) -> bool:
        """One thing alone, and not for long: a replica that lags."""
        roots = self._roots()[:1]
        for root in roots:
            self._hide_alone(root)
        self._world.census_every = 5 * MINUTE
        return self._for(4 * MINUTE, lambda: self._show(roots)) and bool(roots)

    def _trash(self) -> bool:
        pages = self._roots("page")
        if not pages:
            return False
        page = self._chance.choice(pages)
        self._world.site.trash(page, "ada", trashed=True)
        return self._for(6 * MINUTE, lambda: self._restore(page))

    def _restore(self, page: Thing) -> None:
        if not self._world.site.titled(str(page.fields["title"])):
            self._world.site.trash(page, "ada", trashed=False)

    def _move(self) -> bool:
        issues = self._roots("issue")
        if not issues:
            return False
        issue = self._chance.choice(issues)
        self._world.site.write(issue, {"key": f"MOVED-{issue.id}"}, "ada")
        return True

    def _copy(self) -> bool:
        """By a person: a clone carries our marker."""
        ours = [each for each in self._roots("issue") if each.author == US]
        if not ours:
            return False
        issue = self._chance.choice(ours)
        fields = {name: value for name, value in issue.fields.items() if name != "key"}
        thing = self._world.site.make("issue", fields, "ada", issue.marker)
        self._world.ledger.people_made(thing, fields)
        return True

    def _change_all(self) -> bool:
        issues = self._roots("issue")
        for issue in issues:
            self._world.people.rewrite(issue, "priority")
        return bool(issues)

    def _take_title(self) -> bool:
        """A page of the same title as one that an agent wants to make."""
        store = self._world.store
        wanted = [
            each for each in store.entities.values() if each.kind == "page" and each.remote_id is None and each.local
        ]
        for each in wanted:
            title = str((each.local or {}).get("title"))
            if not self._world.site.titled(title) and not store.intents.get(each.id):
                fields = {"title": title, "body": self._world.people.token()}
                thing = self._world.site.make("page", fields, "ada")
                self._world.ledger.people_made(thing, fields)
                return True
        return False

    # The site's own rules

    def _change_workflow(self) -> bool:
        status = self._chance.choice(STATUSES)
        others = [each for each in STATUSES if each != status]
        self._world.site.paths[status] = (self._chance.choice(others),)
        return True

    def _require(self) -> bool:
        self._world.site.required = "priority"
        return True

    # Webhooks

    def _burst(self) -> bool:
        for root in self._roots():
            for at in range(30):
                body: dict[str, object] = {"kind": root.kind, "id": root.id, "version": "", "gone": False}
                self._world.people.deliver(f"burst {root.id} {at}", body)
        return True

    def _forge(self) -> bool:
        """Says that things are gone that are not, and names what never was."""
        for root in [*self._roots()[:3], None]:
            if root:
                root.slandered = True
            body: dict[str, object] = {
                "kind": root.kind if root else "issue",
                "id": root.id if root else "9",
                "version": "",
                "gone": True,
            }
            self._world.people.deliver(f"forged {body['id']}", body)
        self._world.people.deliver("forged", {"kind": "issue", "id": "8", "version": "1/1", "gone": False})
        return True

    def _replay(self) -> bool:
        deliveries = list(self._world.store.inbox.values())
        for delivery in deliveries[-5:]:
            self._world.people.deliver(delivery.id, dict(delivery.body))
        return bool(deliveries)

    def _hide_alone(self, root: Thing) -> None:
        root.unlisted, root.hidden_at = True, self._world.clock.now

    def _show(self, roots: list[Thing]) -> None:
        for root in roots:
            root.unlisted, root.shown_at = False, self._world.clock.now

"""What the site remembers of webhooks: who listens, what is under way to them, and what never arrived."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from server.sandbox.counter import Counter
from server.sandbox.records import Json

LIFE = timedelta(days=30)
FAILURES_KEPT = timedelta(hours=72)
MOST_OF_AN_APP = 5
OF_ISSUES = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted")
OF_COMMENTS = ("comment_created", "comment_updated", "comment_deleted")
OF_PROPERTIES = ("issue_property_set", "issue_property_deleted")
OF_SPRINTS = ("sprint_created", "sprint_updated", "sprint_closed", "sprint_deleted", "sprint_started")
OF_VERSIONS = tuple(
    f"jira:version_{verb}" for verb in ("released", "unreleased", "created", "moved", "updated", "merged", "deleted")
)
DYNAMIC_EVENTS = frozenset(OF_ISSUES + OF_COMMENTS + OF_PROPERTIES + OF_SPRINTS + OF_VERSIONS)
OF_WORKLOGS = ("worklog_created", "worklog_updated", "worklog_deleted")
OF_PARTS = ("attachment_created", "attachment_deleted", "issuelink_created", "issuelink_deleted")
ADMIN_EVENTS = DYNAMIC_EVENTS.union(OF_WORKLOGS, OF_PARTS)


@dataclass(frozen=True)
class Webhook:
    """An app's own (dynamic) where `app` is its client id, and an administrator's otherwise."""

    id: int
    url: str
    events: tuple[str, ...]
    jql: str
    account_id: str
    app: str = ""
    fields: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    until: datetime | None = None
    name: str = ""
    description: str = ""
    secret: str = ""
    body: bool = True
    enabled: bool = True
    updated: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one address; `id` is the same over its retries and doubles."""

    id: str
    webhook: int
    event: str
    url: str
    body: str
    due: datetime
    retries: int = 0
    secondary: bool = False


@dataclass(frozen=True)
class Failure:
    delivery: Delivery
    at: datetime


@dataclass(frozen=True)
class Unreliability:
    """The shares of deliveries that never leave, that leave twice, and that others overtake; `delay` is how many
    seconds of the site's time each takes at least."""

    loss: float = 0.0
    duplicates: float = 0.0
    reordering: float = 0.0
    delay: float = 0.0
    seed: int = 0


@dataclass
class Webhooks:
    registered: dict[int, Webhook] = field(default_factory=dict[int, Webhook])
    waiting: list[Delivery] = field(default_factory=list[Delivery])
    failed: list[Failure] = field(default_factory=list[Failure])
    log: deque[Json] = field(default_factory=lambda: deque[Json](maxlen=10_000))
    unreliability: Unreliability = Unreliability()
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - the same seed is the same trouble
    _ids: Counter = field(default_factory=lambda: Counter(1_000))

    def next_id(self) -> int:
        return next(self._ids)

    def register(self, webhook: Webhook) -> None:
        self.registered[webhook.id] = webhook

    def alive(self, now: datetime) -> list[Webhook]:
        """Those that have not expired; the others are forgotten."""
        for webhook in [row for row in self.registered.values() if row.until and row.until <= now]:
            del self.registered[webhook.id]
        return list(self.registered.values())

    def of_app(self, app: str, now: datetime) -> list[Webhook]:
        return [row for row in self.alive(now) if row.app == app]

    def of_admins(self) -> list[Webhook]:
        return [row for row in self.registered.values() if not row.app]

    def misbehave(self, how: Unreliability) -> None:
        self.unreliability, self.chance = how, Random(how.seed)  # noqa: S311

    def send(self, delivery: Delivery) -> None:
        """Puts it on its way, with what the unreliability makes of it."""
        how, chance = self.unreliability, self.chance
        if chance.random() < how.loss:
            self.note(delivery, "lost")
            return
        late = timedelta(seconds=how.delay)
        if chance.random() < how.reordering:
            late += timedelta(seconds=chance.uniform(1, 30))
        self.waiting.append(replace(delivery, due=delivery.due + late))
        if chance.random() < how.duplicates:
            self.waiting.append(replace(delivery, due=delivery.due + late))

    def due(self, now: datetime) -> list[Delivery]:
        """Takes out what is to be sent by now, in the order of its time."""
        found = sorted((each for each in self.waiting if each.due <= now), key=lambda each: each.due)
        self.waiting = [each for each in self.waiting if each.due > now]
        return found

    def fail(self, delivery: Delivery, now: datetime) -> None:
        self.failed = [each for each in self.failed if now - each.at < FAILURES_KEPT]
        self.failed.append(Failure(delivery, now))

    def note(self, delivery: Delivery, outcome: str, status: int | None = None) -> None:
        self.log.append(
            {
                "id": delivery.id,
                "event": delivery.event,
                "url": delivery.url,
                "retry": delivery.retries,
                "outcome": outcome,
                "status": status,
            }
        )

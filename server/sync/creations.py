"""What was to be made, and whether something that was found is it.

Atlassian takes no idempotency key, so a creation is known by what it carries: our marker, or where there is none, that
our account made it since then with the same words. A copy carries the marker too: it counts only for an attempt that
was sent and not yet found.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from server.entities.synced import Synced
from server.store.rows import Intent, Tracked
from server.sync.remote import Seen
from server.sync.setting import Limits

Answers: TypeAlias = Mapping[int, str]
_NONE: Answers = {}


def creations(thing: Tracked, intents: Iterable[Intent]) -> dict[int, Intent]:
    """All attempts to make it."""
    made = sorted((each for each in intents if each.entity == thing.id and each.verb == "create"), key=_attempt)
    return {each.attempt: each for each in made}


def _attempt(intent: Intent) -> int:
    return intent.attempt


def found_among(
    thing: Tracked, kind: Synced, candidates: Iterable[Seen], attempts: Mapping[int, Intent], answers: Answers = _NONE
) -> tuple[Seen, Intent] | None:
    """The oldest that came of an attempt, and which."""
    for seen in sorted(candidates, key=lambda each: (each.created, len(each.remote_id), each.remote_id)):
        intent = attempt_of(thing, kind, seen, attempts, answers)
        if intent:
            return seen, intent
    return None


def attempt_of(
    thing: Tracked, kind: Synced, seen: Seen, attempts: Mapping[int, Intent], answers: Answers = _NONE
) -> Intent | None:
    """`answers` are the remote ids that attempts were answered with: they help where there is no marker."""
    if not seen.by_us or seen.kind != thing.kind:
        return None
    if kind.marked or seen.marker:
        marker = seen.marker
        intent = attempts.get(marker.attempt) if marker and marker.entity == thing.id else None
        return intent if intent and intent.state == "open" else None
    waiting = [each for each in attempts.values() if each.state == "open"]
    answered = next((each for each in waiting if answers.get(each.attempt) == seen.remote_id), None)
    told = [each for each in waiting if is_told(kind, seen, each)]
    return answered or max(told, key=lambda each: (_alike(each, seen), each.attempt), default=None)


def is_told(kind: Synced, seen: Seen, intent: Intent) -> bool:
    """Words are proof only of what was made after they were sent."""
    return seen.created >= intent.sent_at - _SKEW and all(
        seen.fields.get(name) == intent.fields.get(name) for name in kind.told_by
    )


def _alike(intent: Intent, seen: Seen) -> bool:
    return all(seen.fields.get(name) == value for name, value in intent.fields.items())


_SKEW = 2 * 3_600_000


def may_be_sent(attempts: Iterable[Intent], asked: int) -> int | None:
    """None where no attempt can land any more that was not found when it was asked for; else when that will be."""
    waiting = [each.lands_by for each in attempts if each.state == "open" and each.lands_by > asked]
    return max(waiting) if waiting else None


def is_twin(linked: Tracked, seen: Seen) -> bool:
    """Whether this came of another attempt to make what is linked: each attempt makes one, so it is no copy."""
    marker = seen.marker
    return (
        marker is not None
        and seen.by_us
        and linked.made_by > 0
        and 0 < marker.attempt <= linked.attempt
        and marker.attempt != linked.made_by
        and linked.remote_id != seen.remote_id
    )


def lands_by(kind: Synced, at: int, limits: Limits, *, creates: bool = False) -> int:
    """When a request that ends or fails at `at` can no longer land unseen."""
    lag = limits.index_lag if creates and kind.lookup_lags else 0
    return at + limits.late + lag

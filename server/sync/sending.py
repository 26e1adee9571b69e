"""Carries out what was planned, one request at a time, and says what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from server.errors import (
    AtlassianDown,
    AtlassianError,
    BadAnswer,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TimedOut,
    UnknownOutcome,
)
from server.store.rows import Intent
from server.sync.calling import Calling
from server.sync.draft import Send
from server.sync.remote import Found
from server.sync.setting import Limits

UNKNOWN = (UnknownOutcome, AtlassianDown, BadAnswer, TimedOut)
"""After these a write may have been applied, or may yet be."""


@dataclass(slots=True)
class Sent:
    """`found` is the root after the last of them, where an answer said it; `error` what must stop the run."""

    answered: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    found: Found | None = None
    intents: list[Intent] = field(default_factory=list[Intent])
    """Those that are known to have been in vain, or whose end is nearer than was feared."""
    refused: dict[str, str] = field(default_factory=dict[str, str])
    """Why what was wanted for an entity can't be had."""
    error: AtlassianError | None = None


async def send(calling: Calling, sends: Sequence[Send], limits: Limits) -> Sent:
    sent = Sent()
    for at, each in enumerate(sends):
        intent = each.intent
        if calling.now() > intent.sent_at + limits.late:
            break  # this process was held up: what was planned may be out of date
        sent.found = None
        try:
            remote_id, sent.found = await _request(calling, each)
        except UNKNOWN as error:
            sent.intents.append(replace(intent, lands_by=_lands_by(calling, intent, limits)))
            sent.intents += [replace(other.intent, state="lost") for other in sends[at + 1 :]]
            sent.error = error
            break
        except (Invalid, Forbidden) as error:
            if intent.verb == "transition":  # the workflow is not what it was: read again
                sent.intents.append(replace(intent, state="lost"))
                continue
            sent.intents.append(replace(intent, state="refused"))
            sent.refused[intent.entity] = str(error)
        except (Conflict, NotFound):
            sent.intents.append(replace(intent, state="lost"))
        except AtlassianError as error:
            sent.intents += [replace(other.intent, state="lost") for other in sends[at:]]
            sent.error = error
            break
        else:
            sent.answered[intent.entity, intent.attempt] = remote_id
    return sent


def _lands_by(calling: Calling, intent: Intent, limits: Limits) -> int:
    lag = limits.index_lag if intent.verb == "create" else 0
    return calling.now() + limits.late + lag


async def _request(calling: Calling, send: Send) -> tuple[str, Found | None]:
    intent, target = send.intent, send.target
    if intent.verb == "create":
        made = await calling.create(target, intent)
        return made.remote_id, made.found
    if intent.verb == "update":
        return "", await calling.update(target, intent)
    if intent.verb == "transition":
        return "", await calling.transition(target, intent)
    await calling.delete(target, intent)
    return "", None

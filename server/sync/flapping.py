"""Two writers that keep changing a value back: nobody may do that for ever."""

from collections.abc import Iterable

from server.entities.synced import Value
from server.store.rows import Intent
from server.sync.merging import members
from server.sync.setting import Limits


def flaps(name: str, values: tuple[Value, Value], intents: Iterable[Intent], limits: Limits, now: int) -> bool:
    """Whether a field would get, in place of the second value, the first one again that we wrote often just now."""
    since = now - limits.flap_window
    recent = [each for each in intents if each.verb == "update" and each.state == "applied" and each.sent_at > since]
    wanted, there = values
    writes = [each for each in recent if name in each.fields]
    if writes:
        return len(writes) >= limits.flaps and any(each.fields[name] == wanted for each in writes)
    if not isinstance(wanted, tuple):
        return False
    added, removed = members(wanted) - members(there), members(there) - members(wanted)
    again = [
        each for each in recent if added & members(each.added.get(name)) or removed & members(each.removed.get(name))
    ]
    return len(again) >= limits.flaps

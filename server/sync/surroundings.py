"""What the engine is given: time, chance and the wire among it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from server.entities.synced import Synced
from server.store.port import Port
from server.sync.gate import Gate
from server.sync.remote import Remote
from server.sync.setting import Limits


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """`now` is in milliseconds; `unique` gives a name that nothing has yet."""

    store: Port
    remotes: Mapping[str, Remote]
    kinds: Mapping[str, Synced]
    now: Callable[[], int]
    chance: Callable[[], float]
    unique: Callable[[], str]
    gate: Gate = field(default_factory=Gate)
    limits: Limits = field(default_factory=Limits)

    def backoff(self, attempt: int) -> int:
        """Milliseconds before try `attempt` + 1: full jitter below a ceiling that doubles."""
        ceiling = min(self.limits.longest_backoff, self.limits.first_backoff * 2 ** min(attempt, 16))
        return self.limits.first_backoff // 2 + int(ceiling * self.chance())

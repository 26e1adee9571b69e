"""How many refusals are written one by one: whoever is refused often enough must not fill the disk with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
MOST_REMEMBERED = 10_000


@dataclass
class _Counted:
    since: datetime
    number: int = 0


@dataclass
class Sparing:
    now: Callable[[], datetime]
    _counted: dict[str, _Counted] = field(default_factory=dict[str, _Counted])

    def take(self, who: str, most: int) -> tuple[bool, int]:
        """Whether one more of this one's may be written, and how many of the minute before were not."""
        now, left = self.now(), 0
        counted = self._counted.pop(who, None) or _Counted(now)
        if now - counted.since >= MINUTE:
            left, counted = max(0, counted.number - most), _Counted(now)
        counted.number += 1
        self._counted[who] = counted
        if len(self._counted) > MOST_REMEMBERED:
            del self._counted[next(iter(self._counted))]
        return counted.number <= most, left

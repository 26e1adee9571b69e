"""How much each of many may do in a minute."""

from collections.abc import Callable
from dataclasses import dataclass, field

MINUTE = 60.0
MOST_REMEMBERED = 10_000


@dataclass
class Allowance:
    """`most` a minute for each, all at once if it likes. Times are seconds of `clock`, which only goes forward."""

    most: int
    clock: Callable[[], float]
    _left: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    def take(self, who: str) -> float:
        """0 where one more is granted, which is then spent; else the seconds until it is."""
        now = self.clock()
        left, since = self._left.pop(who, (float(self.most), now))
        left = min(float(self.most), left + (now - since) * self.most / MINUTE)
        granted = left >= 1
        self._left[who] = (left - granted, now)
        if len(self._left) > MOST_REMEMBERED:
            del self._left[next(iter(self._left))]
        return 0.0 if granted else (1 - left) * MINUTE / self.most

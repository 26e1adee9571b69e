"""When what may be asked of which site: nothing is asked for before its time."""

from collections.abc import Iterable

from server.errors import AtlassianError, RateLimited
from server.store.rows import Cooldown
from server.sync.setting import MINUTE

LONGEST = 60 * MINUTE  # that a Retry-After is believed
SITE = ""


class Resting(AtlassianError):
    """Not sent: it may not be asked for before `until`."""

    def __init__(self, cooldown: Cooldown) -> None:
        super().__init__(f"{cooldown.site} is not to be asked for {cooldown.area or 'anything'}: {cooldown.why}")
        self.until = cooldown.until


class Gate:
    """What every worker of this process knows. The store knows it too, for those that come after."""

    def __init__(self, known: Iterable[Cooldown] = ()) -> None:
        self._cooldowns: dict[tuple[str, str], Cooldown] = {}
        self.learn(known)

    def learn(self, known: Iterable[Cooldown]) -> None:
        for each in known:
            self.close(each)

    def check(self, site: str, areas: Iterable[str], now: int) -> None:
        """Raises Resting."""
        for area in (SITE, *areas):
            cooldown = self._cooldowns.get((site, area))
            if cooldown and cooldown.until > now:
                raise Resting(cooldown)

    def close(self, cooldown: Cooldown) -> Cooldown:
        """The longer one stands."""
        key = cooldown.site, cooldown.area
        known = self._cooldowns.get(key)
        if known is None or known.until < cooldown.until:
            self._cooldowns[key] = cooldown
        return self._cooldowns[key]


def areas(verb: str, kind: str, remote_id: str | None) -> tuple[str, ...]:
    """What a call belongs to, besides its site: its endpoint, and the thing that it is about."""
    return (f"{verb} {kind}", *((f"thing {kind} {remote_id}",) if remote_id else ()))


def cooldown(site: str, limit: RateLimited, called: tuple[str, ...], now: int) -> Cooldown:
    """What must rest after an answer, and how long."""
    until = now + min(int(limit.retry_after * 1000), LONGEST)
    area = SITE
    if limit.limit.endswith("burst-based"):
        area = called[0]
    elif limit.limit.endswith("per-issue-on-write"):
        area = called[-1]
    return Cooldown(site=site, area=area, until=until, why=limit.limit)

"""What goes wrong for a while, or once: outages, lost permissions, moved things, copies, deletions."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.world import World


class Troubles:
    def __init__(self, world: "World") -> None:
        self._world = world
        self._chance = world.chance

    def plan(self, start: int, end: int) -> None:
        return

    def _once(self, name: str, rate: float, start: int, end: int, do: Callable[[], None]) -> None:
        if self._chance.random() < rate:
            self._world.clock.at(self._chance.randint(start, end), do)
            self._world.count(name)

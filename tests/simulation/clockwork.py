"""Time that passes only while nothing can be done, and coroutines that it wakes: no event loop, no threads."""

from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any


class Killed(BaseException):
    """kill -9: what runs in a process stops where it stands."""


class Pause:
    """Awaited, it lets this many milliseconds pass."""

    __slots__ = ("_for",)

    def __init__(self, milliseconds: int) -> None:
        self._for = milliseconds

    def __await__(self) -> Generator[int, None, None]:
        yield self._for


Sleepers = set["Task"]
"""Those that a wake-up ends the sleep of."""


@dataclass(eq=False, slots=True)
class Group:
    """Tasks that die together; `died` is called then."""

    died: Callable[[], None]
    tasks: set["Task"] = field(default_factory=set["Task"])


@dataclass(eq=False, slots=True)
class Task:
    coroutine: Coroutine[Any, None, None]
    group: Group
    sleepers: Sleepers
    turn: int = 0
    """Of the wake-up that counts; the others have been overtaken."""


class Clockwork:
    def __init__(self, start: int) -> None:
        self.now = start
        self.turns = 0
        self._heap: list[tuple[int, int, Task | Callable[[], None]]] = []

    def at(self, time: int, do: Callable[[], None]) -> None:
        self.turns += 1
        heappush(self._heap, (max(time, self.now), self.turns, do))

    def after(self, milliseconds: int, do: Callable[[], None]) -> None:
        self.at(self.now + milliseconds, do)

    def spawn(self, coroutine: Coroutine[Any, None, None], group: Group, sleepers: Sleepers | None = None) -> None:
        task = Task(coroutine, group, set() if sleepers is None else sleepers)
        group.tasks.add(task)
        self._wake(task, 0)

    def wake(self, sleepers: Sleepers, most: int = 1) -> None:
        """They go on now."""
        for task in sorted(sleepers, key=lambda each: each.turn)[:most]:
            sleepers.discard(task)
            self._wake(task, 0)

    def kill(self, group: Group) -> None:
        tasks, group.tasks = group.tasks, set()
        for task in tasks:
            task.turn = -1
            task.sleepers.discard(task)
            task.coroutine.close()
        group.died()

    def run(self, until: int) -> None:
        while self._heap and self._heap[0][0] <= until:
            self.now, turn, item = heappop(self._heap)
            if not isinstance(item, Task):
                item()
            elif item.turn == turn:
                self._step(item)
        self.now = until

    def _wake(self, task: Task, milliseconds: int) -> None:
        self.turns += 1
        task.turn = self.turns
        heappush(self._heap, (self.now + milliseconds, self.turns, task))

    def _step(self, task: Task) -> None:
        group = task.group
        task.sleepers.discard(task)
        try:
            pause = task.coroutine.send(None)
        except StopIteration:
            group.tasks.discard(task)
        except Killed:
            group.tasks.discard(task)
            self.kill(group)
        else:
            self._wake(task, abs(pause))
            if pause < 0:
                task.sleepers.add(task)


def sleep(milliseconds: int) -> Pause:
    """A pause that a wake-up ends."""
    return Pause(-max(1, milliseconds))

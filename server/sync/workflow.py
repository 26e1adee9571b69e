"""The way from one status to another."""

from collections import deque
from collections.abc import Mapping


def path(paths: Mapping[str, tuple[str, ...]], start: str, end: str) -> tuple[str, ...] | None:
    """The statuses after `start` on the shortest way to `end`; None where none is known."""
    came_from: dict[str, str] = {start: start}
    pending = deque([start])
    while pending and end not in came_from:
        status = pending.popleft()
        for following in paths.get(status, ()):
            if following not in came_from:
                came_from[following] = status
                pending.append(following)
    if end not in came_from:
        return None
    steps: list[str] = []
    while end != start:
        steps.append(end)
        end = came_from[end]
    return tuple(reversed(steps))

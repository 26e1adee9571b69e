"""Which items of two sequences are the same: anchors that either has once, and shortest edits between these.

What two sequences have in common can be looked for without end. The search has a budget; what is left when it is spent
counts as replaced, which is coarse and never wrong.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from math import isqrt
from typing import NamedTuple, TypeAlias

_STEPS = 1_000_000
"""Steps of the search for shortest edits."""
_LOOKS = 30
"""How often each item may be looked at while anchors are sought."""

Range: TypeAlias = tuple[int, int, int, int]
Pair: TypeAlias = tuple[int, int]


class Hunk(NamedTuple):
    """Items `start` to `end` became those from `new_start` to `new_end`."""

    start: int
    end: int
    new_start: int
    new_end: int


def hunks(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Hunk]:
    """What was replaced, put in or taken out, in order; what lies between two hunks is the same."""
    numbers: dict[Hashable, int] = {}
    old = [numbers.setdefault(item, len(numbers)) for item in before]
    new = [numbers.setdefault(item, len(numbers)) for item in after]
    if old == new:
        return []
    return _settled(_gaps(_Search(old, new).pairs(), len(old), len(new)), old, new)


class _Search:
    def __init__(self, old: list[int], new: list[int]) -> None:
        self._old, self._new = old, new
        self._found: list[Pair] = []
        self._looks = _LOOKS * (len(old) + len(new))
        self._steps = _STEPS

    def pairs(self) -> list[Pair]:
        pending: list[Range] = [(0, len(self._old), 0, len(self._new))]
        while pending:
            start, end, new_start, new_end = self._trimmed(*pending.pop())
            size = end - start + new_end - new_start
            if start == end or new_start == new_end or size > self._looks:
                continue
            self._looks -= size
            where = start, end, new_start, new_end
            if anchors := self._anchors(where):
                self._found.extend(anchors)
                pending.extend(_between(anchors, where))
            else:
                self._found.extend(self._shortest(where))
        return sorted(self._found)

    def _trimmed(self, start: int, end: int, new_start: int, new_end: int) -> Range:
        """The range without what is the same at its ends."""
        old, new, found = self._old, self._new, self._found
        while start < end and new_start < new_end and old[start] == new[new_start]:
            found.append((start, new_start))
            start, new_start = start + 1, new_start + 1
        while start < end and new_start < new_end and old[end - 1] == new[new_end - 1]:
            end, new_end = end - 1, new_end - 1
            found.append((end, new_end))
        return start, end, new_start, new_end

    def _anchors(self, where: Range) -> list[Pair]:
        """Items that stand once on either side, as many as keep their order."""
        start, end, new_start, new_end = where
        counts, new_counts = Counter(self._old[start:end]), Counter(self._new[new_start:new_end])
        places = {
            item: place
            for place, item in enumerate(self._new[new_start:new_end], new_start)
            if new_counts[item] == 1 and counts.get(item) == 1
        }
        olds = enumerate(self._old[start:end], start)
        return _rising([(place, places[item]) for place, item in olds if item in places])

    def _shortest(self, where: Range) -> list[Pair]:
        """Shortest edits, if they are found within the steps that are left; items of one side alone cost none."""
        start, end, new_start, new_end = where
        common = set(self._old[start:end]).intersection(self._new[new_start:new_end])
        olds = [place for place in range(start, end) if self._old[place] in common]
        news = [place for place in range(new_start, new_end) if self._new[place] in common]
        edits = _Edits([self._old[place] for place in olds], [self._new[place] for place in news])
        pairs = edits.pairs(isqrt(2 * self._steps))
        self._steps -= edits.depth**2 // 2
        return [(olds[old], news[new]) for old, new in pairs]


class _Edits:
    """The greedy algorithm of Myers: the furthest points that `depth` edits can reach."""

    def __init__(self, old: list[int], new: list[int]) -> None:
        self._old, self._new = old, new
        self._ends = [0] * (2 * (len(old) + len(new)) + 3)
        self._trace: list[list[int]] = []
        self.depth = 0

    def pairs(self, deepest: int) -> list[Pair]:
        if not self._old or not self._new:
            return []
        for depth in range(min(deepest, len(self._old) + len(self._new)) + 1):
            self.depth = depth
            middle = len(self._ends) // 2
            self._trace.append(self._ends[middle - depth - 1 : middle + depth + 2])
            if self._advance(depth):
                return self._walk_back()
        return []

    def _advance(self, depth: int) -> bool:
        old, new, ends = self._old, self._new, self._ends
        olds, news, middle = len(old), len(new), len(ends) // 2
        for diagonal in range(-depth + 2 * max(0, depth - news), depth - 2 * max(0, depth - olds) + 1, 2):
            at = middle + diagonal
            down = diagonal == -depth or (diagonal != depth and ends[at - 1] < ends[at + 1])
            x = ends[at + 1] if down else ends[at - 1] + 1
            y = x - diagonal
            while x < olds and y < news and old[x] == new[y]:
                x, y = x + 1, y + 1
            ends[at] = x
            if x >= olds and y >= news:
                return True
        return False

    def _walk_back(self) -> list[Pair]:
        pairs: list[Pair] = []
        x, y = len(self._old), len(self._new)
        for depth in range(self.depth, -1, -1):
            ends, diagonal = self._trace[depth], x - y
            at = depth + 1 + diagonal
            down = diagonal == -depth or (diagonal != depth and ends[at - 1] < ends[at + 1])
            before = ends[at + 1] if down else ends[at - 1]
            first = (before if down else before + 1) if depth else 0
            pairs.extend((step, step - diagonal) for step in range(first, x))
            x, y = before, before - (diagonal + 1 if down else diagonal - 1)
        return pairs


def _rising(pairs: list[Pair]) -> list[Pair]:
    """The most pairs whose second places rise as their first ones do."""
    lasts: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        pile = bisect_left(lasts, place)
        before.append(piles[pile - 1] if pile else -1)
        lasts[pile : pile + 1], piles[pile : pile + 1] = [place], [index]
    chain: list[Pair] = []
    index = piles[-1] if piles else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _between(anchors: list[Pair], where: Range) -> Iterator[Range]:
    start, end, new_start, new_end = where
    for old, new in anchors:
        yield start, old, new_start, new
        start, new_start = old + 1, new + 1
    yield start, end, new_start, new_end


def _gaps(pairs: list[Pair], olds: int, news: int) -> Iterator[Hunk]:
    start = new_start = 0
    for old, new in (*pairs, (olds, news)):
        if old > start or new > new_start:
            yield Hunk(start, old, new_start, new)
        start, new_start = old + 1, new + 1


def _settled(found: Iterator[Hunk], old: list[int], new: list[int]) -> list[Hunk]:
    """Where an insertion or a deletion could stand in several places it stands in the last, whoever made it."""
    settled: list[Hunk] = []
    ahead = Hunk(len(old), len(old), len(new), len(new))
    for hunk in reversed(list(found)):
        moved = _moved(hunk, old, new, ahead.start)
        if settled and moved.end == ahead.start and moved.new_end == ahead.new_start:
            settled.pop()
            moved = Hunk(moved.start, ahead.end, moved.new_start, ahead.new_end)
        settled.append(moved)
        ahead = moved
    return settled[::-1]


def _moved(hunk: Hunk, old: list[int], new: list[int], limit: int) -> Hunk:
    start, end, new_start, new_end = hunk
    if start < end and new_start < new_end:
        return hunk
    items, first, last = (new, new_start, new_end) if start == end else (old, start, end)
    by = 0
    while end + by < limit and items[first + by] == items[last + by]:
        by += 1
    return Hunk(start + by, end + by, new_start + by, new_end + by)

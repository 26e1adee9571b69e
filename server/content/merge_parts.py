"""Three-way merge of sequences of anything: lines, words, nodes of a document.

What only one side changed is that side's; what both changed alike is taken once; the rest collides. Nothing is matched
by likeness: an edit is applied where it was made or reported.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from server.content.alignment import Hunk, hunks

T = TypeVar("T")
Side: TypeAlias = Literal["ours", "theirs"]


class Part(NamedTuple, Generic[T]):
    """A stretch of the base and what it is on either side."""

    changed_by: Literal["none", "ours", "theirs", "alike", "collision"]
    base: Sequence[T]
    ours: Sequence[T]
    theirs: Sequence[T]

    def kept(self, side: Side) -> Sequence[T]:
        """What the merge has here; where the two collide, what this side has."""
        if self.changed_by in {"ours", "theirs"}:
            return self.ours if self.changed_by == "ours" else self.theirs
        return self.ours if side == "ours" else self.theirs


@dataclass(frozen=True)
class Care(Generic[T]):
    """What keeps apart the edits of two sides, beyond that they don't overlap.

    Between two edits at least one untouched item must be `solid`: two changes of one phrase are not mixed. And where
    the two together replaced more than half of what is solid in a run of items, as `ends_run` bounds it, they collide:
    two ways to say the same are not woven into a third.
    """

    solid: Callable[[T], bool]
    ends_run: Callable[[T], bool]


def merge_items(
    base: Sequence[T],
    ours: Sequence[T],
    theirs: Sequence[T],
    *,
    key: Callable[[T], Hashable] | None = None,
    care: Care[T] | None = None,
) -> list[Part[T]]:
    """The three sequences as parts, in order; joined, the parts of each are that sequence.

    `key` says by what items are the same; without it, by themselves. Edits that only touch don't collide, except two
    insertions at the same place.
    """
    of: Callable[[T], Hashable] = key or _itself
    keys, our_keys, their_keys = ([of(item) for item in items] for items in (base, ours, theirs))
    solid = list(accumulate(map(care.solid, base), initial=0)) if care else None

    def alike(mine: Hunk, other: Hunk) -> bool:
        return our_keys[mine.new_start : mine.new_end] == their_keys[other.new_start : other.new_end]

    groups = list(_groups(hunks(keys, our_keys), hunks(keys, their_keys), alike, solid))
    if care and solid:
        groups = _unwoven(groups, base, care, solid)
    return list(_parts(groups, base, ours, theirs, of))


def _itself(item: Any) -> Any:
    return item


@dataclass
class _Group:
    """Hunks that must be seen together."""

    ours: list[Hunk]
    theirs: list[Hunk]

    @property
    def start(self) -> int:
        return min(side[0].start for side in (self.ours, self.theirs) if side)

    @property
    def end(self) -> int:
        return max(side[-1].end for side in (self.ours, self.theirs) if side)


def _groups(
    ours: list[Hunk], theirs: list[Hunk], alike: Callable[[Hunk, Hunk], bool], solid: list[int] | None
) -> Iterator[_Group]:
    group = _Group([], [])
    spans = {hunk[:2]: hunk for hunk in ours}
    same = {span: hunk for hunk in theirs if (span := hunk[:2]) in spans and alike(spans[span], hunk)}
    tagged = [*((hunk, 0) for hunk in ours), *((hunk, 1) for hunk in theirs if hunk[:2] not in same)]
    for hunk, side in sorted(tagged, key=itemgetter(0)):
        twin = same.get(hunk[:2])
        if (group.ours or group.theirs) and (twin or not _collide(group, hunk, side, solid)):
            yield group
            group = _Group([], [])
        (group.theirs if side else group.ours).append(hunk)
        if twin:  # what both did keeps apart what either did beside it
            group.theirs.append(twin)
            yield group
            group = _Group([], [])
    if group.ours or group.theirs:
        yield group


def _collide(group: _Group, hunk: Hunk, side: int, solid: list[int] | None) -> bool:
    end = group.end
    if hunk.start < end:
        return True
    if solid is not None:  # whoever made it: edits of one phrase are one edit
        return solid[end] == solid[hunk.start]
    others = group.ours if side else group.theirs
    return bool(others) and others[-1].start == end == hunk.start == hunk.end


def _unwoven(groups: list[_Group], base: Sequence[T], care: Care[T], solid: list[int]) -> list[_Group]:
    found: list[_Group] = []
    pending = groups[::-1]
    for start, end in _runs(base, care):
        here: list[_Group] = []
        while pending and pending[-1].start < end:
            here.append(pending.pop())
        if len(here) > 1:
            here = _fused(here, start, end, solid)
        found.extend(here)
    return found + pending[::-1]


def _runs(base: Sequence[T], care: Care[T]) -> Iterator[tuple[int, int]]:
    start = 0
    for end, item in enumerate(base, 1):
        if care.ends_run(item):
            yield start, end
            start = end
    yield start, len(base)


def _fused(groups: list[_Group], start: int, end: int, solid: list[int]) -> list[_Group]:
    """The groups of a run as one if the sides together replaced most of it."""
    ours = [hunk for group in groups for hunk in group.ours]
    theirs = [hunk for group in groups for hunk in group.theirs]
    replaced = sum(solid[min(end, hunk.end)] - solid[min(end, hunk.start)] for hunk in (*ours, *theirs))
    woven = ours and theirs and 2 * replaced > solid[end] - solid[start]
    return [_Group(ours, theirs)] if woven else groups


def _parts(
    groups: Sequence[_Group],
    base: Sequence[T],
    ours: Sequence[T],
    theirs: Sequence[T],
    of: Callable[[T], Hashable],
) -> Iterator[Part[T]]:
    at = our_at = their_at = 0
    for group in groups:
        size = group.start - at
        if size:
            yield _same(base, ours, theirs, (at, our_at, their_at), size)
        our_start, their_start = our_at + size, their_at + size
        our_at = our_start + group.end - group.start + _growth(group.ours)
        their_at = their_start + group.end - group.start + _growth(group.theirs)
        at = group.end
        slices = base[group.start : at], ours[our_start:our_at], theirs[their_start:their_at]
        yield Part(_changed_by(group, slices[1], slices[2], of), *slices)
    if at < len(base):
        yield _same(base, ours, theirs, (at, our_at, their_at), len(base) - at)


def _same(
    base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], places: tuple[int, int, int], size: int
) -> Part[T]:
    at, our_at, their_at = places
    return Part("none", base[at : at + size], ours[our_at : our_at + size], theirs[their_at : their_at + size])


def _growth(found: Sequence[Hunk]) -> int:
    return sum(hunk.new_end - hunk.new_start - (hunk.end - hunk.start) for hunk in found)


def _changed_by(
    group: _Group, ours: Sequence[T], theirs: Sequence[T], of: Callable[[T], Hashable]
) -> Literal["ours", "theirs", "alike", "collision"]:
    if not group.theirs:
        return "ours"
    if not group.ours:
        return "theirs"
    alike = len(ours) == len(theirs) and all(of(one) == of(other) for one, other in zip(ours, theirs, strict=True))
    return "alike" if alike else "collision"

"""As much of a Markdown text as a budget allows, cut where a block ends, and what was left out."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from server.content.errors import ContentError
from server.content.near import quoted
from server.content.source_blocks import Block, Source, size_of


class Slice(NamedTuple):
    text: str
    start: int
    next: int | None
    """Where to go on, or None at the end."""
    note: str
    """What was cut and how to go on, in words; empty when the whole text is there."""


def read_slice(markdown: str, budget: int, start: int = 0) -> Slice:
    """The text from a place on, at most `budget` bytes of it.

    It ends between two blocks. Only a block that is larger than the budget by itself is cut inside: between the blocks
    or the lines that it has, else anywhere.
    """
    if budget < 1:
        raise ContentError(f"A budget of {budget} bytes holds nothing; pass at least 1000.")
    if not 0 <= start <= len(markdown):
        raise ContentError(f"The text ends at {len(markdown)}; go on from a place that an earlier part named.")
    limit = start + _fitting(markdown[start : start + budget], budget)
    if limit >= len(markdown):
        return Slice(markdown[start:], start, None, _note(markdown, None, start, len(markdown)))
    source = Source(markdown)
    end = _cut(source, start, limit, budget)
    return Slice(markdown[start:end].rstrip("\r\n"), start, end, _note(markdown, source, start, end))


def _fitting(text: str, budget: int) -> int:
    """How many characters fit; at least one."""
    return max(1, min(len(text), len(text.encode(errors="replace")[:budget].decode(errors="ignore"))))


def _cut(source: Source, start: int, limit: int, budget: int) -> int:
    """The last border before the limit, of the largest things whose next one fits into a budget of its own."""
    text = source.text
    for borders in (_block_borders(source), list(_all_borders(source)), source.starts):
        at = bisect_right(borders, limit) - 1
        if borders[at] <= start:
            continue
        following = borders[at + 1] if at + 1 < len(borders) else len(text)
        if size_of(text[borders[at] : following]) <= budget or borders[at] - start > (limit - start) // 2:
            return borders[at]
    return limit


def _block_borders(source: Source) -> list[int]:
    """Where blocks begin; not right behind a heading."""
    borders = [0]
    borders += [source.starts[block.start] for before, block in pairwise(source.blocks) if before.kind != "heading"]
    return [*borders, len(source.text)]


def _all_borders(source: Source) -> Iterator[int]:
    yield 0
    yield from (source.starts[line] for line in _starts(source.blocks))
    yield len(source.text)


def _starts(blocks: Sequence[Block]) -> Iterator[int]:
    for block in blocks:
        yield block.start
        yield from _starts(block.inner)


def _note(markdown: str, source: Source | None, start: int, end: int) -> str:
    if start == 0 and source is None:
        return ""
    total = size_of(markdown)
    shown = f"Bytes {size_of(markdown[:start])} to {size_of(markdown[:end])} of {total}"
    if source is None:
        return f"{shown}: the end of the text."
    line = source.line_at(end)
    titles = [block.title for block in source.blocks if block.kind == "heading" and block.start >= line]
    left = f", with the sections {quoted(titles, 5)}" if titles else ""
    return f"{shown}; {total - size_of(markdown[:end])} bytes were left out{left}. Go on with start={end}."

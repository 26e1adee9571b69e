"""Three-way merge of Markdown: by block, where blocks collide by line, where lines collide by word.

What collides even there is a conflict. One side, the human's, stays in place; all three are reported.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from server.content.merge_parts import Care, Part, Side, merge_items
from server.content.words import ends_a_run, is_word, tokens

_EXCERPT = 60
_ENDS = "\r\n"
_WORDS = Care(solid=lambda token: is_word(token) or ends_a_run(token), ends_run=ends_a_run)

Split: TypeAlias = Callable[[str], list[str]]


class Conflict(NamedTuple):
    """Characters `start` to `end` of the merged text are one side's; the other side and the base had something else."""

    base: str
    ours: str
    theirs: str
    line: int
    start: int
    end: int

    def __str__(self) -> str:
        base, ours, theirs = (_excerpt(text) for text in self[:3])
        return f"line {self.line}: {base} became {ours} here and {theirs} there"


class Merged(NamedTuple):
    text: str
    conflicts: tuple[Conflict, ...]


def merge(base: str, ours: str, theirs: str, *, keep: Side = "theirs") -> Merged:
    """Both sides' edits of the base; where they collide, the text of the side to `keep`.

    Everything either side put in is in the text or in a conflict. What one side took out and the other left alone is
    gone. Line ends at the end of the text are layout: they never conflict.
    """
    if ours in {base, theirs}:
        return Merged(theirs, ())
    if theirs == base:
        return Merged(ours, ())
    merged = _written(_merged(_whole(base), _whole(ours), _whole(theirs), (_blocks, _lines)), keep)
    body = merged.text.rstrip(_ENDS)
    end = _merged_end(_end(base), _end(ours), _end(theirs), keep)
    return Merged(body + end, tuple(_within(each, len(body), keep) for each in merged.conflicts))


def _whole(text: str) -> str:
    """The last block ends as all others do, so that it is the same when another one follows it."""
    body = text.rstrip(_ENDS)
    return f"{body}\n\n" if body else ""


def _end(text: str) -> str:
    return text[len(text.rstrip(_ENDS)) :]


def _merged_end(base: str, ours: str, theirs: str, keep: Side) -> str:
    if base in {ours, theirs}:
        return theirs if ours == base else ours
    return ours if keep == "ours" else theirs


def _within(conflict: Conflict, size: int, keep: Side) -> Conflict:
    """A conflict at the very end, without the line ends that the text does not have there."""
    if conflict.end <= size:
        return conflict
    base, ours, theirs = (text.rstrip(_ENDS) for text in conflict[:3])
    kept = ours if keep == "ours" else theirs
    start = min(conflict.start, size)
    return Conflict(base, ours, theirs, conflict.line, start, start + len(kept))


def _merged(base: str, ours: str, theirs: str, splits: Sequence[Split]) -> Iterator[Part[str]]:
    """Parts of text; a collision is split further as long as there is a finer way to split."""
    if not splits:
        yield from merge_items(tokens(base), tokens(ours), tokens(theirs), care=_WORDS)
        return
    split, *finer = splits
    for part in merge_items(split(base), split(ours), split(theirs)):
        if part.changed_by == "collision":
            yield from _merged("".join(part.base), "".join(part.ours), "".join(part.theirs), finer)
        else:
            yield part


def _written(parts: Iterator[Part[str]], keep: Side) -> Merged:
    pieces: list[str] = []
    conflicts: list[Conflict] = []
    place, line = 0, 1
    for part in parts:
        text = "".join(part.kept(keep))
        if part.changed_by == "collision":
            base, ours, theirs = "".join(part.base), "".join(part.ours), "".join(part.theirs)
            conflicts.append(Conflict(base, ours, theirs, line, place, place + len(text)))
        pieces.append(text)
        place += len(text)
        line += text.count("\n")
    return Merged("".join(pieces), tuple(conflicts))


def _blocks(text: str) -> list[str]:
    """Runs of lines, each with the blank lines after it."""
    return _split(text, every_line=False)


def _lines(text: str) -> list[str]:
    """Lines, each with the blank lines after it."""
    return _split(text, every_line=True)


def _split(text: str, *, every_line: bool) -> list[str]:
    found: list[list[str]] = []
    after_blank = True
    for line in _kept_lines(text):
        blank = not line.strip()
        if (not blank and (every_line or after_blank)) or not found:
            found.append([])
        found[-1].append(line)
        after_blank = blank
    return ["".join(lines) for lines in found]


def _kept_lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.split("\n")[:-1]]


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    if not flat:
        return "nothing"
    return f'"{flat}"' if len(flat) <= _EXCERPT else f'"{flat[:_EXCERPT]}…"'

"""What changed between two Markdown texts: by line for agents, within a budget, and by word for the eye."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from server.content.alignment import Hunk, hunks
from server.content.source_blocks import size_of
from server.content.words import align_words

_LONGEST, _AROUND = 240, 60
_KEPT = 40


class Diff(NamedTuple):
    text: str
    added: int
    removed: int
    hidden: int
    """How many changes the budget cut off; the text ends with a line that counts them."""


def diff(before: str, after: str, *, context: int = 2, budget: int = 4_000) -> Diff:
    """The changed lines with a few around them, at most about `budget` bytes; empty for equal texts.

    Long lines are shown around what changed in them, marked by an ellipsis.
    """
    old, new = before.split("\n"), after.split("\n")
    changes = hunks(old, new)
    clusters = list(_clusters(changes, context))
    shown: list[str] = []
    size = done = 0
    for cluster in clusters:
        text = "\n".join(_lines(cluster, old, new, context))
        if size and size + size_of(text) > budget:
            break
        shown.append(text)
        size += size_of(text)
        done += len(cluster)
    hidden = changes[done:]
    if size > budget:
        shown = [_cut(shown[0], budget)]
    if hidden:
        shown.append(f"… {len(hidden)} more changes (+{_added(hidden)} -{_removed(hidden)} lines) are not shown.")
    return Diff("\n".join(shown), _added(changes), _removed(changes), len(hidden))


def word_diff(before: str, after: str) -> str:
    """The text with what went as `[-old-]` and what came as `{+new+}`; long stretches that stayed are cut."""
    opcodes = align_words(before, after)
    parts: list[str] = []
    for number, code in enumerate(opcodes):
        if code.kind == "equal":
            parts.append(_stayed(before[code.start : code.end], first=not number, last=number == len(opcodes) - 1))
            continue
        if code.start < code.end:
            parts.append(f"[-{before[code.start : code.end]}-]")
        if code.new_start < code.new_end:
            parts.append(f"{{+{after[code.new_start : code.new_end]}+}}")
    return "".join(parts)


def _stayed(text: str, *, first: bool, last: bool) -> str:
    head, tail = (0 if first else _KEPT), (0 if last else _KEPT)
    if len(text) <= head + tail + _KEPT:
        return text
    return f"{text[:head]}…{text[len(text) - tail :]}"


def _added(changes: Sequence[Hunk]) -> int:
    return sum(hunk.new_end - hunk.new_start for hunk in changes)


def _removed(changes: Sequence[Hunk]) -> int:
    return sum(hunk.end - hunk.start for hunk in changes)


def _clusters(changes: Sequence[Hunk], context: int) -> Iterator[list[Hunk]]:
    """Changes whose surroundings meet."""
    cluster: list[Hunk] = []
    for hunk in changes:
        if cluster and hunk.start - cluster[-1].end > 2 * context:
            yield cluster
            cluster = []
        cluster.append(hunk)
    if cluster:
        yield cluster


def _lines(cluster: Sequence[Hunk], old: Sequence[str], new: Sequence[str], context: int) -> Iterator[str]:
    first, last = cluster[0], cluster[-1]
    start, end = max(0, first.start - context), min(len(old), last.end + context)
    new_start, new_end = first.new_start - (first.start - start), last.new_end + (end - last.end)
    yield f"@@ -{start + 1},{end - start} +{new_start + 1},{new_end - new_start} @@"
    at = start
    for hunk in cluster:
        yield from (f" {_short(line)}" for line in old[at : hunk.start])
        gone, come = old[hunk.start : hunk.end], new[hunk.new_start : hunk.new_end]
        pairs = [_shortened(*pair) for pair in zip(gone, come, strict=False)]
        yield from (f"-{line}" for line in [*(was for was, _ in pairs), *map(_short, gone[len(pairs) :])])
        yield from (f"+{line}" for line in [*(now for _, now in pairs), *map(_short, come[len(pairs) :])])
        at = hunk.end
    yield from (f" {_short(line)}" for line in old[at:end])


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _shortened(was: str, now: str) -> tuple[str, str]:
    """Two lines around what is not the same in both."""
    if len(was) <= _LONGEST and len(now) <= _LONGEST:
        return was, now
    shorter = min(len(was), len(now))
    head = next((n for n in range(shorter) if was[n] != now[n]), shorter)
    tail = next((n for n in range(shorter - head) if was[-1 - n] != now[-1 - n]), shorter - head)
    return _window(was, head, tail), _window(now, head, tail)


def _window(line: str, head: int, tail: int) -> str:
    start, end = max(0, head - _AROUND), min(len(line), len(line) - tail + _AROUND)
    middle = line[start:end]
    if len(middle) > 2 * _LONGEST:
        middle = f"{middle[:_LONGEST]}…{middle[-_LONGEST:]}"
    return f"{'…' if start else ''}{middle}{'…' if end < len(line) else ''}"


def _cut(text: str, budget: int) -> str:
    """A cluster that is too large by itself, cut between lines; its last line says how many were left out."""
    lines = text.split("\n")
    size = kept = 0
    while kept < len(lines) and (kept < 2 or size + size_of(lines[kept]) < budget):
        size += size_of(lines[kept]) + 1
        kept += 1
    return "\n".join([*lines[:kept], f"… {len(lines) - kept} more lines of this change are not shown."])

"""A changed run of text, put together from what its words were: marks, ids, anchors stay on the words that stayed."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import chain
from typing import NamedTuple

from server.content.addresses import is_safe
from server.content.attribute_merging import merged_attributes
from server.content.line_printing import References, print_line
from server.content.notation import MARKS, PLAIN_MARKS, Node, attributes, is_opaque, mark_key, marks_of

_PIECES = re.compile(r"\w+|\s+|[^\w\s]")
_SHOWN = frozenset({*MARKS, *PLAIN_MARKS, "link", "subsup", "border", "code"}) - {"annotation"}
_COMPARED = 4_000_000
"""How many pairs of words are compared at most; beyond it only what is equal at both ends stays."""


class _Piece(NamedTuple):
    """A word, or a node that is none, and the place of the node that it comes from."""

    key: str
    text: str
    source: int


def merge_line(written: Sequence[Node], base: Sequence[Node], references: References) -> list[Node]:
    """The written run, with the nodes of the base wherever they read the same.

    Marks that Markdown shows are as written; others, and the anchors of comments, stay on their words.
    """
    ours, theirs = _pieces(written, references), _pieces(base, references)
    partners = _partners([piece.key for piece in ours], [piece.key for piece in theirs])
    _pair_atoms(ours, theirs, partners, (written, base))
    known = [marks_of(node) for node in base if node.get("marks")]
    marked = [_marks(written[piece.source], base, theirs, partners.get(at), known) for at, piece in enumerate(ours)]
    _span_gaps(marked, ours, partners)
    _take_over(marked, theirs, partners, base)
    return _nodes(ours, theirs, partners, marked, (written, base))


def _pieces(nodes: Sequence[Node], references: References) -> list[_Piece]:
    pieces: list[_Piece] = []
    for source, node in enumerate(nodes):
        if node["type"] == "text":
            pieces += [_Piece(text, text, source) for text in _PIECES.findall(node["text"])]
        else:
            bare = {name: value for name, value in node.items() if name != "marks"} if node.get("marks") else node
            reference = {id(bare): references[id(node)]} if id(node) in references else references
            pieces.append(_Piece(f"\0{print_line([bare], reference)}", "", source))
    return pieces


def _partners(ours: Sequence[str], theirs: Sequence[str]) -> dict[int, int]:
    """For each of our pieces that stayed, the place that it had."""
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    found = {at: at for at in range(start)}
    found |= {len(ours) - 1 - at: len(theirs) - 1 - at for at in range(end)}
    mine, base = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    if mine and base and len(mine) * len(base) <= _COMPARED:
        for match in SequenceMatcher(None, mine, base, autojunk=False).get_matching_blocks():
            found |= {start + match.a + at: start + match.b + at for at in range(match.size)}
    return found


def _pair_atoms(
    ours: Sequence[_Piece],
    theirs: Sequence[_Piece],
    partners: dict[int, int],
    sides: tuple[Sequence[Node], Sequence[Node]],
) -> None:
    """What is not text and reads otherwise is, in their order, what was one of its kind before."""
    written, base = sides
    taken = set(partners.values())
    left = [at for at, piece in enumerate(theirs) if piece.key.startswith("\0") and at not in taken]
    for at, piece in enumerate(ours):
        if at in partners or not piece.key.startswith("\0"):
            continue
        kind = written[piece.source]["type"]
        place = next((each for each in left if base[theirs[each].source]["type"] == kind), None)
        if place is not None:
            partners[at] = place
            left.remove(place)


def _marks(
    node: Node, base: Sequence[Node], theirs: Sequence[_Piece], partner: int | None, everywhere: Sequence[list[Node]]
) -> list[Node]:
    written: list[Node] = marks_of(node)
    if partner is None:
        alike = next((known for known in everywhere if _is_all(known, [_same(mark, known) for mark in written])), None)
        return [_same(mark, list(chain(*everywhere))) for mark in written] if alike is None else alike
    known: list[Node] = marks_of(base[theirs[partner].source])
    kept = [_same(mark, known) for mark in written]
    if _is_all([mark for mark in known if _shows(mark) or any(mark is each for each in kept)], kept):
        return known
    keys = {mark_key(mark) for mark in written}
    return [*kept, *(mark for mark in known if not _shows(mark) and mark_key(mark) not in keys)]


def _is_all(known: Sequence[Node], kept: Sequence[Node]) -> bool:
    """Whether these are the same marks, in whatever order."""
    return len(known) == len(kept) and all(any(mark is each for each in kept) for mark in known)


def _same(mark: Node, known: Sequence[Node]) -> Node:
    """The base's own mark where it says the same: it may have what Markdown does not show."""
    attrs: Mapping[str, object] = attributes(mark)
    for each in known:
        theirs: Mapping[str, object] = attributes(each)
        if each["type"] == mark["type"] and all(theirs.get(name) == value for name, value in attrs.items()):
            return each
    return mark


def _with(marks: list[Node], more: Sequence[Node]) -> list[Node]:
    keys = {mark_key(mark) for mark in marks}
    return [*(mark for mark in more if mark_key(mark) not in keys), *marks]


def _take_over(
    marked: list[list[Node]], theirs: Sequence[_Piece], partners: Mapping[int, int], base: Sequence[Node]
) -> None:
    """New words in the place of old ones carry what was quiet on all of those."""
    at = 0
    while at < len(marked):
        end = next((each for each in range(at, len(marked)) if each in partners), len(marked))
        if end > at:
            low = partners[at - 1] + 1 if at else 0
            old = theirs[low : partners[end] if end < len(marked) else len(theirs)]
            quiet = [_quiet(base[piece.source]) for piece in old if not piece.text.isspace()]
            common = [mark for mark in quiet[0] if all(mark in each for each in quiet)] if quiet else []
            for inside in range(at, end) if common else ():
                marked[inside] = _with(marked[inside], common)
        at = end + 1


def _shows(mark: Node) -> bool:
    """Whether Markdown shows a mark, so that its absence says something."""
    kind = mark["type"]
    return kind in _SHOWN and (kind != "link" or is_safe(str(attributes(mark).get("href") or "")))


def _quiet(node: Node) -> list[Node]:
    return [mark for mark in marks_of(node) if not _shows(mark) and mark["type"] != "annotation"]


def _span_gaps(marked: list[list[Node]], ours: Sequence[_Piece], partners: Mapping[int, int]) -> None:
    """New words between two that carry the same quiet mark, or the same comment, carry it too."""
    previous: int | None = None
    for at in range(len(ours)):
        if at not in partners:
            continue
        if previous is not None and at - previous > 1:
            both = [mark for mark in marked[previous] if not _shows(mark) and mark in marked[at]]
            for inside in range(previous + 1, at) if both else ():
                marked[inside] = _with(marked[inside], both)
        previous = at


def _nodes(
    ours: Sequence[_Piece],
    theirs: Sequence[_Piece],
    partners: Mapping[int, int],
    marked: Sequence[list[Node]],
    sides: tuple[Sequence[Node], Sequence[Node]],
) -> list[Node]:
    written, base = sides
    found: list[Node] = []
    texts: list[str] = []
    run: tuple[int | None, list[Node]] | None = None

    def end_run() -> None:
        if run is not None:
            found.append(_text("".join(texts), run[1], None if run[0] is None else base[run[0]]))
        texts.clear()

    for at, piece in enumerate(ours):
        partner = partners.get(at)
        source = None if partner is None else theirs[partner].source
        if piece.key.startswith("\0"):
            end_run()
            run = None
            same = partner is not None and piece.key == theirs[partner].key
            found.append(_atom(written[piece.source], None if source is None else base[source], marked[at], same=same))
            continue
        if run is None or run[1] != marked[at] or (None not in {run[0], source} and run[0] != source):
            end_run()
            run = (source, marked[at])
        elif run[0] is None:
            run = (source, run[1])
        texts.append(piece.text)
    end_run()
    return found


def _text(text: str, marks: list[Node], base: Node | None) -> Node:
    if base is not None and base["text"] == text and marks_of(base) == marks:
        return base
    return {"type": "text", "text": text, **({"marks": marks} if marks else {})}


def _atom(node: Node, base: Node | None, marks: list[Node], *, same: bool) -> Node:
    """What is not text is carried over whole; only its marks can change."""
    if base is None or (is_opaque(node) and not same):
        return {**node, "marks": marks} if marks else node
    if same and marks_of(base) == marks:
        return base
    attrs = attributes(base) if same else merged_attributes(node, base)
    bare = {name: value for name, value in base.items() if name != "marks"} | ({"attrs": attrs} if attrs else {})
    return {**bare, "marks": marks} if marks else bare

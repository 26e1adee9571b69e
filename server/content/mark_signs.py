"""How the marks of Markdown are written: by its own signs where CommonMark will see them, else by a directive."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from server.content.notation import PLAIN_MARKS

_SIGNS = {"strong": "**", "em": "*", "strike": "~~"}
_ASCII_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class Edge(NamedTuple):
    """Where a mark begins or ends: the place of its sign among the parts of the line."""

    place: int
    kind: str
    opens: bool


class _Beside(NamedTuple):
    """What stands on one side of a sign: a character, or another mark's sign."""

    character: str
    mark: Edge | None = None


def signs(edges: Sequence[Edge], parts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The sign at each edge."""
    by_place = {edge.place: edge for edge in edges}
    opened: list[Edge] = []
    for edge in edges:
        if edge.opens:
            opened.append(edge)
            continue
        start = opened.pop()
        sign = _sign(start, edge, by_place, parts)
        yield start.place, sign or f":{PLAIN_MARKS[edge.kind]}["
        yield edge.place, sign or "]"


def _sign(start: Edge, end: Edge, by_place: dict[int, Edge], parts: Sequence[str]) -> str | None:
    sides = [
        (_beside(start.place, -1, by_place, parts), _beside(start.place, 1, by_place, parts)),
        (_beside(end.place, 1, by_place, parts), _beside(end.place, -1, by_place, parts)),
    ]
    encloses = [(start, True), (end, False)]
    crowded = False
    for (outside, inside), (_, opening) in zip(sides, encloses, strict=True):
        if inside.mark is None and (not inside.character or inside.character.isspace()):
            return None
        if outside.mark is not None and outside.mark.opens != opening:
            return None  # the sign of a neighbour, not of what encloses: they would run together
        crowded = crowded or outside.mark is not None or inside.mark is not None
    if start.kind == "em" and crowded:
        return "_" if all(outside.mark is not None or not _letter(outside.character) for outside, _ in sides) else None
    return _SIGNS[start.kind] if all(_seen(start.kind, *side) for side in sides) else None


def _seen(kind: str, outside: _Beside, inside: _Beside) -> bool:
    """Whether CommonMark takes the sign for a mark: punctuation inside needs none of letters outside."""
    sign = _SIGNS[kind][0]
    if sign in {outside.character, inside.character}:
        return False
    if inside.mark is None and _letter(inside.character):
        return True
    return outside.mark is not None or not _letter(outside.character)


def _beside(index: int, step: int, by_place: dict[int, Edge], parts: Sequence[str]) -> _Beside:
    at = index + step
    while 0 <= at < len(parts):
        if at in by_place:
            return _Beside("", by_place[at])
        if parts[at]:
            return _Beside(parts[at][0 if step > 0 else -1])
        at += step
    return _Beside("")


def _letter(character: str) -> bool:
    """Neither blank nor punctuation nor the end of the line, to CommonMark."""
    if not character or character.isspace() or character in _ASCII_PUNCTUATION:
        return False
    return character.isalnum() or unicodedata.category(character)[0] not in "PS"

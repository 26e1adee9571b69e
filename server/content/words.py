"""Texts as words, blanks and punctuation, and which of them two texts have in common."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from server.content.alignment import hunks

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # written without blanks: each is a word
_SIGNS = r"!-/:-@\[-^`{-~\u2010-\u2027\u2030-\u205e"
_TOKEN = re.compile(
    rf"""\n
      | [^\S\n]+                          # blanks
      | (?<![^\n]):{{3,}}[^\n]*           # the line that opens or closes a container
      | \]\([^()\s]*\)                    # where a link leads
      | \{{[^{{}}\n]*\}}                  # attributes
      | [{_IDEOGRAPHS}]
      | [^\s{_IDEOGRAPHS}{_SIGNS}]+       # a word, whatever its script and its marks
      | (.)\1*                            # a run of one sign: a fence, a mark, an ellipsis
      """,
    re.VERBOSE,
)


class Opcode(NamedTuple):
    """Characters `start` to `end` of the one text, and those from `new_start` to `new_end` of the other."""

    kind: Literal["equal", "replace", "insert", "delete"]
    start: int
    end: int
    new_start: int
    new_end: int


def tokens(text: str) -> list[str]:
    """The text in pieces that are changed as a whole; joined they are the text."""
    return [match.group() for match in _TOKEN.finditer(text)]


def is_word(token: str) -> bool:
    return any(map(str.isalnum, token))


def ends_a_run(token: str) -> bool:
    """Whether words before and after it belong to different lines or cells."""
    return token in {"\n", "|"}


def align_words(before: str, after: str) -> list[Opcode]:
    """How one text became the other, word by word; the whole of both is covered.

    Blanks and punctuation that stayed between two changes count as changed: an edit reads better in one piece.
    """
    old, new = tokens(before), tokens(after)
    places, new_places = _places(old), _places(new)
    opcodes: list[Opcode] = []
    at = new_at = 0
    for start, end, new_start, new_end in [*hunks(old, new), (len(old), len(old), len(new), len(new))]:
        same = old[at:start]
        if opcodes and start < len(old) and not any(is_word(token) or ends_a_run(token) for token in same):
            last = opcodes.pop()
            opcodes.append(_opcode(last.start, places[end], last.new_start, new_places[new_end]))
        else:
            if same:
                opcodes.append(Opcode("equal", places[at], places[start], new_places[new_at], new_places[new_start]))
            if start < end or new_start < new_end:
                opcodes.append(_opcode(places[start], places[end], new_places[new_start], new_places[new_end]))
        at, new_at = end, new_end
    return opcodes


def _opcode(start: int, end: int, new_start: int, new_end: int) -> Opcode:
    kind = "replace" if start < end and new_start < new_end else "delete" if start < end else "insert"
    return Opcode(kind, start, end, new_start, new_end)


def _places(items: list[str]) -> list[int]:
    return list(_sums(items))


def _sums(items: list[str]) -> Iterator[int]:
    place = 0
    yield place
    for item in items:
        place += len(item)
        yield place

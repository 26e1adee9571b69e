"""Full-text matching for `~`: every word of the query must appear, stems count as equal, quotes make a phrase."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

WORD = re.compile(r"[\w']+\*?")
PIECE = re.compile(r'"([^"]*)"|(\S+)')
SUFFIXES = ("ations", "ation", "ings", "ing", "ers", "ies", "ed", "er", "es", "s", "e", "y")


def stem(word: str) -> str:
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


def split(text: str) -> list[str]:
    return [stem(word) for word in WORD.findall(text.casefold())]


@dataclass(frozen=True)
class _Piece:
    """Words in a row; the last one may stand for its beginnings (`log*`)."""

    words: tuple[str, ...]
    prefix: bool

    def found(self, tokens: "_Tokens") -> bool:
        if self.prefix:
            return any(word.startswith(self.words[0]) for word in tokens.raw)
        if len(self.words) == 1:
            return self.words[0] in tokens.known
        size, stems = len(self.words), tokens.stems
        return any(tuple(stems[i : i + size]) == self.words for i in range(len(stems) - size + 1))


def _pieces(query: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    for phrase, single in PIECE.findall(query):
        for words in [split(phrase)] if phrase else [[word] for word in WORD.findall(single.casefold())]:
            prefix = not phrase and words[0].endswith("*")
            shown = (words[0].rstrip("*"),) if prefix else tuple(words if phrase else [stem(words[0])])
            pieces.append(_Piece(shown, prefix))
    return [piece for piece in pieces if piece.words]


@dataclass(frozen=True)
class _Tokens:
    """The words of a text, and their stems."""

    raw: list[str]
    stems: list[str]
    known: frozenset[str]


@lru_cache(maxsize=20_000)
def _tokens(text: str) -> _Tokens:
    raw = WORD.findall(text.casefold())
    stems = [stem(word) for word in raw]
    return _Tokens(raw, stems, frozenset(stems))


Text = str | Sequence[str]


def matcher(query: str) -> Callable[[Text], bool]:
    """Whether a text matches, which may be given in blocks: then words may stand in any, a phrase in one."""
    pieces = _pieces(query)

    def matches(text: Text) -> bool:
        blocks = [_tokens(block) for block in ((text,) if isinstance(text, str) else text)]
        return bool(pieces) and all(any(piece.found(block) for block in blocks) for piece in pieces)

    return matches


def needed(query: str) -> set[str]:
    """Stems without which no text matches."""
    return {word for piece in _pieces(query) if not piece.prefix for word in piece.words}

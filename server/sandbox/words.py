"""Full-text matching for `~`: every word of the query must appear, stems count as equal, quotes make a phrase."""

import re
from collections.abc import Callable
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

    def found(self, text: list[str], raw: list[str]) -> bool:
        if self.prefix:
            return any(word.startswith(self.words[0]) for word in raw)
        size = len(self.words)
        return any(tuple(text[i : i + size]) == self.words for i in range(len(text) - size + 1))


def _pieces(query: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    for phrase, single in PIECE.findall(query):
        for words in [split(phrase)] if phrase else [[word] for word in WORD.findall(single.casefold())]:
            prefix = not phrase and words[0].endswith("*")
            shown = (words[0].rstrip("*"),) if prefix else tuple(words if phrase else [stem(words[0])])
            pieces.append(_Piece(shown, prefix))
    return [piece for piece in pieces if piece.words]


@lru_cache(maxsize=4_096)
def _tokens(text: str) -> tuple[list[str], list[str]]:
    """The words of a text, and their stems."""
    raw = WORD.findall(text.casefold())
    return raw, [stem(word) for word in raw]


def matcher(query: str) -> Callable[[str], bool]:
    pieces = _pieces(query)

    def matches(text: str) -> bool:
        raw, stems = _tokens(text)
        return bool(pieces) and all(piece.found(stems, raw) for piece in pieces)

    return matches


def needed(query: str) -> set[str]:
    """Stems without which no text matches."""
    return {word for piece in _pieces(query) if not piece.prefix for word in piece.words}

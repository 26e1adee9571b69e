"""Runs of text as Markdown."""

import unicodedata
from collections.abc import Sequence
from typing import TypeAlias

from server.content.document import CODE, EM, STRIKE, STRONG, Break, Card, Image, Inline, Inlines, Link, Text
from server.content.escaping import autolink, code_span, destination, escape, escape_start
from server.content.inlines import Event, Layer, events

_ASCII_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_DELIMITERS: dict[Layer, str] = {STRONG: "**", STRIKE: "~~", EM: "*"}

Delimiters: TypeAlias = dict[int, str]


def print_inlines(inlines: Inlines, *, one_line: bool = False) -> str:
    if len(inlines) == 1 and isinstance(only := inlines[0], Text) and not only.marks and only.link is None:
        return escape(only.text) if one_line else escape_start(escape(only.text))
    return _Line(list(events(inlines)), one_line=one_line).text()


class _Line:
    """Runs of text, the marks between them, and what must be escaped because they meet."""

    def __init__(self, happenings: Sequence[Event], *, one_line: bool) -> None:
        self._events = happenings
        self._one_line = one_line
        self._parts: list[str] = []
        self._linked = False

    def text(self) -> str:
        delimiters = _delimiters(self._events)
        for index, event in enumerate(self._events):
            if event[0] == "item":
                self._parts.append(self._item(event[1], index))
            elif isinstance(event[1], Link):
                self._linked = event[0] == "open"
                self._parts.append(self._open_link() if self._linked else self._close_link(event[1]))
            else:
                self._parts.append(delimiters[index])
        for index, delimiter in delimiters.items():
            self._separate(index, delimiter)
        return "".join(self._parts)

    def _item(self, item: Inline, index: int) -> str:
        match item:
            case Text(text, marks):
                return code_span(text) if marks & CODE else self._words(text, index)
            case Break():
                return "<br>" if self._one_line else "\\\n"
            case Image(alt, source):
                return f"![{escape(alt, linked=True)}]({destination(source)})"
            case Card(url):
                return f"{self._open_link()}]({destination(url)})"

    def _words(self, text: str, index: int) -> str:
        words = escape(text, linked=self._linked)
        before = self._parts[-1] if self._parts else "\n"
        if words[0] == "~" and before[-1:] == "~":
            words = f"\\{words}"
        if words[-1] == "~" and text[-2:] != "~~" and words != "\\~" and index + 1 < len(self._events):
            words = f"{words[:-1]}\\~"
        return escape_start(words) if before[-1:] == "\n" and not self._one_line else words

    def _open_link(self) -> str:
        if self._parts and self._parts[-1].endswith("!"):
            self._parts[-1] = f"{self._parts[-1][:-1]}\\!"
        return "["

    def _close_link(self, link: Link) -> str:
        short = None if link.title else autolink(link.href)
        if short and self._parts[-2:] == ["[", escape(link.href, linked=True)]:
            self._parts[-2] = ""
            self._parts[-1] = ""
            return short
        return f"]({destination(link.href, link.title)})"

    def _separate(self, index: int, delimiter: str) -> None:
        """A letter beside a mark can keep CommonMark from seeing the mark; the letter's number cannot."""
        opens = self._events[index][0] == "open"
        outside, inside = (index - 1, index + 1) if opens else (index + 1, index - 1)
        if not 0 <= outside < len(self._parts) or not self._parts[outside]:
            return
        neighbour = self._parts[outside][-1 if opens else 0]
        edge = self._parts[inside][:1] if opens else self._parts[inside][-1:]
        if not _letter(neighbour) or (delimiter[0] != "_" and edge.isalnum()):
            return
        number = f"&#{ord(neighbour)};"
        rest = self._parts[outside]
        self._parts[outside] = f"{_closed(rest[:-1])}{number}" if opens else f"{number}{rest[1:]}"


def _closed(text: str) -> str:
    """Text whose last backslash escapes nothing that is put behind it."""
    backslashes = len(text) - len(text.rstrip("\\"))
    return f"{text}\\" if backslashes % 2 else text


def _letter(character: str) -> bool:
    if character.isalnum():
        return True
    punctuated = character in _ASCII_PUNCTUATION or unicodedata.category(character)[0] == "P"
    return not punctuated and not character.isspace()


def _delimiters(happenings: Sequence[Event]) -> Delimiters:
    """The marks' signs by position; `_` for emphasis where a `*` would run into its neighbour."""
    signs: Delimiters = {}
    opened: list[int] = []
    for index, event in enumerate(happenings):
        if event[0] == "item" or isinstance(layer := event[1], Link):
            continue
        if event[0] == "open":
            opened.append(index)
            continue
        start = opened.pop()
        sign = (
            "_" if layer == EM and (_crowded(happenings, start) or _crowded(happenings, index)) else _DELIMITERS[layer]
        )
        signs[start] = signs[index] = sign
    return signs


def _crowded(happenings: Sequence[Event], index: int) -> bool:
    beside = (happenings[at] for at in (index - 1, index + 1) if 0 <= at < len(happenings))
    return any(kind != "item" and layer in {STRONG, EM} for kind, layer in beside)

"""Markdown as the blocks that its lines are, each with its place in the text.

A container (a line such as `:::panel` up to the `:::` that closes it) and a code fence are one block each, whatever
they hold. A marker in a list or a quotation belongs to that; one that has no partner is a block like any other.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from server.content.directives import PARTS, Directive
from server.content.markdown_rules import block_parser

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_MARK = re.compile(r"\\([!-/:-@\[-`{-~])|[*`~]+|(?<!\w)_+|_+(?!\w)")
_TASK = re.compile(r"\[[ xX]\][ \t]")
_DEEPEST = 30
"""Containers nest no deeper; what is inside is then one block with the last."""


class Block(NamedTuple):
    """Lines `start` to `end`, counted from 0; blank lines around are not part of it."""

    kind: str
    start: int
    end: int
    level: int = 0
    title: str = ""
    inner: "tuple[Block, ...]" = ()


class Item(NamedTuple):
    """A task: its line and its words."""

    line: int
    text: str


class Source:
    def __init__(self, markdown: str) -> None:
        self.text = markdown
        self.lines = _LINE.findall(markdown)
        self.starts = list(accumulate(map(len, self.lines), initial=0))
        self._tokens = _tokens_of(self.lines)
        self._fences = [(token.map[0], token.map[1]) for token in self._tokens if token.type == "fence" and token.map]
        markers = _Markers(self._tokens)
        self.containers, self.alone = markers.found(), markers.alone()
        self.openings, self.closings = markers.openings, markers.closings

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return _nested(list(self._flat()), self.containers, len(self.lines))

    def _flat(self) -> Iterator[Block]:
        """The blocks as if there were no containers; lines that no token covers define links."""
        at = 0
        for number, token in enumerate(self._tokens):
            if token.level or not token.map or token.nesting < 0:
                continue
            start, end = token.map[0], self.end(token.map[0], token.map[1])
            yield from self._uncovered(at, start)
            at = max(at, end)
            if token.type == "heading_open":
                title = plain_title(self._tokens[number + 1].content)
                yield Block("heading", start, end, int(token.tag[1]), title)
            elif not self._is_marker(start):
                yield Block(token.type.removesuffix("_open"), start, end)
        yield from self._uncovered(at, len(self.lines))

    def _uncovered(self, start: int, end: int) -> Iterator[Block]:
        for line in range(start, end):
            if not self.is_blank(line) and not self._is_marker(line):
                yield Block("definition", line, line + 1)

    def _is_marker(self, line: int) -> bool:
        return line in self.openings or line in self.closings

    def is_blank(self, line: int) -> bool:
        return not self.lines[line].strip(" \t\r\n")

    def end(self, start: int, end: int) -> int:
        """The end of these lines without the blank ones at it."""
        while end > start and self.is_blank(end - 1):
            end -= 1
        return end

    @cached_property
    def tables(self) -> list[tuple[int, int]]:
        found = [token.map for token in self._tokens if token.type == "table_open" and token.map]
        return [(start, self.end(start, end)) for start, end in found]

    @cached_property
    def tasks(self) -> list[Item]:
        found: list[Item] = []
        for item, token in zip(self._tokens, self._tokens[2:], strict=False):
            if item.type == "list_item_open" and token.type == "inline" and token.map and _TASK.match(token.content):
                found.append(Item(token.map[0], plain_title(token.content.split("\n", 1)[0][4:])))
        return found

    def open_fence(self) -> int | None:
        """The line of a code fence that nothing closes."""
        for start, end in self._fences:
            opening = self.lines[start].strip().lstrip("-*+>0123456789.) \t")
            last = self.lines[end - 1].strip().lstrip("> \t") if end - 1 > start else ""
            sign = opening[:1]
            length = len(opening) - len(opening.lstrip(sign))
            if not last or last.strip(sign) or len(last) < length:
                return start
        return None

    def line_at(self, place: int) -> int:
        """The line, counted from 0, of a character."""
        return bisect_left(self.starts, place + 1) - 1

    def part(self, start: int, end: int) -> str:
        """The text of some lines."""
        return self.text[self.starts[start] : self.starts[end]]


def plain_title(content: str) -> str:
    """The words of a line without their marks."""
    return " ".join(_MARK.sub(r"\1", _LINK.sub(r"\1", content)).split())


def size_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="replace"))


def _tokens_of(lines: Sequence[str]) -> "list[Token]":
    tokens: list[Token] = []
    markdown = block_parser()
    text = "".join(line.rstrip("\r\n") + "\n" for line in lines).replace("\0", "\ufffd")
    markdown.block.parse(text, markdown, {}, tokens)
    return tokens


class _Markers:
    """The containers and their parts: a cell or a column reaches from its line to the next or the container's end.

    `openings` and `closings` are the lines of markers that have a partner.
    """

    def __init__(self, tokens: "Sequence[Token]") -> None:
        self.openings: set[int] = set()
        self.closings: set[int] = set()
        self._opened: list[Directive] = []
        self._found: list[Block] = []
        self._alone: list[int] = []
        for token in tokens:
            if token.type == "directive" and not token.level and token.map:
                self._add(token.meta["directive"])

    def found(self) -> list[Block]:
        return sorted(self._found, key=lambda block: block.start)

    def alone(self) -> list[int]:
        """The lines of markers without a partner."""
        return sorted([*self._alone, *(each.line - 1 for each in self._opened if each.opens)])

    def _add(self, found: Directive) -> None:
        if found.opens and found.name:
            self._opened.append(found)
        elif found.opens:
            self._close(found.line - 1)
        elif found.name in PARTS:
            self._part(found)

    def _close(self, line: int) -> None:
        self._end_part(line)
        if not self._opened:
            self._alone.append(line)
            return
        self._leave("container", line, line + 1)

    def _part(self, found: Directive) -> None:
        within = PARTS[found.name]
        if self._opened and PARTS.get(self._opened[-1].name) == within:
            self._end_part(found.line - 1)
        if self._opened and self._opened[-1].name == within:
            self._opened.append(found)

    def _end_part(self, line: int) -> None:
        if self._opened and not self._opened[-1].opens:
            self._leave("part", line, line)

    def _leave(self, kind: str, line: int, end: int) -> None:
        start = self._opened.pop().line - 1
        self._found.append(Block(kind, start, end))
        self.openings.add(start)
        self.closings.add(line)


def _nested(flat: list[Block], containers: list[Block], lines: int) -> tuple[Block, ...]:
    """The blocks inside their containers."""
    levels: list[list[Block]] = [[]]
    opened: list[Block] = []
    for block in [*sorted([*flat, *containers], key=lambda each: each.start), Block("end", lines, lines)]:
        while opened and opened[-1].end <= block.start:
            inner = tuple(levels.pop())
            levels[-1].append(opened.pop()._replace(inner=inner))
        if block.kind not in {"container", "part", "end"}:
            levels[-1].append(block)
        elif len(opened) < _DEEPEST and block.start < lines:
            opened.append(block)
            levels.append([])
    return tuple(levels[0])

"""Markdown as the blocks that its lines are, each with its place in the text.

A container (a line such as `:::panel` up to the `:::` that closes it) and a code fence are one block each, whatever
they hold. Markers count at the start of a line; one that has no partner is text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from server.content.markdown_rules import parser

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_OPENS = re.compile(r"(:{3,})[ \t]*[A-Za-z]")
_CLOSES = re.compile(r"(:{3,})\s*\Z")
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
        tokens = self._tokens(self.lines)
        self._fences = [(token.map[0], token.map[1]) for token in tokens if token.type == "fence" and token.map]
        self.containers, self.alone = _containers(self.lines, self._fences)
        self.openings = {start for start, _ in self.containers}
        self.closings = {end - 1 for _, end in self.containers}
        edges = self.openings | self.closings
        if edges:  # a rule ends every block, as a marker does
            tokens = self._tokens(["***\n" if n in edges else line for n, line in enumerate(self.lines)])
        self.edges, self._parsed = edges, tokens

    def _tokens(self, lines: Sequence[str]) -> "list[Token]":
        tokens: list[Token] = []
        markdown = parser()
        text = "".join(line.rstrip("\r\n") + "\n" for line in lines).replace("\0", "\ufffd")
        markdown.block.parse(text, markdown, {}, tokens)
        return tokens

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return _nested(list(self._flat()), self.containers, len(self.lines))

    def _flat(self) -> Iterator[Block]:
        """The blocks as if there were no containers; lines that no token covers define links."""
        at = 0
        for number, token in enumerate(self._parsed):
            if token.level or not token.map or token.nesting < 0:
                continue
            start, end = token.map[0], self.end(token.map[0], token.map[1])
            yield from self._uncovered(at, start)
            at = max(at, end)
            if token.type == "heading_open":
                title = plain_title(self._parsed[number + 1].content)
                yield Block("heading", start, end, int(token.tag[1]), title)
            elif start not in self.edges:
                yield Block(token.type.removesuffix("_open"), start, end)
        yield from self._uncovered(at, len(self.lines))

    def _uncovered(self, start: int, end: int) -> Iterator[Block]:
        for line in range(start, end):
            if not self.is_blank(line) and line not in self.edges:
                yield Block("definition", line, line + 1)

    def is_blank(self, line: int) -> bool:
        return not self.lines[line].strip(" \t\r\n")

    def end(self, start: int, end: int) -> int:
        """The end of these lines without the blank ones at it."""
        while end > start and self.is_blank(end - 1):
            end -= 1
        return end

    @cached_property
    def tables(self) -> list[tuple[int, int]]:
        found = [token.map for token in self._parsed if token.type == "table_open" and token.map]
        return [(start, self.end(start, end)) for start, end in found]

    @cached_property
    def tasks(self) -> list[Item]:
        found: list[Item] = []
        for item, token in zip(self._parsed, self._parsed[2:], strict=False):
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


def _containers(lines: Sequence[str], fences: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[int]]:
    """The containers, and the lines of markers without a partner.

    A closing marker closes the innermost container with as many colons, else the innermost with fewer.
    """
    fenced = {line for start, end in fences for line in range(start, end)}
    opened: list[tuple[int, int]] = []
    found: list[tuple[int, int]] = []
    alone: list[int] = []
    for number, line in enumerate(lines):
        if not line.startswith(":::") or number in fenced:
            continue
        if match := _OPENS.match(line):
            opened.append((number, len(match[1])))
        elif match := _CLOSES.match(line):
            at = _closed_by(len(match[1]), opened)
            if at is None:
                alone.append(number)
                continue
            found.append((opened[at][0], number + 1))
            alone += [start for start, _ in opened[at + 1 :]]
            del opened[at:]
    return sorted(found), sorted([*alone, *(start for start, _ in opened)])


def _closed_by(colons: int, opened: Sequence[tuple[int, int]]) -> int | None:
    fewer: int | None = None
    for at in range(len(opened) - 1, max(-1, len(opened) - _DEEPEST), -1):
        if opened[at][1] == colons:
            return at
        if opened[at][1] < colons and fewer is None:
            fewer = at
    return fewer


def _nested(flat: list[Block], containers: list[tuple[int, int]], lines: int) -> tuple[Block, ...]:
    """The blocks inside their containers."""
    levels: list[list[Block]] = [[]]
    opened: list[tuple[int, int]] = []
    starts = [*((block.start, block, block.end) for block in flat), *((s, None, e) for s, e in containers)]
    starts.sort(key=lambda entry: entry[0])
    for start, block, end in [*starts, (lines, None, lines)]:
        while opened and opened[-1][1] <= start:
            inner = tuple(levels.pop())
            levels[-1].append(Block("container", *opened.pop(), inner=inner))
        if block:
            levels[-1].append(block)
        elif len(opened) < _DEEPEST and start < lines:
            opened.append((start, end))
            levels.append([])
    return tuple(levels[0])

"""Runs of text: one tidy form for each, whatever it was read from."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from server.content.document import (
    CODE,
    EM,
    STRIKE,
    STRONG,
    Block,
    Break,
    CodeBlock,
    Heading,
    Inline,
    Inlines,
    Link,
    List,
    Paragraph,
    Quote,
    Rule,
    Table,
    Task,
    TaskList,
    Text,
)

Layer: TypeAlias = int | Link
Event: TypeAlias = tuple[Literal["open", "close"], Layer] | tuple[Literal["item"], Inline]

_LAYERS: dict[int, tuple[int, ...]] = {
    marks: tuple(mark for mark in (STRIKE, STRONG, EM) if marks & mark) for marks in range(16)
}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def allowed(text: str) -> str:
    """The text without the characters that neither XML nor Atlassian's editor takes."""
    return text if text.isprintable() else _FORBIDDEN.sub("", text)


def lines(text: str, marks: int = 0, link: Link | None = None) -> Iterator[Inline]:
    """Text as runs, each of its line ends a hard break."""
    if text.isprintable():
        yield Text(text, marks, link)
        return
    text = allowed(text).replace("\r\n", "\n").replace("\r", "\n")
    if marks & CODE:
        yield Text(text.replace("\n", " "), marks, link)
        return
    for number, line in enumerate(text.split("\n")):
        if number:
            yield Break()
        yield Text(line, marks, link)


def tidy(inlines: Sequence[Inline]) -> Inlines:
    """Equal neighbours as one run, no blanks at the ends of a line, and none at the ends of a mark."""
    words: list[str] = []
    for item in inlines:
        if not isinstance(item, Text) or item.marks or item.link is not None:
            return tuple(_merged(_bridged(inlines)))
        words.append(item.text)
    text = "".join(words).strip()
    return (Text(text),) if text else ()


def _bridged(inlines: Sequence[Inline]) -> list[Inline]:
    """Blanks apart from words, and marked only as the words on both their sides are."""
    pieces: list[Inline] = []
    gap: list[Inline] = []
    for item in _split(inlines):
        if _is_gap(item):
            gap.append(item)
            continue
        if gap and pieces:
            pieces.extend(_bridge(pieces[-1], gap, item))
        gap.clear()
        pieces.append(item)
    return pieces


def _is_gap(item: Inline) -> bool:
    return isinstance(item, Break) or (isinstance(item, Text) and not item.marks & CODE and item.text.isspace())


def _split(inlines: Iterable[Inline]) -> Iterator[Inline]:
    for item in inlines:
        if not isinstance(item, Text) or item.marks & CODE:
            if not isinstance(item, Text) or item.text:
                yield item
            continue
        text = item.text
        core = text.strip()
        if len(core) == len(text):
            if core:
                yield item
            continue
        start = text.find(core) if core else 0
        for part in (text[:start], core, text[start + len(core) :]):
            if part:
                yield Text(part, item.marks, item.link)


def _bridge(before: Inline, gap: Sequence[Inline], after: Inline) -> Iterator[Inline]:
    marks = before.marks & after.marks & ~CODE
    link = before.link if before.link == after.link else None
    for item in gap:
        if isinstance(item, Text):
            marks &= item.marks
            link = link if item.link == link else None
    breaks = sum(isinstance(item, Break) for item in gap)
    if breaks:
        yield from [Break(marks, link)] * breaks
    else:
        yield Text("".join(item.text for item in gap if isinstance(item, Text)), marks, link)


def _merged(pieces: Iterable[Inline]) -> Iterator[Inline]:
    run: list[str] = []
    last: Text | None = None
    for item in pieces:
        if last is not None:
            if isinstance(item, Text) and item.marks == last.marks and item.link == last.link:
                run.append(item.text)
                continue
            yield last if len(run) == 1 else last._replace(text="".join(run))
            last = None
        if isinstance(item, Text):
            last, run = item, [item.text]
        else:
            yield item
    if last is not None:
        yield last if len(run) == 1 else last._replace(text="".join(run))


def events(inlines: Inlines) -> Iterator[Event]:
    """The runs as properly nested marks: what lasts longest is opened first."""
    opened: list[Layer] = []
    for index, item in enumerate(inlines):
        wanted = _layers(item)
        if not wanted and not opened:
            yield "item", item
            continue
        keep = next((at for at, layer in enumerate(opened) if layer not in wanted), len(opened))
        while len(opened) > keep:
            yield "close", opened.pop()
        fresh = [layer for layer in wanted if layer not in opened]
        blank, words = _blank_apart(item) if fresh else (None, item)
        if blank is not None:
            yield "item", blank
        if words is None:
            continue
        for layer in _longest_first(fresh, inlines, index):
            opened.append(layer)
            yield "open", layer
        yield "item", words
    while opened:
        yield "close", opened.pop()


def _blank_apart(item: Inline) -> tuple[Inline | None, Inline | None]:
    """The blanks in front of words, and the words: CommonMark opens no mark in front of a blank."""
    if isinstance(item, Break):
        return item, None
    if not isinstance(item, Text) or item.marks & CODE or not item.text[0].isspace():
        return None, item
    words = item.text.lstrip()
    blank = Text(item.text[: len(item.text) - len(words)])
    return blank, item._replace(text=words) if words else None


def _layers(item: Inline) -> tuple[Layer, ...]:
    layers = _LAYERS[item.marks]
    return (item.link, *layers) if item.link is not None else layers


def _longest_first(layers: list[Layer], inlines: Inlines, start: int) -> list[Layer]:
    if len(layers) > 1:
        layers.sort(key=lambda layer: -_reach(layer, inlines, start))
    return layers


def _reach(layer: Layer, inlines: Inlines, start: int) -> int:
    for index in range(start, len(inlines)):
        if layer not in _layers(inlines[index]):
            return index
    return len(inlines)


def plain(inlines: Inlines) -> str:
    """The words alone."""
    return "".join(item.text if isinstance(item, Text) else " " for item in inlines)


def flattened(blocks: Sequence[Block]) -> Inlines:
    """Blocks as lines of one run of text, for places that hold no blocks."""
    if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
        return blocks[0].inlines
    flat: list[Inline] = []
    for block in blocks:
        for line in _block_lines(block):
            if flat:
                flat.append(Break())
            flat.extend(line)
    return tidy(flat)


def _block_lines(block: Block) -> Iterator[Sequence[Inline]]:
    match block:
        case Paragraph(inlines):
            yield inlines
        case Heading(_, inlines):
            yield emphasised(inlines)
        case CodeBlock(_, text):
            yield from ([Text(line, CODE)] for line in text.split("\n"))
        case Quote(children):
            yield flattened(children)
        case List(start, items):
            for number, item in enumerate(items, start or 0):
                yield [Text("- " if start is None else f"{number}. "), *flattened(item)]
        case TaskList(items):
            yield from ([Text(box(task)), *flattened(task.blocks)] for task in items)
        case Table(header, rows):
            yield from (_row_line(row) for row in ((header, *rows) if header else rows))
        case Rule():
            yield [Text("---")]


def _row_line(row: Sequence[Inlines]) -> list[Inline]:
    line: list[Inline] = []
    for number, cell in enumerate(row):
        line.extend([Text(" | "), *cell] if number else cell)
    return line


def emphasised(inlines: Inlines) -> Inlines:
    return tuple(item._replace(marks=item.marks | STRONG) if isinstance(item, Text) else item for item in inlines)


def box(task: Task) -> str:
    return "[x] " if task.done else "[ ] "

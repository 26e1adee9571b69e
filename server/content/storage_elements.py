"""XHTML's elements as a document."""

import re
from collections.abc import Iterable

from server.content.document import (
    CODE,
    EM,
    STRIKE,
    STRONG,
    Blocks,
    Break,
    Card,
    CodeBlock,
    Heading,
    Inlines,
    Link,
    List,
    Paragraph,
    Quote,
    Rule,
    Task,
    TaskList,
    Text,
    table,
)
from server.content.inlines import flattened
from server.content.storage_reader import Handler, Scope, StorageReader, Style
from server.content.storage_styles import has_width, note_styles, note_table
from server.content.storage_tree import Element

_BLANKS = re.compile(r"[ \t\r\n]+")


def _through(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    reader.walk(element, scope, style)


def _paragraph(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    scope.end_line()
    reader.walk(element, scope, style)
    scope.end_line()


def _nothing(_reader: StorageReader, _element: Element, _scope: Scope, _style: Style) -> None:
    """What only serves the editor."""


def _marked(mark: int, lost: str = "") -> Handler:
    def read(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
        if lost:
            reader.losses.note(lost)
        reader.walk(element, scope, style.with_mark(mark))

    return read


def _heading(level: int) -> Handler:
    def read(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
        blocks = reader.blocks(element, style)
        if any(not isinstance(block, Paragraph) for block in blocks):
            reader.losses.note("blocks in a heading")
        scope.add([Heading(level, flattened(blocks))])

    return read


def _line_break(_reader: StorageReader, _element: Element, scope: Scope, style: Style) -> None:
    scope.line.append(Break(style.marks, style.link))


def _code(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    if any(child.name == "br" for child in element.elements()):
        reader.losses.note("line break in code")
    if all(isinstance(child, str) for child in element.children):
        text = _BLANKS.sub(" ", element.text())
        if text:
            scope.line.append(Text(text, style.marks | CODE, style.link))
    else:
        reader.walk(element, scope, style.with_mark(CODE))


def _rule(_reader: StorageReader, _element: Element, scope: Scope, _style: Style) -> None:
    scope.add([Rule()])


def _quote(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    blocks = reader.blocks(element, style)
    scope.add([Quote(blocks)] if blocks else [])


def _preformatted(reader: StorageReader, element: Element, scope: Scope, _style: Style) -> None:
    reader.losses.note("preformatted text")
    scope.add([CodeBlock("", element.text().strip("\n"))])


def _bullets(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    _list(reader, element, scope, style, start=None)


def _numbers(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    start = element.attributes.get("start", "1")
    _list(reader, element, scope, style, start=int(start) if start.isdecimal() and len(start) < 10 else 1)


def _list(reader: StorageReader, element: Element, scope: Scope, style: Style, *, start: int | None) -> None:
    items: list[Blocks] = []
    for child in element.elements():
        if child.name == "li":
            note_styles(child, reader.losses)
            items.append(reader.blocks(child, style))
            continue
        inner = Scope()  # old editors put a nested list beside its item
        reader.element(child, inner, style)
        inner.end_line()
        items.append((*(items.pop() if items else ()), *inner.blocks))
    scope.add([List(start, tuple(items))] if items else [])


def _anchor(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    href = " ".join(element.attributes.get("href", "").split())
    if "data-card-appearance" in element.attributes and href:
        if element.attributes["data-card-appearance"] != "inline":
            reader.losses.note("card", href)
        scope.line.append(Card(href))
        return
    if name := element.attributes.get("name", ""):
        reader.losses.note("link target", f'"{name}"')
    title = " ".join(element.attributes.get("title", "").split())
    reader.walk(element, scope, Style(style.marks, Link(href, title) if href else style.link))


def _tasks(reader: StorageReader, element: Element, scope: Scope, _style: Style) -> None:
    reader.losses.note("task list")
    tasks: list[Task] = []
    for child in element.elements():
        status, body = child.find("ac:task-status"), child.find("ac:task-body")
        done = status is not None and status.text().strip() == "complete"
        tasks.append(Task(done, reader.blocks(body) if body else ()))
    scope.add([TaskList(tuple(tasks))] if tasks else [])


def _table(reader: StorageReader, element: Element, scope: Scope, _style: Style) -> None:
    note_table(element, reader.losses)
    rows = [[cell for cell in row.elements() if cell.name in {"td", "th"}] for row in _rows(reader, element)]
    rows = [row for row in rows if row]
    headed = bool(rows) and all(cell.name == "th" for cell in rows[0])
    if any(cell.name == "th" for row in rows[headed:] for cell in row):
        reader.losses.note("header cells outside the first row")
    scope.add(table([[_cell(reader, cell) for cell in row] for row in rows], headed=headed))


def _rows(reader: StorageReader, element: Element) -> Iterable[Element]:
    for child in element.elements():
        if child.attributes:
            note_styles(child, reader.losses)
        if child.name == "tr":
            yield child
        elif child.name == "colgroup":
            if any(map(has_width, child.elements())):
                reader.losses.note("column widths")
        elif child.name == "caption":
            reader.losses.note("table caption", child.text())
        else:
            yield from _rows(reader, child)


def _cell(reader: StorageReader, cell: Element) -> Inlines:
    attributes = cell.attributes
    if attributes:
        note_styles(cell, reader.losses)
        if has_width(cell):
            reader.losses.note("column widths")
        if attributes.get("colspan", "1") != "1" or attributes.get("rowspan", "1") != "1":
            reader.losses.note("merged table cells")
    blocks = reader.blocks(cell)
    if len(blocks) > 1 or (blocks and not isinstance(blocks[0], Paragraph)):
        reader.losses.note("blocks in a table cell")
    return flattened(blocks)


def _layout(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    reader.losses.note("layout")
    _paragraph(reader, element, scope, style)


ELEMENTS: dict[str, Handler] = {
    "p": _paragraph,
    "div": _paragraph,
    "span": _through,
    "br": _line_break,
    "strong": _marked(STRONG),
    "b": _marked(STRONG),
    "em": _marked(EM),
    "i": _marked(EM),
    "del": _marked(STRIKE),
    "s": _marked(STRIKE),
    "strike": _marked(STRIKE),
    "u": _marked(0, "underline"),
    "ins": _marked(0, "underline"),
    "sub": _marked(0, "subscript or superscript"),
    "sup": _marked(0, "subscript or superscript"),
    "small": _marked(0, "font size"),
    "big": _marked(0, "font size"),
    "font": _marked(0, "text colour"),
    "code": _code,
    "pre": _preformatted,
    "hr": _rule,
    "blockquote": _quote,
    "ul": _bullets,
    "ol": _numbers,
    "a": _anchor,
    "table": _table,
    "ac:task-list": _tasks,
    "ac:layout": _layout,
    "ac:layout-section": _paragraph,
    "ac:layout-cell": _paragraph,
    "ac:rich-text-body": _paragraph,
    "ac:task-id": _nothing,
    **{f"h{level}": _heading(level) for level in range(1, 7)},
}

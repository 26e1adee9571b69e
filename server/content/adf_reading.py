"""ADF as a document: the blocks.

Blank paragraphs are none: they serve the editor as space, Markdown has no words for them, and a rewrite drops them
without naming them as a loss.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from server.content.adf_inlines import INLINES, AdfInlines, media
from server.content.adf_shape import Node, attributes, check
from server.content.document import (
    STRONG,
    Block,
    Blocks,
    CodeBlock,
    Heading,
    Inline,
    Inlines,
    List,
    Paragraph,
    Quote,
    Rule,
    Task,
    TaskList,
    Text,
    led_by,
    table,
)
from server.content.inlines import allowed, flattened, tidy
from server.content.losses import Losses

_PANELS = {"info": "Info", "note": "Note", "warning": "Warning", "success": "Success", "error": "Error", "tip": "Tip"}
_DEFAULT_LAYOUTS = (None, "", "default", "center", "align-start")
_DEFAULT_WIDTHS = (None, 0, 760, 100)
_BLOCK_MARKS = {
    "alignment": "alignment",
    "indentation": "indentation",
    "breakout": "wide layout",
    "fontSize": "font size",
    "dataConsumer": "data source",
}

Children: TypeAlias = Sequence[Node]


def read_adf(document: Mapping[str, Any], losses: Losses) -> Blocks:
    check(document)
    return AdfReader(losses).blocks(document)


class AdfReader:
    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.inlines = AdfInlines(losses)

    def blocks(self, node: Node) -> Blocks:
        """The blocks inside a node; runs of text that stand among them become paragraphs."""
        found: list[Block] = []
        loose: list[Node] = []
        for child in node.get("content") or ():
            handler = _BLOCKS.get(child["type"])
            if handler is None and (child["type"] in INLINES or not child.get("content")):
                loose.append(child)
                continue
            if loose:
                found.extend(_paragraph(self.inlines.read(loose)))
                loose = []
            if child.get("marks"):
                self._note_marks(child)
            found.extend(handler(self, child) if handler else self._unknown(child))
        if loose:
            found.extend(_paragraph(self.inlines.read(loose)))
        return tuple(found)

    def _note_marks(self, node: Node) -> None:
        for mark in node["marks"]:
            if mark["type"] != "fragment" and node["type"] != "mediaSingle":
                self.losses.note(_BLOCK_MARKS.get(mark["type"], f'mark "{mark["type"]}"'))

    def _unknown(self, node: Node) -> Blocks:
        self.losses.note(f'unknown node "{node["type"]}"')
        return self.blocks(node)

    def paragraph(self, node: Node) -> list[Block]:
        return _paragraph(self.inlines.read(node.get("content") or ()))

    def heading(self, node: Node) -> list[Block]:
        level = attributes(node).get("level")
        level = int(level) if isinstance(level, int | float) and 1 <= level <= 6 else 1
        return [Heading(level, self.inlines.read(node.get("content") or ()))]

    def code_block(self, node: Node) -> list[Block]:
        attrs = attributes(node)
        text = "".join(str(child.get("text", "")) for child in node.get("content") or ())
        if attrs.get("wrap") or attrs.get("hideLineNumbers"):
            self.losses.note("code block display")
        text = allowed(text).replace("\r\n", "\n").replace("\r", "\n") if not text.isprintable() else text
        return [CodeBlock(str(attrs.get("language") or "").strip(), text)]

    def quote(self, node: Node) -> list[Block]:
        blocks = self.blocks(node)
        return [Quote(blocks)] if blocks else []

    def rule(self, _: Node) -> list[Block]:
        return [Rule()]

    def bullets(self, node: Node) -> list[Block]:
        return self._list(node, None)

    def numbers(self, node: Node) -> list[Block]:
        order = attributes(node).get("order")
        return self._list(node, int(order) if isinstance(order, int | float) and 0 <= order < 1e9 else 1)

    def _list(self, node: Node, start: int | None) -> list[Block]:
        items = tuple(self.blocks(item) for item in node.get("content") or ())
        return [List(start, items)] if items else []

    def tasks(self, node: Node) -> list[Block]:
        self.losses.note("task list")
        return self._tasks(node)

    def _tasks(self, node: Node) -> list[Block]:
        items: list[Task] = []
        for child in node.get("content") or ():
            if child["type"] == "taskList":
                last = items.pop() if items else Task(done=False, blocks=())
                items.append(Task(last.done, (*last.blocks, *self._tasks(child))))
            else:
                items.append(Task(attributes(child).get("state") == "DONE", self.blocks(child)))
        return [TaskList(tuple(items))] if items else []

    def decisions(self, node: Node) -> list[Block]:
        self.losses.note("decision list")
        items = tuple(led_by([Text("<> ")], self.blocks(item)) for item in node.get("content") or ())
        return [List(None, items)] if items else []

    def panel(self, node: Node) -> list[Block]:
        self.losses.note("panel")
        label = _PANELS.get(str(attributes(node).get("panelType")), "Panel")
        return [Quote(led_by([Text(f"{label}:", STRONG), Text(" ")], self.blocks(node)))]

    def expand(self, node: Node) -> list[Block]:
        title = str(attributes(node).get("title") or "")
        self.losses.note("expand", f'"{title}"' if title else "")
        return [*_paragraph(tidy([Text(allowed(title), STRONG)])), *self.blocks(node)]

    def layout(self, node: Node) -> list[Block]:
        self.losses.note("layout")
        return list(self.blocks(node))

    def column(self, node: Node) -> list[Block]:
        return list(self.blocks(node))

    def macro(self, node: Node) -> list[Block]:
        return [*_paragraph(self.inlines.read([{**node, "type": "inlineExtension"}])), *self.blocks(node)]

    def synced(self, node: Node) -> list[Block]:
        self.losses.note("synced block")
        return list(self.blocks(node)) or [Paragraph((Text("[synced block]"),))]

    def card(self, node: Node) -> list[Block]:
        url = self.inlines.url(node)
        self.losses.note("embedded page" if node["type"] == "embedCard" else "card", url)
        return _paragraph(tidy([self.inlines.card(url)]))

    def picture(self, node: Node) -> list[Block]:
        attrs = attributes(node)
        if attrs.get("layout") not in _DEFAULT_LAYOUTS:
            self.losses.note("image layout")
        if attrs.get("width") not in _DEFAULT_WIDTHS:
            self.losses.note("image size")
        blocks: list[Block] = []
        for child in node.get("content") or ():
            if child["type"] == "caption":
                self.losses.note("image caption")
                blocks.extend(self.paragraph(child))
            else:
                marks = [*(child.get("marks") or ()), *(node.get("marks") or ())]
                blocks.append(Paragraph((media({**child, "marks": marks}, self.losses),)))
        return blocks

    def table(self, node: Node) -> list[Block]:
        self._note_table(attributes(node))
        rows: list[list[Inlines]] = []
        headers: list[list[bool]] = []
        for row in node.get("content") or ():
            cells = row.get("content") or ()
            rows.append([self._cell(cell) for cell in cells])
            headers.append([cell["type"] == "tableHeader" for cell in cells])
        headed = bool(headers) and bool(headers[0]) and all(headers[0])
        if any(any(row) for row in headers[headed:]):
            self.losses.note("header cells outside the first row")
        return table(rows, headed=headed)

    def _note_table(self, attrs: Node) -> None:
        if attrs.get("layout") not in _DEFAULT_LAYOUTS:
            self.losses.note("table layout")
        if attrs.get("width") not in _DEFAULT_WIDTHS:
            self.losses.note("table width")
        if attrs.get("isNumberColumnEnabled"):
            self.losses.note("numbered rows")

    def _cell(self, cell: Node) -> Inlines:
        attrs = attributes(cell)
        for kind, lost in _CELL_LOSSES.items():
            if attrs and lost(attrs):
                self.losses.note(kind)
        blocks = self.blocks(cell)
        if len(blocks) > 1 or (blocks and not isinstance(blocks[0], Paragraph)):
            self.losses.note("blocks in a table cell")
        return flattened(blocks)


_CELL_LOSSES: dict[str, Callable[[Node], bool]] = {
    "merged table cells": lambda attrs: attrs.get("colspan", 1) != 1 or attrs.get("rowspan", 1) != 1,
    "cell colour": lambda attrs: str(attrs.get("background") or "#ffffff").lower() not in {"#ffffff", "white"},
    "column widths": lambda attrs: bool(attrs.get("colwidth")),
    "cell alignment": lambda attrs: attrs.get("valign") in ("middle", "bottom"),
}


def _paragraph(inlines: Sequence[Inline]) -> list[Block]:
    return [Paragraph(tuple(inlines))] if inlines else []


_BLOCKS: dict[str, Callable[[AdfReader, Node], Sequence[Block]]] = {
    "paragraph": AdfReader.paragraph,
    "heading": AdfReader.heading,
    "codeBlock": AdfReader.code_block,
    "blockquote": AdfReader.quote,
    "rule": AdfReader.rule,
    "bulletList": AdfReader.bullets,
    "orderedList": AdfReader.numbers,
    "taskList": AdfReader.tasks,
    "decisionList": AdfReader.decisions,
    "panel": AdfReader.panel,
    "expand": AdfReader.expand,
    "nestedExpand": AdfReader.expand,
    "layoutSection": AdfReader.layout,
    "layoutColumn": AdfReader.column,
    "extension": AdfReader.macro,
    "bodiedExtension": AdfReader.macro,
    "syncBlock": AdfReader.synced,
    "bodiedSyncBlock": AdfReader.synced,
    "blockCard": AdfReader.card,
    "embedCard": AdfReader.card,
    "mediaSingle": AdfReader.picture,
    "mediaGroup": AdfReader.picture,
    "caption": AdfReader.paragraph,
    "table": AdfReader.table,
}

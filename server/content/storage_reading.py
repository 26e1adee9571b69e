"""Storage format as nodes: the blocks.

What has a counterpart in the nodes is read as it; the rest are nodes of its own name, which go by reference.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from server.content.notation import Node, children
from server.content.storage_lines import Line, LineReader, style_of
from server.content.storage_macros import block_macro, is_block_macro
from server.content.storage_page import Page, Place, Places
from server.content.storage_tree import COMMENT, Child, Element, Words, parse_storage

_THROUGH = frozenset({"tbody", "thead", "tfoot", "ac:layout", "ac:rich-text-body"})
_PIXELS = re.compile(r"margin-left:\s*(\d+)(?:\.\d+)?px")


def read_storage(storage: str) -> Page:
    page, source = parse_storage(storage)
    reader = StorageReader(source)
    return Page(reader.blocks(page.take()), source, reader.places)


class StorageReader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.places: Places = Places()
        self.lines = LineReader(source, self.places)

    def placed(self, node: Node, element: Element, inside: Element | None = None) -> Node:
        inner = inside or element
        self.places.put(node, Place(element.start, element.end, inner.inner_start, inner.inner_end))
        return node

    def blocks(self, children: Iterable[Child]) -> list[Node]:
        """The blocks that these are; runs of words among them are paragraphs."""
        found: list[Node] = []
        loose: list[Child] = []
        for child in children:
            if self._is_block(child, loose):
                found += self._loose(loose)
                loose = []
                found += self._block(child) if isinstance(child, Element) else []
            else:
                loose.append(child)
        return found + self._loose(loose)

    def _is_block(self, child: Child, loose: Sequence[Child]) -> bool:
        if isinstance(child, Words):
            return False
        empty = all(isinstance(each, Words) and not each.text.strip(" \t\r\n") for each in loose)
        if child.name in _BLOCKS or child.name in _THROUGH or child.name == "div":
            return True
        if child.name in {"ac:structured-macro", "ac:macro"}:
            return is_block_macro(child, empty=empty)
        return empty and (child.name in {COMMENT, "ac:image", "ac:adf-extension"} or self._is_unknown(child))

    def _is_unknown(self, element: Element) -> bool:
        return not self.lines.knows(element.name) and any(
            child.name in _BLOCKS or child.name in {"div", "ac:structured-macro"} for child in element.elements()
        )

    def _block(self, element: Element) -> list[Node]:
        if element.name in _THROUGH or (element.name == "div" and not element.attributes):
            return self.blocks(element.children)
        handler = _BLOCKS.get(element.name)
        node = handler(self, element) if handler else self._other(element)
        return [] if node is None else [node if node in self.places else self.placed(node, element)]

    def _other(self, element: Element) -> Node | None:
        if element.name in {"ac:structured-macro", "ac:macro"}:
            return block_macro(self, element)
        if element.name == "ac:image":
            return self._picture(element)
        if element.name == "ac:adf-extension":
            return self._extension(element)
        return self.unknown(element)

    def unknown(self, element: Element, inside: Element | None = None, name: str = "") -> Node:
        """What the notation has no words for: around what it holds, it goes by reference."""
        inner = inside or element
        node: Node = {"type": f"storage:{element.name}", "attrs": {"name": name or element.name.lstrip("#")}}
        node["attrs"] = {"name": name or element.name.lstrip("#")}
        if inner.children and element.name != "style":
            node["content"] = self.blocks(inner.children)
        return self.placed(node, element, inner)

    def _extension(self, element: Element) -> Node:
        adf = element.find("ac:adf-node")
        kind = adf.attributes.get("type", "unknown") if adf is not None else "unknown"
        return self.unknown(element, adf.find("ac:adf-content") if adf is not None else None, kind)

    def _loose(self, children: Sequence[Child]) -> list[Node]:
        if all(isinstance(child, Words) and child.text.isspace() for child in children):
            return []
        line = self.lines.read(children)
        if not line.nodes:
            return []
        node: Node = {"type": "paragraph", "content": line.nodes}
        self.places.put(node, Place(line.start, line.end, line.start, line.end))
        return [node]

    def line(self, element: Element) -> Line:
        return self.lines.read(element.children)

    def paragraph(self, element: Element) -> Node:
        if any(child.name in _BLOCKS or child.name == "div" for child in element.elements()):
            return self.unknown(element)
        return self._with_style({"type": "paragraph", "content": self.line(element).nodes}, element)

    def heading(self, element: Element) -> Node:
        if any(child.name in _BLOCKS or child.name == "div" for child in element.elements()):
            return self.unknown(element)
        node: Node = {"type": "heading", "attrs": {"level": int(element.name[1])}, "content": self.line(element).nodes}
        return self._with_style(node, element)

    def _with_style(self, node: Node, element: Element) -> Node:
        if not element.attributes:
            return node
        style = style_of(element)
        marks: list[Node] = []
        if align := {"center": "center", "right": "end", "end": "end"}.get(style.get("text-align", "")):
            marks.append({"type": "alignment", "attrs": {"align": align}})
        if indent := _PIXELS.search(element.attributes.get("style", "")):
            level = round(int(indent[1]) / 30)
            marks += [{"type": "indentation", "attrs": {"level": level}}] if 0 < level <= 6 else []
        if marks:
            node["marks"] = marks
        return self.with_html(node, element)

    def with_html(self, node: Node, element: Element) -> Node:
        """An element's attributes, for when its tag is written anew."""
        if element.attributes:
            node["attrs"] = {**node.get("attrs", {}), "html": dict(element.attributes)}
        return node

    def rule(self, _: Element) -> Node:
        return {"type": "rule"}

    def preformatted(self, element: Element) -> Node:
        if not element.holds_only_text():
            return self.unknown(element)
        return self.code(element, {"pre": True})

    def code(self, element: Element, attrs: dict[str, Any]) -> Node:
        """Text as it stands in an element."""
        text = element.text()
        content: list[Node] = [{"type": "text", "text": text}] if text else []
        return {"type": "codeBlock", **({"attrs": attrs} if attrs else {}), "content": content}

    def quote(self, element: Element) -> Node:
        return self.with_html({"type": "blockquote", "content": self.blocks(element.children)}, element)

    def bullets(self, element: Element) -> Node:
        return self._list({"type": "bulletList"}, element)

    def numbers(self, element: Element) -> Node:
        start = element.attributes.get("start", "1")
        order = int(start) if start.isdecimal() and len(start) < 10 else 1
        return self._list({"type": "orderedList", **({"attrs": {"order": order}} if order != 1 else {})}, element)

    def _list(self, node: Node, element: Element) -> Node:
        items = [self._item(child) for child in element.elements() if child.name == "li"]
        if not items or any(child.name not in {"li", COMMENT} for child in element.elements()):
            return self.unknown(element)
        node["content"] = items
        return self.with_html(node, element)

    def _item(self, element: Element) -> Node:
        node = self.with_html({"type": "listItem", "content": self.blocks(element.children)}, element)
        return self.placed(node, element)

    def tasks(self, element: Element) -> Node:
        tasks = [self._task(child) for child in element.elements()]
        if not tasks or any(child.name != "ac:task" for child in element.elements()):
            return self.unknown(element)
        return {"type": "taskList", "content": tasks}

    def _task(self, element: Element) -> Node:
        status, body = element.find("ac:task-status"), element.find("ac:task-body")
        done = status is not None and status.text().strip() == "complete"
        number = element.find("ac:task-id")
        identity = number.text().strip() if number is not None else ""
        attrs: Node = {"state": "DONE" if done else "TODO", "localId": identity}
        blocks = self.blocks(body.children) if body is not None else []
        inside = body or element
        if not blocks or (len(blocks) == 1 and blocks[0]["type"] == "paragraph" and not blocks[0].get("marks")):
            content: list[Node] = blocks[0]["content"] if blocks else []
            place = self.places[blocks[0]] if blocks else None
            node: Node = {"type": "taskItem", "attrs": attrs, "content": content}
            inner = (place.inner_start, place.inner_end) if place else (inside.inner_start, inside.inner_end)
            self.places.put(node, Place(element.start, element.end, *inner))
            return node
        return self.placed({"type": "blockTaskItem", "attrs": attrs, "content": blocks}, element, inside)

    def table(self, element: Element) -> Node:
        parts = [element, *(part for part in element.elements() if part.name in _THROUGH)]
        elements = [row for part in parts for row in part.elements() if row.name == "tr"]
        elements = [row for row in elements if row.find("td", "th")]
        if not elements:
            return self.unknown(element)
        attrs: Node = {}
        if caption := element.find("caption"):
            attrs["caption"] = " ".join(caption.text().split())
        if any("width" in str(column.attributes) for column in element.walk() if column.name == "col"):
            attrs["columns"] = True
        rows = [self._row(row) for row in elements]
        node = self.with_html({"type": "table", **({"attrs": attrs} if attrs else {}), "content": rows}, element)
        return self.places.put(node, Place(element.start, element.end, elements[0].start, elements[-1].end))

    def _row(self, element: Element) -> Node:
        cells = [self._cell(child) for child in element.elements() if child.name in {"td", "th"}]
        return self.placed(self.with_html({"type": "tableRow", "content": cells}, element), element)

    def _cell(self, element: Element) -> Node:
        attributes = element.attributes
        attrs: Node = {
            name: int(attributes[name])
            for name in ("colspan", "rowspan")
            if attributes.get(name, "1").isdecimal() and attributes.get(name, "1") != "1" and len(attributes[name]) < 5
        }
        if colour := attributes.get("data-highlight-colour"):
            attrs["background"] = colour
        kind = "tableHeader" if element.name == "th" else "tableCell"
        node: Node = {"type": kind, **({"attrs": attrs} if attrs else {}), "content": self.blocks(element.children)}
        return self.placed(self.with_html(node, element), element)

    def section(self, element: Element) -> Node:
        columns = [
            self.placed({"type": "layoutColumn", "content": self.blocks(cell.children)}, cell)
            for cell in element.elements()
            if cell.name == "ac:layout-cell"
        ]
        if not columns:
            return self.unknown(element)
        return self.with_html({"type": "layoutSection", "content": columns}, element)

    def _picture(self, element: Element) -> Node:
        media = self.lines.picture(element)
        if media["type"] != "media":
            return self.unknown(element)
        node: Node = {"type": "mediaSingle", "content": [media]}
        caption = element.find("ac:caption")
        if caption is not None:
            blocks = self.blocks(caption.children)
            words: list[Node] = children(blocks[0]) if len(blocks) == 1 else []
            place = self.places[blocks[0]] if len(blocks) == 1 else None
            if place is None:
                return self.unknown(element)
            line: Node = {"type": "caption", "content": words}
            self.places.put(line, place)
            self.places.put(media, Place(element.inner_start, caption.start, element.inner_start, caption.start))
            node["content"].append(line)
        self.places.put(node, Place(element.start, element.end, element.inner_start, element.inner_end))
        return node


_BLOCKS: dict[str, Callable[[StorageReader, Element], Node | None]] = {
    "p": StorageReader.paragraph,
    "hr": StorageReader.rule,
    "pre": StorageReader.preformatted,
    "blockquote": StorageReader.quote,
    "ul": StorageReader.bullets,
    "ol": StorageReader.numbers,
    "table": StorageReader.table,
    "ac:task-list": StorageReader.tasks,
    "ac:layout-section": StorageReader.section,
    **{f"h{level}": StorageReader.heading for level in range(1, 7)},
}

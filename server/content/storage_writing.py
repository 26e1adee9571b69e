"""Nodes as Confluence's storage format. What stands in the page already is copied from it, byte for byte."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from server.content.notation import Node, as_object, attributes, children, marks_of
from server.content.plain_words import as_lines
from server.content.storage_inline_writing import LineWriter, attribute, cdata, text
from server.content.storage_page import NO_PAGE, Page, Place

_TASK_ID = re.compile(rb"<ac:task-id>\s*(\d{1,9})")
_PANELS = {"custom": "panel", "success": "tip", "error": "warning"}


def write_storage(blocks: Sequence[Node], page: Page = NO_PAGE, upon: Mapping[int, Node] | None = None) -> str:
    """The page of these blocks. `upon` has, for a node that was built, the one of `page` that it was built upon."""
    writer = _StorageWriter(page, upon or {})
    whole = Place(0, len(page.source), 0, len(page.source))
    return writer.inside(blocks, page.blocks, whole)


class _StorageWriter:
    def __init__(self, page: Page, upon: Mapping[int, Node]) -> None:
        self._page = page
        self._upon = upon
        self._line = LineWriter(page)
        self._tasks = max((int(found) for found in _TASK_ID.findall(page.source)), default=0)

    def _base(self, node: Node) -> Node | None:
        """The page's node that this one is, or was built upon."""
        return node if node in self._page.places else self._upon.get(id(node))

    def inside(self, blocks: Sequence[Node], base: Sequence[Node], place: Place) -> str:
        """What is inside a node of the page, with the blanks between its blocks where they stood."""
        gaps = self._gaps(base, place)
        kept = [each for node in blocks if (each := self._base(node)) is not None]
        known = [id(node) for node in base]
        if any("<" in gap for gap in gaps) and [id(node) for node in kept] != known:
            return self.blocks(blocks)
        if any("<" in gap for gap in gaps) and len(kept) != len(blocks):
            return self.blocks(blocks)
        before = dict(zip(known, gaps, strict=False))
        parts = [f"{before.get(id(self._base(node)), '')}{self._block(node)}" for node in blocks]
        return "".join([*parts, gaps[-1]])

    def _gaps(self, base: Sequence[Node], place: Place) -> list[str]:
        """What stands before each block, and behind the last."""
        gaps: list[str] = []
        at = place.inner_start
        for node in base:
            found = self._page.places[node]
            gaps.append(self._page.slice(at, found.start))
            at = found.end
        return [*gaps, self._page.slice(at, place.inner_end)]

    def blocks(self, blocks: Sequence[Node]) -> str:
        """Blocks anew; sections of a layout stand together in one."""
        parts: list[str] = []
        for layout, group in groupby(blocks, lambda node: node["type"] == "layoutSection"):
            written = "".join(map(self._block, group))
            parts.append(f"<ac:layout>{written}</ac:layout>" if layout else written)
        return "".join(parts)

    def _block(self, node: Node) -> str:
        if node in self._page.places:
            return self._page.text_of(node)
        base = self._upon.get(id(node))
        place = self._page.places.get(base) if base is not None else None
        if base is not None and place is not None and self._same_around(node, base):
            inner = self._inner(node, base, place)
            around = self._page.slice(place.start, place.inner_start), self._page.slice(place.inner_end, place.end)
            return f"{around[0]}{inner}{around[1]}"
        writer = _BLOCKS.get(node["type"])
        if writer:
            return writer(self, node)
        return self._opaque(node)

    def _same_around(self, node: Node, base: Node) -> bool:
        """Whether only what is inside has changed, so that the tags can stay as they are."""
        same = all((node.get(name) or None) == (base.get(name) or None) for name in ("type", "attrs", "marks"))
        if base["type"] == "mediaSingle":
            return (
                same and len(node["content"]) == 2 == len(base["content"]) and node["content"][0] is base["content"][0]
            )
        return same and not attributes(base).get("rewrite")

    def _inner(self, node: Node, base: Node, place: Place) -> str:
        if node["type"] == "codeBlock":
            words = "".join(each["text"] for each in node["content"])
            return text(words) if attributes(node).get("pre") else cdata(words)
        if node["type"] in {"paragraph", "heading", "caption", "taskItem"}:
            return self._line.write(node["content"])
        return self.inside(node["content"], children(base), place)

    def _opaque(self, node: Node) -> str:
        """What goes by reference, around what now stands in it."""
        base = self._page.places.having(node["attrs"])
        if base is None:
            return self.blocks(children(node))
        place = self._page.places[base]
        around = self._page.slice(place.start, place.inner_start), self._page.slice(place.inner_end, place.end)
        return f"{around[0]}{self.inside(node.get('content') or (), base.get('content') or (), place)}{around[1]}"

    def paragraph(self, node: Node) -> str:
        return f"<p{_html(node, _style(node))}>{self._line.write(node['content'])}</p>"

    def heading(self, node: Node) -> str:
        level = node["attrs"]["level"]
        return f"<h{level}{_html(node, _style(node))}>{self._line.write(node['content'])}</h{level}>"

    def rule(self, _: Node) -> str:
        return "<hr />"

    def quote(self, node: Node) -> str:
        return f"<blockquote{_html(node)}>{self.blocks(node['content'])}</blockquote>"

    def code(self, node: Node) -> str:
        attrs = attributes(node)
        words = "".join(each["text"] for each in node["content"])
        if attrs.get("pre"):
            return f"<pre>{text(words)}</pre>"
        if attrs.get("plain"):
            return cdata(words)
        shown = {name: attrs[name] for name in ("language", "title") if attrs.get(name)}
        body = f"<ac:plain-text-body>{cdata(words)}</ac:plain-text-body>"
        return _macro("code", shown, body, node)

    def list(self, node: Node) -> str:
        name = "ol" if node["type"] == "orderedList" else "ul"
        order = attributes(node).get("order", 1)
        html = _html(node, without=("start",))
        start = f' start="{order}"' if name == "ol" and order != 1 else ""
        return f"<{name}{html}{start}>{''.join(map(self._block, node['content']))}</{name}>"

    def item(self, node: Node) -> str:
        return f"<li{_html(node)}>{self.blocks(_without_blank(node['content']))}</li>"

    def decisions(self, node: Node) -> str:
        """Storage format has no decisions of its own."""
        items = ([{"type": "text", "text": "<> "}, *item["content"]] for item in node["content"])
        return f"<ul>{''.join(f'<li><p>{self._line.write(item)}</p></li>' for item in items)}</ul>"

    def tasks(self, node: Node) -> str:
        parts: list[str] = []
        for child in node["content"]:
            if child["type"] == "taskList" and parts and parts[-1].endswith("</ac:task-body></ac:task>"):
                parts[-1] = f"{parts[-1].removesuffix('</ac:task-body></ac:task>')}{self._block(child)}"
                parts[-1] += "</ac:task-body></ac:task>"
            else:
                parts.append(self._block(child))
        return f"<ac:task-list>{''.join(parts)}</ac:task-list>"

    def task(self, node: Node) -> str:
        attrs = attributes(node)
        number = attrs.get("localId")
        if not number:
            self._tasks += 1
            number = str(self._tasks)
        status = "complete" if attrs.get("state") == "DONE" else "incomplete"
        return (
            f"<ac:task><ac:task-id>{text(str(number))}</ac:task-id><ac:task-status>{status}</ac:task-status>"
            f"<ac:task-body>{self._task_body(node)}</ac:task-body></ac:task>"
        )

    def _task_body(self, node: Node) -> str:
        content: Sequence[Node] = node["content"]
        if node["type"] == "taskItem":
            return self._line.write(content)
        if content and content[0]["type"] == "paragraph" and content[0] not in self._page.places:
            return self._line.write(content[0]["content"]) + self.blocks(content[1:])
        return self.blocks(content)

    def table(self, node: Node) -> str:
        title = attributes(node).get("caption")
        caption = f"<caption>{text(title)}</caption>" if title else ""
        return f"<table{_html(node)}>{caption}<tbody>{''.join(map(self._block, node['content']))}</tbody></table>"

    def row(self, node: Node) -> str:
        return f"<tr{_html(node)}>{''.join(map(self._block, node['content']))}</tr>"

    def cell(self, node: Node) -> str:
        tag = "th" if node["type"] == "tableHeader" else "td"
        attrs = attributes(node)
        spans = "".join(f' {name}="{attrs[name]}"' for name in ("colspan", "rowspan") if attrs.get(name, 1) != 1)
        colour = f' data-highlight-colour="{attribute(str(attrs["background"]))}"' if attrs.get("background") else ""
        html = _html(node, without=("colspan", "rowspan", "data-highlight-colour"))
        return f"<{tag}{spans}{colour}{html}>{self.blocks(node['content'])}</{tag}>"

    def layout(self, node: Node) -> str:
        html = attributes(node).get("html") or {"ac:type": _layout_type(node["content"])}
        cells = "".join(map(self._block, node["content"]))
        return f"<ac:layout-section{_attributes(html)}>{cells}</ac:layout-section>"

    def column(self, node: Node) -> str:
        return f"<ac:layout-cell>{self.blocks(node['content'])}</ac:layout-cell>"

    def panel(self, node: Node) -> str:
        attrs = node["attrs"]
        kind: str = attrs["panelType"]
        name = _PANELS.get(kind, kind)
        title = {"title": attrs["title"]} if attrs.get("title") else {}
        return _macro(name, title, self._body(node), node)

    def expand(self, node: Node) -> str:
        title = attributes(node).get("title")
        return _macro("expand", {"title": title} if title else {}, self._body(node), node)

    def _body(self, node: Node) -> str:
        return f"<ac:rich-text-body>{self.blocks(children(node))}</ac:rich-text-body>"

    def macro(self, node: Node) -> str:
        given = as_object(as_object(node["attrs"].get("parameters")).get("macroParams"))
        parameters = {name: as_object(each).get("value", "") for name, each in given.items()}
        content = children(node)
        body = self._body(node) if content else ""
        if len(content) == 1 and content[0]["type"] == "codeBlock" and not attributes(content[0]).get("language"):
            words = "".join(each["text"] for each in content[0]["content"])
            body = f"<ac:plain-text-body>{cdata(words)}</ac:plain-text-body>"
        return _macro(node["attrs"]["extensionKey"], parameters, body, node)

    def picture(self, node: Node) -> str:
        media, *captions = node["content"]
        image = self._line.write([media])
        if captions:
            caption = f"<ac:caption><p>{self._line.write(captions[0]['content'])}</p></ac:caption>"
            image = image.replace("</ac:image>", f"{caption}</ac:image>")
        return image

    def pictures(self, node: Node) -> str:
        return f"<p>{self._line.write(node['content'])}</p>"

    def card(self, node: Node) -> str:
        url = attribute(node["attrs"]["url"])
        appearance = "block" if node["type"] == "blockCard" else "embed"
        return f'<p><a href="{url}" data-card-appearance="{appearance}">{url}</a></p>'

    def words(self, node: Node) -> str:
        """What storage format has no words for, as its text."""
        return "".join(f"<p>{self._line.write(line)}</p>" for line in as_lines(node))


def _layout_type(columns: Sequence[Node]) -> str:
    """The nearest of those that storage format knows."""
    widths: list[float] = [attributes(column).get("width", 0) for column in columns]
    match widths:
        case [_]:
            return "fixed-width"
        case [left, right] if left != right:
            return "two_left_sidebar" if left < right else "two_right_sidebar"
        case [_, _]:
            return "two_equal"
        case [left, middle, right] if left < middle > right:
            return "three_with_sidebars"
        case _:
            return "three_equal"


def _without_blank(blocks: Sequence[Node]) -> Sequence[Node]:
    blank = len(blocks) == 1 and blocks[0]["type"] == "paragraph" and not blocks[0]["content"]
    return () if blank else blocks


def _macro(name: str, parameters: Mapping[str, object], body: str, node: Node) -> str:
    attrs = attributes(node)
    html = attrs.get("html") or {"ac:schema-version": "1"}
    given = "".join(
        f'<ac:parameter ac:name="{attribute(key)}">{text(str(value))}</ac:parameter>'
        for key, value in parameters.items()
    )
    inner = f"{given}{attrs.get('further', '')}{body}"
    head = f'<ac:structured-macro ac:name="{attribute(name)}"{_attributes(html)}'
    return f"{head}>{inner}</ac:structured-macro>" if inner else f"{head} />"


def _html(node: Node, style: str = "", *, without: Sequence[str] = ()) -> str:
    """The attributes that an element had, with the style that it now has."""
    html: dict[str, str] = dict(as_object(attributes(node).get("html")))
    for name in without:
        html.pop(name, None)
    kept = [each for each in html.pop("style", "").split(";") if each.strip() and not _OWN_STYLE.match(each.strip())]
    styles = "; ".join([*(each.strip() for each in kept), *([style] if style else [])])
    return _attributes({**html, **({"style": f"{styles};"} if styles else {})})


_OWN_STYLE = re.compile(r"(?:text-align|margin-left)\s*:")


def _style(node: Node) -> str:
    found: list[str] = []
    for mark in marks_of(node):
        if mark["type"] == "alignment":
            found.append(f"text-align: {'right' if mark['attrs']['align'] == 'end' else mark['attrs']['align']}")
        elif mark["type"] == "indentation":
            found.append(f"margin-left: {30 * mark['attrs']['level']}.0px")
    return "; ".join(found)


def _attributes(html: Mapping[str, str]) -> str:
    return "".join(f' {name}="{attribute(value)}"' for name, value in html.items())


_BLOCKS: dict[str, Callable[[_StorageWriter, Node], str]] = {
    "paragraph": _StorageWriter.paragraph,
    "caption": _StorageWriter.paragraph,
    "heading": _StorageWriter.heading,
    "rule": _StorageWriter.rule,
    "blockquote": _StorageWriter.quote,
    "codeBlock": _StorageWriter.code,
    "bulletList": _StorageWriter.list,
    "orderedList": _StorageWriter.list,
    "listItem": _StorageWriter.item,
    "decisionList": _StorageWriter.decisions,
    "taskList": _StorageWriter.tasks,
    "taskItem": _StorageWriter.task,
    "blockTaskItem": _StorageWriter.task,
    "table": _StorageWriter.table,
    "tableRow": _StorageWriter.row,
    "tableCell": _StorageWriter.cell,
    "tableHeader": _StorageWriter.cell,
    "layoutSection": _StorageWriter.layout,
    "layoutColumn": _StorageWriter.column,
    "panel": _StorageWriter.panel,
    "expand": _StorageWriter.expand,
    "extension": _StorageWriter.macro,
    "bodiedExtension": _StorageWriter.macro,
    "mediaSingle": _StorageWriter.picture,
    "mediaGroup": _StorageWriter.pictures,
    "blockCard": _StorageWriter.card,
    "embedCard": _StorageWriter.card,
    "syncBlock": _StorageWriter.words,
    "bodiedSyncBlock": lambda writer, node: writer.blocks(node["content"]),
}

"""What a document holds that plain Markdown cannot say, and what of it is gone after a write."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from server.content.notation import MACROS, Node, as_object, attributes, children, is_opaque, marks_of
from server.content.plain_words import words_of

_EXCERPT = 60


class Loss(NamedTuple):
    """Something that a write takes away: what, where it stands, and how to keep it."""

    what: str
    where: str
    remedy: str

    def text(self) -> str:
        return f"{self.what}{f' ({self.where})' if self.where else ''}: {self.remedy}"


class Held(NamedTuple):
    what: str
    where: str
    remedy: str


Thing: TypeAlias = tuple[str, str]
"""What a node is or has, and how to keep it."""


def held(nodes: Sequence[Node], things: Callable[[Node], Iterator[Thing]] | None = None) -> Iterator[Held]:
    """What plain Markdown has no words for, in the order of the text; or what else `things` finds in each node."""
    find = things or things_of
    where = ""
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        if node["type"] == "heading" and (title := words_of(node)):
            where = f'under "{_short(title)}"'
        for what, remedy in find(node):
            yield Held(what, where, remedy)
        pending.extend(reversed(children(node)))


def named(nodes: Sequence[Node]) -> list[str]:
    """The same by name, each once and with its number."""
    counts = Counter(each.what for each in held(nodes))
    return [what if count == 1 else f"{what} ({count})" for what, count in counts.items()]


def lost(base: Sequence[Node], new: Sequence[Node]) -> list[Loss]:
    """What the base holds and the new document does not: nothing, where it was only moved."""
    left = Counter(each.what for each in held(new))
    found: list[Loss] = []
    for what, where, remedy in held(base):
        if left[what]:
            left[what] -= 1
        else:
            found.append(Loss(what, where, remedy))
    return found


def things_of(node: Node) -> Iterator[Thing]:
    attrs: Mapping[str, Any] = attributes(node)
    kind = node["type"]
    if kind not in MACROS and is_opaque(node):
        yield _unknown(kind, attrs), _REFERENCE
    elif (naming := _NAMES.get(kind)) and not (kind == "media" and attrs.get("type") == "external"):
        yield naming(node, attrs), _REFERENCE if is_opaque(node) else _NOTATION
    for mark in marks_of(node):
        yield from _mark(node, mark)
    for name, what in _QUIET.get(kind, {}).items():
        if attrs.get(name) is True or attrs.get(name) not in _PLAIN_VALUES:
            yield what, _QUIETLY
    for what in _html(as_object(attrs.get("html"))):
        yield what, _QUIETLY
    if kind == "table":
        yield from _table(node)


def _unknown(kind: str, attrs: Mapping[str, Any]) -> str:
    """What goes by reference, by the name that its readers would give it."""
    called = str(attrs.get("name") or "")
    words = str(attrs.get("text") or attrs.get("url") or "")
    if kind in {"storage:ac:structured-macro", "storage:ac:macro", "storage:macro"}:
        return f'macro "{_short(called)}"'
    if kind.startswith("storage:"):
        return _named(_ELEMENTS.get(called, f'element "{called}"'), words)
    return _named(f'unknown node "{kind}"', words)


_ELEMENTS = {
    "comment": "HTML comment",
    "link": "link",
    "anchor": "link target",
    "block": "card",
    "embed": "embedded page",
    "date": "date",
}
_REFERENCE = "keep its `ref` where it should stand"
_NOTATION = "keep it as it was read, in the notation of isthmus://guide/markdown"
_QUIETLY = "Markdown does not show it; it stays where its block is edited and not written anew"
_ANCHOR = "keep one of its words; the comment has no place without them"
_PLAIN_VALUES: tuple[object, ...] = (None, "", 0, 1, False, 760, 100, "default", "center", "align-start", "top", [])


def _mark(node: Node, mark: Node) -> Iterator[Thing]:
    kind = mark["type"]
    attrs: Mapping[str, Any] = attributes(mark)
    if kind == "annotation":
        yield f"inline comment anchor {attrs.get('id', '')}".strip(), _ANCHOR
    elif kind in _MARKS:
        yield _MARKS[kind], _NOTATION
    elif kind not in {"strong", "em", "strike", "code", "link", "fragment"}:
        yield "formatting of its own" if kind == "html" else f'mark "{_short(kind)}"', _QUIETLY


def _table(node: Node) -> Iterator[Thing]:
    rows: list[Sequence[Node]] = [children(row) for row in children(node)]
    headed = bool(rows) and bool(rows[0]) and all(cell["type"] == "tableHeader" for cell in rows[0])
    if any(cell["type"] == "tableHeader" for row in rows[headed:] for cell in row):
        yield "header cells outside the first row", _NOTATION
    cells = [cell for row in rows for cell in row]
    if any(attributes(cell).get(name, 1) not in (1, None) for cell in cells for name in ("colspan", "rowspan")):
        yield "merged table cells", _NOTATION
    if any(len(content := children(cell)) > 1 or (content and content[0]["type"] != "paragraph") for cell in cells):
        yield "blocks in a table cell", _NOTATION


def _html(html: Mapping[str, str]) -> Iterator[str]:
    for declaration in html.get("style", "").split(";"):
        name, _, value = declaration.partition(":")
        kind = _STYLES.get(name.strip().lower())
        if kind and value.strip().lower() not in _DEFAULTS:
            yield kind
    if html.get("id"):
        yield f'link target "{html["id"]}"'
    for name, kind in _HTML.items():
        if html.get(name, "") not in {"", "default", "center", "align-start", "760", "false"}:
            yield kind


_STYLES = {
    "color": "text colour",
    "background": "background colour",
    "background-color": "background colour",
    "vertical-align": "cell alignment",
    "font-size": "font size",
    "list-style-type": "list style",
    "width": "width",
}
_HTML = {
    "data-layout": "table layout",
    "data-table-width": "table width",
    "width": "width",
    "ac:width": "image size",
    "ac:height": "image size",
    "ac:thumbnail": "image size",
    "ac:border": "image border",
    "ac:align": "image layout",
    "ac:title": "image title",
    "ac:class": "image style",
}
_DEFAULTS = {"left", "0", "0px", "0.0px", "0em", "start", "top", "none", "inherit", "100%", "100.0%", "auto", ""}
_MARKS = {
    "underline": "underline",
    "textColor": "text colour",
    "backgroundColor": "background colour",
    "subsup": "subscript or superscript",
    "border": "image border",
    "alignment": "alignment",
    "indentation": "indentation",
    "breakout": "wide layout",
    "fontSize": "font size",
}
_QUIET: dict[str, dict[str, str]] = {
    "codeBlock": {
        "wrap": "code block display",
        "hideLineNumbers": "code block display",
        "further": "code block options",
    },
    "mediaSingle": {"layout": "image layout", "width": "image size"},
    "table": {
        "layout": "table layout",
        "width": "table width",
        "isNumberColumnEnabled": "numbered rows",
        "columns": "column widths",
        "caption": "table caption",
    },
    "tableCell": {"background": "cell colour", "colwidth": "column widths", "valign": "cell alignment"},
    "tableHeader": {"background": "cell colour", "colwidth": "column widths", "valign": "cell alignment"},
    "panel": {"further": "panel options"},
}


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _EXCERPT else f"{flat[:_EXCERPT].rstrip()}…"


def _named(what: str, example: str) -> str:
    what = what if len(what) <= _EXCERPT else _short(what)
    return f"{what} {_short(example)}" if example else what


def _macro(node: Node, attrs: Mapping[str, Any]) -> str:
    return f'macro "{_short(str(attrs.get("extensionKey") or node["type"]))}"'


def _file(_: Node, attrs: Mapping[str, Any]) -> str:
    return _named("image", str(attrs.get("alt") or attrs.get("id") or attrs.get("url") or ""))


def _day(_: Node, attrs: Mapping[str, Any]) -> str:
    stamp = str(attrs.get("timestamp") or "")
    if not re.fullmatch(r"-?[0-9]{1,13}", stamp):
        return _named("date", stamp)
    return f"date {datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(stamp)):%Y-%m-%d}"


def _quoted(what: str, name: str) -> Callable[[Node, Mapping[str, Any]], str]:
    return lambda _, attrs: _named(what, f'"{attrs[name]}"' if attrs.get(name) else "")


def _plain(what: str, name: str = "") -> Callable[[Node, Mapping[str, Any]], str]:
    return lambda _, attrs: _named(what, str(attrs.get(name) or "") if name else "")


_NAMES: dict[str, Callable[[Node, Mapping[str, Any]], str]] = {
    "panel": _plain("panel"),
    "expand": _quoted("expand", "title"),
    "nestedExpand": _quoted("expand", "title"),
    "layoutSection": _plain("layout"),
    "taskList": _plain("task list"),
    "decisionList": _plain("decision list"),
    "status": _quoted("status", "text"),
    "mention": lambda _, attrs: (
        f"mention of {_short(str(attrs.get('text') or attrs.get('id') or '')).removeprefix('@')}"
    ),
    "date": _day,
    "emoji": lambda _, attrs: _named("emoji", str(attrs.get("shortName") or "").strip(":")),
    "placeholder": _plain("placeholder", "text"),
    "blockCard": _plain("card", "url"),
    "embedCard": _plain("embedded page", "url"),
    "mediaGroup": _plain("attached files"),
    "mediaInline": _file,
    "caption": _plain("image caption"),
    "syncBlock": _plain("synced block"),
    "bodiedSyncBlock": _plain("synced block"),
    **dict.fromkeys(MACROS, _macro),
    "media": _file,
}

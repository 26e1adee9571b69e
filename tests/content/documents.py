"""Documents to convert: real ones, and ones made up by hypothesis."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import jsonschema_rs
from hypothesis import strategies as st

SHARED = Path(__file__).parents[3] / "shared"
ADF_FILES = sorted((SHARED / "corpus" / "adf").glob("*.json"))
STORAGE_FILES = sorted((SHARED / "corpus" / "storage").glob("*.xml"))
SCHEMA = SHARED / "specs" / "adf-full.json"
ABSENT = f"the real documents are not here ({SHARED})"

Node = dict[str, Any]
_NOISE = {
    *("localId", "width", "layout", "height", "colwidth", "widthType", "displayMode", "occurrenceKey", "accessLevel"),
    *("uniqueId", "macroMetadata"),
}
_DEFAULTS: dict[str, object] = {"colspan": 1, "rowspan": 1, "order": 1, "userType": "DEFAULT"}
_IDS = {"emoji": ("id",), "link": ("id", "collection"), "hardBreak": ("text",)}


def doc(*blocks: Any) -> Node:
    return {"version": 1, "type": "doc", "content": list(blocks)}


def paragraph(*inlines: Node | str) -> Node:
    return {"type": "paragraph", "content": [text(item) if isinstance(item, str) else item for item in inlines]}


def text(words: str, *marks: str, href: str = "") -> Node:
    found: list[Node] = [{"type": "link", "attrs": {"href": href}}] if href else []
    found += [{"type": mark} for mark in marks]
    return {"type": "text", "text": words, **({"marks": found} if found else {})}


def block(kind: str, *content: Node, **attrs: object) -> Node:
    return {"type": kind, **({"attrs": attrs} if attrs else {}), "content": list(content)}


def bullets(*items: Node | Sequence[Node]) -> Node:
    return block("bulletList", *(_item(item) for item in items))


def numbers(*items: Node | Sequence[Node], order: int = 1) -> Node:
    return block("orderedList", *(_item(item) for item in items), order=order)


def _item(item: Node | Sequence[Node]) -> Node:
    return block("listItem", *([item] if isinstance(item, dict) else item))


def table(*rows: Sequence[Node], headed: bool = True) -> Node:
    return block(
        "table",
        *(
            block("tableRow", *(block("tableHeader" if headed and not number else "tableCell", cell) for cell in row))
            for number, row in enumerate(rows)
        ),
    )


def same_tree(node: Any) -> Any:
    """A tree without what only serves the editor: identities, sizes and layout, values by default, the marks' order."""
    if not isinstance(node, dict):
        return node
    found = dict(cast("Node", node))
    found.pop("version", None)
    attrs = _said(found["type"], found.pop("attrs", None) or {})
    noted: list[Node] = found.pop("marks", None) or []
    marks = sorted((same_tree(mark) for mark in noted if mark["type"] not in {"fragment", "dataConsumer"}), key=str)
    inside: list[Node] = found.pop("content", None) or []
    content = _joined_texts([same_tree(child) for child in inside])
    return {**found, **({"attrs": attrs} if attrs else {}), **({"marks": marks} if marks else {}), "content": content}


def _said(kind: str, attrs: Node) -> Node:
    said = {
        key: value
        for key, value in attrs.items()
        if key not in {*_NOISE, *_IDS.get(kind, ())} and value and _DEFAULTS.get(key) != value
    }
    if kind in {"media", "mediaInline"} and said.get("type") == "file":
        del said["type"]
    if isinstance(said.get("parameters"), dict):
        given = {key: value for key, value in said.pop("parameters").items() if key not in _NOISE and value}
        said |= {"parameters": given} if given else {}
    return said


def _joined_texts(children: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for child in children:
        if kept and child["type"] == kept[-1]["type"] == "text" and child.get("marks") == kept[-1].get("marks"):
            kept[-1] = {**kept[-1], "text": kept[-1]["text"] + child["text"]}
        else:
            kept.append(child)
    return kept


def valid(document: Node) -> bool:
    return not SCHEMA.exists() or _validator().is_valid(document)


@cache
def _validator() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(json.loads(SCHEMA.read_text()))


def canonical(storage: str) -> list[Any]:
    """A page's elements without what only serves the editor."""
    named = re.sub(r"&(?!amp;|lt;|gt;|quot;)(\w+);", r"[\1]", storage)
    declared = f'<page xmlns:ac="ac" xmlns:ri="ri" xmlns:at="at">{named}</page>'
    return _canonical(ElementTree.fromstring(declared))[2]  # noqa: S314  # our own fixtures


_EDITORS_ATTRIBUTES = re.compile(r"class|data-|.*(macro-id|local-id|schema-version|version-at-save|card-appearance)")
_SAME = {"b": "strong", "i": "em", "s": "del", "strike": "del"}
_THROUGH = {"div", "span", "tbody", "colgroup"}


def _canonical(element: ElementTree.Element) -> tuple[str, dict[str, str], list[Any]]:
    children: list[Any] = [element.text or ""]
    for child in element:
        inner = _canonical(child)
        if inner[0] in _THROUGH:
            children.extend(inner[2])
        elif inner[0] != "p" or inner[2]:
            children.append(inner)
        children.append(child.tail or "")
    children = _joined(children)
    if element.tag in {"li", "td", "th", "page"}:
        children = [part for child in children for part in (child[2] if child[0] == "p" else [child])]
    kept = {name: value for name, value in element.attrib.items() if not _EDITORS_ATTRIBUTES.match(name)}
    return _SAME.get(element.tag, element.tag), kept, children


def _joined(children: list[Any]) -> list[Any]:
    joined: list[Any] = []
    for child in children:
        if isinstance(child, str) and joined and isinstance(joined[-1], str):
            joined[-1] += child
        else:
            joined.append(child)
    flat = [" ".join(child.split()) if isinstance(child, str) else child for child in joined]
    return [child for child in flat if child]


# What means something in Markdown, and what does not.
_PIECES = (
    *("a", "Ada", "é", "한글", "🙂", "snake_case", "1.", "2)", "C:\\dir", "x*y", "a * b", "&amp;", "&", "<b>", "a < b"),
    *(
        "*",
        "**",
        "_",
        "__",
        "`",
        "``",
        "~",
        "~~",
        "[x]",
        "[ ] ",
        "](",
        "(u)",
        "[",
        "]",
        "!",
        "#",
        "# ",
        "- ",
        "+ ",
        ">",
    ),
    *("|", "\\", "\\|", "---", "===", ":--", "https://a.example/b_c", "<https://a.example>", "<br>", ". ", ": ", '"'),
)
_HREFS = ("https://a.example/x?y=1&z=2", "https://a.example/(b", "#top", "a b", "/a|b\\c")
_CODE = ("x = 1", "a\n\n  b", "```", "~~~\n`", "\ttab", "| a |\n| - |", "<b>&amp;", "]]>", "- a\n1. b")
_CARD: Node = {"type": "inlineCard", "attrs": {"url": "https://a.example/card"}}
_MARKS = ("strong", "em", "strike")

words = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=5).map("".join).map(str.strip).filter(len)


@st.composite
def _inlines(draw: st.DrawFn) -> Node:
    choice = draw(st.integers(0, 9))
    if choice == 0:
        return _CARD
    if choice == 1:
        return {"type": "hardBreak"}
    marks = ["code"] if choice == 2 else draw(st.lists(st.sampled_from(_MARKS), unique=True))
    return text(draw(words), *marks, href=draw(st.sampled_from(_HREFS)) if choice == 3 else "")


@st.composite
def _lines(draw: st.DrawFn) -> list[Node]:
    """Words at both ends: what stands there blank is lost on purpose."""
    return [text(draw(words)), *draw(st.lists(_inlines(), max_size=4)), text(draw(words), "strong")]


@st.composite
def _leaves(draw: st.DrawFn) -> Node:
    if draw(st.integers(0, 4)):
        return paragraph(*draw(_lines()))
    language = draw(st.sampled_from(["", "python", "c++"]))
    return block("codeBlock", text(draw(st.sampled_from(_CODE))), **({"language": language} if language else {}))


@st.composite
def _lists(draw: st.DrawFn, depth: int = 2) -> Node:
    items: list[list[Node]] = []
    for _ in range(draw(st.integers(1, 3))):
        inner = [draw(_lists(depth - 1))] if depth and draw(st.booleans()) else []
        items.append([draw(_leaves()), *inner])
    order = draw(st.sampled_from([0, 1, 3]))
    return numbers(*items, order=order) if order else bullets(*items)


@st.composite
def _tables(draw: st.DrawFn) -> Node:
    width = draw(st.integers(1, 3))
    rows = [[paragraph(*draw(_lines())) for _ in range(width)] for _ in range(draw(st.integers(1, 3)))]
    return table(*rows, headed=draw(st.booleans()))


@st.composite
def _blocks(draw: st.DrawFn) -> Node:
    match draw(st.sampled_from(["leaf", "leaf", "heading", "list", "quotation", "table", "rule"])):
        case "heading":
            return block("heading", *draw(_lines()), level=draw(st.integers(1, 6)))
        case "list":
            return draw(_lists())
        case "quotation":
            return block("blockquote", *draw(st.lists(st.one_of(_leaves(), _lists(1)), min_size=1, max_size=2)))
        case "table":
            return draw(_tables())
        case "rule":
            return {"type": "rule"}
        case _:
            return draw(_leaves())


documents = st.lists(_blocks(), min_size=1, max_size=4).map(lambda blocks: doc(*blocks))

# What needs no escape, no entity and no nesting of marks: Markdown carries it all.
_plain_word = st.text("abcXYZéß한字", min_size=1, max_size=6)
_plain_words = st.lists(_plain_word, min_size=1, max_size=4).map(" ".join)


@st.composite
def _simple_inlines(draw: st.DrawFn) -> list[Node]:
    """Words, some of them strong, emphasised or linked as a whole, with blanks between."""
    found: list[Node] = [text(draw(_plain_words))]
    for _ in range(draw(st.integers(0, 3))):
        marks = draw(st.sampled_from([(), ("strong",), ("em",), ("strong", "em")]))
        href = draw(st.sampled_from(["", "", "https://a.example/x", "/wiki/spaces/D"]))
        found += [text(" "), text(draw(_plain_words), *marks, href=href), text(f" {draw(_plain_words)}")]
    return found


_simple_paragraphs = _simple_inlines().map(lambda inlines: paragraph(*inlines))


@st.composite
def _simple_code(draw: st.DrawFn) -> Node:
    lines = draw(st.lists(_plain_words, min_size=1, max_size=3))
    return block("codeBlock", text("\n".join(lines)), **draw(st.sampled_from([{}, {"language": "python"}])))


@st.composite
def _simple_headings(draw: st.DrawFn) -> Node:
    return block("heading", *draw(_simple_inlines()), level=draw(st.integers(1, 6)))


@st.composite
def _simple_lists(draw: st.DrawFn, depth: int = 2) -> Node:
    items = [
        [draw(_simple_paragraphs), *([draw(_simple_lists(depth - 1))] if depth and draw(st.booleans()) else [])]
        for _ in range(draw(st.integers(1, 3)))
    ]
    return numbers(*items) if draw(st.booleans()) else bullets(*items)


@st.composite
def _simple_tables(draw: st.DrawFn) -> Node:
    width = draw(st.integers(1, 3))
    rows = [[draw(_simple_paragraphs) for _ in range(width)] for _ in range(draw(st.integers(1, 3)))]
    return table(*rows, headed=draw(st.booleans()))


simple_documents = st.lists(
    st.one_of(_simple_paragraphs, _simple_headings(), _simple_code(), _simple_lists(), _simple_tables()),
    min_size=1,
    max_size=5,
).map(lambda blocks: doc(*blocks))

_MARKDOWN = (
    *_PIECES,
    *("\n", "\n\n", "    ", "\t", "```", "\n- ", "\n  - ", "\n1. ", "\n> ", "\n# ", "| a | b |\n| --- | --- |\n| c |"),
    *("[a](b)", "![i](https://a.example/i.png)", "[l]: u\n", "<div>", "</p>", '](<u v> "t")', "- [ ] a\n", "- [x] b\n"),
    *("javascript:x", "[a](javascript:x)", "&#12;", "&nbsp;", "]]>", "\x00", "\x0b", "\ud800", "![", "$"),
)
markdown = st.lists(st.sampled_from(_MARKDOWN), max_size=25).map("".join) | st.text(max_size=200)

"""The Atlassian Document Format, as far as a site must judge it: shape, plain text, HTML."""

import html
from collections.abc import Callable, Iterator
from typing import Any, cast

from server.sandbox.records import Json

LIMIT = 32_767
INLINE = {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "mediaInline", "placeholder"} | {
    "inlineExtension"
}
BLOCKS = (
    {"paragraph", "heading", "bulletList", "orderedList", "codeBlock", "blockquote", "panel", "rule", "table"}
    | {"mediaSingle", "mediaGroup", "expand", "nestedExpand", "taskList", "decisionList", "blockCard", "embedCard"}
    | {"layoutSection", "extension", "bodiedExtension", "multiBodiedExtension", "syncBlock", "bodiedSyncBlock"}
)
INNER = {"listItem", "tableRow", "tableHeader", "tableCell", "media", "caption", "taskItem", "blockTaskItem"} | {
    "decisionItem",
    "layoutColumn",
    "extensionFrame",
}
KNOWN = INLINE | BLOCKS | INNER
TAGS = {"paragraph": "p", "bulletList": "ul", "orderedList": "ol", "listItem": "li", "blockquote": "blockquote"} | {
    "table": "table",
    "tableRow": "tr",
    "tableHeader": "th",
    "tableCell": "td",
    "codeBlock": "pre",
    "panel": "div",
}
MARKS = {"strong": "b", "em": "em", "code": "tt", "strike": "del", "underline": "ins"}


def as_list(value: object) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def as_dict(value: object) -> Json:
    return cast(Json, value) if isinstance(value, dict) else {}


def is_document(value: object) -> bool:
    doc = as_dict(value)
    return doc.get("type") == "doc" and doc.get("version") == 1 and isinstance(doc.get("content"), list)


def is_valid(value: object) -> bool:
    """A document of known nodes, without empty texts, whose blocks are blocks."""
    return is_document(value) and all(
        as_dict(node).get("type") in BLOCKS and _sound(as_dict(node)) for node in as_list(as_dict(value)["content"])
    )


def _sound(node: Json) -> bool:
    if node.get("type") not in KNOWN:
        return False
    if node["type"] == "text":
        return isinstance(node.get("text"), str) and node["text"] != ""
    content = node.get("content", [])
    return isinstance(content, list) and all(_sound(as_dict(child)) for child in as_list(cast(object, content)))


def leaf_text(node: Json) -> str:
    attrs = as_dict(node.get("attrs"))
    match node.get("type"):
        case "text":
            return str(node.get("text", ""))
        case "mention" | "status" | "placeholder":
            return str(attrs.get("text", ""))
        case "emoji":
            return str(attrs.get("text") or attrs.get("shortName", ""))
        case "inlineCard" | "blockCard" | "embedCard":
            return str(attrs.get("url", ""))
        case "hardBreak":
            return "\n"
        case _:
            return ""


def walk(node: Json) -> Iterator[Json]:
    yield node
    for child in as_list(node.get("content")):
        yield from walk(as_dict(child))


_TEXTS: dict[int, tuple[Json, str]] = {}
MOST_TEXTS = 20_000


def blocks(doc: Json) -> list[str]:
    """The texts of a document's blocks, for those who look for words in many: blocks are never changed in place,
    so that each is read once."""
    found: list[str] = []
    for block in as_list(doc.get("content")):
        known = _TEXTS.get(id(block))
        if known is None:
            if len(_TEXTS) >= MOST_TEXTS:
                _TEXTS.clear()
            known = _TEXTS[id(block)] = (block, text(as_dict(block)))
        found.append(known[1])
    return found


def text(doc: Json) -> str:
    parts: list[str] = []
    for node in walk(doc):
        if node.get("type") in BLOCKS | INNER and parts:
            parts.append("\n")
        parts.append(leaf_text(node))
    return "".join(parts).strip()


def length(doc: Json) -> int:
    """Jira counts the characters that people wrote."""
    return sum(len(leaf_text(node)) for node in walk(doc))


def paragraph(*sentences: str) -> Json:
    """A document of plain paragraphs."""
    content = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in sentences if line]
    return {"type": "doc", "version": 1, "content": content}


def _marked(node: Json) -> str:
    shown = html.escape(leaf_text(node), quote=False)
    for mark in as_list(node.get("marks")):
        kind = as_dict(mark).get("type", "")
        if kind == "link":
            href = html.escape(str(as_dict(as_dict(mark).get("attrs")).get("href", "")))
            shown = f'<a href="{href}" class="external-link" rel="nofollow noreferrer">{shown}</a>'
        elif kind in MARKS:
            shown = f"<{MARKS[kind]}>{shown}</{MARKS[kind]}>"
    return shown


def render(node: Json) -> str:
    """What `renderedFields` shows: the document as plain HTML."""
    kind = str(node.get("type", ""))
    special: dict[str, Callable[[Json], str]] = {
        "text": _marked,
        "hardBreak": lambda _: "<br/>",
        "rule": lambda _: "<hr />",
    }
    if kind in special:
        return special[kind](node)
    inner = "".join(render(as_dict(child)) for child in as_list(node.get("content")))
    tag = f"h{as_dict(node.get('attrs')).get('level', 1)}" if kind == "heading" else TAGS.get(kind, "")
    body = inner or html.escape(leaf_text(node), quote=False)
    return f"<{tag}>{body}</{tag}>" if tag else body

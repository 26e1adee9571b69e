"""A page's body from storage to ADF and back, for the content that both formats share."""

import html
from collections.abc import Callable
from typing import Any

from server.sandbox import adf, storage
from server.sandbox.adf import as_dict, as_list
from server.sandbox.records import Json
from server.sandbox.storage import Element

PANELS = {"info": "info", "note": "warning", "warning": "error", "tip": "success", "panel": "note"}
MARKS = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "code": "code", "u": "underline", "del": "strike"}


def _inlines(element: Element, marks: tuple[Json, ...] = ()) -> list[Json]:
    found: list[Json] = []
    for child in element.children:
        if isinstance(child, str):
            if child.strip() or (child and found):
                found.append({"type": "text", "text": child} | ({"marks": list(marks)} if marks else {}))
        elif child.tag == "br":
            found.append({"type": "hardBreak"})
        elif child.tag == "a" and "href" in child.attrs:
            found += _inlines(child, (*marks, {"type": "link", "attrs": {"href": child.attrs["href"]}}))
        elif child.tag in MARKS:
            found += _inlines(child, (*marks, {"type": MARKS[child.tag]}))
        elif child.tag == "ac:inline-comment-marker":
            attrs = {"id": child.attrs.get("ac:ref", ""), "annotationType": "inlineComment"}
            found += _inlines(child, (*marks, {"type": "annotation", "attrs": attrs}))
        elif child.tag not in storage.HIDDEN:
            found += _inlines(child, marks)
    return found


def _paragraph(element: Element) -> Json:
    content = _inlines(element)
    return {"type": "paragraph", "content": content} if content else {"type": "paragraph"}


def _heading(element: Element) -> Json:
    return {"type": "heading", "attrs": {"level": int(element.tag[1])}, "content": _inlines(element)}


def _item(element: Element) -> Json:
    lists = [child for child in element.children if isinstance(child, Element) and child.tag in {"ul", "ol"}]
    rest = Element("p", {}, [child for child in element.children if child not in lists])
    blocks = [_list(one) for one in lists]
    return {"type": "listItem", "content": [_paragraph(rest), *blocks]}


def _list(element: Element) -> Json:
    kind = "bulletList" if element.tag == "ul" else "orderedList"
    return {"type": kind, "content": [_item(item) for item in element.all("li")]}


def _table(element: Element) -> Json:
    rows: list[Json] = []
    for body in [*element.all("thead"), *element.all("tbody"), element]:
        for row in body.all("tr"):
            cells = [child for child in row.children if isinstance(child, Element) and child.tag in {"td", "th"}]
            kinds = {"td": "tableCell", "th": "tableHeader"}
            rows.append(
                {
                    "type": "tableRow",
                    "content": [{"type": kinds[cell.tag], "content": blocks(cell)} for cell in cells],
                }
            )
    return {"type": "table", "content": rows}


def _macro(element: Element) -> Json:
    name = element.attrs.get("ac:name", "")
    body = element.find("ac:rich-text-body")
    if name == "code":
        code = element.find("ac:plain-text-body")
        language = element.parameter("language")
        content = [{"type": "text", "text": storage.text(code)}] if code and storage.text(code) else []
        return {"type": "codeBlock", "attrs": {"language": language} if language else {}, "content": content}
    if name in PANELS and body:
        return {"type": "panel", "attrs": {"panelType": PANELS[name]}, "content": blocks(body)}
    if name == "expand" and body:
        return {"type": "expand", "attrs": {"title": element.parameter("title")}, "content": blocks(body)}
    attrs: Json = {"extensionType": "com.atlassian.confluence.macro.core", "extensionKey": name, "parameters": {}}
    if body:
        return {"type": "bodiedExtension", "attrs": attrs, "content": blocks(body)}
    return {"type": "extension", "attrs": attrs}


def _tasks(element: Element) -> Json:
    items: list[Json] = []
    for task in element.all("ac:task"):
        number, status, body = task.find("ac:task-id"), task.find("ac:task-status"), task.find("ac:task-body")
        state = "DONE" if status and storage.text(status) == "complete" else "TODO"
        local = storage.text(number) if number else ""
        content = _inlines(body) if body else []
        items.append({"type": "taskItem", "attrs": {"localId": local, "state": state}, "content": content})
    return {"type": "taskList", "attrs": {"localId": "tasks"}, "content": items}


BLOCKS: dict[str, Callable[[Element], Json]] = {
    "p": _paragraph,
    **dict.fromkeys(["h1", "h2", "h3", "h4", "h5", "h6"], _heading),
    "ul": _list,
    "ol": _list,
    "table": _table,
    "hr": lambda _: {"type": "rule"},
    "blockquote": lambda element: {"type": "blockquote", "content": blocks(element)},
    "ac:structured-macro": _macro,
    "ac:task-list": _tasks,
}


def blocks(element: Element) -> list[Json]:
    found: list[Json] = []
    loose = Element("p")
    for child in element.children:
        if isinstance(child, Element) and child.tag in BLOCKS:
            found.append(BLOCKS[child.tag](child))
        elif isinstance(child, Element) and child.tag.startswith(("ac:layout", "div")):
            found += blocks(child)
        else:
            loose.children.append(child)
    if _inlines(loose):
        found.append(_paragraph(loose))
    return found or [{"type": "paragraph"}]


def to_adf(body: str) -> Json:
    return {"type": "doc", "version": 1, "content": blocks(storage.parse(body))}


def _storage_text(node: Json) -> str:
    shown = html.escape(str(node.get("text", "")), quote=False)
    tags = {"strong": "strong", "em": "em", "code": "code", "underline": "u", "strike": "del"}
    for raw in as_list(node.get("marks")):
        mark = as_dict(raw)
        if mark.get("type") == "link":
            shown = f'<a href="{html.escape(str(as_dict(mark.get("attrs")).get("href", "")))}">{shown}</a>'
        elif mark.get("type") in tags:
            shown = f"<{tags[mark['type']]}>{shown}</{tags[mark['type']]}>"
        elif mark.get("type") == "annotation":
            ref = html.escape(str(as_dict(mark.get("attrs")).get("id", "")))
            shown = f'<ac:inline-comment-marker ac:ref="{ref}">{shown}</ac:inline-comment-marker>'
    return shown


def _storage_macro(name: str, inner: str) -> str:
    return f'<ac:structured-macro ac:name="{name}"><ac:rich-text-body>{inner}</ac:rich-text-body></ac:structured-macro>'


def _code(node: Json) -> str:
    inner = adf.text(node).replace("]]>", "]]]]><![CDATA[>")
    body = f"<ac:plain-text-body><![CDATA[{inner}]]></ac:plain-text-body>"
    return f'<ac:structured-macro ac:name="code">{body}</ac:structured-macro>'


SIMPLE = {"paragraph": "p", "bulletList": "ul", "orderedList": "ol", "listItem": "li", "table": "table"} | {
    "tableRow": "tr",
    "tableCell": "td",
    "tableHeader": "th",
    "blockquote": "blockquote",
}


def to_storage(node: Json) -> str:
    kind = node.get("type")
    special: dict[Any, Callable[[Json], str]] = {
        "text": _storage_text,
        "codeBlock": _code,
        "rule": lambda _: "<hr />",
        "hardBreak": lambda _: "<br />",
    }
    if kind in special:
        return special[kind](node)
    inner = "".join(to_storage(as_dict(child)) for child in as_list(node.get("content")))
    if kind == "panel":
        names = {value: name for name, value in PANELS.items()}
        return _storage_macro(names.get(str(as_dict(node.get("attrs")).get("panelType")), "info"), inner)
    tag = f"h{as_dict(node.get('attrs')).get('level', 1)}" if kind == "heading" else SIMPLE.get(str(kind), "")
    inner = inner or html.escape(adf.text({"type": kind, "attrs": node.get("attrs")}), quote=False)
    return f"<{tag}>{inner}</{tag}>" if tag else inner

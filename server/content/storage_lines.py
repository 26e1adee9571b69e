"""Storage format as nodes: the runs of words."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from server.content.addresses import PAGE, file_address, page_address, spoken
from server.content.escaping import allowed
from server.content.notation import Node, mark_key
from server.content.storage_macros import inline_macro
from server.content.storage_page import Place, Places
from server.content.storage_tree import Child, Element, Words

_BLANKS = re.compile(r"[ \t\r\n]+")
_NAMES_OF_MARKS = {
    "strong": ("strong", "b"),
    "em": ("em", "i"),
    "strike": ("del", "s", "strike"),
    "underline": ("u", "ins"),
    "code": ("code",),
}
_MARKS: Mapping[str, Node] = {
    **{name: {"type": kind} for kind, names in _NAMES_OF_MARKS.items() for name in names},
    "sub": {"type": "subsup", "attrs": {"type": "sub"}},
    "sup": {"type": "subsup", "attrs": {"type": "sup"}},
}
_BODIES = ("ac:link-body", "ac:plain-text-link-body")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}|[a-z]+|rgb\((\d+),\s*(\d+),\s*(\d+)\)")
HTML = "html"
"""A mark for an element that only its page knows what it is for: Markdown does not show it."""


class Line(NamedTuple):
    nodes: list[Node]
    start: int
    end: int


def style_of(element: Element) -> dict[str, str]:
    declarations = (each.partition(":") for each in element.attributes.get("style", "").split(";"))
    return {name.strip().lower(): value.strip() for name, colon, value in declarations if colon}


def hexadecimal(colour: str) -> str:
    match = _COLOUR.fullmatch(colour.strip())
    if match and match[1]:
        return "#" + "".join(f"{min(int(part), 255):02x}" for part in match.groups())
    return colour.strip() if match else ""


class LineReader:
    def __init__(self, source: bytes, places: Places) -> None:
        self._source = source
        self._places = places
        self._nodes: list[Node] = []

    def knows(self, name: str) -> bool:
        return name in _MARKS or name in _ELEMENTS

    def read(self, children: Sequence[Child]) -> Line:
        """The line that these make; blanks are as a browser shows them."""
        outer, self._nodes = self._nodes, []
        self._walk(children, [])
        self._end_blanks()
        if all(node["type"] == "hardBreak" for node in self._nodes):
            self._nodes = [] if len(self._nodes) == 1 else self._nodes
        nodes, self._nodes = self._nodes, outer
        solid = [child for child in children if not isinstance(child, Words) or child.text.strip(" \t\r\n")]
        start, end = (solid[0].start, solid[-1].end) if solid else (0, 0)
        return Line(nodes, start, end)

    def _walk(self, children: Sequence[Child], marks: list[Node]) -> None:
        for child in children:
            if isinstance(child, Words):
                self._words(child, marks)
            else:
                self._element(child, marks)

    def _words(self, words: Words, marks: list[Node]) -> None:
        text = allowed(_BLANKS.sub(" ", words.text))
        last = self._nodes[-1] if self._nodes else None
        begins = last is None or last["type"] == "hardBreak" or str(last.get("text", "")).endswith(" ")
        if text[:1] == " " and begins:
            text = text[1:]
        if text:
            node: Node = {"type": "text", "text": text, **({"marks": marks} if marks else {})}
            self._add(node, words.start, words.end)

    def _add(self, node: Node, start: int, end: int, *, whole: bool = False) -> None:
        self._places.put(node, Place(start, end, start, end, whole))
        self._nodes.append(node)

    def _end_blanks(self) -> None:
        """No blanks at the end of a line."""
        while self._nodes and self._nodes[-1]["type"] == "text" and self._nodes[-1]["text"].endswith(" "):
            text = self._nodes[-1]["text"].rstrip(" ")
            if text:
                self._nodes[-1]["text"] = text
                return
            self._nodes.pop()

    def _element(self, element: Element, marks: list[Node]) -> None:
        if mark := _MARKS.get(element.name):
            self._wrapped(element, marks, mark)
        elif handler := _ELEMENTS.get(element.name):
            handler(self, element, marks)
        elif element.children:
            self._wrapped(element, marks, {"type": HTML})
        else:
            self._atom({"type": f"storage:{element.name}", "attrs": {"name": element.name.lstrip("#")}}, element, marks)

    def _wrapped(self, element: Element, marks: list[Node], mark: Node, inside: Element | None = None) -> None:
        inner = inside or element
        raw = {
            "open": self._slice(element.start, inner.inner_start),
            "close": self._slice(inner.inner_end, element.end),
        }
        own = {**mark, "attrs": {**mark.get("attrs", {}), **raw}}
        # Of two of a kind the inner one shows; the outer stays as an element of the page's own.
        same = mark_key(own)
        outer = [{"type": HTML, "attrs": each["attrs"]} if mark_key(each) == same else each for each in marks]
        self._walk(inner.children, [*outer, own])

    def _slice(self, start: int, end: int) -> str:
        return self._source[start:end].decode("utf-8", "surrogatepass")

    def _atom(self, node: Node, element: Element, marks: list[Node], *, whole: bool = False) -> None:
        if marks:
            node["marks"] = marks
        self._add(node, element.start, element.end, whole=whole)

    def line_break(self, element: Element, marks: list[Node]) -> None:
        self._end_blanks()
        self._atom({"type": "hardBreak"}, element, [])

    def span(self, element: Element, marks: list[Node]) -> None:
        style = style_of(element)
        colour = hexadecimal(style.get("color", ""))
        ground = hexadecimal(style.get("background-color", ""))
        if colour and len(style) == 1:
            self._wrapped(element, marks, {"type": "textColor", "attrs": {"color": colour}})
        elif ground and len(style) == 1:
            self._wrapped(element, marks, {"type": "backgroundColor", "attrs": {"color": ground}})
        else:
            self._wrapped(element, marks, {"type": HTML})

    def comment(self, element: Element, marks: list[Node]) -> None:
        attrs = {"id": element.attributes.get("ac:ref", ""), "annotationType": "inlineComment"}
        self._wrapped(element, marks, {"type": "annotation", "attrs": attrs})

    def anchor(self, element: Element, marks: list[Node]) -> None:
        href = " ".join(element.attributes.get("href", "").split())
        appearance = element.attributes.get("data-card-appearance")
        if appearance == "inline" and href:
            self._atom({"type": "inlineCard", "attrs": {"url": href}}, element, marks)
        elif appearance and href:
            self._atom({"type": "storage:card", "attrs": {"name": appearance, "url": href}}, element, marks)
        elif not element.children:
            self._atom(
                {"type": "storage:a", "attrs": {"name": "anchor", "text": element.attributes.get("name", "")}},
                element,
                marks,
            )
        else:
            self._wrapped(element, marks, _link(href, element.attributes.get("title", "")))

    def link(self, element: Element, marks: list[Node]) -> None:
        target = _target(element)
        anchor = element.attributes.get("ac:anchor", "")
        href = _href(target, anchor)
        body = element.find(*_BODIES)
        name = name_of(target) if target is not None else anchor
        if target is not None and target.name == "ri:user" and body is None and (account := _account(target)):
            self._atom({"type": "mention", "attrs": {"id": account}}, element, marks)
        elif element.attributes.get("ac:card-appearance") == "inline" and href.startswith(PAGE) and _shows(body, name):
            self._atom({"type": "inlineCard", "attrs": {"url": href}}, element, marks)
        elif not href or not (name or body):
            self._atom({"type": "storage:link", "attrs": {"name": "link", "text": name}}, element, marks)
        elif body is not None and body.children:
            self._wrapped(element, marks, _link(href, ""), body)
        else:
            words = " ".join(allowed(name).split())
            self._atom({"type": "text", "text": words}, element, [*marks, _link(href, "")], whole=True)

    def image(self, element: Element, marks: list[Node]) -> None:
        self._atom(self.picture(element), element, marks)

    def picture(self, element: Element) -> Node:
        target = _target(element)
        alt = " ".join(element.attributes.get("ac:alt", "").split())
        if target is None:
            return {"type": "storage:image", "attrs": {"name": "image"}}
        name = name_of(target)
        source = target.attributes.get("ri:value", "") if target.name == "ri:url" else file_address(name)
        if not source:
            return {"type": "storage:image", "attrs": {"name": "image"}}
        alt = alt if target.name == "ri:url" else alt or name
        attrs: Node = {"type": "external", "url": source, **({"alt": alt} if alt else {})}
        if extra := {key: value for key, value in element.attributes.items() if key != "ac:alt"}:
            attrs["html"] = extra
        return {"type": "media", "attrs": attrs}

    def html_image(self, element: Element, marks: list[Node]) -> None:
        attrs = {"type": "external", "url": element.attributes.get("src", "")}
        if not attrs["url"]:
            self._atom({"type": "storage:img", "attrs": {"name": "image"}}, element, marks)
            return
        alt = " ".join(element.attributes.get("alt", "").split())
        self._atom({"type": "media", "attrs": {**attrs, **({"alt": alt} if alt else {})}}, element, marks)

    def emoticon(self, element: Element, marks: list[Node]) -> None:
        attributes = element.attributes
        name = attributes.get("ac:emoji-shortname") or f":{attributes.get('ac:name', 'emoji')}:"
        attrs: dict[str, Any] = {"shortName": name}
        for key, given in (("text", "ac:emoji-fallback"), ("id", "ac:emoji-id")):
            if attributes.get(given):
                attrs[key] = attributes[given]
        if attrs.get("text") == name:
            del attrs["text"]
        self._atom({"type": "emoji", "attrs": attrs}, element, marks)

    def time(self, element: Element, marks: list[Node]) -> None:
        day = element.attributes.get("datetime", "")
        try:
            moment = date.fromisoformat(day)
        except ValueError:
            self._atom({"type": "storage:time", "attrs": {"name": "date", "text": day}}, element, marks)
            return
        midnight = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
        self._atom({"type": "date", "attrs": {"timestamp": str(int(midnight.timestamp()) * 1000)}}, element, marks)

    def placeholder(self, element: Element, marks: list[Node]) -> None:
        self._atom({"type": "placeholder", "attrs": {"text": allowed(element.text())}}, element, marks)

    def macro(self, element: Element, marks: list[Node]) -> None:
        self._atom(inline_macro(element), element, marks)


def _link(href: str, title: str) -> Node:
    if not href:
        return {"type": HTML}
    return {"type": "link", "attrs": {"href": href, **({"title": title} if title else {})}}


def _target(element: Element) -> Element | None:
    return next((child for child in element.elements() if child.name.startswith("ri:")), None)


_NAMES = ("ri:content-title", "ri:filename", "ri:value", "ri:space-key", "ri:account-id", "ri:userkey", "ri:username")


def name_of(target: Element) -> str:
    return next((target.attributes[name] for name in _NAMES if target.attributes.get(name)), "")


def _account(target: Element) -> str:
    return target.attributes.get("ri:account-id", "")


def _shows(body: Element | None, name: str) -> bool:
    return body is None or " ".join(body.text().split()) in {"", name}


def _href(target: Element | None, anchor: str) -> str:
    if target is None:
        return f"#{spoken(anchor)}" if anchor else ""
    attributes = target.attributes
    if target.name == "ri:url":
        return attributes.get("ri:value", "")
    if target.name == "ri:page" and attributes.get("ri:content-title"):
        return page_address(attributes["ri:content-title"], attributes.get("ri:space-key", ""), anchor)
    if target.name == "ri:attachment" and not target.children:
        return file_address(attributes.get("ri:filename", ""))
    return ""


_ELEMENTS: Mapping[str, Callable[[LineReader, Element, list[Node]], None]] = {
    "br": LineReader.line_break,
    "span": LineReader.span,
    "a": LineReader.anchor,
    "ac:link": LineReader.link,
    "ac:image": LineReader.image,
    "img": LineReader.html_image,
    "ac:emoticon": LineReader.emoticon,
    "time": LineReader.time,
    "ac:inline-comment-marker": LineReader.comment,
    "ac:placeholder": LineReader.placeholder,
    "ac:structured-macro": LineReader.macro,
    "ac:macro": LineReader.macro,
}

"""Confluence's storage format, as far as a site must judge it: well-formedness, plain text, HTML."""

import html
from dataclasses import dataclass, field
from functools import lru_cache
from html.entities import name2codepoint
from xml.parsers import expat

XML_ENTITIES = {"lt", "gt", "amp", "quot", "apos"}
DOCTYPE = (
    "<!DOCTYPE page ["
    + "".join(f'<!ENTITY {name} "&#{code};">' for name, code in name2codepoint.items() if name not in XML_ENTITIES)
    + "]>"
)
BLOCKS = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "td", "th", "div", "pre", "blockquote", "ul", "ol", "table"]
).union(["ac:task", "ac:task-body", "ac:structured-macro", "ac:layout-cell", "ac:plain-text-body"])
HIDDEN = frozenset(["ac:parameter", "ac:task-id", "ac:task-uuid", "ac:task-status", "ac:placeholder"])
NESTING = 200
VIEWED = BLOCKS | {"strong", "em", "u", "code", "a", "br", "hr", "tbody", "thead", "del", "sub", "sup", "span", "s"}


class Malformed(ValueError):
    """The body is no well-formed XML, or too deep to walk; the message is Confluence's."""


@dataclass(eq=False)  # an element is itself alone: comparing trees would walk them
class Element:
    tag: str
    attrs: dict[str, str] = field(default_factory=dict[str, str])
    children: "list[Element | str]" = field(default_factory=list["Element | str"])

    def all(self, tag: str) -> "list[Element]":
        return [child for child in self.children if isinstance(child, Element) and child.tag == tag]

    def find(self, tag: str) -> "Element | None":
        return next(iter(self.all(tag)), None)

    def parameter(self, name: str) -> str:
        """A macro's parameter."""
        named = (one for one in self.all("ac:parameter") if one.attrs.get("ac:name") == name)
        return next((text(one) for one in named), "")


class _Grower:
    def __init__(self) -> None:
        self.root = Element("root")
        self._open = [self.root]

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if len(self._open) > NESTING + 1:  # the root and the page are ours
            raise Malformed(f"Error parsing xhtml: elements are nested deeper than {NESTING} levels")
        element = Element(tag, attrs)
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse(body: str) -> Element:
    """The tree of a body, which may be a fragment of many elements."""
    if "<!DOCTYPE" in body.upper():
        raise Malformed("Error parsing xhtml: a document type declaration is not allowed here")
    grower = _Grower()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = grower.start
    parser.EndElementHandler = grower.end
    parser.CharacterDataHandler = grower.data
    try:
        parser.Parse(f"{DOCTYPE}<page>\n{body}</page>".encode(errors="replace"), True)  # noqa: FBT003 - expat's own
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        at = f"[row,col {{unknown-source}}]: [{error.lineno - 1},{error.offset + 1}]"
        raise Malformed(f"Error parsing xhtml: {reason}\n at {at}") from None
    page = grower.root.children[0]
    return page if isinstance(page, Element) else grower.root


def _texts(element: Element, parts: list[str]) -> None:
    if element.tag in HIDDEN:
        return
    for child in element.children:
        if isinstance(child, str):
            parts.append(child)
        else:
            _texts(child, parts)
    if element.tag in BLOCKS:
        parts.append("\n")


def text(element: Element) -> str:
    parts: list[str] = []
    for child in element.children:
        if isinstance(child, str):
            parts.append(child)
        else:
            _texts(child, parts)
    return "".join(parts).strip()


@lru_cache(maxsize=2_048)
def plain(body: str) -> str:
    """The words of a body."""
    return text(parse(body))


def _panel(element: Element) -> str:
    name = element.attrs.get("ac:name", "")
    inner = element.find("ac:rich-text-body")
    if inner is not None:
        return f'<div class="macro macro-{html.escape(name)}">{_inside(inner)}</div>'
    code = element.find("ac:plain-text-body")
    if code is not None:
        return f'<pre class="syntaxhighlighter">{html.escape(text(code), quote=False)}</pre>'
    return f'<div class="macro macro-{html.escape(name)}"></div>'


def _inside(element: Element) -> str:
    return "".join(view_of(child) for child in element.children)


def view_of(node: Element | str) -> str:
    if isinstance(node, str):
        return html.escape(node, quote=False)
    if node.tag == "ac:structured-macro":
        return _panel(node)
    if node.tag in HIDDEN:
        return ""
    if node.tag not in VIEWED or ":" in node.tag:
        return _inside(node)
    href = f' href="{html.escape(node.attrs["href"])}"' if "href" in node.attrs else ""
    return f"<{node.tag}{href} />" if node.tag in {"br", "hr"} else f"<{node.tag}{href}>{_inside(node)}</{node.tag}>"


def view(body: str) -> str:
    """The body as HTML."""
    return _inside(parse(body))

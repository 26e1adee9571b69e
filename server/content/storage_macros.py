"""Confluence's macros as nodes."""

import re
from typing import TYPE_CHECKING, Any

from server.content.escaping import allowed
from server.content.notation import CORE_MACRO, Node
from server.content.storage_tree import Element

if TYPE_CHECKING:
    from server.content.storage_reading import StorageReader

_PANELS = {"info": "info", "note": "note", "warning": "warning", "tip": "tip", "panel": "custom"}
_INLINE = frozenset({"status", "anchor"})
_NAME = re.compile(r"(?:[A-Za-z_][\w.-]*)?")
_TELLING = frozenset({"ri:content-title", "ri:filename", "ri:value", "ri:space-key", "ri:account-id"})
_RESERVED = frozenset({"type", "text", "_"})


def _name(element: Element) -> str:
    return element.attributes.get("ac:name", "")


def is_block_macro(element: Element, *, empty: bool) -> bool:
    """Whether a macro that stands among blocks is one: with a body always, else where no words stand before it."""
    if element.find("ac:rich-text-body", "ac:plain-text-body") is not None or _name(element) in {
        *_PANELS,
        "code",
        "expand",
    }:
        return True
    return empty and _name(element) not in _INLINE


def _parameters(element: Element) -> dict[str, Element]:
    return {
        child.attributes.get("ac:name", ""): child
        for child in element.elements()
        if child.name in {"ac:parameter", "ac:default-parameter"}
    }


def _words(parameters: dict[str, Element], name: str) -> str:
    return allowed(parameters[name].text()).strip() if name in parameters else ""


def block_macro(reader: "StorageReader", element: Element) -> Node:
    name = _name(element)
    parameters = _parameters(element)
    if name == "code":
        return _code(reader, element, parameters)
    body = element.find("ac:rich-text-body")
    if name in _PANELS and (body is not None or not element.find("ac:plain-text-body")):
        title = _words(parameters, "title")
        attrs = {"panelType": _PANELS[name], **({"title": title} if title else {})}
        return _around(reader, {"type": "panel", "attrs": attrs}, element, body)
    if name == "expand":
        title = _words(parameters, "title")
        return _around(reader, {"type": "expand", "attrs": {"title": title} if title else {}}, element, body)
    return _other(reader, element)


def _raw_parameters(reader: "StorageReader", element: Element, known: frozenset[str]) -> str:
    """The parameters that Markdown does not show, as they stand."""
    found = [each for name, each in _parameters(element).items() if name not in known]
    return "".join(reader.source[each.start : each.end].decode("utf-8", "surrogatepass") for each in found)


def _around(reader: "StorageReader", node: Node, element: Element, body: Element | None) -> Node:
    node["attrs"] = {**node["attrs"], **_kept(reader, element, frozenset({"title"}))}
    node["content"] = reader.blocks(body.children) if body is not None else []
    if body is None:
        node["attrs"]["rewrite"] = True
        return reader.placed(node, element)
    return reader.placed(node, element, body)


def _kept(reader: "StorageReader", element: Element, known: frozenset[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if raw := _raw_parameters(reader, element, known):
        kept["further"] = raw
    if html := {name: value for name, value in element.attributes.items() if name != "ac:name"}:
        kept["html"] = html
    return kept


def _code(reader: "StorageReader", element: Element, parameters: dict[str, Element]) -> Node:
    body = element.find("ac:plain-text-body")
    if body is None or not body.holds_only_text():
        return reader.unknown(element, element.find("ac:rich-text-body") or _nothing(element), "code")
    language = _words(parameters, "language")
    title = _words(parameters, "title")
    attrs = {**({"language": language} if language else {}), **({"title": title} if title else {})}
    node = reader.code(body, {**attrs, **_kept(reader, element, frozenset({"language", "title"}))})
    return reader.placed(node, element, body)


def _other(reader: "StorageReader", element: Element) -> Node:
    attrs = _attributes(element)
    rich, plain = element.find("ac:rich-text-body"), element.find("ac:plain-text-body")
    if attrs is None or (plain is not None and not plain.holds_only_text()):
        return reader.unknown(element, rich or _nothing(element), _called(element))
    attrs |= _kept(reader, element, frozenset(_parameters(element)))
    if rich is not None:
        return reader.placed(
            {"type": "bodiedExtension", "attrs": attrs, "content": reader.blocks(rich.children)}, element, rich
        )
    if plain is not None:
        code = reader.placed(reader.code(plain, {"plain": True}), plain, plain)
        place = reader.places[code]
        reader.places.put(code, place._replace(start=plain.inner_start, end=plain.inner_end))
        return reader.placed({"type": "bodiedExtension", "attrs": attrs, "content": [code]}, element, plain)
    return reader.placed({"type": "extension", "attrs": attrs}, element)


def _nothing(element: Element) -> Element:
    """An element without content, at its end: what is opaque inside is not shown."""
    return Element(element.name, {}, element.inner_end, element.inner_end)


def _called(element: Element) -> str:
    values = [value for each in _parameters(element).values() for value in _said(each)]
    return " ".join([_name(element) or "macro", *values[:2]])[:40].strip()


def _said(parameter: Element) -> list[str]:
    """What a parameter says: its words, the names of what it refers to."""
    names = [value for child in parameter.walk() for key, value in child.attributes.items() if key in _TELLING]
    return [*parameter.text().split(), *names]


def _attributes(element: Element) -> dict[str, Any] | None:
    """A macro as the notation writes it; None where a parameter is more than a word."""
    parameters = _parameters(element)
    plain = all(each.holds_only_text() and _NAME.fullmatch(name) for name, each in parameters.items())
    if not _name(element) or not plain or _RESERVED & set(parameters):
        return None
    given = {name: {"value": allowed(each.text())} for name, each in parameters.items()}
    return {"extensionType": CORE_MACRO, "extensionKey": _name(element), "parameters": {"macroParams": given}}


def inline_macro(element: Element) -> Node:
    parameters = _parameters(element)
    title = _words(parameters, "title")
    if _name(element) == "status" and title:
        colour = _words(parameters, "colour").lower()
        return {"type": "status", "attrs": {"text": title, "color": "neutral" if colour in {"", "grey"} else colour}}
    attrs = _attributes(element)
    if attrs is None or element.find("ac:rich-text-body", "ac:plain-text-body") is not None:
        return {"type": "storage:macro", "attrs": {"name": _called(element)}}
    return {"type": "inlineExtension", "attrs": attrs}

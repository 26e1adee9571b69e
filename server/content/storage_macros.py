"""Confluence's macros as a document."""

from server.content.document import STRONG, Block, Blocks, CodeBlock, Paragraph, Quote, Text, led_by
from server.content.inlines import tidy
from server.content.storage_links import words_of
from server.content.storage_reader import Handler, Scope, StorageReader, Style
from server.content.storage_tree import Element

_PANELS = {
    "info": "Info",
    "note": "Note",
    "warning": "Warning",
    "tip": "Tip",
    "success": "Success",
    "error": "Error",
    "panel": "Panel",
}
_CODE_PARAMETERS = {"language", ""}
_DEFAULTS = {"false", "none", "", "Confluence"}


def _macro(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    name = element.attributes.get("ac:name", "")
    if name == "code":
        _code(reader, element, scope)
        return
    handler = _BY_NAME.get(name)
    if name in _PANELS:
        _panel(reader, element, scope)
    elif handler is not None:
        handler(reader, element, scope, style)
    else:
        reader.losses.note(f'macro "{name}"')
        _shown(reader, element, scope, Text(f"[macro: {name or 'unnamed'}]", style.marks, style.link))


def _parameters(element: Element) -> dict[str, str]:
    return {
        child.attributes.get("ac:name", ""): words_of(child)
        for child in element.elements()
        if child.name in {"ac:parameter", "ac:default-parameter"}
    }


def _body(reader: StorageReader, element: Element) -> Blocks:
    body = element.find("ac:rich-text-body")
    if body is not None:
        return reader.blocks(body)
    code = element.find("ac:plain-text-body")
    return (CodeBlock("", code.text().strip("\n")),) if code is not None and code.text().strip() else ()


def _shown(reader: StorageReader, element: Element, scope: Scope, label: Text) -> None:
    blocks = _body(reader, element)
    if not blocks:
        scope.line.append(label)
        return
    scope.add([Paragraph((Text(label.text),)), *blocks])


def _code(reader: StorageReader, element: Element, scope: Scope) -> None:
    parameters = _parameters(element)
    for name, value in parameters.items():
        if name not in _CODE_PARAMETERS and value not in _DEFAULTS:
            reader.losses.note(f'code block option "{name}"')
    body = element.find("ac:plain-text-body") or element.find("ac:rich-text-body")
    for child in body.elements() if body else ():
        reader.losses.note(f'element "{child.name}"')
    scope.add([CodeBlock(parameters.get("language", ""), body.text() if body else "")])


def _panel(reader: StorageReader, element: Element, scope: Scope) -> None:
    name = element.attributes["ac:name"]
    reader.losses.note("panel")
    title = _parameters(element).get("title")
    words = [Text(f"{_PANELS[name]}: {title}" if title else f"{_PANELS[name]}:", STRONG), Text(" ")]
    scope.add([Quote(_tidied(led_by(words, _body(reader, element))))])


def _tidied(blocks: Blocks) -> Blocks:
    first = blocks[0]
    return (Paragraph(tidy(first.inlines)), *blocks[1:]) if isinstance(first, Paragraph) else blocks


def _expand(reader: StorageReader, element: Element, scope: Scope, _style: Style) -> None:
    title = _parameters(element).get("title", "")
    reader.losses.note("expand", f'"{title}"' if title else "")
    heading: list[Block] = [Paragraph((Text(title, STRONG),))] if title else []
    scope.add([*heading, *_body(reader, element)])


def _labelled(parameter: str, form: str) -> Handler:
    """A macro that shows one of its parameters."""

    def read(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
        name = element.attributes["ac:name"]
        value = _parameters(element).get(parameter, "")
        reader.losses.note(f'macro "{name}"')
        text = form.format(value) if value else f"[macro: {name}]"
        _shown(reader, element, scope, Text(" ".join(text.split()), style.marks, style.link))

    return read


def _status(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    title = _parameters(element).get("title", "")
    reader.losses.note("status", f'"{title}"')
    scope.line.append(Text(f"[{title or 'status'}]", style.marks, style.link))


def _jira(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    parameters = _parameters(element)
    query = parameters.get("jqlQuery", "")
    reader.losses.note('macro "jira"')
    shown = parameters.get("key") or (f"Jira: {query}" if query else "macro: jira")
    scope.line.append(Text(f"[{shown}]", style.marks, style.link))


def _extension(reader: StorageReader, element: Element, scope: Scope, _style: Style) -> None:
    """An ADF node that storage format has no words for carries what to show instead."""
    node = element.find("ac:adf-node")
    kind = node.attributes.get("type", "unknown") if node is not None else "unknown"
    reader.losses.note("panel" if kind == "panel" else f'macro "{kind}"')
    shown = element.find("ac:adf-fallback")
    if shown is None:
        shown = node.find("ac:adf-content") if node is not None else None
    blocks = reader.blocks(shown) if shown is not None else ()
    scope.add(blocks or (Paragraph((Text(f"[unsupported: {kind}]"),)),))


_BY_NAME: dict[str, Handler] = {
    "expand": _expand,
    "status": _status,
    "jira": _jira,
    "anchor": _labelled("", "[anchor: {}]"),
    "include": _labelled("", "[macro: include {}]"),
    "excerpt-include": _labelled("", "[macro: excerpt-include {}]"),
    "view-file": _labelled("name", "[file: {}]"),
    "widget": _labelled("url", "[macro: widget {}]"),
}

MACROS: dict[str, Handler] = {"ac:structured-macro": _macro, "ac:macro": _macro, "ac:adf-extension": _extension}

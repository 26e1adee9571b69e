"""Directives as blocks."""

from collections.abc import Callable, Sequence
from typing import NoReturn

from server.content.addresses import is_safe
from server.content.directives import Directive
from server.content.errors import ContentError
from server.content.notation import PANELS, Node, children, keys_of, read_attributes, read_macro, typed


def leaf(directive: Directive) -> Node:
    """A directive on a line of its own."""
    name = directive.name
    if name == "ref":
        return reference(directive)
    if name == "macro":
        return macro(directive, "extension")
    if name in {"row", "cell", "column"}:
        return {"type": f"::{name}", "directive": directive}
    if name in {"expand", "panel"}:
        return container(directive, [])
    kind, main = {"card": ("blockCard", "url"), "embed": ("embedCard", "url"), "sync": ("syncBlock", "resourceId")}[
        name
    ]
    node = _node(kind, directive, {main: directive.main})
    if not directive.main:
        _refuse(directive, f"`::{name}{{{main}}}`")
    if name != "sync" and not is_safe(directive.main):
        _refuse(directive, "an address that runs no code, as https://...")
    return node


def reference(directive: Directive, content: list[Node] | None = None) -> Node:
    """What stands in the document that the text is an edit of."""
    if not directive.main.isdecimal() or len(directive.main) > 9:
        _refuse(directive, "`::ref{number}`, as it was read")
    attrs = {"number": int(directive.main), "name": directive.label or "", "line": directive.line}
    return {"type": "ref", "attrs": attrs, **({} if content is None else {"content": content})}


def macro(directive: Directive, kind: str, content: list[Node] | None = None) -> Node:
    if not directive.main:
        _refuse(directive, f"`{directive.text()}{{name key=value}}`")
    try:
        attrs = read_macro(directive.main, directive.label or "", directive.pairs)
    except ValueError as error:
        _refuse(directive, f"`.path.to.name=words` or `.path.to.name:=number`, each once; not {error}")
    return {"type": kind, "attrs": attrs, **({} if content is None else {"content": content})}


def container(directive: Directive, children: list[Node]) -> Node:
    """A directive around blocks."""
    name = directive.name
    if name in PANELS:
        return _node("panel", directive, {"panelType": name}, filled(children))
    return _CONTAINERS[name](directive, children)


def filled(children: list[Node]) -> list[Node]:
    """What holds nothing holds a blank paragraph: documents have no empty containers."""
    return children or [{"type": "paragraph", "content": []}]


def _node(kind: str, directive: Directive, attrs: dict[str, object], content: list[Node] | None = None) -> Node:
    try:
        further, marks = read_attributes(kind, directive.pairs)
    except KeyError as error:
        _refuse(directive, f"of attributes only {', '.join(keys_of(kind))}; not {error}")
    except ValueError:
        _refuse(directive, "a number for what is a number")
    attrs = {**attrs, **further}
    node: Node = {"type": kind, **({"attrs": attrs} if attrs else {})}
    if content is not None:
        node["content"] = content
    return {**node, "marks": marks} if marks else node


def _refuse(directive: Directive, expected: str) -> NoReturn:
    raise ContentError(f"Line {directive.line}: `{directive.text()}` is not as expected: {expected}.")


def _panel(directive: Directive, children: list[Node]) -> Node:
    return _node("panel", directive, {"panelType": directive.main or "custom"}, filled(children))


def _expand(directive: Directive, children: list[Node]) -> Node:
    attrs: dict[str, object] = {"title": directive.label} if directive.label else {}
    return _node("expand", directive, attrs, filled(children))


def _sync(directive: Directive, children: list[Node]) -> Node:
    return _node("bodiedSyncBlock", directive, {"resourceId": directive.main}, filled(children))


def _layout(directive: Directive, children: list[Node]) -> Node:
    columns: list[Node] = []
    for child in children:
        if child["type"] == "::column":
            separator: Directive = child["directive"]
            columns.append(_node("layoutColumn", separator, _width(separator), []))
        elif columns:
            columns[-1]["content"].append(child)
        else:
            _refuse(directive, "`::column{width}` before the words of each column")
    for column in columns:
        column["content"] = filled(column["content"])
    if not columns:
        _refuse(directive, "`::column{width}` before the words of each column")
    return _node("layoutSection", directive, {}, columns)


def _width(directive: Directive) -> dict[str, object]:
    try:
        return {"width": typed("width", directive.main)} if directive.main else {}
    except ValueError:
        _refuse(directive, "`::column{width}` with the width in per cent")


def _table(directive: Directive, children: list[Node]) -> Node:
    if len(children) == 1 and children[0]["type"] == "table":
        return {**_node("table", directive, {}), "content": children[0]["content"]}
    rows: list[Node] = []
    for child in children:
        if child["type"] == "::row":
            rows.append({"type": "tableRow", "content": []})
        elif child["type"] == "::cell" and rows:
            separator: Directive = child["directive"]
            kind = "tableHeader" if separator.main == "h" else "tableCell"
            rows[-1]["content"].append(_node(kind, separator, {}, []))
        elif rows and rows[-1]["content"]:
            rows[-1]["content"][-1]["content"].append(child)
        else:
            _refuse(directive, "a table, or `::row` and `::cell` before the words of each cell")
    for row in rows:
        for cell in row["content"]:
            cell["content"] = filled(cell["content"])
    if not rows:
        _refuse(directive, "a table, or `::row` and `::cell` before the words of each cell")
    return _node("table", directive, {}, rows)


def _pictures(directive: Directive, blocks: Sequence[Node]) -> list[Node]:
    """The images of lines that hold nothing else."""
    inlines = [inline for block in blocks for inline in children(block)]
    pictures = [inline for inline in inlines if inline["type"] == "media"]
    words = "".join(inline.get("text", "x") for inline in inlines if inline["type"] != "media")
    if not pictures or words.strip():
        _refuse(directive, "lines with nothing but images, `![alt](media:id)`")
    return pictures


def _files(directive: Directive, children: list[Node]) -> Node:
    return _node("mediaGroup", directive, {}, _pictures(directive, children))


def _figure(directive: Directive, blocks: list[Node]) -> Node:
    pictures = _pictures(directive, blocks[:1])
    captions: list[Node] = [{"type": "caption", "content": children(block)} for block in blocks[1:]]
    return _node("mediaSingle", directive, {}, [*pictures, *captions])


_CONTAINERS: dict[str, Callable[[Directive, list[Node]], Node]] = {
    "panel": _panel,
    "expand": _expand,
    "sync": _sync,
    "layout": _layout,
    "table": _table,
    "files": _files,
    "figure": _figure,
    "macro": lambda directive, children: macro(directive, "bodiedExtension", filled(children)),
    "ref": lambda directive, children: reference(directive, filled(children)),
}

"""A changed node's attributes: what was written, and what the node that it was has besides."""

from collections.abc import Mapping, Sequence

from server.content.notation import BLOCK_MARKS, MACROS, Node, as_object, attributes, marks_of, shown

_DEFAULTS: Sequence[object] = (None, "", False, 1, "neutral", "DEFAULT", "DECIDED", "file", {})


def merged_attributes(written: Node, base: Node) -> Node:
    """What the base has and Markdown does not show, and what was written."""
    visible = shown(base)
    attrs: Node = {name: value for name, value in attributes(base).items() if name not in visible}
    ours: Mapping[str, object] = attributes(written)
    attrs |= {name: value for name, value in visible.items() if name not in ours and value in _DEFAULTS}
    ours = {name: value for name, value in ours.items() if name in visible or value not in _DEFAULTS}
    if written["type"] in MACROS and "parameters" in ours:
        ours["parameters"] = _parameters(visible.get("parameters"), ours["parameters"])
        if ours["parameters"] == {"macroParams": {}}:
            ours["parameters"] = visible.get("parameters")
    return {name: value for name, value in (attrs | ours).items() if value is not None or name in visible}


def _parameters(base: object, written: Node) -> Node:
    """A macro's parameters as written, with what the base knows about the macro itself."""
    known = {key: value for key, value in as_object(base).items() if key in {"macroParams", "macroMetadata"}}
    metadata = {**as_object(known.get("macroMetadata")), **as_object(written.get("macroMetadata"))}
    return {**known, **written, **({"macroMetadata": metadata} if metadata else {})}


def merged_marks(written: Node, base: Node) -> list[Node]:
    ours: list[Node] = marks_of(written)
    known: list[Node] = marks_of(base)
    kept: list[Node] = []
    for mark in known:
        mine = next((each for each in ours if each["type"] == mark["type"]), None)
        if mark["type"] not in BLOCK_MARKS:
            kept.append(mark)
        elif mine is not None:
            kept.append({**mark, "attrs": {**attributes(mark), **mine["attrs"]}})
    types = {mark["type"] for mark in kept}
    return [*kept, *(mark for mark in ours if mark["type"] not in types)]

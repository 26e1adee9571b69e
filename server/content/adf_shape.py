"""Whether a value has the shape of an ADF document, so that the reader need not ask."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeAlias, TypeGuard

from server.content.errors import DEPTH_LIMIT, ContentError

Node: TypeAlias = Mapping[str, Any]
Path: TypeAlias = "tuple[Path, int] | None"

_NOTHING: Node = {}
_EXCERPT = 40
_STEPS_SHOWN = 3
_EXPECTED = '{"type": "doc", "version": 1, "content": [...]}'


def attributes(node: Node) -> Node:
    return node.get("attrs") or _NOTHING


def check(document: object) -> None:
    if not is_object(document):
        raise ContentError(f"An ADF document is an object like {_EXPECTED}, not {_name(document)}.")
    if document.get("type") != "doc":
        raise ContentError(
            f"doc: expected an ADF document like {_EXPECTED}; its `type` is {_cut(repr(document.get('type')))}."
        )
    pending: list[tuple[object, Path, int]] = [(document, None, 0)]
    while pending:
        node, path, depth = pending.pop()
        content = _check_node(node, path)
        if not content:
            continue
        if depth >= DEPTH_LIMIT:
            _refuse(path, f"nodes nest more than {DEPTH_LIMIT} levels deep; flatten the document")
        pending.extend(
            [(child, (path, index), depth + 1) for index, child in enumerate(content) if not _is_plain_text(child)]
        )


def _check_node(node: object, path: Path) -> Sequence[object]:
    if not is_object(node):
        _refuse(path, f"expected a node object with a `type`, not {_name(node)}")
    kind = node.get("type")
    if type(kind) is not str:
        _refuse(path, f"expected `type` to be a string, not {_name(kind)}")
    if kind == "text" and type(node.get("text")) is not str:
        _refuse(path, f"expected `text` to be a string, not {_name(node.get('text'))}")
    attrs = node.get("attrs")
    if attrs is not None and not is_object(attrs):
        _refuse(path, f"expected `attrs` to be an object, not {_name(attrs)}")
    if node.get("marks"):
        _check_marks(node["marks"], path)
    content = node.get("content") or ()
    if not _is_list(content):
        _refuse(path, f"expected `content` to be a list of nodes, not {_name(content)}")
    return content


def _is_plain_text(node: object) -> bool:
    """Most nodes are a text and nothing else: they need no second look."""
    return is_object(node) and len(node) == 2 and node.get("type") == "text" and type(node.get("text")) is str


def _check_marks(marks: object, path: Path) -> None:
    if not _is_list(marks):
        _refuse(path, f"expected `marks` to be a list, not {_name(marks)}")
    for mark in marks:
        if not is_object(mark) or not isinstance(mark.get("type"), str):
            _refuse(path, 'expected each mark to be an object like {"type": "strong"}')
        if not is_object(mark.get("attrs") or {}):
            _refuse(path, f"expected the `attrs` of mark {_cut(repr(mark['type']))} to be an object")


def is_object(value: object) -> TypeGuard[Node]:
    return type(value) is dict or isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)


def _refuse(path: Path, problem: str) -> NoReturn:
    steps: list[str] = []
    while path is not None:
        path, index = path
        steps.append(f".content[{index}]")
    if len(steps) > 2 * _STEPS_SHOWN:
        steps[_STEPS_SHOWN:-_STEPS_SHOWN] = ["…"]
    raise ContentError(f"doc{''.join(reversed(steps))}: {problem}.")


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"


def _name(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"

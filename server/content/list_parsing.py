"""Lists of Markdown as nodes: what their items begin with says which kind they are."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from server.content.notation import Node

_BOXES = frozenset({"[ ]", "[x]", "[ ]+", "[x]+"})
"""With a `+` a task that holds blocks although it is one line."""


class Item(NamedTuple):
    mark: str
    blocks: list[Node]


def list_of(kind: str, start: int, items: Sequence[Item]) -> Node:
    marks = {item.mark for item in items}
    if kind == "bulletList" and marks and marks <= _BOXES:
        return {"type": "taskList", "content": [node for item in items for node in _task(item)]}
    if kind == "bulletList" and marks == {"<>"} and all(map(_is_line, items)):
        return {"type": "decisionList", "content": [_decision(item) for item in items]}
    content: list[Node] = [{"type": "listItem", "content": led_by(item.mark[:3], item.blocks)} for item in items]
    node: Node = {"type": kind, "content": content}
    return {**node, "attrs": {"order": start}} if kind == "orderedList" else node


def _task(item: Item) -> list[Node]:
    """A task, and the tasks below it, which stand behind it."""
    attrs = {"state": "DONE" if item.mark[1] == "x" else "TODO"}
    lists = [block for block in item.blocks if block["type"] == "taskList"]
    others = [block for block in item.blocks if block["type"] != "taskList"]
    if item.mark.endswith("+"):
        return [{"type": "blockTaskItem", "attrs": attrs, "content": item.blocks}]
    if not others or (len(others) == 1 and item.blocks[0] is others[0] and _is_words(others[0])):
        content: list[Node] = others[0]["content"] if others else []
        return [{"type": "taskItem", "attrs": attrs, "content": content}, *lists]
    return [{"type": "blockTaskItem", "attrs": attrs, "content": item.blocks}]


def _is_words(block: Node) -> bool:
    return block["type"] == "paragraph" and not block.get("marks")


def _is_line(item: Item) -> bool:
    return not item.blocks or (len(item.blocks) == 1 and item.blocks[0]["type"] == "decisionItem")


def _decision(item: Item) -> Node:
    line: Node = item.blocks[0] if item.blocks else {"type": "decisionItem", "content": []}
    return {**line, "attrs": {"state": "DECIDED", **line.get("attrs", {})}}


def led_by(mark: str, blocks: list[Node]) -> list[Node]:
    """The blocks with an item's mark as text in front of their words: in a mixed list it is no more."""
    if not mark:
        return blocks
    if blocks and blocks[0]["type"] == "decisionItem":
        blocks = [{"type": "paragraph", "content": blocks[0]["content"]}, *blocks[1:]]
    if blocks and _is_words(blocks[0]):
        first, *rest = blocks
        return [{**first, "content": joined([{"type": "text", "text": f"{mark} "}, *first["content"]])}, *rest]
    return [{"type": "paragraph", "content": [{"type": "text", "text": mark}]}, *blocks]


def joined(nodes: Sequence[Node], kept: Collection[int] = ()) -> list[Node]:
    """Texts with the same marks as one; not those that are kept as they are."""
    found: list[Node] = []
    for node in nodes:
        last = found[-1] if found and id(node) not in kept and id(found[-1]) not in kept else None
        if last and last["type"] == node["type"] == "text" and last.get("marks") == node.get("marks"):
            found[-1] = {**last, "text": last["text"] + node["text"]}
        else:
            found.append(node)
    return found

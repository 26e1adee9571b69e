"""The words of nodes without their form."""

from collections.abc import Callable, Iterator, Sequence

from server.content.notation import Node, attributes, children, marks_of


def words_of(node: Node) -> str:
    """All the text inside."""
    found: list[str] = []
    pending = [node]
    while pending:
        each = pending.pop()
        if each["type"] == "text":
            found.append(each["text"])
        elif each["type"] in {"hardBreak", "paragraph"}:
            found.append(" ")
        attrs = attributes(each)
        if each["type"] in {"mention", "status", "placeholder", "emoji"} and isinstance(attrs.get("text"), str):
            found.append(attrs["text"])
        pending.extend(reversed(children(each)))
    return "".join(found).strip()


def as_lines(node: Node) -> list[list[Node]]:
    """A block as the lines of text that it amounts to, for places that hold no blocks."""
    if lines := _LINES.get(node["type"]):
        return lines(node)
    content = children(node)
    if not content:
        return [_text(f"[{attributes(node).get('extensionKey') or node['type']}]")]
    return [line for child in content for line in as_lines(child)]


def _own(node: Node) -> list[list[Node]]:
    return [children(node)]


def _pictures(node: Node) -> list[list[Node]]:
    return [[child] if child["type"] == "media" else children(child) for child in children(node)]


def _card(node: Node) -> list[list[Node]]:
    return [[{"type": "inlineCard", "attrs": {"url": node["attrs"]["url"]}}]]


def _text(words: str) -> list[Node]:
    return [{"type": "text", "text": words}]


def emphasised(node: Node) -> Node:
    marks = marks_of(node)
    if node["type"] != "text" or any(mark["type"] in {"strong", "code"} for mark in marks):
        return node
    return {**node, "marks": [*marks, {"type": "strong"}]}


def _rows(table: Node) -> Iterator[list[Node]]:
    for row in children(table):
        line: list[Node] = []
        for number, cell in enumerate(children(row)):
            line += _text(" | ") if number else []
            line += _flat(line for block in children(cell) for line in as_lines(block))
        yield line


def _flat(lines: Iterator[list[Node]]) -> list[Node]:
    flat: list[Node] = []
    for number, line in enumerate(lines):
        flat += [{"type": "hardBreak"}, *line] if number else line
    return flat


_LINES: dict[str, Callable[[Node], list[list[Node]]]] = {
    **dict.fromkeys(("paragraph", "caption", "decisionItem", "taskItem"), _own),
    **dict.fromkeys(("mediaSingle", "mediaGroup"), _pictures),
    **dict.fromkeys(("blockCard", "embedCard"), _card),
    "heading": lambda node: [[emphasised(child) for child in children(node)]],
    "rule": lambda _: [_text("---")],
    "table": lambda node: [_flat(_rows(node))],
}


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes and all that is inside them, in the order of the text."""
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(children(node)))

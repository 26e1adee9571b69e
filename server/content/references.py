"""The nodes of a document that go by reference, numbered in the order of the text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from server.content.errors import ContentError
from server.content.notation import Node, attributes, is_opaque, marks_of


def numbered_references(nodes: Sequence[Node]) -> dict[int, Node]:
    """The nodes that Markdown refers to, by number."""
    return dict(enumerate(_opaque(nodes), 1))


def _opaque(nodes: Sequence[Node]) -> Iterator[Node]:
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        if node["type"] != "text" and is_opaque(node):
            yield node
        if content := node.get("content"):
            pending.extend(reversed(content))


def by_identity(references: dict[int, Node]) -> dict[int, int]:
    return {id(node): number for number, node in references.items()}


def resolved(blocks: Iterable[Node], references: Mapping[int, Node]) -> list[Node]:
    """The blocks with the nodes that they refer to; one that holds blocks takes those that now stand in it.

    Raises ContentError where the number is none of the document's.
    """
    return [_resolved(block, references) for block in blocks]


def without_references(blocks: Iterable[Node]) -> Iterator[Node]:
    """The blocks of a text that is no edit of a document, and so can refer to none."""
    return (_resolved(block, {}) for block in blocks)


def _resolved(node: Node, references: Mapping[int, Node]) -> Node:
    if node["type"] == "ref":
        return _referred(node, references)
    content: Sequence[Node] | None = node.get("content")
    if not content or node["type"] == "codeBlock":
        return node
    found = [_resolved(child, references) for child in content]
    same = all(one is other for one, other in zip(found, content, strict=True))
    return node if same else {**node, "content": found}


def _referred(node: Node, references: Mapping[int, Node]) -> Node:
    number = node["attrs"]["number"]
    base = references.get(number)
    if base is None:
        known = f"it has 1 to {len(references)}" if references else "it has none"
        raise ContentError(
            f"Line {node['attrs']['line']}: `ref` {number} is nothing of the document that this text is an edit of: "
            f"{known}. Expected a reference as it was read; what is new is written in the notation or left out."
        )
    if "content" not in node or not base.get("content"):
        return base if _says(node, base) else {**base, "marks": node["marks"]}
    return {**base, "content": _as_held(base, resolved(node["content"], references))}


def _as_held(base: Node, content: list[Node]) -> list[Node]:
    """What stands below an image is its caption."""
    if base["type"] != "mediaSingle":
        return content
    return [_as_picture(each) if each["type"] == "paragraph" else each for each in content]


def _as_picture(paragraph: Node) -> Node:
    match paragraph.get("content"):
        case [{"type": "media"} as picture]:
            return picture
        case _:
            return {**paragraph, "type": "caption"}


def _says(node: Node, base: Node) -> bool:
    """Whether what stands in the text has the marks that its node has: no word for them was changed."""
    known = marks_of(base)
    return "marks" not in node or all(
        any(each["type"] == mark["type"] and attributes(mark).items() <= attributes(each).items() for each in known)
        for mark in marks_of(node)
    )

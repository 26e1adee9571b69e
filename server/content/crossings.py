"""What a text says that the document made of it does not: no kind of document has a place for everything."""

from collections import Counter
from collections.abc import Iterator, Sequence

from server.content.losses import Loss, Thing, held, things_of
from server.content.notation import MACROS, Node, attributes, macro_pairs, marks_of, pairs_of

_REMEDY = "there is no place for it; leave it out, move it elsewhere or write it another way"
_METADATA = ("text", "userType", "type", "id")
"""What Atlassian itself says of a person, a file or an emoji."""


def unsaid(written: Sequence[Node], made: Sequence[Node]) -> list[Loss]:
    """What is in the nodes of a text, and not in those that its document reads as."""
    left = Counter(each.what for each in held(made, _said))
    found: list[Loss] = []
    for what, where, _ in held(written, _said):
        if left[what]:
            left[what] -= 1
        else:
            found.append(Loss(what, where, _REMEDY))
    return found


def _said(node: Node) -> Iterator[Thing]:
    kind, attrs = node["type"], attributes(node)
    if kind == "mention":  # by whatever name
        node = {**node, "attrs": {"id": attrs.get("id")}}
    for what, _ in things_of(node):
        yield what, ""
    if kind == "media" and not str(attrs.get("url") or "https:").startswith(("https:", "http:")):
        yield f"image {attrs['url']}", ""
    if kind not in {"text", "media"}:
        yield from ((f"link of {kind}", "") for mark in marks_of(node) if mark["type"] == "link")
    pairs = macro_pairs(node) if kind in MACROS else pairs_of(node, without=_METADATA)
    called = attrs.get("extensionKey", kind)
    yield from ((f"`{key}={value}` of {called}", "") for key, value in pairs.items())

"""From Atlassian's formats to Markdown and back."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from server.content.adf_fitting import fit_adf, shape_adf
from server.content.adf_shape import check
from server.content.crossings import unsaid
from server.content.editing import edit_nodes
from server.content.hidden import restored
from server.content.losses import Loss, lost, named
from server.content.notation import Node, children
from server.content.parsing import parse_markdown
from server.content.plain_words import every
from server.content.printing import print_nodes
from server.content.references import by_identity, numbered_references, resolved, without_references
from server.content.storage_reading import read_storage
from server.content.storage_tree import parse_storage
from server.content.storage_writing import write_storage


def _nodes(document: Mapping[str, Any]) -> list[Node]:
    check(document)
    return children(cast("Node", document))


def adf_to_markdown(document: Mapping[str, Any]) -> str:
    nodes = _nodes(document)
    return print_nodes(nodes, by_identity(numbered_references(nodes)))


def markdown_to_adf(markdown: str) -> dict[str, Any]:
    blocks = without_references(parse_markdown(markdown))
    return {"version": 1, "type": "doc", "content": fit_adf(blocks)}


def edit_adf(base: Mapping[str, Any], as_read: str, as_written: str) -> dict[str, Any]:
    """The document that reads as `as_written`, made from `base`, which reads as `as_read`.

    What was not touched are the very nodes of the base. Raises ContentError.
    """
    nodes, as_written = _nodes(base), restored(as_read, as_written)
    if as_read == as_written:
        return dict(base)
    kept = {id(node) for node in every(nodes)}
    edited = edit_nodes(nodes, as_read, as_written, shape=lambda blocks: shape_adf(blocks, kept))
    return {**base, "content": fit_adf(edited.blocks, kept, edited.upon)}


def check_storage(storage: str) -> None:
    """Raises ContentError, with the place, where it is not well-formed."""
    parse_storage(storage)


def storage_to_markdown(storage: str) -> str:
    page = read_storage(storage)
    return print_nodes(page.blocks, by_identity(numbered_references(page.blocks)))


def markdown_to_storage(markdown: str) -> str:
    return write_storage(list(without_references(parse_markdown(markdown))))


def edit_storage(base: str, as_read: str, as_written: str) -> str:
    """The page that reads as `as_written`, made from `base`, which reads as `as_read`.

    What was not touched are the very bytes of the base. Raises ContentError.
    """
    page, as_written = read_storage(base), restored(as_read, as_written)
    if as_read == as_written:
        return base
    edited = edit_nodes(page.blocks, as_read, as_written)
    return write_storage(edited.blocks, page, edited.upon)


def adf_losses(document: Mapping[str, Any]) -> list[str]:
    """By name what the document holds that plain Markdown has no words for; empty when nothing."""
    return named(_nodes(document))


def storage_losses(storage: str) -> list[str]:
    """By name what the page holds that plain Markdown has no words for; empty when nothing."""
    return named(read_storage(storage).blocks)


def lost_from_adf(base: Mapping[str, Any], new: Mapping[str, Any], written: str | None = None) -> list[Loss]:
    """What the write of `new` over `base` would take away, and what of the text that it was made of it has not."""
    return _lost(_nodes(base), _nodes(new), written)


def lost_from_storage(base: str, new: str, written: str | None = None) -> list[Loss]:
    """What the write of `new` over `base` would take away, and what of the text that it was made of it has not."""
    return _lost(read_storage(base).blocks, read_storage(new).blocks, written)


def _lost(base: Sequence[Node], new: Sequence[Node], written: str | None) -> list[Loss]:
    found = lost(base, new)
    if written is None:
        return found
    known = {each.what for each in found}
    said = resolved(parse_markdown(written), numbered_references(base))
    return found + [each for each in unsaid(said, new) if each.what not in known]

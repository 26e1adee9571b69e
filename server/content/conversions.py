"""From Atlassian's formats to Markdown and back, and what the way back would lose."""

from collections.abc import Mapping
from typing import Any

from server.content.adf_reading import read_adf
from server.content.adf_writing import write_adf
from server.content.losses import Losses, unnamed_losses
from server.content.parsing import parse_markdown
from server.content.printing import print_markdown
from server.content.storage_reading import read_storage
from server.content.storage_writing import write_storage


def adf_to_markdown(document: Mapping[str, Any]) -> str:
    return print_markdown(read_adf(document, Losses()))


def markdown_to_adf(markdown: str) -> dict[str, Any]:
    return write_adf(parse_markdown(markdown))


def storage_to_markdown(storage: str) -> str:
    return print_markdown(read_storage(storage, Losses()))


def markdown_to_storage(markdown: str) -> str:
    return write_storage(parse_markdown(markdown))


def adf_losses(document: Mapping[str, Any]) -> list[str]:
    """What a rewrite of the document from its own Markdown would lose; empty when nothing."""
    losses = Losses()
    blocks = read_adf(document, losses)
    return losses.report() or unnamed_losses(
        blocks, lambda: read_adf(markdown_to_adf(print_markdown(blocks)), Losses())
    )


def storage_losses(storage: str) -> list[str]:
    """What a rewrite of the page from its own Markdown would lose; empty when nothing."""
    losses = Losses()
    blocks = read_storage(storage, losses)
    return losses.report() or unnamed_losses(
        blocks, lambda: read_storage(markdown_to_storage(print_markdown(blocks)), Losses())
    )

"""ADF and storage format as Markdown for agents, and Markdown as ADF and storage format. Pure functions."""

from server.content.conversions import (
    adf_losses,
    adf_to_markdown,
    markdown_to_adf,
    markdown_to_storage,
    storage_losses,
    storage_to_markdown,
)
from server.content.errors import ContentError
from server.content.merge import Conflict, Merged, merge
from server.content.merge_parts import Care, Part, merge_items
from server.content.words import Opcode, align_words

__all__ = [
    "Care",
    "Conflict",
    "ContentError",
    "Merged",
    "Opcode",
    "Part",
    "adf_losses",
    "adf_to_markdown",
    "align_words",
    "markdown_to_adf",
    "markdown_to_storage",
    "merge",
    "merge_items",
    "storage_losses",
    "storage_to_markdown",
]

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
from server.content.storage_text import storage_paragraphs

__all__ = [
    "ContentError",
    "adf_losses",
    "adf_to_markdown",
    "markdown_to_adf",
    "markdown_to_storage",
    "storage_losses",
    "storage_paragraphs",
    "storage_to_markdown",
]

"""ADF and storage format as Markdown for agents, and Markdown as ADF and storage format. Pure functions."""

from server.content.conversions import (
    adf_losses,
    adf_to_markdown,
    edit_adf,
    edit_storage,
    lost_from_adf,
    lost_from_storage,
    markdown_to_adf,
    markdown_to_storage,
    storage_losses,
    storage_to_markdown,
)
from server.content.errors import ContentError
from server.content.limits import refuse_long_description, refuse_long_page
from server.content.losses import Loss

__all__ = [
    "ContentError",
    "Loss",
    "adf_losses",
    "adf_to_markdown",
    "edit_adf",
    "edit_storage",
    "lost_from_adf",
    "lost_from_storage",
    "markdown_to_adf",
    "markdown_to_storage",
    "refuse_long_description",
    "refuse_long_page",
    "storage_losses",
    "storage_to_markdown",
]

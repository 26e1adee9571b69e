"""ADF and storage format as Markdown for agents, and Markdown as ADF and storage format. Pure functions."""

from server.content.conversions import (
    adf_losses,
    adf_to_markdown,
    check_storage,
    edit_adf,
    edit_storage,
    lost_from_adf,
    lost_from_storage,
    markdown_to_adf,
    markdown_to_storage,
    storage_losses,
    storage_to_markdown,
)
from server.content.diffs import Diff, diff, word_diff
from server.content.errors import ContentError
from server.content.hidden import marked, plain, plain_values
from server.content.limits import refuse_long_description, refuse_long_page
from server.content.losses import Loss
from server.content.merge import Conflict, Merged, merge
from server.content.merge_parts import Care, Part, merge_items
from server.content.sections import Section, append, insert, outline, replace_section, section
from server.content.slices import Slice, read_slice
from server.content.storage_text import storage_paragraphs
from server.content.tables import add_row, delete_row, set_cell
from server.content.tasks import set_task
from server.content.text_spans import replace_text
from server.content.words import Opcode, align_words

__all__ = [
    "Care",
    "Conflict",
    "ContentError",
    "Diff",
    "Loss",
    "Merged",
    "Opcode",
    "Part",
    "Section",
    "Slice",
    "add_row",
    "adf_losses",
    "adf_to_markdown",
    "align_words",
    "append",
    "check_storage",
    "delete_row",
    "diff",
    "edit_adf",
    "edit_storage",
    "insert",
    "lost_from_adf",
    "lost_from_storage",
    "markdown_to_adf",
    "markdown_to_storage",
    "marked",
    "merge",
    "merge_items",
    "outline",
    "plain",
    "plain_values",
    "read_slice",
    "refuse_long_description",
    "refuse_long_page",
    "replace_section",
    "replace_text",
    "section",
    "set_cell",
    "set_task",
    "storage_losses",
    "storage_paragraphs",
    "storage_to_markdown",
    "word_diff",
]

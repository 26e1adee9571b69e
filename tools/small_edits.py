"""One small edit of a Markdown text that nobody has to send whole."""

from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from server.content import (
    add_row,
    append,
    delete_row,
    insert,
    replace_section,
    replace_text,
    set_cell,
    set_task,
)
from server.errors import Refused
from tools.parameters import LONGEST_PAGE

Action = Literal[
    "append",
    "insert_before",
    "insert_after",
    "replace_section",
    "replace_text",
    "set_cell",
    "add_row",
    "delete_row",
    "tick",
    "untick",
]
At = Annotated[
    str,
    Field(
        max_length=LONGEST_PAGE,
        description="Heading, text, row or task",
    ),
]
Change = Annotated[str, Field(max_length=LONGEST_PAGE, examples=["Markdown; a row as: one | two"])]
Column = Annotated[str, Field(examples=["the header of its column"])]
Which = Annotated[int | None, Field(ge=1, examples=["2: the second of several"])]


class SmallEdit(NamedTuple):
    """`at` says where, `content` what is to stand there; `number` which of several, or which table of the text."""

    action: Action
    at: str = ""
    content: str = ""
    column: str = ""
    number: int | None = None

    def of(self, markdown: str) -> str:
        """The text after the edit. Raises Refused or ContentError: then with what is there instead."""
        missing = [name for name in _NEEDS[self.action] if not getattr(self, name).strip()]
        if missing:
            raise Refused(f"Nothing was written: {self.action} needs {' and '.join(missing)}.")
        return _EDITS[self.action](markdown, self)


def _place(at: str) -> str | int:
    return int(at) if at.strip().isdigit() else at


def _cells(content: str) -> list[str]:
    return [cell.strip() for cell in content.strip().strip("|").split("|")]


_NEEDS: dict[Action, tuple[str, ...]] = {
    "append": ("content",),
    "insert_before": ("at", "content"),
    "insert_after": ("at", "content"),
    "replace_section": ("at",),
    "replace_text": ("at",),
    "set_cell": ("at", "column"),
    "add_row": ("content",),
    "delete_row": ("at",),
    "tick": ("at",),
    "untick": ("at",),
}
_EDITS: dict[Action, Callable[[str, SmallEdit], str]] = {
    "append": lambda text, edit: append(text, edit.content, edit.at or None, number=edit.number),
    "insert_before": lambda text, edit: insert(text, edit.content, heading=edit.at, where="before", number=edit.number),
    "insert_after": lambda text, edit: insert(text, edit.content, heading=edit.at, where="after", number=edit.number),
    "replace_section": lambda text, edit: replace_section(text, edit.at, edit.content, number=edit.number),
    "replace_text": lambda text, edit: replace_text(text, edit.at, edit.content, number=edit.number),
    "set_cell": lambda text, edit: set_cell(
        text, _place(edit.at), _place(edit.column), edit.content, table=edit.number
    ),
    "add_row": lambda text, edit: add_row(
        text, _cells(edit.content), after=_place(edit.at) if edit.at else None, table=edit.number
    ),
    "delete_row": lambda text, edit: delete_row(text, _place(edit.at), table=edit.number),
    "tick": lambda text, edit: set_task(text, _place(edit.at)),
    "untick": lambda text, edit: set_task(text, _place(edit.at), done=False),
}

"""What ADF, storage format and Markdown have in common: the one shape that every conversion goes through.

Named tuples, not dataclasses: a page has thousands of them, and they are made and declared four times faster.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

STRONG, EM, STRIKE, CODE = 1, 2, 4, 8


class Link(NamedTuple):
    href: str
    title: str = ""


class Text(NamedTuple):
    text: str
    marks: int = 0
    link: Link | None = None


class Break(NamedTuple):
    marks: int = 0
    link: Link | None = None


class Image(NamedTuple):
    alt: str
    source: str
    marks: int = 0
    link: Link | None = None


class Card(NamedTuple):
    """A link whose text Atlassian fills in."""

    url: str
    marks: int = 0
    link: Link | None = None


Inline: TypeAlias = Text | Break | Image | Card
Inlines: TypeAlias = tuple[Inline, ...]


class Paragraph(NamedTuple):
    inlines: Inlines


class Heading(NamedTuple):
    level: int
    inlines: Inlines


class CodeBlock(NamedTuple):
    language: str
    text: str


class Rule(NamedTuple):
    pass


class Quote(NamedTuple):
    blocks: "Blocks"


class List(NamedTuple):
    start: int | None
    """The first number, or None for bullets."""
    items: "tuple[Blocks, ...]"


class Task(NamedTuple):
    done: bool
    blocks: "Blocks"


class TaskList(NamedTuple):
    items: tuple[Task, ...]


class Table(NamedTuple):
    header: tuple[Inlines, ...] | None
    rows: tuple[tuple[Inlines, ...], ...]


Block: TypeAlias = Paragraph | Heading | CodeBlock | Rule | Quote | List | TaskList | Table
Blocks: TypeAlias = tuple[Block, ...]


def led_by(lead: Sequence[Inline], blocks: Blocks) -> Blocks:
    """The blocks with something in front of their first words: a panel's label, a task's box."""
    if blocks and isinstance(blocks[0], Paragraph):
        return (Paragraph((*lead, *blocks[0].inlines)), *blocks[1:])
    last = lead[-1]
    if isinstance(last, Text) and last.text.endswith(" "):
        lead = (*lead[:-1], last._replace(text=last.text.rstrip())) if last.text.strip() else lead[:-1]
    return (Paragraph(tuple(lead)), *blocks)


def table(rows: Sequence[Sequence[Inlines]], *, headed: bool) -> list[Block]:
    """A table whose rows all have the same number of cells; nothing when there is no cell at all."""
    width = max(map(len, rows), default=0)
    if not width:
        return []
    even = tuple((*row, *(((),) * (width - len(row)))) for row in rows)
    return [Table(even[0], even[1:]) if headed else Table(None, even)]

"""What ADF, storage format and Markdown have in common: the one shape that every conversion goes through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

STRONG, EM, STRIKE, CODE = 1, 2, 4, 8


class Link(NamedTuple):
    href: str
    title: str = ""


class Text(NamedTuple):
    """A tuple, because a page has thousands of them and they are made four times faster."""

    text: str
    marks: int = 0
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Break:
    marks: int = 0
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Image:
    alt: str
    source: str
    marks: int = 0
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A link whose text Atlassian fills in."""

    url: str
    marks: int = 0
    link: Link | None = None


Inline: TypeAlias = Text | Break | Image | Card
Inlines: TypeAlias = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    inlines: Inlines


@dataclass(frozen=True, slots=True)
class CodeBlock:
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    pass


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: "Blocks"


@dataclass(frozen=True, slots=True)
class List:
    start: int | None
    """The first number, or None for bullets."""
    items: "tuple[Blocks, ...]"


@dataclass(frozen=True, slots=True)
class Task:
    done: bool
    blocks: "Blocks"


@dataclass(frozen=True, slots=True)
class TaskList:
    items: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Table:
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

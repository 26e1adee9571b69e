"""How a query is answered: the fewest issues that it can be about, in which order they are looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.sandbox import words
from server.sandbox.index import SORTED, Index
from server.sandbox.jql_fields import WORDS, Asker, Dimension, dimension
from server.sandbox.query import AllOf, AnyOf, Clause, Nothing, Sort, Tree
from server.sandbox.records import Issue

FEW = 2_000  # issues that are rather sorted than met in order


@dataclass(frozen=True)
class Span:
    first: datetime | None = None
    last: datetime | None = None


def _values(clause: Clause, field: Dimension, asker: Asker) -> list[Any]:
    return [value for operand in clause.operands for value in field.resolve(asker, field.name, operand)]


def _of_clause(clause: Clause, asker: Asker) -> set[str] | None:
    field = dimension(clause.field.text)
    if any(isinstance(operand, Nothing) for operand in clause.operands):
        return None
    if field.posted and clause.operator in ("=", "in"):
        return asker.site.index.ids(field.posted, _values(clause, field, asker))
    if field.field_id == WORDS and clause.operator == "~":
        stems = words.needed(str(_values(clause, field, asker)[0]))
        return asker.site.index.worded(stems) if stems else None
    return None


def narrowed(tree: Tree, asker: Asker) -> set[str] | None:
    """Ids of all issues that the query can find, and perhaps of others; None where that would be nearly all."""
    match tree:
        case Clause():
            return _of_clause(tree, asker)
        case AllOf(parts):
            found = [ids for part in parts if (ids := narrowed(part, asker)) is not None]
            return found[0].intersection(*found[1:]) if found else None
        case AnyOf(parts):
            each = [narrowed(part, asker) for part in parts]
            return None if None in each else {one for ids in each if ids for one in ids}


def _span(tree: Tree, name: str, asker: Asker) -> Span:
    """The time in which the field must lie, by the comparisons that hold for every issue found."""
    parts = tree.parts if isinstance(tree, AllOf) else (tree,)
    first: list[datetime] = []
    last: list[datetime] = []
    for part in parts:
        if not isinstance(part, Clause) or part.operator not in ("<", "<=", ">", ">="):
            continue
        field = dimension(part.field.text)
        if field.field_id == name:
            (last if part.operator.startswith("<") else first).extend(_values(part, field, asker))
    return Span(max(first, default=None), min(last, default=None))


def walk(tree: Tree, order: tuple[Sort, ...], asker: Asker) -> Iterator[Issue] | None:
    """All issues in the query's order, where one of the index's is that; None where they must be sorted."""
    index: Index = asker.site.index
    if not order:
        return index.by_number()
    sort, *more = order
    name = dimension(sort.field.text).field_id
    if more or name not in SORTED:
        return None
    span = _span(tree, name, asker)
    return index.by_moment(name, first=span.first, last=span.last, descending=sort.descending)

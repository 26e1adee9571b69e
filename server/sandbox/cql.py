"""CQL: from a query's text to the pages and spaces that it finds."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lark import UnexpectedInput

from server.sandbox import moments, query, refusals, storage, words
from server.sandbox.query import AllOf, Clause, Function, Literal, Operand, Query, TooDeep, Tree
from server.sandbox.records import Person
from server.sandbox.refusals import Refusal
from server.sandbox.site import Site
from server.sandbox.wiki_records import Page, Space

Thing = Page | Space
Test = Callable[[Thing], bool]
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
EQUAL = frozenset({"=", "!=", "in", "not in"})
TEXT = frozenset({"~", "!~"})
DATES = frozenset({*COMPARISONS, "!="})
PEOPLE = frozenset({"creator", "contributor", "mention", "owner"})


@dataclass(frozen=True)
class Asker:
    site: Site
    person: Person
    now: datetime
    text: str

    def refuse(self, reason: str = "") -> Refusal:
        return refusals.legacy(400, f"Could not parse cql : {reason or self.text}")


Values = Callable[[Asker, Thing], Iterable[str]]


def _pages_only(values: Callable[[Site, Page], Iterable[str]]) -> Values:
    return lambda asker, thing: values(asker.site, thing) if isinstance(thing, Page) else ()


def _space(asker: Asker, thing: Thing) -> Iterable[str]:
    space = asker.site.spaces[thing.space] if isinstance(thing, Page) else thing
    return space.key.casefold(), space.id


def _title(_: Asker, thing: Thing) -> Iterable[str]:
    return ((thing.title if isinstance(thing, Page) else thing.name).casefold(),)


def _text(asker: Asker, thing: Thing) -> Iterable[str]:
    if isinstance(thing, Space):
        return f"{thing.name} {thing.description}", *()
    comments = [storage.plain(comment.latest.body) for comment in thing.comments]
    labels = " ".join(label.name for label in thing.labels)
    del asker
    return (" ".join([thing.title, storage.plain(thing.latest.body), labels, *comments]),)


def _kind(_: Asker, thing: Thing) -> Iterable[str]:
    return ("page" if isinstance(thing, Page) else "space",)


VALUES: Mapping[str, tuple[Values, frozenset[str]]] = {
    "type": (_kind, EQUAL),
    "space": (_space, EQUAL),
    "space.key": (_space, EQUAL),
    "title": (_title, EQUAL | TEXT),
    "space.title": (lambda asker, thing: _title(asker, _space_of(asker, thing)), EQUAL | TEXT),
    "text": (_text, TEXT),
    "sitesearch": (_text, TEXT),
    "label": (_pages_only(lambda _, page: [label.name.casefold() for label in page.labels]), EQUAL),
    "creator": (_pages_only(lambda _, page: [page.author]), EQUAL),
    "owner": (_pages_only(lambda _, page: [page.owner]), EQUAL),
    "contributor": (_pages_only(lambda _, page: [version.author for version in page.versions]), EQUAL),
    "mention": (_pages_only(lambda site, page: [i for i in site.people if i in page.latest.body]), EQUAL),
    "ancestor": (_pages_only(lambda site, page: [above.id for above in site.ancestors(page)]), EQUAL),
    "parent": (_pages_only(lambda _, page: [page.parent]), EQUAL),
    "id": (_pages_only(lambda _, page: [page.id]), EQUAL),
    "content": (_pages_only(lambda _, page: [page.id]), EQUAL),
}
MOMENTS: Mapping[str, Callable[[Page], datetime]] = {
    "created": lambda page: page.created,
    "lastmodified": lambda page: page.latest.created,
}


def _space_of(asker: Asker, thing: Thing) -> Space:
    return asker.site.spaces[thing.space] if isinstance(thing, Page) else thing


def _moment(asker: Asker, operand: Operand) -> datetime:
    found = None
    if isinstance(operand, Function) and operand.name.casefold() in moments.FUNCTIONS:
        offset = operand.arguments[0] if operand.arguments else ""
        found = moments.call(operand.name, offset, asker.now, asker.person.zone)
    elif isinstance(operand, Literal):
        found = moments.read(operand.text, asker.now, asker.person.zone)
    if found is None:
        raise asker.refuse()
    return found


def _value(asker: Asker, field: str, operand: Operand) -> str:
    if isinstance(operand, Function) and operand.name.casefold() == "currentuser":
        return asker.person.account_id
    if not isinstance(operand, Literal):
        raise asker.refuse()
    if field in PEOPLE:
        return operand.text
    return operand.text.casefold()


def _dated(clause: Clause, field: str, asker: Asker) -> Test:
    if clause.operator not in DATES:
        raise asker.refuse()
    bound = _moment(asker, clause.operands[0])
    reads = MOMENTS[field]
    if clause.operator in {"=", "!="}:
        same = clause.operator == "="
        return lambda thing: (
            isinstance(thing, Page) and (reads(thing).astimezone(bound.tzinfo).date() == bound.date()) == same
        )
    compare = COMPARISONS[clause.operator]
    return lambda thing: isinstance(thing, Page) and compare(reads(thing), bound)


def _test(clause: Clause, asker: Asker) -> Test:
    field = clause.field.text.casefold()
    if field in MOMENTS:
        return _dated(clause, field, asker)
    if field not in VALUES:
        raise asker.refuse(f"No field exists with name: {clause.field.text}")
    values, operators = VALUES[field]
    if clause.operator not in operators:
        raise asker.refuse(f"The operator '{clause.operator}' is not supported by the field '{field}'")
    wanted = [_value(asker, field, operand) for operand in clause.operands]
    positive = clause.operator in {"=", "in", "~"}
    if clause.operator in TEXT:
        matches = words.matcher(wanted[0])
        return lambda thing: any(matches(text) for text in values(asker, thing)) == positive
    return lambda thing: any(value in wanted for value in values(asker, thing)) == positive


def _compiled(tree: Tree, asker: Asker) -> Test:
    if isinstance(tree, Clause):
        return _test(tree, asker)
    tests = [_compiled(part, asker) for part in tree.parts]
    if isinstance(tree, AllOf):
        return lambda thing: all(test(thing) for test in tests)
    return lambda thing: any(test(thing) for test in tests)


def _key(field: str, page: Page) -> Any:
    if field in MOMENTS:
        return MOMENTS[field](page)
    return int(page.id) if field == "id" else page.title.casefold()


def _sorted(pages: list[Page], found: Query, asker: Asker) -> list[Page]:
    for sort in reversed(found.order):
        field = sort.field.text.casefold()
        if field not in {*MOMENTS, "title", "id"}:
            raise asker.refuse(f"Cannot order by field: {sort.field.text}")
        pages.sort(key=lambda page, field=field: _key(field, page), reverse=sort.descending)
    return pages


def search(asker: Asker) -> list[Thing]:
    """The pages, then the spaces, that the asker may see and the query finds; newest first without an order."""
    try:
        found = query.parse(asker.text)
    except UnexpectedInput:
        raise asker.refuse() from None
    except TooDeep:
        raise asker.refuse("The query is nested too deeply") from None
    if found.where is None:
        raise asker.refuse()
    test = _compiled(found.where, asker)
    pages = sorted(asker.site.searched_for(asker.person), key=MOMENTS["lastmodified"], reverse=True)
    kept = _sorted([page for page in pages if test(page)], found, asker)
    return [*kept, *(space for space in asker.site.spaces_for(asker.person) if test(space))]

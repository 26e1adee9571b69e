"""JQL and CQL inside of a filter."""

from collections.abc import Iterable, Iterator

from server.policy.grammar import Clause, Function, Language, Listed, Literal, Operand, Query, Unreadable, parse
from server.policy.scope import ISSUE_KEY

Named = tuple[str, str, str]  # kind of thing, its name, the field or function that names it

_ISSUE_FIELDS = frozenset({"key", "id", "issue", "issuekey", "parent", "epic link", "parentepic"})
_OF_PROJECTS = frozenset(
    {"releasedversions", "unreleasedversions", "latestreleasedversion", "earliestunreleasedversion"}
)


def within(query: str, keys: Iterable[str], *, language: Language = "JQL") -> str:
    """The query, of what is in these projects or spaces alone. Raises Unreadable."""
    return str(bounded(parse(query, language), keys, language))


def bounded(query: Query, keys: Iterable[str], language: Language) -> Query:
    named = Listed(tuple(Literal(f'"{key}"') for key in sorted(keys)))
    return query.within(Clause(Literal("project" if language == "JQL" else "space"), "in", named))


def unreadable(error: Unreadable, language: Language) -> str:
    """In words that say what to do."""
    return (
        f"This {language} can't be read at character {error.place} ({error.what}), and this server sends none that it "
        'can\'t read. Close quotes and parentheses, and put values with blanks or signs in "quotes".'
    )


def named(query: Query) -> Iterator[Named]:
    """The projects and issues that a query calls by name."""
    for clause in query.clauses():
        field = clause.field.text.casefold()
        kind = "project" if field == "project" else "issue" if field in _ISSUE_FIELDS else ""
        operands = [each for each in (clause.operand, *(operand for _, operand in clause.past)) if each]
        for operand in operands:
            yield from _named(operand, kind, clause.field.text)


def _named(operand: Operand, kind: str, field: str) -> Iterator[Named]:
    match operand:
        case Literal():
            if kind:
                yield kind, operand.text, field
        case Listed(items):
            for item in items:
                yield from _named(item, kind, field)
        case Function(name, arguments):
            of_projects = name.casefold() in _OF_PROJECTS
            for argument in arguments:
                if isinstance(argument, Literal) and (of_projects or ISSUE_KEY.fullmatch(argument.text.upper())):
                    yield "project" if of_projects else "issue", argument.text, f"{name}()"
        case _:
            return

"""JQL: from a query's text to the issues that it finds."""

import operator
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from lark import UnexpectedInput

from server.sandbox import jql_plan, jql_words, query, words
from server.sandbox.jql_fields import HISTORIC, Asker, Dimension, dimension
from server.sandbox.jql_history import historic
from server.sandbox.query import AllOf, AnyOf, Clause, Name, Nothing, Query, Sort, TooDeep, Tree
from server.sandbox.records import Issue

Test = Callable[[Issue], bool]
ORDER_LIMIT = 7
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def parse(text: str) -> Query:
    try:
        return query.parse(text)
    except UnexpectedInput as error:
        raise jql_words.syntax(error, text) from None
    except TooDeep:
        raise jql_words.too_deep() from None


def _found(name: Name) -> Dimension:
    if name.token.type == "WORD" and name.text.casefold() in jql_words.RESERVED:
        raise jql_words.reserved(name.token)
    return dimension(name.text)


def _resolved(clause: Clause, field: Dimension, asker: Asker) -> list[Any]:
    for operand in clause.operands:
        if operand.token.type == "WORD" and str(operand.token).casefold() in jql_words.RESERVED:
            raise jql_words.reserved(operand.token)
    return [value for operand in clause.operands for value in field.resolve(asker, field.name, operand)]


def _text(clause: Clause, field: Dimension, asker: Asker) -> Test:
    matches = words.matcher(str(_resolved(clause, field, asker)[0]))
    if clause.operator == "~":
        return lambda issue: any(matches(text) for text in field.values(issue))

    def lacks(issue: Issue) -> bool:
        texts = list(field.values(issue))
        return bool(texts) and not any(matches(text) for text in texts)

    return lacks


def _membership(clause: Clause, field: Dimension, asker: Asker) -> Test:
    named = Clause(clause.field, clause.operator, tuple(o for o in clause.operands if not isinstance(o, Nothing)))
    wanted = set(_resolved(named, field, asker))
    empty = len(named.operands) < len(clause.operands)
    if clause.operator in {"=", "in"}:

        def included(issue: Issue) -> bool:
            values = field.values(issue)
            return any(value in wanted for value in values) if values else empty

        return included

    def excluded(issue: Issue) -> bool:
        values = field.values(issue)
        return bool(values) and not any(value in wanted for value in values)

    return excluded


def _comparison(clause: Clause, field: Dimension, asker: Asker) -> Test:
    compare = COMPARISONS[clause.operator]
    bound = field.rank(_resolved(clause, field, asker)[0])
    rank, values = field.rank, field.values
    return lambda issue: any(compare(rank(value), bound) for value in values(issue))


def _test(clause: Clause, asker: Asker) -> Test:
    field = _found(clause.field)
    kind = clause.operator
    if kind not in field.operators:
        if kind in HISTORIC:
            raise jql_words.no_history(field.name)
        raise jql_words.unsupported(kind, field.name)
    if kind in HISTORIC:
        return historic(clause, field, asker)
    if kind == "is":
        return lambda issue: not field.values(issue)
    if kind == "is not":
        return lambda issue: bool(field.values(issue))
    if kind in COMPARISONS:
        return _comparison(clause, field, asker)
    return _text(clause, field, asker) if "~" in kind else _membership(clause, field, asker)


def compiled(tree: Tree, asker: Asker) -> Test:
    if isinstance(tree, Clause):
        return _test(tree, asker)
    tests = [compiled(part, asker) for part in tree.parts]
    wanted = isinstance(tree, AnyOf)

    def test(issue: Issue) -> bool:
        for each in tests:
            if each(issue) is wanted:
                return wanted
        return not wanted

    return test


def _sorted(issues: Iterable[Issue], order: tuple[Sort, ...]) -> list[Issue]:
    ordered = sorted(issues, key=lambda issue: int(issue.id), reverse=True)
    for sort in reversed(order):
        field = _found(sort.field)
        ranked = [(field.rank(min(values)), issue) for issue in ordered if (values := field.values(issue))]
        empty = [issue for issue in ordered if not field.values(issue)]
        ranked.sort(key=operator.itemgetter(0), reverse=sort.descending)
        filled = [issue for _, issue in ranked]
        ordered = empty + filled if sort.descending else filled + empty
    return ordered


def _check_order(order: tuple[Sort, ...]) -> None:
    if len(order) > ORDER_LIMIT:
        raise jql_words.refusal(f"The maximum number of fields in an ORDER BY clause is {ORDER_LIMIT}.")
    for sort in order:
        _found(sort.field)


def condition(text: str, asker: Asker) -> Test:
    """Whether an issue is as the query says; its order is checked and does not matter."""
    found = parse(text)
    _check_order(found.order)
    return compiled(found.where or AllOf(()), asker)


def search(text: str, asker: Asker, fresh: Collection[str] = (), *, bounded: bool = True) -> Iterator[Issue]:
    """The issues that the asker may see and the query finds, in the query's order (newest first without one).

    Search sees issues as they were when it last looked at them; those whose ids are in `fresh`, as they are. A query
    without a condition is refused where it must be `bounded`.
    """
    found = parse(text)
    if found.where is None and bounded:
        raise jql_words.refusal(jql_words.UNBOUNDED)
    where = found.where or AllOf(())
    test = compiled(where, asker)
    _check_order(found.order)
    asker.site.settle()
    seen = {project.id for project in asker.site.projects_for(asker.person)}
    ids = jql_plan.narrowed(where, asker)
    walk = None if fresh else jql_plan.walk(where, found.order, asker)
    if walk is None or (ids is not None and len(ids) <= jql_plan.FEW):
        issues = _looked_at(asker, ids, fresh)
        return iter(_sorted((issue for issue in issues if issue.project in seen and test(issue)), found.order))
    return (issue for issue in walk if issue.project in seen and (ids is None or issue.id in ids) and test(issue))


def _looked_at(asker: Asker, ids: set[str] | None, fresh: Collection[str]) -> Iterator[Issue]:
    index = asker.site.index
    known = index.by_number() if ids is None else (found for each in ids if (found := index.get(each)))
    yield from (issue for issue in known if issue.id not in fresh)
    yield from (asker.site.issues[each] for each in fresh if each in asker.site.issues)

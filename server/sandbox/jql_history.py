"""WAS and CHANGED: questions about the past of a field."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from server.sandbox import jql_words, moments
from server.sandbox.jql_fields import Asker, Dimension
from server.sandbox.query import Clause, Function, Literal, Nothing, Operand, Predicate
from server.sandbox.records import Change, History, Issue

Step = tuple[History, Change]
StepTest = Callable[[Step], bool]


def _steps(issue: Issue, field_id: str) -> list[Step]:
    return [(entry, change) for entry in issue.histories for change in entry.changes if change.field_id == field_id]


def _moment(asker: Asker, operand: Operand) -> datetime:
    found = None
    if isinstance(operand, Function) and operand.name.casefold() in moments.FUNCTIONS:
        offset = operand.arguments[0] if operand.arguments else ""
        found = moments.call(operand.name, offset, asker.now, asker.person.zone)
    elif isinstance(operand, Literal):
        found = moments.read(operand.text, asker.now, asker.person.zone)
    if found is None:
        raise jql_words.bad_date(str(operand.token), "history")
    return found


def _timed(predicate: Predicate, asker: Asker) -> StepTest:
    first = _moment(asker, predicate.operands[0])
    last = _moment(asker, predicate.operands[-1])
    tests: dict[str, StepTest] = {
        "after": lambda step: step[0].created > first,
        "before": lambda step: step[0].created < first,
        "on": lambda step: step[0].created.astimezone(first.tzinfo).date() == first.date(),
        "during": lambda step: first <= step[0].created <= last,
    }
    return tests[predicate.word]


def _predicate(predicate: Predicate, field: Dimension, asker: Asker) -> StepTest:
    if predicate.word == "by":
        people = {asker.person.account_id for o in predicate.operands if isinstance(o, Function)}
        names = {o.text for o in predicate.operands if isinstance(o, Literal)}
        return lambda step: step[0].author in people | names
    if predicate.word in {"from", "to"}:
        wanted = _wanted(predicate.operands, field, asker)
        side = 0 if predicate.word == "from" else 1
        return lambda step: (step[1].old[0], step[1].new[0])[side] in wanted
    return _timed(predicate, asker)


def _wanted(operands: tuple[Operand, ...], field: Dimension, asker: Asker) -> set[Any]:
    wanted: set[Any] = set()
    for operand in operands:
        wanted.update([None] if isinstance(operand, Nothing) else field.resolve(asker, field.name, operand))
    return wanted


def historic(clause: Clause, field: Dimension, asker: Asker) -> Callable[[Issue], bool]:
    predicates = [_predicate(predicate, field, asker) for predicate in clause.predicates]

    def changed(issue: Issue) -> bool:
        return any(all(test(step) for test in predicates) for step in _steps(issue, field.field_id))

    if clause.operator == "changed":
        return changed
    if clause.operator == "not changed":
        return lambda issue: not changed(issue)
    wanted = _wanted(clause.operands, field, asker)

    def was(issue: Issue) -> bool:
        steps = _steps(issue, field.field_id)
        held = [change.new[0] for entry, change in steps if all(test((entry, change)) for test in predicates)]
        if not predicates:
            held += [change.old[0] for _, change in steps[:1]]
            held += [issue.values.get(field.field_id)]
        return any(value in wanted for value in held)

    return was if clause.operator == "was" else lambda issue: not was(issue)

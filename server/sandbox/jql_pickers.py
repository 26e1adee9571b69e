"""What queries ask of fields that offer a choice: groups, and options below options."""

from collections.abc import Callable, Sequence
from typing import Any

from server.sandbox import catalog, groups, jql_words
from server.sandbox.catalog import Field
from server.sandbox.jql_asker import Asker, word
from server.sandbox.query import Function, Operand
from server.sandbox.records import Issue

NONE = "none"


def group(asker: Asker, name: str, operand: Operand) -> list[Any]:
    wanted = word(name, operand)
    for known in groups.names(asker.site):
        if wanted.casefold() in (known.casefold(), groups.group_id(known)):
            return [known]
    raise jql_words.unknown_value(wanted, name)


def cascaded(field: Field) -> Callable[[Issue], Sequence[str]]:
    """The options that are chosen, and the choice as a whole."""

    def values(issue: Issue) -> Sequence[str]:
        chosen: list[str] = issue.values.get(field.id) or []
        return (*chosen, _whole(*chosen)) if chosen else ()

    return values


def _whole(parent: str, child: str = NONE) -> str:
    return f"{parent}/{child}"


def cascade_rank(value: str) -> int:
    return int(value.partition("/")[0])


def _ids(field: Field, name: str, wanted: str) -> list[str]:
    rows = catalog.options_by_id(field).values()
    found = [row.id for row in rows if wanted.casefold() in (row.id, row.name.casefold())]
    if not found:
        raise jql_words.unknown_value(wanted, name)
    return found


def cascade(field: Field) -> Callable[[Asker, str, Operand], list[Any]]:
    """An option wherever it stands, or cascadeOption(parent[, child or none])."""

    def resolve(_: Asker, name: str, operand: Operand) -> list[Any]:
        if not isinstance(operand, Function) or operand.name.casefold() != "cascadeoption":
            return _ids(field, name, word(name, operand))
        if not 1 <= len(operand.arguments) <= 2:
            usage = "Function 'cascadeOption' expected between '1' and '2' arguments but received"
            raise jql_words.refusal(f"{usage} '{len(operand.arguments)}'.")
        parent, *child = operand.arguments
        above = _ids(field, name, parent)
        if not child:
            return above
        below = [NONE] if child[0].casefold() == NONE else _ids(field, name, child[0])
        return [_whole(one, other) for one in above for other in below]

    return resolve

"""Who asks a query, and the words of its operands."""

from dataclasses import dataclass
from datetime import datetime

from server.sandbox import jql_words
from server.sandbox.query import Function, Literal, Operand
from server.sandbox.records import Person
from server.sandbox.site import Site


@dataclass(frozen=True)
class Asker:
    """Who asks, and when."""

    site: Site
    person: Person
    now: datetime


def word(name: str, operand: Operand) -> str:
    if isinstance(operand, Literal):
        return operand.text
    if isinstance(operand, Function):
        raise jql_words.unknown_function(operand.name)
    raise jql_words.unknown_value("EMPTY", name)

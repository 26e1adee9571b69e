"""JQL's complaints, word for word, and its reserved words."""

from typing import cast

from lark import Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from server.sandbox import refusals
from server.sandbox.refusals import Refusal

PREFIX = "Error in the JQL Query: "
OPERATORS = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
DATE_FORMATS = (
    "Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', "
    "or a period format e.g. '-5d', '4w 2d'."
)
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
WORDS = """
abort access add after alias all alter and any as asc audit avg before begin between boolean break by byte catch
cf char character check checkpoint collate collation column commit connect continue count create current date
decimal declare decrement default defaults define delete delimiter desc difference distinct divide do double
drop else empty encoding end equals escape exclusive exec execute exists explain false fetch file field first
float for from function go goto grant greater group having identified if immediate in increment index initial
inner inout input insert int integer intersect intersection into is isempty isnull join last left less like
limit lock long max min minus mode modify modulo more multiply next noaudit not notin nowait null number object
of on option or order outer output power previous prior privileges public raise raw remove rename resource
return returns revoke right row rowid rownum rows select session set share size sqrt start strict string
subtract sum synonym table then to trans transaction trigger true uid union unique update user validate values
view when whenever where while with
"""
RESERVED = frozenset(WORDS.split())


def refusal(message: str) -> Refusal:
    return refusals.jira(400, message)


def _place(line: int, column: int) -> str:
    return f" (line {line}, character {column})"


def reserved(token: Token) -> Refusal:
    advice = "You must surround it in quotation marks to use it in a query."
    return refusal(f"{PREFIX}'{token}' is a reserved JQL word. {advice}{_place(token.line or 1, token.column or 1)}")


def _odd_character(error: UnexpectedCharacters, text: str) -> str:
    place = _place(error.line, error.column)
    odd = str(error.char)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    if odd in "\"'":
        rest = text[error.pos_in_stream + 1 :]
        return f"The quoted string '{rest}' has not been completed.{place}"
    code = f"\\u{ord(odd):04x}"
    return (
        f"The character '{odd}' is a reserved JQL character. "
        f"You must enclose it in a string or use the escape '{code}' instead.{place}"
    )


def _quoting(got: Token, role: str) -> str:
    return f" You must surround '{got}' in quotation marks to use it as a {role}."


def _expected(accepts: set[str], got: Token) -> tuple[str, str, str]:
    """What stood to be expected, how the sentence goes on after the surprise, and how it ends at the query's end."""
    end = "before the end of the query."
    if "COMPARE" in accepts:
        return "operator", " " + OPERATORS, f"{end} {OPERATORS}"
    if "_NOT" in accepts:
        return "a field name", _quoting(got, "field name"), "at the end of the query."
    if "EMPTY" in accepts:
        return "either a value, list or function", _quoting(got, "value"), end
    if "_AND" in accepts and "_RPAR" not in accepts:
        return "either 'OR' or 'AND'", "", end
    for terminal, words in (("_RPAR", "')'"), ("_LPAR", "'('"), ("BY", "'BY'"), ("_COMMA", "','")):
        if terminal in accepts:
            return words, "", end
    return "a field name", _quoting(got, "field name"), "at the end of the query."


def _surprise(error: UnexpectedToken) -> str:
    got = cast(Token, error.token)
    accepts = {str(name) for name in (error.accepts or error.expected)}
    what, more, at_end = _expected(accepts, got)
    if got.type == "$END":
        return f"Expecting {what} {at_end}"
    return f"Expecting {what} but got '{got}'.{more}{_place(error.line, error.column)}"


def syntax(error: UnexpectedInput, text: str) -> Refusal:
    if isinstance(error, UnexpectedCharacters):
        return refusal(PREFIX + _odd_character(error, text))
    if isinstance(error, UnexpectedToken):
        return refusal(PREFIX + _surprise(error))
    return refusal(f"{PREFIX}{error}")


def too_deep() -> Refusal:
    return refusal(f"{PREFIX}The query is nested too deeply.")


def unknown_field(name: str) -> Refusal:
    return refusal(f"Field '{name}' does not exist or you do not have permission to view it.")


def unknown_value(value: str, field: str) -> Refusal:
    return refusal(f"The value '{value}' does not exist for the field '{field}'.")


def unsupported(operator: str, field: str) -> Refusal:
    return refusal(f"The operator '{operator}' is not supported by the '{field}' field.")


def bad_date(value: str, field: str) -> Refusal:
    return refusal(f"Date value '{value}' for field '{field}' is invalid. {DATE_FORMATS}")


def unknown_function(name: str) -> Refusal:
    return refusal(f"Unable to find JQL function '{name}()'.")


def no_history(field: str) -> Refusal:
    return refusal(f"History searches do not support the '{field}' field.")

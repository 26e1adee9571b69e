"""JQL and CQL as grammars: from a query's text to its tree, and where it could not be read.

A query is sent as its tree is printed, never as it came: outside quotes nothing is left but ASCII, each group has its
parentheses, and what follows ORDER BY stays behind everything else. So nobody has to read it as we did.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from typing import Literal as OneOf

from lark import Lark, Token, Transformer, UnexpectedInput, v_args  # pyright: ignore[reportUnknownVariableType]

Language = OneOf["JQL", "CQL"]

DEEPEST = 90  # groups inside groups
_ENDS = r"""(?![^\s=!<>()~,"'&|\[\]])"""  # a keyword is no beginning of a word


def _terminals(**names: str) -> str:
    """Keywords, with the signs that mean the same after a blank. They are of ASCII letters alone, as Atlassian's are:
    where case does not matter, Python takes a few other letters for the same."""
    lines: list[str] = []
    for name, spelled in names.items():
        word, _, signs = spelled.partition(" ")
        keywords = ("".join(f"[{letter}{letter.upper()}]" for letter in each) for each in word.split("|"))
        ways = [f"{keyword}{_ENDS}" for keyword in keywords] + ([signs] if signs else [])
        lines.append(f"{name}.2: /{'|'.join(ways)}/")
    return "\n".join(lines) + "\n"


_COMMON = r"""
query: [condition] [ordering]
?condition: conjunction (_OR conjunction)*            -> any_of
?conjunction: negation (_AND negation)*               -> all_of
?negation: _NOT negation                              -> negated
         | _LPAR condition _RPAR                      -> group
         | clause
?operand: list | function
list: _LPAR (value | list) (_COMMA (value | list))* _RPAR
function: WORD _LPAR [value (_COMMA value)*] _RPAR
literal: WORD | STRING
field: WORD | STRING | PROPERTY
ordering: _ORDER BY sort (_COMMA sort)*
sort: field [ASC | DESC]

COMPARE.3: /!=|!~|<=|>=|=|<|>|~/
PROPERTY.2: /[A-Za-z0-9_.-]+[ \t]*\[[A-Za-z0-9_.: \t-]+\]([.][A-Za-z0-9_.-]+)?/
_LPAR: "("
_RPAR: ")"
_COMMA: ","
%ignore /[ \t\r\n]+/
""" + _terminals(
    _OR=r"or \|\|?", _AND="and &&?", _NOT="not !", _IN="in", _ORDER="order", BY="by", ASC="asc", DESC="desc"
)

_JQL = r"""
?clause: field COMPARE value                          -> compare
       | field _IN operand                            -> member
       | field _NOT _IN operand                       -> outsider
       | field _IS EMPTY                              -> empty
       | field _IS _NOT EMPTY                         -> filled
       | field _WAS value predicate*                  -> was
       | field _WAS _NOT value predicate*             -> was_not
       | field _WAS _IN operand predicate*            -> was_in
       | field _WAS _NOT _IN operand predicate*       -> was_not_in
       | field _CHANGED predicate*                    -> changed
predicate: (AFTER | BEFORE | ON | BY | FROM | TO | DURING) (value | list)
?value: literal | function | EMPTY                    -> nothing
""" + _terminals(
    _IS="is",
    _WAS="was",
    _CHANGED="changed",
    EMPTY="empty|null",
    AFTER="after",
    BEFORE="before",
    ON="on",
    FROM="from",
    TO="to",
    DURING="during",
)

_CQL = r"""
?clause: field COMPARE value                          -> compare
       | field _IN operand                            -> member
       | field _NOT _IN operand                       -> outsider
?value: literal | function
"""

_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_UNSEEN = r"\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"


def _texts(escape: str, reserved: str) -> str:
    """Strings in either quotes, and words; `reserved` are the signs of which no word is made. (No backslash may stand
    before a quote: lark takes it away.)"""
    strings = "|".join(f"{quote}(?:[^{quote}\\\\{_CONTROL}]|{escape})*{quote}" for quote in "\"'")
    word = rf"""(?:[^\\=!<>()~,"'&|\[\]{reserved}{_UNSEEN}]|{escape})+"""
    return f"STRING: /{strings}/\nWORD: /{word}/\n"


_GRAMMARS: dict[Language, str] = {
    "JQL": _COMMON + _JQL + _texts(r"""\\(?:["'ntr \\]|u[0-9a-fA-F]{4})""", r"{}*\/%+^$#@?;"),
    "CQL": _COMMON + _CQL + _texts(r"\\[^\x00-\x1f\x7f-\x9f]", ""),
}


class Unreadable(ValueError):
    """A text that is no query: `place` is the character, from 1, where it stops being one."""

    def __init__(self, place: int, what: str) -> None:
        super().__init__(f"{what} at character {place}")
        self.place = place
        self.what = what


@dataclass(frozen=True)
class Literal:
    """A word or a string, as it was written."""

    raw: str

    @property
    def quoted(self) -> bool:
        return self.raw[0] in "\"'"

    @property
    def text(self) -> str:
        return _unescaped(self.raw[1:-1] if self.quoted else self.raw)

    def __str__(self) -> str:
        return self.raw if self.quoted or _plain(self.raw) else f'"{self.raw}"'


@dataclass(frozen=True)
class Nothing:
    """EMPTY or NULL."""

    def __str__(self) -> str:
        return "EMPTY"


@dataclass(frozen=True)
class Function:
    name: str
    arguments: "tuple[Operand, ...]" = ()

    def __str__(self) -> str:
        return f"{self.name}({_joined(self.arguments)})"


@dataclass(frozen=True)
class Listed:
    items: "tuple[Operand, ...]"

    def __str__(self) -> str:
        return f"({_joined(self.items)})"


Operand = Literal | Nothing | Function | Listed


@dataclass(frozen=True)
class Clause:
    """`field operator operand`, and what is asked of the past: ("after", operand) and the like."""

    field: Literal
    operator: str
    operand: Operand | None = None
    past: tuple[tuple[str, Operand], ...] = ()

    def __str__(self) -> str:
        parts = [str(self.field), self.operator, *([str(self.operand)] if self.operand else [])]
        return " ".join([*parts, *(f"{word} {operand}" for word, operand in self.past)])


@dataclass(frozen=True)
class Not:
    part: "Tree"

    def __str__(self) -> str:
        return f"NOT ({self.part})"


@dataclass(frozen=True)
class AllOf:
    parts: "tuple[Tree, ...]"

    def __str__(self) -> str:
        return " AND ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


@dataclass(frozen=True)
class AnyOf:
    parts: "tuple[Tree, ...]"

    def __str__(self) -> str:
        return " OR ".join(f"({part})" if isinstance(part, AllOf) else str(part) for part in self.parts)


Tree = Clause | Not | AllOf | AnyOf


@dataclass(frozen=True)
class Sort:
    field: Literal
    direction: str = ""

    def __str__(self) -> str:
        return f"{self.field} {self.direction}".rstrip()


@dataclass(frozen=True)
class Query:
    where: Tree | None
    order: tuple[Sort, ...] = ()

    def clauses(self) -> Iterator[Clause]:
        return _clauses(self.where)

    def within(self, bound: Clause) -> "Query":
        """What this finds inside of the bound."""
        return Query(AllOf((self.where, bound)) if self.where else bound, self.order)

    def __str__(self) -> str:
        order = f"ORDER BY {', '.join(map(str, self.order))}" if self.order else ""
        return f"{self.where or ''} {order}".strip()


def _clauses(tree: Tree | None) -> Iterator[Clause]:
    match tree:
        case Clause():
            yield tree
        case Not(part):
            yield from _clauses(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _clauses(part)
        case None:
            return


def _joined(operands: tuple[Operand, ...]) -> str:
    return ", ".join(map(str, operands))


_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-[]:")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def _plain(word: str) -> bool:
    return _SAFE.issuperset(word)


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    parts, rest = [""], raw
    while "\\" in rest:
        before, _, after = rest.partition("\\")
        hexadecimal = after[0] == "u" and len(after) > 4
        parts += [before, chr(int(after[1:5], 16)) if hexadecimal else _ESCAPES.get(after[0], after[0])]
        rest = after[5 if hexadecimal else 1 :]
    return "".join([*parts, rest])


@v_args(inline=True)
class _Builder(Transformer[Token, Query]):
    def query(self, where: Tree | None, order: tuple[Sort, ...] | None) -> Query:
        return Query(where, order or ())

    def any_of(self, *parts: Tree) -> Tree:
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def all_of(self, *parts: Tree) -> Tree:
        return parts[0] if len(parts) == 1 else AllOf(parts)

    def group(self, part: Tree) -> Tree:
        return part

    def negated(self, part: Tree) -> Tree:
        return Not(part)

    def compare(self, field: Literal, operator: Token, operand: Operand) -> Clause:
        return Clause(field, str(operator), operand)

    def member(self, field: Literal, operand: Operand) -> Clause:
        return Clause(field, "in", operand)

    def outsider(self, field: Literal, operand: Operand) -> Clause:
        return Clause(field, "not in", operand)

    def empty(self, field: Literal, _: Token) -> Clause:
        return Clause(field, "is", Nothing())

    def filled(self, field: Literal, _: Token) -> Clause:
        return Clause(field, "is not", Nothing())

    def was(self, field: Literal, operand: Operand, *past: tuple[str, Operand]) -> Clause:
        return Clause(field, "was", operand, past)

    def was_not(self, field: Literal, operand: Operand, *past: tuple[str, Operand]) -> Clause:
        return Clause(field, "was not", operand, past)

    def was_in(self, field: Literal, operand: Operand, *past: tuple[str, Operand]) -> Clause:
        return Clause(field, "was in", operand, past)

    def was_not_in(self, field: Literal, operand: Operand, *past: tuple[str, Operand]) -> Clause:
        return Clause(field, "was not in", operand, past)

    def changed(self, field: Literal, *past: tuple[str, Operand]) -> Clause:
        return Clause(field, "changed", None, past)

    def predicate(self, word: Token, operand: Operand) -> tuple[str, Operand]:
        return word.lower(), operand

    def list(self, *items: Operand) -> Listed:
        return Listed(items)

    def nothing(self, _: Token) -> Nothing:
        return Nothing()

    def literal(self, token: Token) -> Literal:
        return Literal(str(token))

    def function(self, name: Token, *arguments: Operand | None) -> Function:
        return Function(str(name), tuple(argument for argument in arguments if argument))

    def field(self, token: Token) -> Literal:
        return Literal("".join(token.split()) if token.type == "PROPERTY" else str(token))

    def ordering(self, *sorts: Sort | Token) -> tuple[Sort, ...]:
        return tuple(sort for sort in sorts if isinstance(sort, Sort))

    def sort(self, field: Literal, direction: Token | None) -> Sort:
        return Sort(field, direction.upper() if direction else "")


@lru_cache(maxsize=2)
def _parser(language: Language) -> Lark:
    transformer = cast(Any, _Builder())
    return Lark(
        _GRAMMARS[language],
        parser="lalr",
        lexer="basic",
        start="query",
        maybe_placeholders=True,
        transformer=transformer,
    )


@lru_cache(maxsize=256)
def parse(text: str, language: Language) -> Query:
    """Raises Unreadable."""
    _check_depth(text)
    try:
        return cast(Query, cast(Any, _parser(language)).parse(text))
    except UnexpectedInput as error:
        place = error.pos_in_stream
        if place is None or cast(Any, getattr(error, "token", None)) == Token("$END", ""):
            raise Unreadable(len(text) + 1, "something is missing") from None
        raise Unreadable(place + 1, f"`{text[place : place + 20]}` was not expected") from None


def _check_depth(text: str) -> None:
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST:
            raise Unreadable(place + 1, f"more than {DEEPEST} groups in one another")

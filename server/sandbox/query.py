"""The grammar that JQL and CQL share, and the tree it makes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from lark import Lark, Token, Transformer, v_args  # pyright: ignore[reportUnknownVariableType]

GRAMMAR = r"""
query: [condition] [ordering]
?condition: conjunction (_OR conjunction)*            -> any_of
?conjunction: negation (_AND negation)*               -> all_of
?negation: _NOT negation                              -> negated
         | _LPAR condition _RPAR
         | clause
?clause: field COMPARE value                          -> compare
       | field _IN operand                            -> member
       | field _NOT _IN operand                       -> outsider
       | field _IS EMPTY                              -> empty
       | field _IS _NOT EMPTY                         -> filled
       | field _WAS value predicate*                  -> was
       | field _WAS _NOT value predicate*             -> was_not
       | field _WAS _IN operand predicate*            -> was
       | field _WAS _NOT _IN operand predicate*       -> was_not
       | field _CHANGED predicate*                    -> changed
predicate: (AFTER | BEFORE | ON | BY | FROM | TO | DURING) (value | list)
?operand: list | function
list: _LPAR value (_COMMA value)* _RPAR
?value: literal | function | EMPTY                    -> nothing
literal: WORD | STRING
function: WORD _LPAR [value (_COMMA value)*] _RPAR
field: WORD | STRING | CF
ordering: _ORDER BY sort (_COMMA sort)*
sort: field [ASC | DESC]

COMPARE.3: /!=|!~|<=|>=|=|<|>|~/
_OR.2: /or(?![^\s=!<>()~,"'&|\[\]])|\|\|?/i
_AND.2: /and(?![^\s=!<>()~,"'&|\[\]])|&&?/i
_NOT.2: /not(?![^\s=!<>()~,"'&|\[\]])|!/i
_IN.2: /in(?![^\s=!<>()~,"'&|\[\]])/i
_IS.2: /is(?![^\s=!<>()~,"'&|\[\]])/i
_WAS.2: /was(?![^\s=!<>()~,"'&|\[\]])/i
_CHANGED.2: /changed(?![^\s=!<>()~,"'&|\[\]])/i
EMPTY.2: /(empty|null)(?![^\s=!<>()~,"'&|\[\]])/i
_ORDER.2: /order(?![^\s=!<>()~,"'&|\[\]])/i
BY.2: /by(?![^\s=!<>()~,"'&|\[\]])/i
ASC.2: /asc(?![^\s=!<>()~,"'&|\[\]])/i
DESC.2: /desc(?![^\s=!<>()~,"'&|\[\]])/i
AFTER.2: /after(?![^\s=!<>()~,"'&|\[\]])/i
BEFORE.2: /before(?![^\s=!<>()~,"'&|\[\]])/i
ON.2: /on(?![^\s=!<>()~,"'&|\[\]])/i
DURING.2: /during(?![^\s=!<>()~,"'&|\[\]])/i
FROM.2: /from(?![^\s=!<>()~,"'&|\[\]])/i
TO.2: /to(?![^\s=!<>()~,"'&|\[\]])/i
CF.2: /cf\s*\[\s*\d+\s*\]/i
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
WORD: /[^\s=!<>()~,"'&|\[\]{}*\/%+^$#@?;]+/
_LPAR: "("
_RPAR: ")"
_COMMA: ","
%ignore /\s+/
"""

NESTING = 200  # of the grammar's rules: a pair of parentheses is two


class TooDeep(ValueError):
    """The query is nested deeper than anybody can walk."""


@dataclass(frozen=True)
class Name:
    text: str
    token: Token


@dataclass(frozen=True)
class Literal:
    text: str
    token: Token


@dataclass(frozen=True)
class Function:
    name: str
    arguments: tuple[str, ...]
    token: Token


@dataclass(frozen=True)
class Nothing:
    token: Token


Operand = Literal | Function | Nothing


@dataclass(frozen=True)
class Predicate:
    word: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Clause:
    """`operator` is written as Jira writes it: '=', 'not in', 'is', 'was', 'changed'."""

    field: Name
    operator: str
    operands: tuple[Operand, ...] = ()
    predicates: tuple[Predicate, ...] = ()


@dataclass(frozen=True)
class AllOf:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True)
class AnyOf:
    parts: "tuple[Tree, ...]"


Tree = Clause | AllOf | AnyOf


@dataclass(frozen=True)
class Sort:
    field: Name
    descending: bool


@dataclass(frozen=True)
class Query:
    where: Tree | None
    order: tuple[Sort, ...]


_PAIRS = (
    ("=", "!="),
    ("<", ">="),
    (">", "<="),
    ("~", "!~"),
    ("in", "not in"),
    ("is", "is not"),
    ("was", "was not"),
    ("changed", "not changed"),
)
OPPOSITES = dict(_PAIRS) | {right: left for left, right in _PAIRS}


def negate(tree: Tree) -> Tree:
    """De Morgan, as Jira does it: NOT (a = b) means a != b, which an empty field does not match."""
    match tree:
        case AllOf(parts):
            return AnyOf(tuple(negate(part) for part in parts))
        case AnyOf(parts):
            return AllOf(tuple(negate(part) for part in parts))
        case Clause(field, operator, operands, predicates):
            return Clause(field, OPPOSITES[operator], operands, predicates)


def unquote(token: Token) -> str:
    text = str(token)
    if token.type != "STRING":
        return text
    return text[1:-1].replace('\\"', '"').replace("\\'", "'").replace("\\\\", "\\")


def _operands(value: Operand | list[Operand]) -> tuple[Operand, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


@v_args(inline=True)
class _Builder(Transformer[Token, Query]):
    def query(self, where: Tree | None, order: tuple[Sort, ...] | None) -> Query:
        return Query(where, order or ())

    def any_of(self, *parts: Tree) -> Tree:
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def all_of(self, *parts: Tree) -> Tree:
        return parts[0] if len(parts) == 1 else AllOf(parts)

    def negated(self, part: Tree) -> Tree:
        return negate(part)

    def compare(self, field: Name, operator: Token, operand: Operand) -> Clause:
        return Clause(field, str(operator), (operand,))

    def member(self, field: Name, operands: Operand | list[Operand]) -> Clause:
        return Clause(field, "in", _operands(operands))

    def outsider(self, field: Name, operands: Operand | list[Operand]) -> Clause:
        return Clause(field, "not in", _operands(operands))

    def empty(self, field: Name, _: Token) -> Clause:
        return Clause(field, "is")

    def filled(self, field: Name, _: Token) -> Clause:
        return Clause(field, "is not")

    def was(self, field: Name, operands: Operand | list[Operand], *predicates: Predicate) -> Clause:
        return Clause(field, "was", _operands(operands), predicates)

    def was_not(self, field: Name, operands: Operand | list[Operand], *predicates: Predicate) -> Clause:
        return Clause(field, "was not", _operands(operands), predicates)

    def changed(self, field: Name, *predicates: Predicate) -> Clause:
        return Clause(field, "changed", (), predicates)

    def predicate(self, word: Token, operands: Operand | list[Operand]) -> Predicate:
        return Predicate(word.lower(), _operands(operands))

    def list(self, *operands: Operand) -> list[Operand]:
        return [*operands]

    def nothing(self, token: Token) -> Nothing:
        return Nothing(token)

    def literal(self, token: Token) -> Literal:
        return Literal(unquote(token), token)

    def function(self, name: Token, *arguments: Literal | None) -> Function:
        return Function(str(name), tuple(argument.text for argument in arguments if argument), name)

    def field(self, token: Token) -> Name:
        return Name(unquote(token), token)

    def ordering(self, _: Token, *sorts: Sort) -> tuple[Sort, ...]:
        return sorts

    def sort(self, field: Name, direction: Token | None) -> Sort:
        return Sort(field, direction is not None and direction.lower() == "desc")


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", start="query", maybe_placeholders=True)


def _check_depth(tree: Any) -> None:
    level = [tree]
    for _ in range(NESTING):
        level = [child for node in level for child in getattr(node, "children", ())]
        if not level:
            return
    raise TooDeep


@lru_cache(maxsize=256)
def parse(text: str) -> Query:
    tree = cast(Any, _parser().parse(text))  # pyright: ignore[reportUnknownMemberType]
    _check_depth(tree)
    return cast(Query, cast(Any, _Builder()).transform(tree))

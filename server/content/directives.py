"""Directives in Markdown: the rules by which the parser sees them."""

import re
from typing import TYPE_CHECKING, NamedTuple, cast

from server.content.errors import ContentError
from server.content.notation import BRACES, LABEL, MARKS, PANELS, PLAIN_MARKS, Values, plain_label, read_braces

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

WRAPPERS = frozenset(
    {*(name for name, _ in MARKS.values()), *PLAIN_MARKS.values(), "sub", "sup", "border"},
)
"""Directives around words that may hold marks of their own."""
ATOMS = frozenset({"status", "mention", "date", "emoji", "placeholder", "file", "macro", "ref"})
LEAVES = frozenset({"card", "embed", "sync", "macro", "ref", "row", "cell", "column", "expand", "panel"})
CONTAINERS = frozenset({*PANELS, "panel", "expand", "layout", "table", "files", "figure", "macro", "sync", "ref"})
PARTS = {"row": "table", "cell": "table", "column": "layout"}
"""What a line of its own begins inside which container, up to the next such line."""
_MARK_LIMIT = 50

_LINE = re.compile(rf"(:{{2,}})[ \t]*(?:([a-z]+)({LABEL})?({BRACES})?)?[ \t]*")
_BEGINS = re.compile(rf"::(?:{'|'.join(sorted(LEAVES))})[\[{{]")
"""What can be nothing but a directive, whole or not."""
_INLINE = re.compile(rf":([a-z]+)(?:({LABEL})({BRACES})?|({BRACES}))")
_OPENS = re.compile(r":([a-z]+)\[")
_BRACES = re.compile(BRACES)
_BRACKETS = re.compile(r"\\.|(`+)|([\[\]])", re.DOTALL)


class Directive(NamedTuple):
    name: str
    label: str | None
    main: str
    pairs: Values
    line: int = 0
    opens: bool = False

    def text(self) -> str:
        return f"{':::' if self.opens else '::'}{self.name}"


def directive_line(state: "StateBlock", start: int, _end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's
    at = state.bMarks[start] + state.tShift[start]
    if state.src[at : at + 2] != "::" or state.is_code_block(start):
        return False
    text = state.src[at : state.eMarks[start]].rstrip()
    match = _LINE.fullmatch(text)
    colons = len(text) - len(text.lstrip(":"))
    if match is None and colons == 2 and not _BEGINS.match(text):
        return False
    if match is not None and colons == 2 and match[2] not in LEAVES:
        return False
    line = start + 1 + int(state.env.get("line", 0))
    found = _read(match, line, opens=colons > 2) if match else None
    if found is None:
        raise ContentError(
            f"Line {line}: `{text[:60]}` is no directive. Expected `:::name[words]{{key=value}}` alone on its line, "
            "closed by `:::`; write `\\:::` for plain colons."
        )
    if silent:
        return True
    token = state.push("directive", "", 0)
    token.meta = {"directive": found}
    token.map = [start, start + 1]
    state.line = start + 1
    return True


def known_line(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's
    """The same of a text that is only looked at: what is no directive is words."""
    try:
        return directive_line(state, start, end, silent)
    except ContentError:
        return False


def _read(match: re.Match[str], line: int, *, opens: bool) -> Directive | None:
    name = match[2] or ""
    if opens and name and name not in CONTAINERS:
        raise ContentError(
            f"Line {line}: `:::{name}` is not known. Containers: {', '.join(sorted(CONTAINERS))}; write `\\:::` for "
            "plain colons."
        )
    return _directive(name, match[3], match[4], line, opens=opens)


def _directive(name: str, label: str | None, braces: str | None, line: int, *, opens: bool = False) -> Directive | None:
    nothing: tuple[list[str], Values] = ([], {})
    read = read_braces(braces) if braces else nothing
    if read is None or len(read[0]) > 1:
        return None
    bare, pairs = read
    return Directive(name, None if label is None else plain_label(label[1:-1]), "".join(bare), pairs, line, opens)


def directive(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    if state.src[state.pos] != ":":
        return False
    opens = _OPENS.match(state.src, state.pos, state.posMax)
    if opens and opens[1] in WRAPPERS:
        return _wrapper(state, opens, silent=silent)
    match = _INLINE.match(state.src, state.pos, state.posMax)
    if not match or match[1] not in ATOMS:
        return False
    found = _directive(match[1], match[2], match[3] or match[4], 0)
    if found is None:
        return False
    if not silent:
        state.push("directive", "", 0).meta = {"directive": found}
    state.pos = match.end()
    return True


def _wrapper(state: "StateInline", opens: re.Match[str], *, silent: bool) -> bool:
    end = _pairs(state).get(opens.end() - 1)
    if end is None or end >= state.posMax:
        return False
    braces = _BRACES.match(state.src, end + 1, state.posMax)
    found = _directive(opens[1], None, braces[0] if braces else None, 0)
    if found is None:
        return False
    if not silent:
        _inside(state, opens.end(), end, found)
    state.pos = braces.end() if braces else end + 1
    return True


def _inside(state: "StateInline", start: int, end: int, found: Directive) -> None:
    if state.level > _MARK_LIMIT:
        raise ContentError(f"Directives nest more than {_MARK_LIMIT} levels deep in a line; flatten them.")
    most = state.posMax
    state.push("directive_open", "", 1).meta = {"directive": found}
    state.pos, state.posMax = start, end
    state.md.inline.tokenize(state)
    state.posMax = most
    state.push("directive_close", "", -1).meta = {"directive": found}


def _pairs(state: "StateInline") -> dict[int, int]:
    """Where each bracket is closed, code spans and escaped ones left out: found once for a line."""
    known = cast("tuple[str, dict[int, int]] | None", state.env.get("pairs"))
    if known is None or known[0] != state.src:
        known = state.env["pairs"] = (state.src, _brackets(state.src))
    return known[1]


def _brackets(text: str) -> dict[int, int]:
    runs: dict[int, list[int]] = {}
    marks = list(_BRACKETS.finditer(text))
    for index, match in enumerate(marks):
        if match[1]:
            runs.setdefault(len(match[1]), []).append(index)
    for places in runs.values():
        places.reverse()
    found: dict[int, int] = {}
    opened: list[int] = []
    skip = -1
    for index, match in enumerate(marks):
        if index <= skip:
            continue
        if match[1]:
            places = runs[len(match[1])]
            while places and places[-1] <= index:
                places.pop()
            skip = places[-1] if places else skip
        elif match[2] == "[":
            opened.append(match.start())
        elif match[2] and opened:
            found[opened.pop()] = match.start()
    return found


def attributes(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """Attributes right behind an image."""
    if silent or state.src[state.pos] != "{" or state.pending or not state.tokens:
        return False
    image = state.tokens[-1]
    match = _BRACES.match(state.src, state.pos, state.posMax)
    read = read_braces(match[0]) if match and image.type == "image" and "pairs" not in image.meta else None
    if match is None or read is None or read[0]:
        return False
    image.meta["pairs"] = read[1]
    state.pos = match.end()
    return True

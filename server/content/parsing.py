"""Markdown as nodes, as far as it says: what documents need besides is for those who write them."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from server.content.block_directives import container, leaf
from server.content.directives import PARTS, Directive
from server.content.errors import ContentError
from server.content.escaping import allowed
from server.content.line_parsing import parse_line
from server.content.list_parsing import Item, list_of
from server.content.markdown_rules import read_tokens
from server.content.notation import BRACES, Node, Values, keys_of, read_attributes, read_braces

if TYPE_CHECKING:
    from markdown_it.token import Token

_TASK = re.compile(r"\[([ xX])\](?:[ \t]+(\{blocks=yes\}))?(?:[ \t]+|\Z)")
_DECISION = re.compile(r"<>(?:[ \t]+|\Z)")
_PREFIX = re.compile(BRACES + r"(?:[ \t]+|\Z)")
_INFO = re.compile(rf"([^\s{{]\S*)?[ \t]*({BRACES})?")


def parse_markdown(markdown: str, *, line: int = 0) -> Iterator[Node]:
    """The blocks of a text, each when it is asked for; `line` lines stand before it in the whole."""
    builder = _Builder(line)
    for token in read_tokens(allowed(markdown), line):
        builder.add(token)
        yield from builder.done()
    builder.end()


class _Frame:
    """A node while its content is read; of a directive, the line that opened it."""

    def __init__(self, kind: str, directive: Directive | None = None, *, start: int = 1) -> None:
        self.kind = kind
        self.directive = directive
        self.start = start
        self.children: list[Node] = []
        self.items: list[Item] = []
        self.mark = ""


class _Builder:
    def __init__(self, line: int) -> None:
        self._before = line
        self._line = 1
        self._frames = [_Frame("doc")]
        self._words: Token | None = None
        self._item_begins = False
        self._header = False

    def add(self, token: "Token") -> None:
        if token.map:
            self._line = token.map[0] + 1
        if handler := _HANDLERS.get(token.type):
            handler(self, token)
            self._item_begins = token.type == "list_item_open"
        elif token.type != "paragraph_open":
            self._item_begins = False

    def done(self) -> list[Node]:
        """The blocks that are finished; they are not held here any longer."""
        if len(self._frames) > 1:
            return []
        found, self._frames[0].children = self._frames[0].children, []
        return found

    def end(self) -> None:
        self._leave()

    def _where(self) -> int:
        return self._line + self._before

    def put(self, node: Node) -> None:
        self._frames[-1].children.append(node)

    def enter(self, kind: str) -> None:
        self._frames.append(_Frame(kind))

    def _leave(self) -> _Frame:
        frame = self._frames.pop()
        if frame.directive is not None:
            raise ContentError(
                f"Line {frame.directive.line}: `:::{frame.directive.name}` is never closed. Expected `:::` on a line "
                "of its own below what it holds, at the same indentation."
            )
        return frame

    def leave_node(self) -> None:
        frame = self._leave()
        self.put({"type": frame.kind, "content": frame.children})

    def keep_words(self, token: "Token") -> None:
        self._words = token
        self._frames[-1].mark = _mark_of(token) if self._item_begins else self._frames[-1].mark

    def _line_of(self, kind: str, prefix: int = 0) -> Node:
        """A node of one line, with the attributes that stand before its words."""
        token, self._words = self._words, None
        if token is None:
            return {"type": kind, "content": []}
        pairs: Values = {}
        if token.content[prefix : prefix + 1] == "{" and (match := _PREFIX.match(token.content, prefix)):
            pairs = _prefix_pairs(kind, match[0].rstrip())
            prefix = match.end() if pairs else prefix
        content = [] if token.content[prefix:] == "\\" else parse_line(token, prefix, self._where())
        return self._attributed({"type": kind, "content": content}, pairs)

    def _attributed(self, node: Node, pairs: Values) -> Node:
        if not pairs:
            return node
        try:
            attrs, marks = read_attributes(node["type"], pairs)
        except ValueError as error:
            raise ContentError(f"Line {self._where()}: a number is expected in the braces: {error}.") from error
        return {**node, **({"attrs": attrs} if attrs else {}), **({"marks": marks} if marks else {})}

    def paragraph(self) -> None:
        token = self._words
        frame = self._frames[-1]
        prefix = _mark_width(frame, token) if token is not None and not frame.children else 0
        blank = token is not None and token.content[prefix:] == "\\"
        node = self._line_of("decisionItem" if prefix and frame.mark == "<>" else "paragraph", prefix)
        if node["content"] or node.get("marks") or blank:
            self.put(node)

    def heading(self, token: "Token") -> None:
        node = self._line_of("heading")
        self.put({**node, "attrs": {"level": int(token.tag[1]), **node.get("attrs", {})}})

    def fence(self, token: "Token") -> None:
        match = _INFO.match(token.info.strip())
        word, braces = (match[1] or "", match[2]) if match else ("", None)
        read = read_braces(braces) if braces else None
        pairs = dict(read[1]) if read else {}
        language = pairs.pop("language", word)
        pairs = {key: value for key, value in pairs.items() if key in keys_of("codeBlock")}
        node = self._attributed(_code("", token.content), pairs)
        self.put({**node, "attrs": {"language": language, **node.get("attrs", {})}} if language else node)

    def numbers(self, token: "Token") -> None:
        start = token.attrGet("start")
        self._frames.append(_Frame("orderedList", start=1 if start is None else int(start)))

    def item(self) -> None:
        frame = self._leave()
        self._frames[-1].items.append(Item(frame.mark, frame.children))

    def end_list(self) -> None:
        frame = self._leave()
        self.put(list_of(frame.kind, frame.start, frame.items))

    def cell(self, *, header: bool) -> None:
        token = self._words
        braces = _PREFIX.match(token.content) if token is not None else None
        read = read_braces(braces[0].rstrip()) if braces else None
        own = read is not None and read[0] == ["h"]
        kind = "tableHeader" if header or own else "tableCell"
        node = self._cell_words(kind, braces, read)
        self.put(node)

    def _cell_words(self, kind: str, braces: re.Match[str] | None, read: tuple[list[str], Values] | None) -> Node:
        known = read is not None and set(read[1]) <= set(keys_of(kind)) and read[0] in ([], ["h"]) and any(read)
        token, self._words = self._words, None
        prefix = braces.end() if braces and known else 0
        content = parse_line(token, prefix, self._where()) if token is not None else []
        return self._attributed(
            {"type": kind, "content": [{"type": "paragraph", "content": content}]}, read[1] if read and known else {}
        )

    def table(self) -> None:
        rows = self._leave().children
        header = rows[0]["content"]
        empty = not any(cell["content"][0]["content"] for cell in header)  # an empty header stands for none
        self.put({"type": "table", "content": rows[1:] if empty and len(rows) > 1 else rows})

    def _refuse_stray(self, found: Directive) -> None:
        within = PARTS.get(found.name)
        opened = self._frames[-1].directive
        if within is not None and (opened is None or opened.name != within):
            raise ContentError(
                f"Line {found.line}: `::{found.name}` stands only in a `:::{within}`. Expected it there."
            )

    def directive(self, token: "Token") -> None:
        found: Directive = token.meta["directive"]
        if not found.opens:
            self._refuse_stray(found)
            self.put(leaf(found))
        elif found.name:
            self._frames.append(_Frame("directive", found))
        elif (opened := self._frames[-1].directive) is not None:
            children = self._frames.pop().children
            self.put(container(opened, children))
        else:
            raise ContentError(
                f"Line {found.line}: this `:::` closes nothing. Expected `:::name` above it, at the same indentation; "
                "write `\\:::` for plain colons."
            )


def _code(language: str, text: str) -> Node:
    text = text.removesuffix("\n")
    node: Node = {"type": "codeBlock", "content": [{"type": "text", "text": text}] if text else []}
    return {**node, "attrs": {"language": language}} if language else node


def _mark_of(token: "Token") -> str:
    """What an item begins with: the box of a task, the sign of a decision."""
    children = token.children
    if (match := _TASK.match(token.content)) and (not children or children[0].content.startswith(match[0][:3])):
        return match[0][:3].lower() + ("+" if match[2] else "")
    return "<>" if _DECISION.match(token.content) else ""


def _mark_width(frame: _Frame, token: "Token") -> int:
    if not frame.mark:
        return 0
    match = (_DECISION if frame.mark == "<>" else _TASK).match(token.content)
    return match.end() if match else 0


def _prefix_pairs(kind: str, braces: str) -> Values:
    read = read_braces(braces)
    return read[1] if read is not None and not read[0] and set(read[1]) <= set(keys_of(kind)) else {}


_HANDLERS: dict[str, Callable[[_Builder, "Token"], None]] = {
    "inline": _Builder.keep_words,
    "paragraph_close": lambda builder, _: builder.paragraph(),
    "heading_close": _Builder.heading,
    "fence": _Builder.fence,
    "code_block": lambda builder, token: builder.put(_code("", token.content)),
    "hr": lambda builder, _: builder.put({"type": "rule"}),
    "blockquote_open": lambda builder, _: builder.enter("blockquote"),
    "blockquote_close": lambda builder, _: builder.leave_node(),
    "bullet_list_open": lambda builder, _: builder.enter("bulletList"),
    "bullet_list_close": lambda builder, _: builder.end_list(),
    "ordered_list_open": _Builder.numbers,
    "ordered_list_close": lambda builder, _: builder.end_list(),
    "list_item_open": lambda builder, _: builder.enter("listItem"),
    "list_item_close": lambda builder, _: builder.item(),
    "table_open": lambda builder, _: builder.enter("table"),
    "table_close": lambda builder, _: builder.table(),
    "tr_open": lambda builder, _: builder.enter("tableRow"),
    "tr_close": lambda builder, _: builder.leave_node(),
    "th_close": lambda builder, _: builder.cell(header=True),
    "td_close": lambda builder, _: builder.cell(header=False),
    "directive": _Builder.directive,
}

"""Markdown as a document."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from server.content.document import (
    CODE,
    EM,
    STRIKE,
    STRONG,
    Block,
    Blocks,
    Break,
    Card,
    CodeBlock,
    Heading,
    Image,
    Inline,
    Inlines,
    Link,
    List,
    Paragraph,
    Quote,
    Rule,
    Task,
    TaskList,
    Text,
    led_by,
    table,
)
from server.content.escaping import language_of
from server.content.inlines import allowed, tidy
from server.content.markdown_rules import parser

if TYPE_CHECKING:
    from markdown_it.token import Token

_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\](?:[ \t]+|\Z)")
_MARKS = {"strong": STRONG, "em": EM, "s": STRIKE}


def parse_markdown(markdown: str) -> Blocks:
    builder = _Builder()
    for token in parser().parse(allowed(markdown)):
        builder.add(token)
    return tuple(builder.blocks)


class _Item:
    """A list item while it is read."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.task: bool | None = None


class _Builder:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._outer: list[list[Block]] = []
        self._lists: list[list[_Item]] = []
        self._starts: list[int] = []
        self._rows: list[list[Inlines]] = []
        self._inlines: Inlines = ()
        self._one_line = False
        self._item_begins = False
        self._handlers: dict[str, Callable[[Token], None]] = {
            "inline": self._inline,
            "paragraph_close": self._paragraph,
            "heading_open": self._one_line_opens,
            "heading_close": self._heading,
            "fence": self._code,
            "code_block": self._code,
            "hr": lambda _: self.blocks.append(Rule()),
            "blockquote_open": lambda _: self._enter(),
            "blockquote_close": lambda _: self._leave_quote(),
            "bullet_list_open": lambda _: self._lists.append([]),
            "ordered_list_open": self._numbers_open,
            "list_item_open": lambda _: self._item(),
            "list_item_close": lambda _: self._leave_item(),
            "bullet_list_close": lambda _: self._bullets(),
            "ordered_list_close": lambda _: self._numbers(),
            "table_open": self._one_line_opens,
            "tr_open": lambda _: self._rows.append([]),
            "th_close": self._cell,
            "td_close": self._cell,
            "table_close": self._table,
        }

    def add(self, token: "Token") -> None:
        if handler := self._handlers.get(token.type):
            if token.type not in {"inline", "paragraph_open"}:
                self._item_begins = token.type == "list_item_open"
            handler(token)

    def _enter(self) -> None:
        self._outer.append(self.blocks)
        self.blocks = []

    def _leave(self) -> Blocks:
        inner = tuple(self.blocks)
        self.blocks = self._outer.pop()
        return inner

    def _leave_quote(self) -> None:
        inner = self._leave()
        self.blocks.append(Quote(inner))

    def _one_line_opens(self, _: "Token") -> None:
        self._one_line = True

    def _inline(self, token: "Token") -> None:
        children = token.children
        if not children:
            self._inlines = tidy([_run(token, 0, None)])
            return
        if self._item_begins and (match := _TASK.match(token.content)) and children[0].content.startswith(match[0][:3]):
            self._lists[-1][-1].task = match[1] != " "
            children[0].content = children[0].content[len(match[0]) :]
        self._inlines = tidy(list(_runs(children, breaks_by_tag=self._one_line)))

    def _paragraph(self, _: "Token") -> None:
        if self._inlines:
            self.blocks.append(Paragraph(self._inlines))

    def _heading(self, token: "Token") -> None:
        self._one_line = False
        self.blocks.append(Heading(int(token.tag[1]), self._inlines))

    def _code(self, token: "Token") -> None:
        language = language_of("".join(token.info.split()[:1]))
        self.blocks.append(CodeBlock(language, token.content.removesuffix("\n")))

    def _item(self) -> None:
        self._lists[-1].append(_Item())
        self._enter()

    def _leave_item(self) -> None:
        item = self._lists[-1][-1]
        item.blocks = list(self._leave())

    def _bullets(self) -> None:
        items = self._lists.pop()
        if all(item.task is not None for item in items):
            self.blocks.append(TaskList(tuple(Task(bool(item.task), tuple(item.blocks)) for item in items)))
        else:
            self.blocks.append(List(None, tuple(_with_box(item) for item in items)))

    def _numbers_open(self, token: "Token") -> None:
        start = token.attrGet("start")
        self._starts.append(1 if start is None else int(start))
        self._lists.append([])

    def _numbers(self) -> None:
        self.blocks.append(List(self._starts.pop(), tuple(_with_box(item) for item in self._lists.pop())))

    def _cell(self, _: "Token") -> None:
        self._rows[-1].append(self._inlines)

    def _table(self, _: "Token") -> None:
        self._one_line = False
        rows, self._rows = self._rows, []
        headed = any(rows[0]) or len(rows) == 1  # an empty header stands for none
        self.blocks.extend(table(rows if headed else rows[1:], headed=headed))


def _with_box(item: _Item) -> Blocks:
    """In a list where not every item is a task, a box is text."""
    blocks = tuple(item.blocks)
    return blocks if item.task is None else led_by([Text("[x] " if item.task else "[ ] ")], blocks)


def _runs(tokens: "Sequence[Token]", *, breaks_by_tag: bool) -> Iterator[Inline]:
    marks = 0
    link: Link | None = None
    for number, token in enumerate(tokens):
        kind, _, edge = token.type.partition("_")
        if edge in {"open", "close"} and kind in _MARKS:
            marks = marks | _MARKS[kind] if edge == "open" else marks & ~_MARKS[kind]
        elif token.type == "link_open":
            href = _attribute(token, "href").strip()
            link = Link(href, _attribute(token, "title")) if href else None
            if href and tokens[number + 1].type == "link_close":
                yield Card(href)
        elif token.type == "link_close":
            link = None
        elif token.type == "tag" and breaks_by_tag and _BREAK_TAG.fullmatch(token.content):
            yield Break(marks, link)
        else:
            yield _run(token, marks, link)


def _attribute(token: "Token", name: str) -> str:
    return _one_line(str(token.attrGet(name) or ""))


def _one_line(text: str) -> str:
    """Numbered characters (`&#10;`) can say what no line of Markdown holds."""
    return text if text.isprintable() else allowed(text).replace("\r", " ").replace("\n", " ")


def _run(token: "Token", marks: int, link: Link | None) -> Inline:
    match token.type:
        case "softbreak":
            return Text(" ", marks, link)
        case "hardbreak":
            return Break(marks, link)
        case "code_inline":
            return Text(_one_line(token.content), marks | CODE, link)
        case "image":
            return Image(_alternative(token.children or []), _attribute(token, "src"), 0, link)
        case _:
            return Text(_one_line(token.content), marks, link)


def _alternative(tokens: "Sequence[Any]") -> str:
    """An image's text without its marks."""
    return " ".join(allowed("".join(" " if "break" in token.type else token.content for token in tokens)).split())

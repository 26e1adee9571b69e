"""How a page in storage format is walked.

Blank paragraphs (`<p></p>`, `<p><br /></p>`) are no blocks: they serve the editor as space, Markdown has no words for
them, and a rewrite drops them without naming them as a loss.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias

from server.content.document import Block, Blocks, Inline, Inlines, Link, Paragraph, Text
from server.content.inlines import flattened, tidy
from server.content.losses import Losses
from server.content.storage_styles import note_styles
from server.content.storage_tree import Element

_BLANKS = re.compile(r"[ \t\r\n]+")


class Scope:
    """What one container has shown so far: its blocks, and the line that is being read."""

    __slots__ = ("blocks", "line")

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.line: list[Inline] = []

    def end_line(self) -> None:
        if self.line:
            if inlines := tidy(self.line):
                self.blocks.append(Paragraph(inlines))
            self.line = []

    def add(self, blocks: Iterable[Block]) -> None:
        self.end_line()
        self.blocks.extend(blocks)


class Style(NamedTuple):
    marks: int = 0
    link: Link | None = None

    def with_mark(self, mark: int) -> "Style":
        return Style(self.marks | mark, self.link)


PLAIN = Style()
Handler: TypeAlias = "Callable[[StorageReader, Element, Scope, Style], None]"


class StorageReader:
    def __init__(self, losses: Losses, handlers: "Mapping[str, Handler]") -> None:
        self.losses = losses
        self._handlers = handlers

    def blocks(self, element: Element, style: Style = PLAIN) -> Blocks:
        scope = Scope()
        self.walk(element, scope, style)
        scope.end_line()
        return tuple(scope.blocks)

    def walk(self, element: Element, scope: Scope, style: Style) -> None:
        for child in element.children:
            if isinstance(child, str):
                self.words(child, scope, style)
            else:
                self.element(child, scope, style)

    def element(self, element: Element, scope: Scope, style: Style) -> None:
        if element.attributes:
            note_styles(element, self.losses)
        handler = self._handlers.get(element.name)
        if handler:
            handler(self, element, scope, style)
        else:
            self._unknown(element, scope, style)

    def words(self, text: str, scope: Scope, style: Style) -> None:
        """Text with its blanks as a browser shows them."""
        line = scope.line
        if "\n" in text or "  " in text or "\t" in text:
            text = _BLANKS.sub(" ", text)
        if text[:1] == " " and (not line or (isinstance(last := line[-1], Text) and last.text[-1:] == " ")):
            text = text[1:]
        if text:
            line.append(Text(text, style.marks, style.link))

    def inlines(self, element: Element) -> Inlines:
        return flattened(self.blocks(element))

    def _unknown(self, element: Element, scope: Scope, style: Style) -> None:
        self.losses.note(f'element "{element.name}"')
        if element.children:
            self.walk(element, scope, style)
        else:
            scope.line.append(Text(f"[unsupported: {element.name}]"))

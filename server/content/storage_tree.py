"""Storage format as a tree of elements, each with its place in the source."""

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import NamedTuple, TypeAlias
from xml.parsers import expat

from server.content.errors import DEPTH_LIMIT, ContentError

_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_START_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
COMMENT = "#comment"


class Words(NamedTuple):
    """Text, and where it stands."""

    text: str
    start: int
    end: int


Child: TypeAlias = "Element | Words"


class Element:
    """`start` to `end` in the bytes of the source; its content is `inner_start` to `inner_end`."""

    __slots__ = ("attributes", "children", "end", "inner_end", "inner_start", "name", "start")

    def __init__(self, name: str, attributes: dict[str, str], start: int, inner_start: int) -> None:
        self.name = name
        self.attributes = attributes
        self.start = start
        self.inner_start = inner_start
        self.inner_end = self.end = inner_start
        self.children: list[Child] = []

    def elements(self) -> "list[Element]":
        return [child for child in self.children if isinstance(child, Element)]

    def take(self) -> "Iterator[Child]":
        """The children, each let go when the next is asked for: who reads a long page need not hold all of it twice."""
        self.children.reverse()
        while self.children:
            yield self.children.pop()

    def find(self, *names: str) -> "Element | None":
        return next((child for child in self.children if isinstance(child, Element) and child.name in names), None)

    def text(self) -> str:
        return "".join(child.text if isinstance(child, Words) else child.text() for child in self.children)

    def holds_only_text(self) -> bool:
        return all(isinstance(child, Words) for child in self.children)

    def walk(self) -> "Iterator[Element]":
        yield self
        for child in self.elements():
            yield from child.walk()


class Tree(NamedTuple):
    page: Element
    source: bytes


def parse_storage(storage: str) -> Tree:
    """The page inside one element.

    What a page says stands inside that element, so it can declare no entities.
    """
    # Lone surrogates are for expat to refuse, with the place.
    source = storage.encode("utf-8", "surrogatepass")
    return Tree(_Parser(source).parse(storage), source)


class _Parser:
    def __init__(self, source: bytes) -> None:
        self._source = source
        self._root = Element("page", {}, 0, 0)
        self._open: list[Element] = []
        self._head = 0
        self._mark = 0
        self._text: list[str] = []
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text.append
        self._expat.CommentHandler = self._comment
        self._expat.ProcessingInstructionHandler = self._instruction

    def parse(self, storage: str) -> Element:
        head = f"<!DOCTYPE page [{_declarations(storage)}]><page>\n"
        self._head = len(head.encode()) - 1
        try:
            self._expat.Parse(head, False)  # noqa: FBT003  # expat takes it by position alone
            self._head += 1
            self._text.clear()
            self._expat.Parse(self._source, False)  # noqa: FBT003
            self._expat.Parse("</page>", True)  # noqa: FBT003
        except expat.ExpatError as error:
            where = f"Line {error.lineno - 1}, column {error.offset + 1}"
            raise ContentError(
                f"{where}: {expat.ErrorString(error.code)}. Storage format is well-formed XML: "
                "every element closed, `&` and `<` in text written as `&amp;` and `&lt;`."
            ) from error
        finally:
            del self._expat  # its handlers hold this object: without each other both are gone, and the tree with them
        return self._root

    def _at(self) -> int:
        return self._expat.CurrentByteIndex - self._head

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._open.append(self._root)
            return
        if len(self._open) > DEPTH_LIMIT:
            where = f"Line {self._expat.CurrentLineNumber - 1}, column {self._expat.CurrentColumnNumber + 1}"
            raise ContentError(f"{where}: elements nest more than {DEPTH_LIMIT} levels deep; flatten the page.")
        at = self._at()
        self._flush(at)
        tag = _START_TAG.match(self._source, at)
        self._mark = tag.end() if tag else at
        element = Element(name, attributes, at, self._mark)
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _: str) -> None:
        at = self._at()
        element = self._open.pop()
        if not self._open:
            self._open.append(element)
            self._flush(len(self._source))
            self._open.pop()
            element.inner_end = element.end = len(self._source)
        elif self._source[element.inner_start - 2 : element.inner_start] != b"/>":
            self._open.append(element)
            self._flush(at)
            self._open.pop()
            element.inner_end = at
            element.end = self._mark = self._source.index(b">", at) + 1

    def _flush(self, at: int) -> None:
        if self._text:
            self._open[-1].children.append(Words("".join(self._text), self._mark, at))
            self._text.clear()

    def _comment(self, _: str) -> None:
        self._aside(b"-->")

    def _instruction(self, _name: str, _data: str) -> None:
        self._aside(b"?>")

    def _aside(self, ends: bytes) -> None:
        """A comment, or an instruction: kept, and shown as what goes by reference."""
        at = self._at()
        self._flush(at)
        self._mark = self._source.index(ends, at) + len(ends)
        self._open[-1].children.append(Element(COMMENT, {}, at, self._mark))


def _declarations(storage: str) -> str:
    """XHTML's named characters, as far as the page uses them."""
    if "&" not in storage:
        return ""
    names = {name for name in _ENTITY.findall(storage) if name in name2codepoint} - _XML_ENTITIES
    return "".join(f'<!ENTITY {name} "&#{name2codepoint[name]};">' for name in sorted(names))

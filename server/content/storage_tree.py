"""Storage format as a tree of elements."""

import re
from html.entities import name2codepoint
from typing import TypeAlias
from xml.parsers import expat

from server.content.errors import DEPTH_LIMIT, ContentError

_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}

Child: TypeAlias = "Element | str"


class Element:
    __slots__ = ("attributes", "children", "name")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Child] = []

    def elements(self) -> "list[Element]":
        return [child for child in self.children if not isinstance(child, str)]

    def find(self, name: str) -> "Element | None":
        return next((child for child in self.children if not isinstance(child, str) and child.name == name), None)

    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


def parse_storage(storage: str) -> tuple[Element, int]:
    """The page inside one element, and how many comments it has.

    What a page says stands inside that element, so it can declare no entities.
    """
    parser = _Parser()
    return parser.parse(storage), parser.comments


class _Parser:
    def __init__(self) -> None:
        self.comments = 0
        self._root = Element("page", {})
        self._open: list[Element] = []
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text
        self._expat.CommentHandler = self._comment

    def parse(self, storage: str) -> Element:
        head = f"<!DOCTYPE page [{_declarations(storage)}]><page>\n"
        try:
            self._expat.Parse(head, False)  # noqa: FBT003  # expat takes it by position alone
            # Lone surrogates are for expat to refuse, with the place.
            self._expat.Parse(storage.encode("utf-8", "surrogatepass"), False)  # noqa: FBT003
            self._expat.Parse("</page>", True)  # noqa: FBT003
        except expat.ExpatError as error:
            where = f"Line {error.lineno - 1}, column {error.offset + 1}"
            raise ContentError(
                f"{where}: {expat.ErrorString(error.code)}. Storage format is well-formed XML: "
                "every element closed, `&` and `<` in text written as `&amp;` and `&lt;`."
            ) from error
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > DEPTH_LIMIT:
            where = f"Line {self._expat.CurrentLineNumber - 1}, column {self._expat.CurrentColumnNumber + 1}"
            raise ContentError(f"{where}: elements nest more than {DEPTH_LIMIT} levels deep; flatten the page.")
        element = Element(name, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].children.append(text)

    def _comment(self, _: str) -> None:
        self.comments += 1


def _declarations(storage: str) -> str:
    """XHTML's named characters, as far as the page uses them."""
    if "&" not in storage:
        return ""
    names = {name for name in _ENTITY.findall(storage) if name in name2codepoint} - _XML_ENTITIES
    return "".join(f'<!ENTITY {name} "&#{name2codepoint[name]};">' for name in sorted(names))

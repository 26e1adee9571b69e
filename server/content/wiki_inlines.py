"""Lines of Jira's wiki markup as ADF's runs of text. A sign that has no partner is text."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]

MONO = r"\{\{\{\}(?:(?!\{\}\}\}|\{\{)[^\n])+\{\}\}\}|\{\{(?:(?!\}\}|\{\{)[^\n])+\}\}"
RAW = r"\{(?:code|noformat)(?::[^{}\n]*)?\}[^{\n]+\{(?:code|noformat)\}"
LINK = r"\[(?:\\.|[^\[\]\n\\])+\]"
IMAGE = r"![^\s!|][^!|\n]*\.\w{1,5}(?:\|[^!\n]*)?!"
_TOKEN = re.compile(
    rf"""(?P<mono>{MONO})
      | (?P<raw>{RAW})
      | (?P<nothing>\{{color(?::[^{{}}\n]*)?\}}|\{{anchor:[^{{}}\n]*\}})
      | \{{(?P<forced>[*_+^~-]|\?\?)\}}
      | (?P<break>\\\\(?!\\)(?:[ \t]|$|(?=[^\s\w]))|(?<=[^\s\\])\\\\(?!\\))
      | \\(?P<escaped>[!-/:-@\[\]-`{{-~])
      | (?P<link>{LINK})
      | (?P<image>{IMAGE})
      | (?P<url>(?:https?|ftp)://[^\s|\[\]{{}}<>"\\]+)
      | (?P<mark>(?<!\*)\*(?!\*)|(?<!_)_(?!_)|(?<!\+)\+(?!\+)|(?<!\^)\^(?!\^)|(?<!~)~(?!~)|(?<!-)-(?!-)|\?\?)
      | (?P<text>[^\\\[\]{{}}*_+^~?!:/hf-]+|.)""",
    re.VERBOSE,
)
_MARKS: dict[str, Node] = {
    "*": {"type": "strong"},
    "_": {"type": "em"},
    "??": {"type": "em"},
    "-": {"type": "strike"},
    "+": {"type": "underline"},
    "^": {"type": "subsup", "attrs": {"type": "sup"}},
    "~": {"type": "subsup", "attrs": {"type": "sub"}},
}
_ANYWHERE = "^~"  # inside words too, as in x^2^
_UNESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ADDRESS = re.compile(r"(?:https?|ftps?|mailto|tel):|//?[^/\s]|www\.", re.IGNORECASE)
_TRAILING = ".,;:!?)'\""
_CARDS = {"smart-link", "smart-card", "smart-embed"}


@dataclass
class _Piece:
    node: Node
    marks: list[str] = field(default_factory=list[str])


def read_inlines(text: str, names: Mapping[str, str], link: str = "") -> list[Node]:
    """Lines as nodes; an image is a `mediaSingle` among them."""
    nodes: list[Node] = []
    for number, line in enumerate(text.split("\n")):
        if number and nodes:
            nodes.append({"type": "hardBreak"})
        nodes.extend(_Line(names, link).read(line))
    return nodes


class _Line:
    def __init__(self, names: Mapping[str, str], link: str) -> None:
        self._names, self._href = names, link
        self._pieces: list[_Piece] = []
        self._opened: dict[str, int] = {}

    def read(self, line: str) -> Iterator[Node]:
        for match in _TOKEN.finditer(line):
            _READERS[match.lastgroup or "text"](self, match)
        return self._nodes()

    def text(self, match: re.Match[str]) -> None:
        self._say(match.group())

    def _say(self, text: str) -> None:
        self._pieces.append(_Piece({"type": "text", "text": text}))

    def escaped(self, match: re.Match[str]) -> None:
        self._say(match["escaped"])

    def nothing(self, match: re.Match[str]) -> None:
        """A colour or an anchor: Markdown has no words for them."""

    def line_break(self, _: re.Match[str]) -> None:
        self._pieces.append(_Piece({"type": "hardBreak"}))

    def mono(self, match: re.Match[str]) -> None:
        inner = match.group()[2:-2]
        self._code(inner[2:-2] if inner.startswith("{}") and inner.endswith("{}") else inner)

    def raw(self, match: re.Match[str]) -> None:
        self._code(match.group().partition("}")[2].rpartition("{")[0])

    def _code(self, text: str) -> None:
        self._pieces.append(_Piece({"type": "text", "text": text, "marks": [{"type": "code"}]}))

    def forced(self, match: re.Match[str]) -> None:
        sign = match["forced"]
        if not self._close(sign):
            self._open(sign, match.group())

    def mark(self, match: re.Match[str]) -> None:
        sign, line = match["mark"], match.string
        before, after = line[: match.start()][-1:], line[match.end() : match.end() + 1]
        inside = sign in _ANYWHERE
        if before and not before.isspace() and (inside or not after.isalnum()) and self._close(sign):
            return
        if after and not after.isspace() and (inside or not before.isalnum()):
            self._open(sign, sign)
        else:
            self._say(sign)

    def _open(self, sign: str, shown: str) -> None:
        self._opened[sign] = len(self._pieces)
        self._say(shown)

    def _close(self, sign: str) -> bool:
        start = self._opened.pop(sign, None)
        if start is None or start == len(self._pieces) - 1:
            return False
        self._pieces[start].node["text"] = ""
        for piece in self._pieces[start + 1 :]:
            piece.marks.append(sign)
        return True

    def url(self, match: re.Match[str]) -> None:
        url = match.group().rstrip(_TRAILING)
        self._pieces.append(_Piece(_linked(url, url)))
        if rest := match.group()[len(url) :]:
            self._say(rest)

    def image(self, match: re.Match[str]) -> None:
        name, *attributes = match.group()[1:-1].split("|")
        told = [part.strip().partition("=") for part in "|".join(attributes).split(",")]
        alt = next((value.strip('"') for key, _, value in told if key == "alt"), "") or name
        media = {"type": "media", "attrs": {"type": "external", "url": name, "alt": alt}}
        self._pieces.append(_Piece({"type": "mediaSingle", "content": [media]}))

    def link(self, match: re.Match[str]) -> None:
        body = match.group()[1:-1]
        words, *rest = body.split("|")
        target = (rest[0] if rest else words).strip()
        if body.startswith("~"):
            self._pieces.append(_Piece(self._mention(body[1:].split("|")[-1])))
        elif target.startswith("^") or (target.startswith("#") and len(target) > 1):
            self._say(_unescaped(words if rest else target[1:]))
        elif self._href or not _ADDRESS.match(target):
            self._say(_unescaped(match.group()))
        elif _CARDS.intersection(rest[1:]):
            self._pieces.append(_Piece({"type": "inlineCard", "attrs": {"url": target}}))
        elif rest and words.strip() != target:
            self._pieces += [_Piece(node) for node in read_inlines(words, self._names, target)]
        else:
            self._pieces.append(_Piece(_linked(target, target)))

    def _mention(self, account: str) -> Node:
        if not account.startswith("accountid:"):  # a server's user name is nobody's id here
            return {"type": "text", "text": f"@{self._names.get(account, account)}"}
        identity = account.removeprefix("accountid:")
        return {"type": "mention", "attrs": {"id": identity, "text": f"@{self._names.get(identity, identity)}"}}

    def _nodes(self) -> Iterator[Node]:
        for piece in self._pieces:
            node = piece.node
            if node["type"] == "text":
                if not node["text"]:
                    continue
                if marks := self._marks(piece):
                    yield {**node, "marks": marks}
                    continue
            yield node

    def _marks(self, piece: _Piece) -> list[Node]:
        own: list[Node] = piece.node.get("marks", [])
        if self._href and not any(mark["type"] == "link" for mark in own):
            own = [*own, _link_mark(self._href)]
        if any(mark["type"] == "code" for mark in own):
            return own  # nothing but a link may be beside it
        kinds = {_MARKS[sign]["type"]: _MARKS[sign] for sign in piece.marks}
        return [*kinds.values(), *own]


_READERS: dict[str, Callable[[_Line, re.Match[str]], None]] = {
    "mono": _Line.mono,
    "raw": _Line.raw,
    "nothing": _Line.nothing,
    "forced": _Line.forced,
    "break": _Line.line_break,
    "escaped": _Line.escaped,
    "link": _Line.link,
    "image": _Line.image,
    "url": _Line.url,
    "mark": _Line.mark,
    "text": _Line.text,
}


def _linked(text: str, href: str) -> Node:
    return {"type": "text", "text": text, "marks": [_link_mark(href)]}


def _link_mark(href: str) -> Node:
    return {"type": "link", "attrs": {"href": href}}


def _unescaped(text: str) -> str:
    return _UNESCAPED.sub(r"\1", text)

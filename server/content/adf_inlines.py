"""ADF as a document: the runs of text."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from server.content.adf_shape import Node, attributes, is_object
from server.content.document import CODE, EM, STRIKE, STRONG, Break, Card, Image, Inline, Inlines, Link, Text
from server.content.inlines import allowed, lines, tidy
from server.content.losses import Losses

_MARKS = {"strong": STRONG, "em": EM, "strike": STRIKE, "code": CODE}
_MARK_LOSSES = {
    "underline": "underline",
    "textColor": "text colour",
    "backgroundColor": "background colour",
    "subsup": "subscript or superscript",
    "annotation": "inline comment anchor",
    "border": "image border",
    "dataConsumer": "data source",
}


class AdfInlines:
    def __init__(self, losses: Losses) -> None:
        self.losses = losses

    def read(self, nodes: Sequence[Node]) -> Inlines:
        if not nodes:
            return ()
        found: list[Inline] = []
        for node in nodes:
            handler = INLINES.get(node["type"])
            if handler is None:
                found.extend(self._unknown(node))
                continue
            marks, link = self._marks(node["marks"]) if node.get("marks") else (0, None)
            found.extend(handler(self, node, marks, link))
        return tidy(found)

    def _marks(self, nodes: Sequence[Node]) -> tuple[int, Link | None]:
        marks = 0
        link: Link | None = None
        for node in nodes:
            kind = node["type"]
            if kind in _MARKS:
                marks |= _MARKS[kind]
            elif kind == "link":
                link = _link(node)
            elif kind != "fragment":
                self.losses.note(_MARK_LOSSES.get(kind, f'mark "{kind}"'))
        return marks, link

    def _unknown(self, node: Node) -> Sequence[Inline]:
        self.losses.note(f'unknown node "{node["type"]}"')
        if node.get("content"):
            return self.read(node["content"])
        text = node.get("text") or _text(node, "text")
        return list(lines(text)) if isinstance(text, str) and text else [Text(f"[unsupported: {node['type']}]")]

    def words(self, node: Node, marks: int, link: Link | None) -> Sequence[Inline]:
        text = node["text"]
        return (Text(text, marks, link),) if text.isprintable() else list(lines(text, marks, link))

    def line_break(self, _node: Node, marks: int, link: Link | None) -> Sequence[Inline]:
        return (Break(marks, link),)

    def mention(self, node: Node, marks: int, link: Link | None) -> Sequence[Inline]:
        name = (_text(node, "text") or _text(node, "id")).removeprefix("@")
        self.losses.note(f"mention of {name}")
        return (Text(f"@{name}", marks, link),)

    def emoji(self, node: Node, marks: int, link: Link | None) -> Sequence[Inline]:
        name = _text(node, "shortName")
        self.losses.note("emoji", name)
        return (Text(_text(node, "text") or f":{name.strip(':')}:", marks, link),)

    def status(self, node: Node, marks: int, link: Link | None) -> Sequence[Inline]:
        text = _text(node, "text")
        self.losses.note("status", f'"{text}"')
        return (Text(f"[{text}]", marks, link),)

    def date(self, node: Node, marks: int, link: Link | None) -> Sequence[Inline]:
        day = _day(_text(node, "timestamp"))
        self.losses.note("date", day)
        return (Text(day, marks, link),)

    def placeholder(self, node: Node, marks: int, link: Link | None) -> Sequence[Inline]:
        self.losses.note("placeholder")
        return (Text(_text(node, "text"), marks, link),)

    def smart_link(self, node: Node, _marks: int, _link: Link | None) -> Sequence[Inline]:
        url = self.url(node)
        if not _text(node, "url"):
            self.losses.note("smart link data", url)
        return (self.card(url),)

    def url(self, node: Node) -> str:
        data = attributes(node).get("data")
        return _text(node, "url") or (str(data.get("url") or "") if is_object(data) else "")

    def card(self, url: str) -> Inline:
        return Card(url) if url else Text("[unsupported: card without an address]")

    def picture(self, node: Node, _marks: int, _link: Link | None) -> Sequence[Inline]:
        return (media(node, self.losses),)

    def macro(self, node: Node, _marks: int, _link: Link | None) -> Sequence[Inline]:
        name = _text(node, "extensionKey") or node["type"]
        self.losses.note(f'macro "{name}"')
        text = _text(node, "text")
        return (Text(f"[macro: {name}]"), Text(f" {text}" if text and text != name else ""))


def media(node: Node, losses: Losses) -> Inline:
    attrs = attributes(node)
    link = next((_link(mark) for mark in node.get("marks") or () if mark["type"] == "link"), None)
    alt = _text(node, "alt")
    if attrs.get("type") == "external":
        return Image(" ".join(alt.split()), _text(node, "url"), 0, link)
    identity = _text(node, "id") or "unknown"
    name = " ".join((alt or _text(node, "__fileName") or identity).split())
    losses.note(f"image {name}")
    return Image(name, f"attachment:{identity}", 0, link)


def _link(mark: Node) -> Link | None:
    attrs = attributes(mark)
    href = str(attrs.get("href") or "").strip()
    return Link(href, " ".join(str(attrs.get("title") or "").split())) if href else None


def _text(node: Node, name: str) -> str:
    value = attributes(node).get(name)
    return allowed(str(value)).replace("\n", " ") if value is not None else ""


def _day(timestamp: str) -> str:
    try:
        return datetime.fromtimestamp(int(timestamp) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return timestamp


INLINES: dict[str, Callable[[AdfInlines, Node, int, Link | None], Sequence[Inline]]] = {
    "text": AdfInlines.words,
    "hardBreak": AdfInlines.line_break,
    "mention": AdfInlines.mention,
    "emoji": AdfInlines.emoji,
    "status": AdfInlines.status,
    "date": AdfInlines.date,
    "placeholder": AdfInlines.placeholder,
    "inlineCard": AdfInlines.smart_link,
    "media": AdfInlines.picture,
    "mediaInline": AdfInlines.picture,
    "inlineExtension": AdfInlines.macro,
}

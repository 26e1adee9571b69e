"""Runs of text as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from server.content.addresses import is_safe
from server.content.escaping import (
    allowed,
    autolink,
    code_span,
    destination,
    escape,
    escape_start,
    numbered,
)
from server.content.mark_signs import Edge, signs
from server.content.notation import (
    FORMS,
    MACROS,
    MARKS,
    PLAIN_MARKS,
    Node,
    as_object,
    attributes,
    braces_of,
    is_opaque,
    label_of,
    macro_pairs,
    macro_title,
    pairs_of,
    said,
)

References: TypeAlias = Mapping[int, int]
"""The number of each node that goes by reference, by its identity."""


class Layer(NamedTuple):
    """A mark around words: what is written before and behind them; nothing for Markdown's own, which depend."""

    kind: str
    before: str = ""
    behind: str = ""


class Item(NamedTuple):
    kind: str
    text: str
    layers: tuple[Layer, ...]


class Event(NamedTuple):
    """An item, or the edge of a layer."""

    edge: str
    layer: Layer
    item: Item | None = None


_NO_LAYER = Layer("")
_PLAIN = {kind: Layer(kind) for kind in PLAIN_MARKS}


def print_line(nodes: Sequence[Node], references: References, *, one_line: bool = False) -> str:
    if len(nodes) == 1 and nodes[0]["type"] == "text" and not nodes[0].get("marks"):
        text = nodes[0]["text"]
        if text.isprintable() and text[:1] != " " != text[-1:]:
            escaped = escape(text)
            return escape_start(escaped, one_line=one_line)
    items = [item for node in nodes for item in (_item(node, references),) if item.text or item.kind == "break"]
    return _Line(list(_events(_bridged(items))), one_line=one_line).text()


def _item(node: Node, references: References) -> Item:
    kind = node["type"]
    layers = tuple(_layers(node["marks"])) if node.get("marks") else ()
    if kind == "text":
        text = node["text"] if node["text"].isprintable() else allowed(node["text"])
        code = bool(layers) and any(mark["type"] == "code" for mark in node["marks"])
        layers = tuple(layer for layer in layers if layer.kind != "code") if code else layers
        return Item("code", " ".join(text.splitlines()) or text, layers) if code else Item("text", text, layers)
    if kind == "hardBreak":
        return Item("break", "", ())
    return Item("atom", atom(node, references), layers)


def _layers(marks: Sequence[Node]) -> Iterator[Layer]:
    for mark in marks:
        kind = mark["type"]
        if kind in _PLAIN:
            yield _PLAIN[kind]
        elif (layer := _layer(kind, attributes(mark))) is not None:
            yield layer


def _layer(kind: str, attrs: Mapping[str, Any]) -> Layer | None:
    if kind == "link":
        href = str(attrs.get("href") or "").strip()
        title = str(attrs.get("title") or "")
        return Layer("link", "[", f"]({destination(href, title)})") if href and is_safe(href) else None
    if kind == "subsup":
        return Layer(kind, f":{attrs['type']}[", "]") if attrs.get("type") in {"sub", "sup"} else None
    if kind == "border":
        return Layer(kind, ":border[", f"]{braces_of(said(attrs.get('color')), {'size': said(attrs.get('size'))})}")
    if kind == "code":
        return Layer("code")
    if kind in MARKS:
        name, main = MARKS[kind]
        return Layer(kind, f":{name}[", f"]{braces_of(said(attrs.get(main, '')), {})}" if main else "]")
    return None


def atom(node: Node, references: References) -> str:
    """What is not text, in a line."""
    kind = node["type"]
    if is_opaque(node) or kind not in _ATOMS:
        return f":ref{label_of(name_of(node))}{{{references.get(id(node), 0)}}}"
    return _ATOMS[kind](node)


def name_of(node: Node) -> str:
    """What a node that goes by reference is called: for people, and never read back."""
    attrs: Mapping[str, Any] = attributes(node)
    key = str(attrs.get("extensionKey") or attrs.get("name") or "").rpartition("/")[2]
    said_by = (attrs.get(name) for name in ("text", "url", "alt"))
    words = next((word for word in said_by if isinstance(word, str) and word and len(word) < 100), "")
    words = words or str(as_object(attrs.get("data")).get("url") or "")
    return " ".join(f"{key or node['type']} {words if words != key else ''}".split())[:48].strip()


def _directive(node: Node, label: str | None, main: str, *, without: tuple[str, ...] = ()) -> str:
    braces = braces_of(main, pairs_of(node, without=without))
    return f":{FORMS[node['type']].name}{'' if label is None else label_of(label)}{braces}"


def _value(node: Node, name: str) -> str:
    value = attributes(node).get(name)
    return "" if value is None else allowed(str(value))


def _status(node: Node) -> str:
    color = _value(node, "color")
    return _directive(node, _value(node, "text"), "" if color == "neutral" else color)


def _mention(node: Node) -> str:
    text = _value(node, "text")
    if not text.startswith("@"):
        return _directive(node, None, _value(node, "id"))
    return _directive(node, text[1:], _value(node, "id"), without=("text",))


def _date(node: Node) -> str:
    timestamp = _value(node, "timestamp")
    try:
        moment = datetime.fromtimestamp(int(timestamp) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return f":date{label_of(timestamp)}"
    day = moment.date().isoformat()
    exact = str(int(datetime.combine(moment.date(), datetime.min.time(), UTC).timestamp()) * 1000)
    return f":date[{day}]{'' if exact == timestamp else braces_of(timestamp, {})}"


def _emoji(node: Node) -> str:
    text, name, identity = (_value(node, each) for each in ("text", "shortName", "id"))
    short = name[1:-1] if len(name) > 2 and name[0] == name[-1] == ":" else name
    pairs = {} if not identity or identity == emoji_id(text) else {"id": identity}
    return f":emoji{label_of(text) if text else ''}{braces_of(short or '::', pairs)}"


def emoji_id(text: str) -> str:
    return "-".join(f"{ord(character):x}" for character in text)


def _placeholder(node: Node) -> str:
    return _directive(node, _value(node, "text"), "")


def _card(node: Node) -> str:
    return f"[]({destination(_value(node, 'url'))})"


def _picture(node: Node) -> str:
    attrs: Mapping[str, Any] = attributes(node)
    external = attrs.get("type") == "external"
    source = _value(node, "url") if external else f"{MEDIA}{_value(node, 'id')}"
    braces = braces_of("", pairs_of(node, without=("type", "link") if external else ("link",)))
    alt = numbered(escape(_value(node, "alt"), linked=True), "\n\r")
    return f"![{alt}]({destination(source)}){braces}"


MEDIA = "media:"


def _file(node: Node) -> str:
    return _directive(node, _value(node, "alt") or None, _value(node, "id"), without=("link",))


def _macro(node: Node) -> str:
    title = macro_title(node)
    return f":macro{label_of(title) if title else ''}{braces_of(node['attrs']['extensionKey'], macro_pairs(node))}"


_ATOMS = {
    "status": _status,
    "mention": _mention,
    "date": _date,
    "emoji": _emoji,
    "placeholder": _placeholder,
    "inlineCard": _card,
    "media": _picture,
    "mediaInline": _file,
    **dict.fromkeys(MACROS, _macro),
}


def _bridged(items: list[Item]) -> list[Item]:
    """Texts with the same marks as one; line breaks inside the marks that are on both their sides."""
    found: list[Item] = []
    for index, each in enumerate(items):
        item = each
        if found and item.kind in {"text", "code"} and found[-1][::2] == item[::2]:
            found[-1] = item._replace(text=found[-1].text + item.text)
            continue
        if item.kind == "break" and found and index + 1 < len(items):
            both = tuple(layer for layer in found[-1].layers if layer in items[index + 1].layers)
            item = item._replace(layers=both)
        found.append(item)
    return found


def _events(items: Sequence[Item]) -> Iterator[Event]:
    """The items as properly nested layers: what lasts longest is opened first."""
    opened: list[Layer] = []
    for index, item in enumerate(items):
        wanted = item.layers
        keep = next((at for at, layer in enumerate(opened) if layer not in wanted), len(opened))
        while len(opened) > keep:
            yield Event("close", opened.pop())
        fresh = [layer for layer in wanted if layer not in opened and item.kind != "break"]
        if len(fresh) > 1:
            fresh.sort(key=lambda layer: -_reach(layer, items, index))
        for layer in fresh:
            opened.append(layer)
            yield Event("open", layer)
        yield Event("item", _NO_LAYER, item)
    while opened:
        yield Event("close", opened.pop())


def _reach(layer: Layer, items: Sequence[Item], start: int) -> int:
    for index in range(start, len(items)):
        if layer not in items[index].layers:
            return index
    return len(items)


class _Line:
    """Items, the layers between them, and what must be escaped because they meet."""

    def __init__(self, events: Sequence[Event], *, one_line: bool) -> None:
        self._events = events
        self._one_line = one_line
        self._parts: list[str] = []
        self._brackets = 0

    def text(self) -> str:
        edges = self._print({})
        chosen = dict(signs(edges, self._parts))
        if any(sign == "]" for sign in chosen.values()):
            self._print(chosen)
        for index, sign in chosen.items():
            self._parts[index] = sign
        return "".join(self._parts)

    def _print(self, chosen: Mapping[int, str]) -> list[Edge]:
        """All but the signs of Markdown's own marks; inside those that are directives brackets are escaped."""
        self._parts, self._brackets = [], 0
        edges: list[Edge] = []
        for index, event in enumerate(self._events):
            if event.item is not None:
                self._parts.append(self._item(event.item, index))
            elif event.layer.before:
                self._bracket(event)
            else:
                edges.append(Edge(index, event.layer.kind, opens=event.edge == "open"))
                self._parts.append("")
                self._brackets += {":": 1, "]": -1}.get(chosen.get(index, " ")[0], 0)
        return edges

    def _bracket(self, event: Event) -> None:
        layer = event.layer
        if event.edge == "open":
            self._brackets += 1
            if layer.kind == "link":
                self._escape_exclamation()
            self._parts.append(layer.before)
            return
        self._brackets -= 1
        short = autolink(layer.behind[2:-1]) if layer.kind == "link" else None
        if short and self._parts[-2:] == ["[", escape(layer.behind[2:-1], linked=True)]:
            self._parts[-2:] = ["", short, ""]
        else:
            self._parts.append(layer.behind)

    def _item(self, item: Item, index: int) -> str:
        if item.kind == "code":
            return code_span(item.text) if item.text.strip() or item.text else ""
        if item.kind == "break":
            return self._break(index)
        if item.kind == "text":
            return self._words(item.text, index)
        if item.text[0] == "[":
            self._escape_exclamation()
        return item.text

    def _escape_exclamation(self) -> None:
        """In front of a bracket it would make an image."""
        if self._parts and self._parts[-1].endswith("!"):
            self._parts[-1] = f"{self._parts[-1][:-1]}\\!"

    def _break(self, index: int) -> str:
        last = index + 1 >= len(self._events) or (self._events[-1].item is None and self._is_last(index))
        return "<br>" if self._one_line or not any(self._parts) or last else "\\\n"

    def _is_last(self, index: int) -> bool:
        return all(event.item is None for event in self._events[index + 1 :])

    def _words(self, text: str, index: int) -> str:
        before = next((part for part in reversed(self._parts) if part), "\n")
        begins = before[-1:] == "\n"
        core = text.strip()
        lead = text[: text.find(core)] if core else text
        tail = text[len(lead) + len(core) :]
        words = f"{lead}{escape(core, linked=self._brackets > 0)}{tail}"
        if words[0] == "~" and before[-1:] == "~":
            words = f"\\{words}"
        if words[-1] == "~" and text[-2:] != "~~" and words != "\\~" and index + 1 < len(self._events):
            words = f"{words[:-1]}\\~"
        if words[0] == "{" and before[-1:] in ")]}":
            words = f"\\{words}"
        if not text.isprintable():
            words = numbered(words, "\n\r\t")
        if begins or self._edges_line(index):
            words = self._blanks_kept(words, begins=begins, ends=self._edges_line(index))
        return escape_start(words, one_line=self._one_line and before == "\n") if begins else words

    def _edges_line(self, index: int) -> bool:
        following = next((event.item for event in self._events[index + 1 :] if event.item is not None), None)
        return following is None or following.kind == "break"

    def _blanks_kept(self, words: str, *, begins: bool, ends: bool) -> str:
        """Blanks at the ends of a line, which Markdown drops, by their numbers."""
        core = words.strip()
        start = words.find(core) if core else len(words)
        lead, tail = words[:start], words[start + len(core) :]
        if tail and ends and (len(core) - len(core.rstrip("\\"))) % 2:
            core = f"{core}\\"  # or it would escape what is put behind it
        lead = "".join(f"&#{ord(blank)};" for blank in lead) if begins or (not core and ends) else lead
        tail = "".join(f"&#{ord(blank)};" for blank in tail) if ends else tail
        return f"{lead}{core}{tail}"

"""Runs of nodes as storage format."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from server.content.addresses import ATTACHMENT, PAGE, read_file_address, read_page_address
from server.content.escaping import allowed
from server.content.line_printing import MEDIA, emoji_id
from server.content.notation import Node, as_object, attributes, marks_of
from server.content.storage_page import Page

_TAGS = {"strong": "strong", "em": "em", "strike": "del", "underline": "u", "code": "code"}
_STYLES = {"textColor": "color", "backgroundColor": "background-color"}
_BODY, _BODY_END = "<ac:link-body>", "</ac:link-body></ac:link>"
_COLOURS = {"neutral": "Grey"}


class LineWriter:
    def __init__(self, page: Page) -> None:
        self._page = page

    def write(self, nodes: Sequence[Node]) -> str:
        """The nodes with the elements around them; those of the page as they stand there."""
        parts: list[str] = []
        opened: list[Node] = []
        for node in nodes:
            wanted = self._marks(node)
            keep = next((at for at, mark in enumerate(opened) if mark not in wanted), len(opened))
            while len(opened) > keep:
                parts.append(_close(opened.pop(), parts))
            for mark in wanted:
                if mark not in opened:
                    parts.append(_open(mark))
                    opened.append(mark)
            parts.append(self._node(node))
        while opened:
            parts.append(_close(opened.pop(), parts))
        return "".join(parts)

    def _marks(self, node: Node) -> list[Node]:
        marks: list[Node] = [mark for mark in marks_of(node) if _open(mark)]
        place = self._page.places.get(node)
        if place is not None and place.whole:
            marks = [mark for mark in marks if mark["type"] != "link"]
        return [mark for mark in marks if mark["type"] != "code"] + [mark for mark in marks if mark["type"] == "code"]

    def _node(self, node: Node) -> str:
        if node in self._page.places:
            return self._page.text_of(node)
        if node["type"] == "text":
            return text(node["text"])
        writer = _ATOMS.get(node["type"])
        if writer:
            return writer(node)
        return self._page_text(node)

    def _page_text(self, node: Node) -> str:
        """What goes by reference, its marks changed."""
        base = self._page.places.having(node["attrs"])
        return "" if base is None else self._page.text_of(base)


def _open(mark: Node) -> str:
    attrs: Mapping[str, str] = attributes(mark)
    if "open" in attrs:
        return attrs["open"]
    kind = mark["type"]
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>"
    if kind == "subsup":
        return f"<{attrs['type']}>"
    if kind in _STYLES:
        return f'<span style="{_STYLES[kind]}: {attribute(attrs["color"])};">'
    if kind == "annotation":
        return f'<ac:inline-comment-marker ac:ref="{attribute(attrs["id"])}">'
    return _link_start(attrs["href"], attrs.get("title", "")) if kind == "link" else ""


def _close(mark: Node, parts: list[str]) -> str:
    attrs: Mapping[str, str] = attributes(mark)
    if "close" in attrs:
        return attrs["close"]
    kind = mark["type"]
    if kind == "link":
        return _link_end(attrs["href"], parts)
    tags = {**_TAGS, "subsup": attrs.get("type", ""), "annotation": "ac:inline-comment-marker"}
    return f"</{tags.get(kind, 'span')}>"


def _link_start(href: str, title: str) -> str:
    if href.startswith(PAGE):
        name, space, anchor = read_page_address(href)
        key = f' ri:space-key="{attribute(space)}"' if space else ""
        return f'<ac:link{_anchor(anchor)}><ri:page{key} ri:content-title="{attribute(name)}" />{_BODY}'
    if href.startswith(ATTACHMENT):
        return f"<ac:link>{_resource(href)}{_BODY}"
    if href.startswith("#"):
        return f"<ac:link{_anchor(read_page_address(href)[2])}>{_BODY}"
    titled = f' title="{attribute(title)}"' if title else ""
    return f'<a href="{attribute(href)}"{titled}>'


def _link_end(href: str, parts: list[str]) -> str:
    if not href.startswith((PAGE, ATTACHMENT, "#")):
        return "</a>"
    own = read_file_address(href) if href.startswith(ATTACHMENT) else read_page_address(href)[2 * href.startswith("#")]
    if len(parts) > 1 and parts[-1] == text(own) and parts[-2].endswith(_BODY):
        # Without a body Confluence shows the page's title, and keeps it up to date.
        parts[-2:] = [parts[-2].removesuffix(_BODY)]
        return "</ac:link>"
    return _BODY_END


def _anchor(name: str) -> str:
    return f' ac:anchor="{attribute(name)}"' if name else ""


def _resource(address: str) -> str:
    if address.startswith(ATTACHMENT):
        return f'<ri:attachment ri:filename="{attribute(read_file_address(address))}" />'
    return f'<ri:url ri:value="{attribute(address)}" />'


def _picture(node: Node) -> str:
    attrs = node["attrs"]
    source = str(attrs.get("url") or f"{MEDIA}{attrs.get('id', '')}")
    alt = str(attrs.get("alt") or "")
    described = f' ac:alt="{attribute(alt)}"' if alt and alt != read_file_address(source) else ""
    html = "".join(f' {name}="{attribute(value)}"' for name, value in as_object(attrs.get("html")).items())
    return f"<ac:image{described}{html}>{_resource(source)}</ac:image>"


def _card(node: Node) -> str:
    url = node["attrs"]["url"]
    if url.startswith(PAGE):
        link = _link_start(url, "").replace("<ac:link", '<ac:link ac:card-appearance="inline"', 1)
        return f"{link}{text(read_page_address(url)[0])}{_BODY_END}"
    return f'<a href="{attribute(url)}" data-card-appearance="inline">{text(url)}</a>'


def _mention(node: Node) -> str:
    return f'<ac:link><ri:user ri:account-id="{attribute(node["attrs"]["id"])}" /></ac:link>'


def _emoji(node: Node) -> str:
    attrs = node["attrs"]
    fallback = str(attrs.get("text") or attrs["shortName"])
    known = attrs.get("id") or (emoji_id(fallback) if attrs.get("text") else "")
    identity = f' ac:emoji-id="{attribute(known)}"' if known else ""
    return (
        f'<ac:emoticon ac:name="blue-star" ac:emoji-shortname="{attribute(attrs["shortName"])}"{identity} '
        f'ac:emoji-fallback="{attribute(fallback)}" />'
    )


def _date(node: Node) -> str:
    try:
        day = datetime.fromtimestamp(int(node["attrs"]["timestamp"]) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return text(node["attrs"]["timestamp"])
    return f'<time datetime="{day}" />'


def _status(node: Node) -> str:
    colour: str = node["attrs"]["color"]
    parameters: dict[str, str] = {"title": node["attrs"]["text"], "colour": _COLOURS.get(colour, colour.capitalize())}
    return _macro("status", parameters)


def _extension(node: Node) -> str:
    given = as_object(as_object(node["attrs"].get("parameters")).get("macroParams"))
    parameters = {name: str(as_object(each).get("value", "")) for name, each in given.items()}
    return _macro(node["attrs"]["extensionKey"], parameters)


def _macro(name: str, parameters: Mapping[str, str]) -> str:
    given = "".join(
        f'<ac:parameter ac:name="{attribute(key)}">{text(value)}</ac:parameter>' for key, value in parameters.items()
    )
    head = f'<ac:structured-macro ac:name="{attribute(name)}" ac:schema-version="1"'
    return f"{head}>{given}</ac:structured-macro>" if given else f"{head} />"


def _file(node: Node) -> str:
    name = str(node["attrs"].get("alt") or node["attrs"]["id"])
    return f'<ac:link><ri:attachment ri:filename="{attribute(name)}" /></ac:link>'


_ATOMS: Mapping[str, Callable[[Node], str]] = {
    "hardBreak": lambda _: "<br />",
    "media": _picture,
    "inlineCard": _card,
    "mention": _mention,
    "emoji": _emoji,
    "date": _date,
    "status": _status,
    "inlineExtension": _extension,
    "mediaInline": _file,
    "placeholder": lambda node: f"<ac:placeholder>{text(node['attrs']['text'])}</ac:placeholder>",
}


def text(words: str) -> str:
    return allowed(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(words: str) -> str:
    return text(str(words)).replace('"', "&quot;").replace("\n", " ")


def cdata(words: str) -> str:
    return f"<![CDATA[{allowed(words).replace(']]>', ']]]]><![CDATA[>')}]]>"

"""Confluence's own links, images and small inline elements as a document."""

from server.content.addresses import PAGE, file_address, page_address, spoken
from server.content.document import Card, Image, Inline, Link, Text
from server.content.inlines import allowed
from server.content.storage_reader import Handler, Scope, StorageReader, Style
from server.content.storage_tree import Element

_BODIES = {"ac:link-body", "ac:plain-text-link-body", "ac:caption"}
_NAMES = ("ri:content-title", "ri:filename", "ri:value", "ri:space-key", "ri:account-id", "ri:userkey", "ri:username")
_SIZES = {
    "ac:width": "image size",
    "ac:height": "image size",
    "ac:thumbnail": "image size",
    "ac:border": "image border",
}
_PICTURE_ATTRIBUTES = {**_SIZES, "ac:align": "image layout", "ac:title": "image title", "ac:class": "image style"}
_DEFAULT_LAYOUTS = {"center", "false", ""}


def _target(element: Element) -> Element | None:
    return next((child for child in element.elements() if child.name.startswith("ri:")), None)


def name_of(target: Element) -> str:
    return next((target.attributes[name] for name in _NAMES if target.attributes.get(name)), target.name)


def _link(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    target = _target(element)
    anchor = element.attributes.get("ac:anchor", "")
    href = _href(target, anchor)
    body = next((child for child in element.elements() if child.name in _BODIES), None)
    if appearance := element.attributes.get("ac:card-appearance", ""):
        if appearance == "inline" and href.startswith(PAGE) and _shows_title(body, target):
            scope.line.append(Card(href))
            return
        reader.losses.note("smart link" if appearance == "inline" else "card", href)
    inner = Style(style.marks, Link(href)) if href else style
    if target is not None and not href:
        _note_target(reader, target)
    before = len(scope.line)
    if body is not None:
        reader.walk(body, scope, inner)
    if len(scope.line) > before:
        return
    name = _label(target) if target is not None else anchor
    if name:
        scope.line.append(Text(" ".join(allowed(name).split()), inner.marks, inner.link))
    else:
        reader.losses.note("link to nowhere")


def _shows_title(body: Element | None, target: Element | None) -> bool:
    words = " ".join(body.text().split()) if body is not None else ""
    return target is not None and words in {"", name_of(target)}


def _href(target: Element | None, anchor: str) -> str:
    if target is None:
        return f"#{spoken(anchor)}" if anchor else ""
    attributes = target.attributes
    if target.name == "ri:url":
        return attributes.get("ri:value", "")
    if target.name == "ri:page" and attributes.get("ri:content-title"):
        return page_address(attributes["ri:content-title"], attributes.get("ri:space-key", ""), anchor)
    if target.name == "ri:attachment" and not target.children:
        return file_address(attributes.get("ri:filename", ""))
    return ""


def _note_target(reader: StorageReader, target: Element) -> None:
    if target.name == "ri:user":
        reader.losses.note(f"mention of {name_of(target)}")
    else:
        reader.losses.note(f"link to {target.name.removeprefix('ri:')}", f'"{name_of(target)}"')


def _label(target: Element) -> str:
    return f"@{name_of(target)}" if target.name == "ri:user" else name_of(target)


def _image(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    for name, kind in _PICTURE_ATTRIBUTES.items():
        if element.attributes.get(name, "") not in _DEFAULT_LAYOUTS:
            reader.losses.note(kind)
    target = _target(element)
    caption = element.find("ac:caption")
    if target is None:
        reader.losses.note("image without a source")
    else:
        scope.line.append(_picture(reader, element, target, style))
    if caption is not None:
        reader.losses.note("image caption")
        scope.add(reader.blocks(caption))


def _picture(reader: StorageReader, element: Element, target: Element, style: Style) -> Inline:
    alt = " ".join(element.attributes.get("ac:alt", "").split())
    name = name_of(target)
    if target.name == "ri:url":
        return Image(alt, target.attributes.get("ri:value", ""), 0, style.link)
    if target.children or target.name != "ri:attachment":
        reader.losses.note(f"image {name}")
    return Image(alt or name, file_address(name), 0, style.link)


def _html_image(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    source = element.attributes.get("src", "")
    reader.losses.note(f"image {source}")
    scope.line.append(Image(" ".join(element.attributes.get("alt", "").split()), source, 0, style.link))


def _emoticon(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    attributes = element.attributes
    name = attributes.get("ac:emoji-shortname") or f":{attributes.get('ac:name', 'emoji')}:"
    reader.losses.note("emoji", name)
    shown = attributes.get("ac:emoji-fallback") or name
    scope.line.append(Text(allowed(shown), style.marks, style.link))


def _time(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    day = element.attributes.get("datetime") or element.text()
    reader.losses.note("date", day)
    scope.line.append(Text(allowed(day), style.marks, style.link))


def _comment(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    reader.losses.note("inline comment anchor")
    reader.walk(element, scope, style)


def _placeholder(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    reader.losses.note("placeholder")
    reader.walk(element, scope, style)


def _reference(reader: StorageReader, element: Element, scope: Scope, style: Style) -> None:
    """A reference outside a link: only broken pages have one."""
    _note_target(reader, element)
    scope.line.append(Text(allowed(_label(element)), style.marks, style.link))


def words_of(element: Element) -> str:
    """What a macro's parameter says, references by their names."""
    named = [name_of(child) if child.name.startswith("ri:") else words_of(child) for child in element.elements()]
    own = (child for child in element.children if isinstance(child, str))
    return " ".join(allowed("".join([*own, *named])).split())


LINKS: dict[str, Handler] = {
    "ac:link": _link,
    "ac:image": _image,
    "img": _html_image,
    "ac:emoticon": _emoticon,
    "time": _time,
    "ac:inline-comment-marker": _comment,
    "ac:placeholder": _placeholder,
    **dict.fromkeys(
        ("ri:page", "ri:attachment", "ri:user", "ri:space", "ri:url", "ri:blog-post", "ri:content-entity"), _reference
    ),
}

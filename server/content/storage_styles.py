"""What a storage element's attributes say that Markdown does not."""

from server.content.losses import Losses
from server.content.storage_tree import Element

_STYLES = {
    "color": "text colour",
    "background": "background colour",
    "background-color": "background colour",
    "text-align": "alignment",
    "margin-left": "indentation",
    "vertical-align": "cell alignment",
    "text-decoration": "underline",
    "font-size": "font size",
    "list-style-type": "list style",
}
_DEFAULTS = {"left", "0", "0px", "0.0px", "0em", "start", "top", "none", "inherit", ""}


_DEFAULT_LAYOUTS = {"default", "center", "align-start", ""}
_DEFAULT_WIDTHS = {"760", "0", "100%", "auto", ""}


def note_styles(element: Element, losses: Losses) -> None:
    attributes = element.attributes
    if style := attributes.get("style"):
        for declaration in style.split(";"):
            name, _, value = declaration.partition(":")
            kind = _STYLES.get(name.strip().lower())
            if kind and value.strip().lower() not in _DEFAULTS:
                losses.note(kind)
    if attributes.get("data-highlight-colour", "#ffffff").lower() not in {"#ffffff", "white", ""}:
        losses.note("cell colour")
    if (name := attributes.get("id")) and ":" not in element.name:
        losses.note("link target", f'"{name}"')


def note_table(table: Element, losses: Losses) -> None:
    if table.attributes.get("data-layout", "") not in _DEFAULT_LAYOUTS:
        losses.note("table layout")
    if has_width(table):
        losses.note("table width")


def has_width(element: Element) -> bool:
    attributes = element.attributes
    if not attributes:
        return False
    declared = (declaration.partition(":") for declaration in attributes.get("style", "").split(";"))
    styled = [value for name, _, value in declared if name.strip().lower() == "width"]
    widths = [attributes.get("data-table-width", ""), attributes.get("width", ""), *styled]
    return any(_plain(width) not in _DEFAULT_WIDTHS for width in widths)


def _plain(width: str) -> str:
    """The width without what does not change it: `100.0%` is `100%`."""
    return width.strip().lower().removesuffix("px").replace(".0", "")

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

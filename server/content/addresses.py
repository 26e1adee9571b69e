"""What pages and attachments of Confluence are called in Markdown's links, and which addresses may be followed."""

import re
from urllib.parse import quote, unquote

PAGE, ATTACHMENT = "page:", "attachment:"
_SAFE = "!$'*+,;=@~"
_RUNS_CODE = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\x9f\xad\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff\ufffd]+")


def page_address(title: str, space: str, anchor: str) -> str:
    """`page:SPACE/Title#anchor`: what an `ac:link` to a page is called in Markdown."""
    where = f"{quote(space, safe=_SAFE)}/" if space else ""
    return f"{PAGE}{where}{spoken(title)}{'#' if anchor else ''}{spoken(anchor)}"


def spoken(name: str) -> str:
    """A name as people read it, with only what would end it or mean something as a number."""
    return "".join(quote(character, safe="") if character in "%/#\n" else character for character in name)


def read_page_address(address: str) -> tuple[str, str, str]:
    """The title, the space (or nothing) and the anchor (or nothing)."""
    path, _, anchor = address.removeprefix(PAGE).partition("#")
    space, _, title = path.rpartition("/")
    return unquote(title), unquote(space), unquote(anchor)


def file_address(name: str) -> str:
    return f"{ATTACHMENT}{spoken(name)}"


def read_file_address(address: str) -> str:
    return unquote(address.removeprefix(ATTACHMENT))


def is_safe(url: str) -> bool:
    """Browsers drop what cannot be seen in front of and inside a scheme; so do we."""
    return not _RUNS_CODE.match(_INVISIBLE.sub("", url))

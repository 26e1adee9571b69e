"""Characters that nobody sees, or that turn a line around: text that people wrote is shown without them."""

import re
from difflib import SequenceMatcher
from typing import Any, TypeVar, cast
from unicodedata import name

T = TypeVar("T")

# Joiners within scripts and pictures that need them, and one choice of how a sign looks, are part of what is seen.
_KEPT = (
    "(?<=[^\x00-\u036f\u200b-\u200f])[\u200c\u200d](?=[^\x00-\u036f\u200b-\u200f])"
    "|(?<=[#*0-9\xa9\xae\u203c-\ufdff\U0001f000-\U0001faff])[\ufe0e\ufe0f]"
)
_HIDDEN = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]|\r(?!\n)"
)
_PERHAPS = re.compile(_HIDDEN)
_FOUND = re.compile(f"({_KEPT})|{_HIDDEN}")


def plain(text: str) -> str:
    """The text without what is hidden in it."""
    # Nearly every text has nothing to hide, and each that is shown comes by here.
    if (text.isascii() and text.isprintable()) or not _PERHAPS.search(text):
        return text
    return _FOUND.sub(lambda found: found[1] or "", text)


def plain_values(value: T) -> T:
    """The same of all texts in JSON."""
    return cast("T", _plain_value(value))


def _plain_value(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return [_plain_value(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {_plain_value(name): _plain_value(each) for name, each in cast("dict[Any, Any]", value).items()}
    return value


def marked(text: str) -> str:
    """The text with what is hidden in it told by name, for a person who is to agree to it."""
    return _FOUND.sub(lambda found: found[1] or f"⟨{name(found[0], f'U+{ord(found[0]):04X}')}⟩", text)


def restored(as_kept: str, written: str) -> str:
    """`written`, which was made from `plain(as_kept)`, with what was hidden back in the lines that nobody touched."""
    seen = plain(as_kept)
    if seen == as_kept:
        return written
    kept, shown, new = as_kept.split("\n"), seen.split("\n"), written.split("\n")
    for before, after, count in SequenceMatcher(None, shown, new, autojunk=False).get_matching_blocks():
        new[after : after + count] = kept[before : before + count]
    return "\n".join(new)

"""Values as the mirror keeps them: the same thing is the same value, however Atlassian writes it today."""

import html
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, cast
from unicodedata import is_normalized, normalize

from server.entities.synced import Value

Reads: TypeAlias = Callable[[Any], Value]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT = re.compile(r'"text":"((?:[^"\\]|\\.)*)"')
_TAG = re.compile(r"<!\[CDATA\[|\]\]>|<[^>]*>")
_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def text(value: Any) -> str | None:
    """None is nothing; an empty text is none."""
    if not value:
        return None
    found = str(value)
    return found if is_normalized("NFC", found) else normalize("NFC", found)


def number(value: Any) -> int | None:
    return None if value is None else int(value)


def document(value: Any) -> str | None:
    """A document of ADF as one text: its keys in order."""
    return text(_WRITTEN(value)) if value else None


def moment(value: Any) -> int | None:
    """Milliseconds since 1970."""
    return None if not value else (datetime.fromisoformat(value) - _EPOCH) // timedelta(milliseconds=1)


def of(name: str) -> Reads:
    """What stands under a name in the thing itself: the id of a priority, the account id of a person."""

    def read(value: Any) -> Value:
        return text(cast("Mapping[str, Any]", value).get(name)) if isinstance(value, Mapping) else None

    return read


def set_of(read: Reads = text) -> Reads:
    """A list whose order means nothing."""

    def read_all(value: Any) -> Value:
        items = cast("list[Any]", value or [])
        return tuple(sorted({str(found) for item in items if (found := read(item)) is not None}))

    return read_all


def words_of_document(value: Value) -> str:
    """The words of a document that is in canonical form, for search: found in its text, which is quicker than reading
    it."""
    found = _TEXT.findall(value) if isinstance(value, str) else []
    return json.loads(f'"{" ".join(found)}"') if found else ""


def words_of_storage(value: Value) -> str:
    """The words of a page, for search; what its macros hold as text too."""
    return " ".join(html.unescape(_TAG.sub(" ", value)).split()) if isinstance(value, str) else ""


def words_of_text(value: Value) -> str:
    return str(value or "")

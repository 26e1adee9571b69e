"""Values as the mirror keeps them: the same thing is the same value, however Atlassian writes it today."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, cast
from unicodedata import is_normalized, normalize

from server.content import ContentError, adf_to_markdown, storage_to_markdown
from server.entities.synced import Value

Reads: TypeAlias = Callable[[Any], Value]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text(value: Any) -> str | None:
    """None is nothing; an empty text is none."""
    if not value:
        return None
    found = str(value)
    return found if is_normalized("NFC", found) else normalize("NFC", found)


def number(value: Any) -> int | None:
    return None if value is None else int(value)


def markdown(document: Any) -> str | None:
    """Of an ADF document. One that can't be shown says why: it is never written, for an edit of it fails alike."""
    return _shown(adf_to_markdown, document)


def markdown_of_storage(storage: Any) -> str | None:
    return _shown(storage_to_markdown, storage)


def _shown(convert: Callable[[Any], str], value: Any) -> str | None:
    try:
        return text(convert(value)) if value else None
    except ContentError as error:
        return f"(This text can't be shown as Markdown: {error})"


def moment(value: Any) -> int | None:
    """Milliseconds since 1970."""
    return None if not value else (datetime.fromisoformat(value) - _EPOCH) // timedelta(milliseconds=1)


def iso(value: int) -> str:
    """The moment as Jira takes it."""
    return (_EPOCH + timedelta(milliseconds=value)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


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

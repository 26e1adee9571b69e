"""Pages of results: Jira's offsets, Confluence's cursors, and tokens that mean nothing to the client."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from server.sandbox import json_text, refusals
from server.sandbox.records import Json

T = TypeVar("T")
TOKEN_LIFE = timedelta(days=7)


def number(query: QueryParams, name: str, default: int, most: int = 1_000_000) -> int:
    """A whole number of the query; nonsense and negative numbers fall back to the default, as Jira does it."""
    try:
        found = int(query.get(name, default))
    except ValueError:
        return default
    return min(found, most) if found >= 0 else default


def offsets(query: QueryParams, items: Sequence[T], *, size: int = 50, most: int = 100) -> tuple[Json, list[T]]:
    """Jira's envelope (startAt, maxResults, total) and the items of this page."""
    start = number(query, "startAt", 0)
    wanted = number(query, "maxResults", size, most)
    page = list(items[start : start + wanted])
    return {"startAt": start, "maxResults": wanted, "total": len(items)}, page


def bean(url: str, query: QueryParams, items: Sequence[T], *, size: int = 50) -> tuple[Json, list[T]]:
    """Jira's newer envelope, with isLast and the address of the next page."""
    envelope, page = offsets(query, items, size=size)
    end = envelope["startAt"] + len(page)
    envelope["self"] = url
    envelope["isLast"] = end >= len(items)
    if not envelope["isLast"]:
        again = {**dict(query), "startAt": str(end), "maxResults": str(envelope["maxResults"])}
        envelope["nextPage"] = f"{url.partition('?')[0]}?{urlencode(again)}"
    return envelope, page


def seal(content: Json, now: datetime | None = None) -> str:
    """With a time, the token dies a week later."""
    if now:
        content = {**content, "until": (now + TOKEN_LIFE).timestamp()}
    return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()


def unseal(token: str) -> Json | None:
    try:
        found = json_text.parse(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError):
        return None
    return found if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType]


def position(token: str, name: str, now: datetime | None = None) -> int | None:
    """The number under this name in a token that we sealed; None where the token is another's or dead."""
    content = unseal(token) or {}
    found, until = content.get(name), content.get("until")
    if now and isinstance(until, float) and until <= now.timestamp():
        return None
    return found if isinstance(found, int) and found >= 0 else None


def cursor_page(
    query: QueryParams, items: Sequence[T], *, size: int = 25, now: datetime | None = None
) -> tuple[list[T], str | None]:
    """The items of this page and the cursor of the next one."""
    limit = number(query, "limit", size)
    if not 1 <= limit <= 250:
        raise refusals.wiki(400, "Provided value for 'limit' is not valid. It must be between 1 and 250")
    start = 0
    if token := query.get("cursor"):
        found = position(token, "offset", now)
        if found is None:
            raise refusals.wiki(400, f"Provided value {{{token}}} for 'cursor' is not the correct type.")
        start = found
    page = list(items[start : start + limit])
    following = start + len(page)
    return page, seal({"offset": following}, now) if following < len(items) else None


def next_link(path: str, query: QueryParams, cursor: str) -> str:
    kept = [(name, value) for name, value in query.multi_items() if name != "cursor"]
    return f"{path}?{urlencode([*kept, ('cursor', cursor)], quote_via=quote)}"

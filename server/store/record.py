"""One entry of the audit log, and what of a call's arguments may stand in it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, cast

Outcome = Literal["done", "refused", "failed", "unknown"]

LONGEST_KEPT = 120  # characters of a value that stands as it is
LONGEST_REASON = 500
LONGEST_REFUSED = 4_000  # characters of all arguments of a call that was refused
FIRST = "0" * 64  # what the first record is chained to
_TEXTS = frozenset({"body", "comment", "content", "content_base64", "description", "new_content"})
_SECRET = re.compile(r"token|secret|passw|credential|authorization|api_?key", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Record:
    """Who did what by which door, what became of it, and Atlassian's own ids of the requests that it took."""

    at: datetime
    who: str
    door: str
    tool: str
    arguments: Mapping[str, Any]
    outcome: Outcome
    reason: str = ""
    requests: Sequence[str] = ()

    def chained(self, previous: str) -> str:
        """The hash that seals this record to the one before it."""
        return sha256(canonical({**self.values(), "previous": previous}).encode()).hexdigest()

    def values(self) -> dict[str, Any]:
        """As JSON takes them."""
        return {**asdict(self), "at": self.at.isoformat(), "requests": list(self.requests)}


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def shown(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments without people's texts and secrets: these stand as their hash and length."""
    return {name: _value(value, hide=name in _TEXTS or bool(_SECRET.search(name))) for name, value in arguments.items()}


def brief(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a call that was refused: whoever sends much is not given room for it here."""
    kept = shown(arguments)
    text = canonical(kept)
    return kept if len(text) <= LONGEST_REFUSED else {"arguments": _value(text, hide=True)}


def _value(value: Any, *, hide: bool) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _value(each, hide=hide or name in _TEXTS or bool(_SECRET.search(name)))
            for name, each in cast("Mapping[str, Any]", value).items()
        }
    if isinstance(value, list):
        return [_value(each, hide=hide) for each in cast("list[Any]", value)]
    if isinstance(value, str) and (hide or len(value) > LONGEST_KEPT):
        return f"sha256:{sha256(value.encode()).hexdigest()} ({len(value)} characters)"
    return value

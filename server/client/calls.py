"""One call of a connection: what is asked for, how long it may take, and why a try of it was not the last."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote

from server.client.limits import Target
from server.client.marks import Mark
from server.client.transfers import LONGEST_TRANSFER, Download, Form
from server.errors import AtlassianError

Query = Mapping[str, str | int | bool | Sequence[str]]


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    target: Target
    query: Query | None
    body: object
    named: str
    safe: bool  # to send again
    read: Callable[[Any], Any]
    mark: Mark | None = None
    form: Form | None = None  # in place of a body
    download: Download | None = None  # that takes the answer
    keep: Callable[[Any], Any] = lambda answer: answer  # takes away what may not be seen
    others: list[str] = field(default_factory=list[str])  # that answered in its place
    unreadable: list[bool] = field(default_factory=list[bool])

    def longest(self, usual: float) -> float:
        """Seconds for one try; between two parts of a file it is still the usual time."""
        return LONGEST_TRANSFER if self.form or self.download else usual

    def misread(self) -> bool:
        """Notes an answer that cannot be read; whether it is the second."""
        self.unreadable.append(True)
        return len(self.unreadable) > 1

    def other(self, answer: Any) -> str | None:
        """What the answer to a read of one thing is about, where it is not about that thing."""
        if self.method != "GET" or not self.target.endpoint.endswith("/{}") or not isinstance(answer, Mapping):
            return None
        told = cast("Mapping[str, Any]", answer)
        names = [str(told[name]) for name in ("key", "id") if name in told]
        asked = unquote(self.path.rpartition("/")[2]).casefold()
        return names[0] if names and asked not in {name.casefold() for name in names} else None


@dataclass(frozen=True)
class Wait:
    """The patience of one call in all, in seconds, and since when it is tried."""

    patience: float
    since: float


Step = Callable[[Wait], Awaitable[Any]]


class Again(Exception):
    """This try failed with `error`; after `least` seconds comes `then`, or the same again."""

    def __init__(self, error: AtlassianError, least: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.least = least
        self.then: Step | None = None

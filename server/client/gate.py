"""What stands before each request and behind each answer of a connection, where it is narrowed what may be reached."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from server.client.calls import Query


@dataclass(frozen=True)
class Asked:
    """A request before it is sent: `site` and `named` say in words where to and what for, as errors do."""

    method: str
    path: str
    query: Query
    body: Any
    changes: bool
    site: str
    named: str


@dataclass(frozen=True)
class Admitted:
    """What is sent in its place. `keep` takes from the answer what may not be seen; `absent` is the text for what is
    not there, where the answer's own words would tell it from what may not be seen."""

    path: str
    query: Query
    body: Any
    keep: Callable[[Any], Any] = lambda answer: answer
    absent: str = ""


# A request past the gate, by which the gate looks something up: (method, path, query, body) -> JSON.
LookUp = Callable[[str, str, Query, Any], Awaitable[Any]]


class Gate(Protocol):
    async def admit(self, asked: Asked, look_up: LookUp) -> Admitted:
        """Raises NotFound for what may not be reached, in the words for what is not there; Refused, Invalid."""
        ...

    async def keeps_internal(self, issue_key: str, look_up: LookUp) -> bool:
        """Whether comments on this issue are made internal."""
        ...

"""The gate: each request to Atlassian passes it, and each answer. What it does not know, it refuses under a filter."""

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from server.client import Admitted, Asked, LookUp, absent
from server.errors import Invalid, NotFound, OtherThing, Refused
from server.policy import queries, references
from server.policy.endpoints import Endpoints, Row
from server.policy.grammar import Language, Query, Unreadable, parse
from server.policy.keys import canonical, path_of, segments
from server.policy.pruning import OUTSIDE, Pruner
from server.policy.references import Reference
from server.policy.scope import Scope

TRUSTED = 60.0  # seconds that a thing is taken to stay where it was found
MOST = 10_000
MINUTE = 60.0


class Places:
    """Where things are, for a while: what was inside may be moved out by somebody else."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[Reference, tuple[float, str]] = {}

    def get(self, kind: str, name: str) -> str | None:
        known = self._known.get((kind, name))
        return known[1] if known and self._clock() < known[0] else None

    def set(self, kind: str, name: str, place: str) -> str:
        self._known.pop((kind, name), None)
        self._known[kind, name] = (self._clock() + TRUSTED, place)
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]
        return place


class Brake:
    """At most so many calls that end something in a minute."""

    def __init__(self, most: int | None, clock: Callable[[], float]) -> None:
        self._most, self._clock = most, clock
        self._times: deque[float] = deque()

    def pull(self) -> None:
        """Raises Refused."""
        if self._most is None:
            return
        now = self._clock()
        while self._times and now - self._times[0] >= MINUTE:
            self._times.popleft()
        if len(self._times) >= self._most:
            wait = math.ceil(self._times[0] + MINUTE - now) if self._times else int(MINUTE)
            raise Refused(
                f"Nothing was done: this server deletes or moves at most {self._most} times a minute "
                f"(ISTHMUS_DESTRUCTIVE_PER_MINUTE). Try again in {wait} s."
            )
        self._times.append(now)


@dataclass(frozen=True)
class Request:
    """A request while it is looked at: its path in parts, and how to ask for more."""

    asked: Asked
    parts: tuple[str, ...]
    look_up: LookUp

    async def read(self, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """What stands there, None if nothing does."""
        try:
            found = await self.look_up("POST" if body else "GET", path, query or {}, body)
        except (NotFound, Invalid, OtherThing):
            return None
        return found

    async def thing(self, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """The same, with nothing in it where there is none."""
        return references.mapping(await self.read(path, body, query))


class Gate(ABC):
    """What Jira's and Confluence's gates have in common: the order in which a request is looked at."""

    product: str
    language: Language
    table: Endpoints
    pruner: Pruner

    def __init__(self, scope: Scope, *, bulk: int | None, destructive: int | None, clock: Callable[[], float]) -> None:
        self.scope = scope
        self.places = Places(clock)
        self._bulk, self._brake = bulk, Brake(destructive, clock)

    @property
    @abstractmethod
    def narrows(self) -> bool:
        """Whether anything is outside."""

    async def admit(self, asked: Asked, look_up: LookUp) -> Admitted:
        """Raises NotFound for what is outside, in the words for what is not there; Refused, Invalid."""
        request, row = self._recognised(asked, look_up)
        if row is None:
            return Admitted(asked.path, asked.query, asked.body)
        self._limit(request, row)
        if row.says("open"):
            return Admitted(path_of(request.parts), asked.query, asked.body)
        request = await self._checked(request, row)
        if not self.narrows:
            return Admitted(path_of(request.parts), request.asked.query, request.asked.body)
        self.refuse_unseen(request, row)
        query, body = await self._narrowed(request, row)
        text = self._absent(asked) if row.says("self") else ""
        return Admitted(path_of(request.parts), query, body, lambda answer: self._kept(answer, request, row), text)

    async def keeps_internal(self, issue_key: str, look_up: LookUp) -> bool:
        """Whether comments on this issue are made internal."""
        del issue_key, look_up
        return False

    def _recognised(self, asked: Asked, look_up: LookUp) -> tuple[Request, Row | None]:
        try:
            parts = segments(asked.path)
            row = self.table.find(asked.method, parts)
            canonically = list(parts)
            for place, _ in row.things if row else ():
                canonically[place] = canonical(parts[place])
            request = Request(asked, tuple(canonically), look_up)
            segments(path_of(request.parts))
        except ValueError:
            raise NotFound(self._absent(asked)) from None
        if row is None and self.narrows:
            raise Refused(
                f"This server reaches {self.scope.words(self.product)} alone, and can't keep this to them "
                f"({asked.named}). Ask for one of their own things instead."
            )
        return request, row

    def _limit(self, request: Request, row: Row) -> None:
        asked = request.asked
        if not asked.changes:
            return
        count = self.count(asked.body)
        if self._bulk is not None and count > self._bulk:
            raise Refused(
                f"Nothing was done: {count} at once, and this server changes at most {self._bulk} (ISTHMUS_MAX_BULK). "
                "Send fewer at a time."
            )
        if asked.method == "DELETE" or row.says("ends"):
            self._brake.pull()

    async def _checked(self, request: Request, row: Row) -> Request:
        """The request, with everything that it names inside. Raises NotFound."""
        if self.narrows:
            own_proof = row.things[-1:] if row.says("self") else ()
            for place, kind in row.things:
                name = request.parts[place]
                proven_later = (place, kind) in own_proof and self.may_be(kind, name)
                if not proven_later and not await self.inside(kind, name, request):
                    raise NotFound(self._absent(request.asked))
            await self._check_named(request)
        return await self.adjusted(request, row)

    async def _check_named(self, request: Request) -> None:
        named = list(dict.fromkeys(self.references(request)))
        await self.prepare(named, request)
        for kind, name in named:
            if not await self.inside(kind, name, request):
                thing = replace(request.asked, named=f"{_WORDS.get(kind, kind)} `{name}`")
                raise NotFound(self._absent(thing))

    async def _narrowed(self, request: Request, row: Row) -> tuple[Mapping[str, Any], Any]:
        query, body = request.asked.query, request.asked.body
        for language in ("jql", "cql"):
            parameter = row.notes.get(language)
            if parameter is None:
                continue
            if request.asked.method == "POST":
                text = str(references.mapping(body).get(parameter) or "")
                body = {**references.mapping(body), parameter: await self._within(text, request)}
            else:
                query = {**query, parameter: await self._within(str(query.get(parameter) or ""), request)}
        if "narrow" in row.notes:
            query = {**query, **await self.narrowing(row.notes["narrow"], query, request)}
        return query, body

    async def _within(self, text: str, request: Request) -> str:
        try:
            query = parse(text, self.language)
        except Unreadable as error:
            raise Invalid(queries.unreadable(error, self.language)) from None
        await self.check_query(query, request)
        keys = await self.keys(request)
        return str(queries.bounded(query, keys, self.language) if keys is not None else query)

    def _kept(self, answer: Any, request: Request, row: Row) -> Any:
        if "only" in row.notes:
            answer = self.pruner.only(answer, row.notes["only"])
        if row.says("self") and not self.pruner.inside(answer):
            raise NotFound(self._absent(request.asked))
        kept = self.pruner.kept(answer)
        if kept is OUTSIDE:
            raise NotFound(self._absent(request.asked))
        self.learn(kept, request, row)
        return kept

    def _absent(self, asked: Asked) -> str:
        return f"{absent(asked.site, asked.named)} This server reaches {self.scope.words(self.product)} alone."

    # What each product answers in its own way.

    @abstractmethod
    def may_be(self, kind: str, name: str) -> bool:
        """Whether something of this name could be inside: what can't is not asked for."""

    @abstractmethod
    async def inside(self, kind: str, name: str, request: Request) -> bool:
        """Whether this thing is inside, as far as anybody can see."""

    @abstractmethod
    def references(self, request: Request) -> Iterable[Reference]:
        """What a request names besides its path."""

    async def prepare(self, named: Sequence[Reference], request: Request) -> None:  # noqa: B027 - it may do nothing
        """Looks many up at once, where that can be done."""

    async def adjusted(self, request: Request, row: Row) -> Request:
        del row
        return request

    @abstractmethod
    async def keys(self, request: Request) -> Sequence[str] | None:
        """The projects or spaces inside, None where these are not narrowed."""

    @abstractmethod
    async def narrowing(self, parameter: str, query: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
        """What to send as this parameter, so that the answer holds what is inside."""

    async def check_query(self, query: Query, request: Request) -> None:  # noqa: B027 - it may do nothing
        """Raises Invalid where a query names what is outside."""

    def refuse_unseen(self, request: Request, row: Row) -> None:  # noqa: B027 - it may do nothing
        """Raises Refused for an answer from which nothing could be taken away."""

    def learn(self, answer: Any, request: Request, row: Row) -> None:  # noqa: B027 - it may do nothing
        """What an answer shows of places."""

    def count(self, body: Any) -> int:
        """How many things a request changes."""
        del body
        return 1


_WORDS = {
    "pages": "page",
    "blogposts": "blog post",
    "attachments": "attachment",
    "key": "space",
    "either": "space",
}


def with_body(request: Request, body: Any) -> Request:
    return replace(request, asked=replace(request.asked, body=body))

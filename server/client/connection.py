"""One product of one site: typed answers in, named errors out. Every request to Atlassian is sent here."""

import copy
import logging
import random
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, cast
from urllib.parse import unquote

import anyio
import httpx2
from pydantic import ValidationError

from server import __version__
from server.client import limit_headers
from server.client.answers import Answer, Unreadable, failure, limited, parse
from server.client.limits import INTERACTIVE, Budget, Lane, Limiter, Target, target
from server.client.pacing import steadily
from server.client.pool import Pool
from server.entities import Entity, Model
from server.errors import (
    AtlassianDown,
    AtlassianError,
    BadAnswer,
    Invalid,
    RateLimited,
    TimedOut,
    UnknownOutcome,
)
from server.settings import ProductConfig

logger = logging.getLogger("isthmus.client")

M = TypeVar("M", bound=Model)
Query = Mapping[str, str | int | bool | Sequence[str]]

FIRST_BACKOFF = 1.0
LONGEST_BACKOFF = 30.0
WORTH_TELLING = 0.3  # seconds of waiting
LONGEST_ANSWER = 64 * 2**20  # bytes, unpacked
_CHECK_FIRST = "It may have been applied: read or search for it before you send it again."


async def _nobody(_: str) -> None: ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Pace:
    """How a connection tells the time, how it waits, and whom it tells; a test passes its own.

    `clock` only goes forward, `wall` is the time of day.
    """

    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    chance: Callable[[], float] = random.random
    tell: Callable[[str], Awaitable[None]] = _nobody
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], datetime] = _now

    def backoff(self, attempt: int) -> float:
        """Seconds before try `attempt` + 1: full jitter below a ceiling that doubles."""
        return float(min(LONGEST_BACKOFF, FIRST_BACKOFF * 2**attempt) * self.chance())


class Connection:
    """`transport` is shared by the connections of a process; without one, this connection opens its own."""

    product: str
    root: str  # of paths that do not begin with a slash

    def __init__(
        self,
        config: ProductConfig,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.config = config
        self._pace = pace or Pace()
        self._lane = INTERACTIVE
        self._limiter = Limiter(self._pace.clock)
        self._budget = Budget(self._pace.clock)
        self._owns = transport is None
        self._transport = transport or Pool()
        self._headers = {
            "authorization": _basic(config),
            "accept": "application/json",
            "accept-encoding": "gzip, deflate",
            "user-agent": f"isthmus/{__version__}",
        }
        self._extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), config.timeout)}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._owns:
            await self._transport.aclose()

    def on(self, lane: Lane) -> Self:
        """This connection for work of another lane; all lanes share its limits."""
        other = copy.copy(self)
        other._lane = lane  # noqa: SLF001 - a copy of ourselves
        return other

    async def get(self, model: type[M], path: str, query: Query | None = None, *, named: str = "") -> M:
        return await self.send("GET", path, query=query, named=named, read=model.read)

    async def post(self, model: type[M], path: str, body: object, *, named: str = "", repeatable: bool = False) -> M:
        return await self.send("POST", path, body=body, named=named, repeatable=repeatable, read=model.read)

    async def put(self, model: type[M], path: str, body: object, query: Query | None = None, *, named: str = "") -> M:
        return await self.send("PUT", path, query=query, body=body, named=named, read=model.read)

    async def read(self, entity: Entity[M], identifier: str) -> M:
        """One entity by what its URI names it by. Raises NotFound."""
        named = entity.named(identifier)
        path, query = entity.path(identifier), entity.query(identifier)
        return await self.send("GET", path, query=query, named=named, read=partial(entity.read, named=named))

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        named: str = "",
        repeatable: bool | None = None,
        read: Callable[[Any], Any] = lambda answer: answer,
    ) -> Any:
        """One request, repeated where that is safe; returns what `read` makes of the parsed JSON, None without a body.

        `repeatable` says that a second sending does no harm; reads are, unless told otherwise. `named` says in words
        what is asked for, for errors. Raises AtlassianError.
        """
        safe = method == "GET" if repeatable is None else repeatable
        full = path if path.startswith("/") else f"{self.root}/{path}"
        place = target(method, full, changes=not safe)
        call = _Call(method, f"{self.config.site}{full}", place, query, body, named or path, safe, read)
        wait = _Wait(self._lane.patience, self._pace.clock())
        self._budget.first_try()
        for attempt in range(self.config.max_retries + 1):
            await self._admit(call, wait)
            try:
                return await self._once(call)
            except _Again as again:
                pause = max(again.least, self._pace.backoff(attempt))
                last = attempt == self.config.max_retries or self._passed(wait) + pause > wait.patience
                if last or not self._budget.take():
                    raise again.error from again.__cause__
                await self._pause(pause, type(again.error).__name__)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _admit(self, call: "_Call", wait: "_Wait") -> None:
        """Waits until the limits let this call pass. Raises RateLimited where that takes too long."""
        while (held := self._limiter.take(call.target, self._lane)).seconds > 0:
            if self._passed(wait) + held.seconds > wait.patience:
                raise limited(self._site, held.reason, held.seconds)
            await self._pause(held.seconds, held.reason)

    def _passed(self, wait: "_Wait") -> float:
        return self._pace.clock() - wait.since

    async def _pause(self, seconds: float, why: str) -> None:
        text = f"{self._site}: {why}; trying again in {seconds:.1f} s"
        logger.info(text)
        if seconds >= WORTH_TELLING:
            await self._pace.tell(text)
        await self._pace.sleep(seconds)

    async def _once(self, call: "_Call") -> Any:
        try:
            with anyio.fail_after(self.config.timeout):
                answer = await self._answer(call)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError) as error:
            down = AtlassianDown(f"{self._site} can't be reached ({_reason(error)}). Check the URL and the network.")
            raise _Again(down) from error
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise self._unanswered(f"did not answer in {self.config.timeout:g} s", call) from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise self._unanswered(f"broke off its answer ({_reason(error)})", call) from error
        except httpx2.InvalidURL as error:
            raise Invalid(f"This is too long for an address ({call.named}). Ask for less.") from error
        self._limiter.heed(call.target, answer.status, answer.headers, wall=self._pace.wall())
        if not answer.is_success:
            raise self._failed(answer, call)
        try:
            return await steadily(lambda: call.read(self._asked_for(parse(answer), call)), len(answer.content))
        except Unreadable as error:
            raise self._misread(str(error), call) from error
        except (ValidationError, LookupError, TypeError, AttributeError, ValueError) as error:
            # An answer of any shape may come; what trips over it while reading says that it is of the wrong one.
            raise self._misread(f"answered with something else than what was asked for{_where(error)}", call) from error

    def _asked_for(self, answer: Any, call: "_Call") -> Any:
        """The answer, unless it is about something else: then the same must come twice, as of an issue that moved."""
        other = call.other(answer)
        if other is None or other in call.others:
            return answer
        call.others.append(other)
        what = f"{self._site} answered with `{other}` instead of {call.named}. Try again."
        raise _Again(BadAnswer(what))

    def _failed(self, answer: Answer, call: "_Call") -> Exception:
        error = failure(
            answer, site=self._site, username=self.config.username, named=call.named, wall=self._pace.wall()
        )
        if isinstance(error, RateLimited):
            # 429 means that nothing was applied, so that any method may be sent again.
            return _Again(error, least=error.retry_after)
        if isinstance(error, AtlassianDown | TimedOut):
            if call.safe:
                return _Again(error, least=limit_headers.retry_after(answer.headers, self._pace.wall()))
            what = f"answered {answer.status} to your change ({call.named})"
            return UnknownOutcome(f"{self._site} {what}. {_CHECK_FIRST}")
        return error

    def _unanswered(self, what: str, call: "_Call") -> Exception:
        if call.safe:
            return _Again(TimedOut(f"{self._site} {what} ({call.named}). Try again, or ask for less at once."))
        return UnknownOutcome(f"{self._site} {what} after your change ({call.named}) was sent. {_CHECK_FIRST}")

    def _misread(self, what: str, call: "_Call") -> AtlassianError:
        if call.safe:
            advice = "Check that the configured URL is the site's own; if it is, try again."
            return BadAnswer(f"{self._site} {what} ({call.named}). {advice}")
        return UnknownOutcome(f"{self._site} {what}, to your change ({call.named}). {_CHECK_FIRST}")

    async def _answer(self, call: "_Call") -> Answer:
        # By the transport itself: a client's cookies, redirects and defaults are not wanted, and cost CPU.
        request = httpx2.Request(
            call.method, call.url, params=call.query, json=call.body, headers=self._headers, extensions=self._extensions
        )
        response = await self._transport.handle_async_request(request)
        content = bytearray()
        try:
            async for part in response.aiter_bytes():
                content += part
                if len(content) > LONGEST_ANSWER:
                    raise httpx2.DecodingError(f"over {LONGEST_ANSWER // 2**20} MiB")
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, bytes(content))

    @property
    def _site(self) -> str:
        return f"{self.product} at {self.config.site}"


@dataclass(frozen=True)
class _Call:
    method: str
    url: str
    target: Target
    query: Query | None
    body: object
    named: str
    safe: bool  # to send again
    read: Callable[[Any], Any]
    others: list[str] = field(default_factory=list[str])  # that answered in its place

    def other(self, answer: Any) -> str | None:
        """What the answer to a read of one thing is about, where it is not about that thing."""
        if self.method != "GET" or not self.target.endpoint.endswith("/{}") or not isinstance(answer, Mapping):
            return None
        told = cast("Mapping[str, Any]", answer)
        names = [str(told[name]) for name in ("key", "id") if name in told]
        asked = unquote(self.url.rpartition("/")[2]).casefold()
        return names[0] if names and asked not in {name.casefold() for name in names} else None


@dataclass(frozen=True)
class _Wait:
    """The patience of one call in all, in seconds, and since when it is tried."""

    patience: float
    since: float


class _Again(Exception):
    """This try failed with `error` and may be repeated after `least` seconds."""

    def __init__(self, error: AtlassianError, least: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.least = least


def _basic(config: ProductConfig) -> str:
    return "Basic " + b64encode(f"{config.username}:{config.api_token}".encode()).decode()


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _where(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return ""
    places = [".".join(map(str, problem["loc"])) for problem in error.errors(include_url=False, include_input=False)]
    return f" (at {', '.join(places[:3])})"

"""One product of one site: typed answers in, named errors out. Every request to Atlassian is sent here."""

import copy
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
import httpx2
from pydantic import ValidationError

from server import __version__
from server.addresses import Product
from server.client import limit_headers, trace
from server.client.answers import Answer, Unreadable, failure, lacks_scope, limited, parse
from server.client.auth import Account, Signed, Wire, account_of
from server.client.calls import Again, Call, Query, Step, Wait
from server.client.gate import Admitted, Asked, Gate
from server.client.limits import INTERACTIVE, Budget, Lane, Limiter, target
from server.client.marks import Mark
from server.client.pace import Pace
from server.client.pacing import steadily
from server.client.pool import Pool
from server.client.transfers import REDIRECTS, Download, Form, Sink, Upload, media_link
from server.entities import Entity, Many, Model
from server.errors import (
    AtlassianDown,
    AtlassianError,
    BadAnswer,
    Conflict,
    Invalid,
    NotFound,
    OtherThing,
    RateLimited,
    TimedOut,
    UnknownOutcome,
)
from server.settings import ProductConfig

logger = logging.getLogger("isthmus.client")

M = TypeVar("M", bound=Model)

WORTH_TELLING = 0.3  # seconds of waiting
LONGEST_ANSWER = 64 * 2**20  # bytes, unpacked
_CHECK_FIRST = "It may have been applied: read or search for it before you send it again."


class Connection:
    """`transport` is shared by the connections of a process; without one, this connection opens its own."""

    product: str
    of: Product
    root: str  # of paths that do not begin with a slash

    def __init__(
        self,
        config: ProductConfig,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        pace: Pace | None = None,
        gate: Gate | None = None,
        account: Account | None = None,
    ) -> None:
        self.config = config
        self._gate = gate
        self._pace = pace or Pace()
        self._lane = INTERACTIVE
        self._limiter = Limiter(self._pace.clock)
        self._budget = Budget(self._pace.clock)
        self._owns = transport is None
        self._transport = transport or Pool()
        self.account = account or account_of(config, self.of, Wire(self._transport, config.timeout))
        self._headers = {
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

    async def post(
        self,
        model: type[M],
        path: str,
        body: object,
        query: Query | None = None,
        *,
        named: str = "",
        repeatable: bool = False,
        mark: Mark | None = None,
    ) -> M:
        return await self.send(
            "POST", path, query=query, body=body, named=named, repeatable=repeatable, mark=mark, read=model.read
        )

    async def put(self, model: type[M], path: str, body: object, *, named: str = "", mark: Mark | None = None) -> M:
        return await self.send("PUT", path, body=body, named=named, mark=mark, read=model.read)

    async def fetch(self, path: str, sink: Sink, query: Query | None = None, *, size: int, named: str = "") -> None:
        """A file of `size` bytes into `sink`. Raises AtlassianError, after which what the sink has is not the file."""
        download = Download(sink, size)
        await self.send("GET", path, query=query, named=named, download=download, read=download.whole)

    async def upload(
        self,
        method: str,
        path: str,
        upload: Upload,
        values: Mapping[str, str] | None = None,
        *,
        named: str,
        mark: Mark | None = None,
        read: Callable[[Any], Any],
    ) -> Any:
        form = Form(upload, self._pace.unique(), values or {})
        return await self.send(method, path, form=form, named=named, mark=mark, read=read)

    @property
    def now(self) -> datetime:
        return self._pace.wall()

    async def read(self, entity: Entity[M], *identifiers: str) -> M:
        """One entity by what its URI names it by. Raises NotFound."""
        path, query = entity.path(*identifiers), entity.query(*identifiers)
        named = entity.named(*identifiers)
        return await self.send(
            "GET", path, query=query, named=named, read=lambda answer: entity.read(answer, *identifiers)
        )

    async def read_list(self, entity: Entity[Any], *identifiers: str, cursor: str | None = None) -> Many:
        """One page of all entities of a type below the one so named. Raises NotFound."""
        path, query = entity.list_path(*identifiers), entity.list_query(cursor)
        return await self.send("GET", path, query=query, named=entity.list_named(*identifiers), read=entity.read_list)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        named: str = "",
        repeatable: bool | None = None,
        mark: Mark | None = None,
        read: Callable[[Any], Any] = lambda answer: answer,
        form: Form | None = None,
        download: Download | None = None,
    ) -> Any:
        """One request, repeated where that is safe; returns what `read` makes of the parsed JSON, None without a body.

        `repeatable` says that a second sending does no harm; reads are, unless told otherwise. `named` says in words
        what is asked for, for errors. A change with a `mark` is looked for when its outcome is unknown, and what is
        found is returned. Raises AtlassianError.
        """
        safe = method == "GET" if repeatable is None else repeatable
        full = path if path.startswith("/") else f"{self.root}/{path}"
        asked = Asked(method, full, query or {}, body, not safe, self._site, named or path)
        let = await self._gate.admit(asked, self._look_up) if self._gate else Admitted(full, query or {}, body)
        call = self._call(asked, let, safe=safe, read=read, mark=mark, form=form, download=download)
        try:
            return await self._exchange(call)
        except NotFound:
            if let.absent:
                raise NotFound(let.absent) from None
            raise

    async def _look_up(self, method: str, path: str, query: Query, body: Any) -> Any:
        """A read past the gate, for the gate."""
        asked = Asked(method, path, query, body, False, self._site, "where it belongs")  # noqa: FBT003 - `changes`
        return await self._exchange(self._call(asked, Admitted(path, query, body), safe=True, read=lambda found: found))

    def _call(
        self,
        asked: Asked,
        let: Admitted,
        *,
        safe: bool,
        read: Callable[[Any], Any],
        mark: Mark | None = None,
        form: Form | None = None,
        download: Download | None = None,
    ) -> Call:
        return Call(
            asked.method,
            let.path,
            target(asked.method, let.path, changes=not safe),
            let.query or None,
            let.body,
            asked.named,
            safe,
            read,
            mark,
            form,
            download,
            let.keep,
        )

    async def _exchange(self, call: Call) -> Any:
        wait = Wait(self._lane.patience, self._pace.clock())
        self._budget.first_try()
        step: Step = partial(self._sent, call)
        for attempt in range(self.config.max_retries + 1):
            try:
                return await step(wait)
            except Again as again:
                pause = max(again.least, self._pace.backoff(attempt))
                last = attempt == self.config.max_retries or self._passed(wait) + pause > wait.patience
                if last or not self._budget.take():
                    raise again.error from again.__cause__
                await self._pause(pause, type(again.error).__name__)
                step = again.then or step
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _sent(self, call: Call, wait: Wait) -> Any:
        await self._admit(call, wait)
        return await self._once(call)

    async def _sought(self, call: Call, mark: Mark, doubt: Again, status: int | None, wait: Wait) -> Any:
        """What the change has made; sends it again where it is not there and that cannot double it."""
        found = await self._look(mark, doubt)
        if found is not None:
            return found
        if not mark.may_repeat(status):
            raise doubt
        try:
            return await self._sent(call, wait)
        except (Conflict, Invalid):  # as it is when the first sending has been applied since
            found = await self._look(mark, doubt)
            if found is None:
                raise
            return found

    async def _look(self, mark: Mark, doubt: Again) -> Any:
        try:
            return await mark.look()
        except AtlassianError as error:
            raise doubt.error from error

    async def _admit(self, call: Call, wait: Wait) -> None:
        """Waits until the limits let this call pass. Raises RateLimited where that takes too long."""
        while (held := self._limiter.take(call.target, self._lane)).seconds > 0:
            if self._passed(wait) + held.seconds > wait.patience:
                raise limited(self._site, held.reason, held.seconds)
            await self._pause(held.seconds, held.reason)

    def _passed(self, wait: Wait) -> float:
        return self._pace.clock() - wait.since

    async def _pause(self, seconds: float, why: str) -> None:
        text = f"{self._site}: {why}; trying again in {seconds:.1f} s"
        logger.info(text)
        if seconds >= WORTH_TELLING:
            await self._pace.tell(text)
        await self._pace.sleep(seconds)

    async def _once(self, call: Call) -> Any:
        signed = await self.account.signed()
        answer = await self._answered(call, signed)
        if answer.status == 401 and not lacks_scope(answer) and (anew := await self.account.anew(signed)):
            # What was refused was not done.
            answer = await self._answered(call, anew)
        trace.note(answer.headers)
        self._limiter.heed(call.target, answer.status, answer.headers, wall=self._pace.wall())
        if not answer.is_success:
            raise self._failed(answer, call)
        try:
            return await steadily(
                lambda: call.read(self._asked_for(call.keep(parse(answer)), call)), len(answer.content)
            )
        except Unreadable as error:
            raise self._misread(str(error), call) from error
        except (ValidationError, LookupError, TypeError, AttributeError, ValueError) as error:
            # An answer of any shape may come; what trips over it while reading says that it is of the wrong one.
            raise self._misread(f"answered with something else than what was asked for{_where(error)}", call) from error

    async def _answered(self, call: Call, signed: Signed) -> Answer:
        try:
            with anyio.fail_after(call.longest(self.config.timeout)):
                return await self._answer(call, signed)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError) as error:
            down = AtlassianDown(f"{self._site} can't be reached ({_reason(error)}). Check the URL and the network.")
            raise Again(down) from error
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise self._unanswered(f"did not answer in {self.config.timeout:g} s", call) from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise self._unanswered(f"broke off its answer ({_reason(error)})", call) from error
        except httpx2.InvalidURL as error:
            raise Invalid(f"This is too long for an address ({call.named}). Ask for less.") from error

    def _asked_for(self, answer: Any, call: Call) -> Any:
        """The answer, unless it is about something else: then the same must come twice, as of an issue that moved."""
        other = call.other(answer)
        if other is None or other in call.others:
            return answer
        call.others.append(other)
        what = f"{self._site} answered with `{other}` instead of {call.named}. Try again."
        raise Again(OtherThing(what))

    def _failed(self, answer: Answer, call: Call) -> Exception:
        error = failure(
            answer,
            site=self._site,
            who=self.account.identity,
            asked=(call.method, call.path),
            named=call.named,
            wall=self._pace.wall(),
        )
        if isinstance(error, RateLimited):
            # 429 means that nothing was applied, so that any method may be sent again.
            return Again(error, least=error.retry_after)
        if isinstance(error, AtlassianDown | TimedOut):
            least = limit_headers.retry_after(answer.headers, self._pace.wall())
            if call.safe:
                return Again(error, least=least)
            return self._unknown(f"answered {answer.status} to your change ({call.named})", call, answer.status, least)
        return error

    def _unknown(self, what: str, call: Call, status: int | None = None, least: float = 0.0) -> Exception:
        error = UnknownOutcome(f"{self._site} {what}. {_CHECK_FIRST}")
        if call.mark is None:
            return error
        doubt = Again(error, least)
        doubt.then = partial(self._sought, call, call.mark, doubt, status)
        return doubt

    def _unanswered(self, what: str, call: Call) -> Exception:
        if call.safe:
            return Again(TimedOut(f"{self._site} {what} ({call.named}). Try again, or ask for less at once."))
        return self._unknown(f"{what} after your change ({call.named}) was sent", call)

    def _misread(self, what: str, call: Call) -> Exception:
        if call.safe:
            advice = "Check that the configured URL is the site's own; if it is, try again."
            error = BadAnswer(f"{self._site} {what} ({call.named}). {advice}")
            return error if call.misread() else Again(error)
        return self._unknown(f"{what}, to your change ({call.named})", call)

    async def _answer(self, call: Call, signed: Signed) -> Answer:
        request = self._request(call, signed)
        response = await self._transport.handle_async_request(request)
        location = response.headers.get("location")
        if call.download and response.status_code in REDIRECTS and location:
            await response.aclose()
            # The link is the key: our own is for the site alone.
            link = media_link(location, str(request.url))
            response = await self._transport.handle_async_request(
                httpx2.Request("GET", link, headers={"accept": "*/*"}, extensions=self._extensions)
            )
        try:
            if call.download and response.is_success:
                await call.download.take(response)
                return Answer(response.status_code, response.headers, b"")
            return Answer(response.status_code, response.headers, await _content(response))
        finally:
            await response.aclose()

    def _request(self, call: Call, signed: Signed) -> httpx2.Request:
        # By the transport itself: a client's cookies, redirects and defaults are not wanted, and cost CPU.
        headers, content = {**self._headers, "authorization": signed.authorization}, None
        if signed.root == self.config.site:
            headers |= self.config.headers
        if call.form:
            headers, content = {**headers, **call.form.headers}, call.form.content()
        elif call.download:
            headers = {**headers, "accept": "*/*"}
        return httpx2.Request(
            call.method,
            signed.root + call.path,
            params=call.query,
            json=call.body,
            content=content,
            headers=headers,
            extensions=self._extensions,
        )

    @property
    def _site(self) -> str:
        return f"{self.product} at {self.config.site}"


async def _content(response: httpx2.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > LONGEST_ANSWER:
            raise httpx2.DecodingError(f"over {LONGEST_ANSWER // 2**20} MiB")
    return bytes(content)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _where(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return ""
    places = [".".join(map(str, problem["loc"])) for problem in error.errors(include_url=False, include_input=False)]
    return f" (at {', '.join(places[:3])})"

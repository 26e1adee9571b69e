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

from server.addresses import Product
from server.client import trace
from server.client.answers import Answer, Unreadable, lacks_scope, limited, parse
from server.client.auth import Account, Signed, Wire, account_of
from server.client.calls import Again, Call, Query, Step, Wait
from server.client.failures import Failures
from server.client.gate import Admitted, Asked, Gate
from server.client.limits import INTERACTIVE, Budget, Lane, Limiter, target
from server.client.marks import Mark
from server.client.pace import Pace
from server.client.pacing import steadily
from server.client.pool import Pool
from server.client.sending import Sender
from server.client.transfers import Download, Form, Sink, Upload
from server.client.witness import seen
from server.entities import FINDERS, Entity, Many, Model
from server.errors import AtlassianError, Conflict, Invalid, NotFound
from server.settings import ProductConfig

logger = logging.getLogger("isthmus.client")

M = TypeVar("M", bound=Model)

WORTH_TELLING = 0.3  # seconds of waiting


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
        wire = transport or Pool()
        self.account = account or account_of(config, self.of, Wire(wire, config.timeout))
        self._sender = Sender(config, wire)
        self._failures = Failures(self._site, self.account, config.timeout, self._sought)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._owns:
            await self._sender.aclose()

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

        def call(let: Admitted) -> Call:
            def shown(answer: Any) -> Any:
                return read(seen(let.path, answer))

            return self._call(asked, let, safe=safe, read=shown, mark=mark, form=form, download=download)

        try:
            return await self._let_in(asked, call)
        except NotFound as error:
            error.then(FINDERS.of(self.product.lower(), named))
            raise

    async def _let_in(self, asked: Asked, call: Callable[[Admitted], Call]) -> Any:
        if self._gate is None:
            return await self._exchange(call(Admitted(asked.path, asked.query, asked.body)))
        let = await self._gate.admit(asked, self._look_up)
        try:
            return await self._exchange(call(let))
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
            raise self._failures.answered(answer, call, self._pace.wall())
        try:
            return await steadily(
                lambda: call.read(self._asked_for(call.keep(parse(answer)), call)), len(answer.content)
            )
        except (Unreadable, ValidationError, LookupError, TypeError, AttributeError, ValueError) as error:
            # An answer of any shape may come; what trips over it while reading says that it is of the wrong one.
            raise self._failures.misread(error, call) from error

    async def _answered(self, call: Call, signed: Signed) -> Answer:
        try:
            with anyio.fail_after(call.longest(self.config.timeout)):
                return await self._sender.answer(call, signed)
        except (httpx2.TransportError, httpx2.DecodingError, httpx2.InvalidURL, TimeoutError) as error:
            raise self._failures.on_the_wire(error, call) from error

    def _asked_for(self, answer: Any, call: Call) -> Any:
        """The answer, unless it is about something else: then the same must come twice, as of an issue that moved."""
        other = call.other(answer)
        if other is None or other in call.others:
            return answer
        call.others.append(other)
        raise self._failures.about_something_else(other, call)

    @property
    def _site(self) -> str:
        return f"{self.product} at {self.config.site}"

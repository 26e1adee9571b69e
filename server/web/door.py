"""The door: nobody passes whom it does not know, where callers are asked, and nobody more often than they may."""

import logging
import math
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Self

from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.authentication import AuthCredentials
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.callers import Allowance, Caller, CallerError, NotKnown, NotNow, Scheme, Shown, User
from server.settings import Settings
from server.store.audit import STRANGERS_A_MINUTE, Audit

logger = logging.getLogger("isthmus.door")

MOST_AT_ONCE = 50  # requests of one caller, streams among them: half of the connections to a site
SESSIONS_A_MINUTE = 60
# By which other servers let a caller choose the site, or an account there.
FOREIGN = (
    "x-atlassian-jira-url",
    "x-atlassian-confluence-url",
    "x-atlassian-cloud-id",
    "x-atlassian-jira-personal-token",
    "x-atlassian-confluence-personal-token",
)


@dataclass(frozen=True)
class Entrance:
    """What a caller has to pass. Without `schemes` nobody is asked."""

    audit: Audit
    clock: Callable[[], float]
    calls_a_minute: int
    schemes: Sequence[Scheme] = ()
    metadata_url: str = ""  # where an authorization server is named
    scopes: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings, audit: Audit, clock: Callable[[], float]) -> Self:
        return cls(audit, clock, settings.callers.calls_a_minute, scopes=settings.callers.scopes)

    def asking(self, *schemes: Scheme) -> Self:
        return replace(self, schemes=schemes)


class Door:
    """Before `app`, for all of its paths.

    The SDK's own takes bearer tokens alone and can't say "not now"; what stands behind it is the SDK's: whom a session
    or an unfinished call belongs to.
    """

    def __init__(self, app: ASGIApp, entrance: Entrance) -> None:
        self._app = app
        self._entrance = entrance
        self._calls = Allowance(entrance.calls_a_minute, entrance.clock)
        self._sessions = Allowance(SESSIONS_A_MINUTE, entrance.clock)
        self._at_once: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers, caller = Headers(scope=scope), None
        try:
            _refuse_foreign(headers)
            if not self._entrance.schemes:
                await self._app(scope, receive, send)
                return
            caller = await self._caller(headers, _address(scope))
            with self._admitted(caller, opens=_opens_session(scope, headers)):
                await self._pass(caller, scope, receive, send)
        except CallerError as error:
            await self._note(error, scope, caller)
            await self._answer(error)(scope, receive, send)

    async def _pass(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        user = User(caller)
        token = auth_context_var.set(user)
        try:
            await self._app({**scope, "user": user, "auth": AuthCredentials(caller.scopes)}, receive, send)
        finally:
            auth_context_var.reset(token)

    async def _caller(self, headers: Headers, address: str) -> Caller:
        given = headers.getlist("authorization")
        if len(given) > 1:
            raise CallerError("There are several Authorization headers. Send one.")
        scheme, _, value = (given or [""])[0].partition(" ")
        shown = Shown(scheme.lower(), value.strip(" "), address)
        for each in self._entrance.schemes:
            if each.name == shown.scheme and shown.value and (caller := await each.caller(shown)):
                return caller
        raise NotKnown("This server asks its callers who they are. " + self._how(), wrong=bool(given))

    def _how(self) -> str:
        if self._takes("basic"):
            return "Send your Atlassian account's e-mail address and API token, as `Authorization: Basic`."
        return "Send a token for it, as `Authorization: Bearer`."

    def _takes(self, scheme: str) -> bool:
        return any(each.name == scheme for each in self._entrance.schemes)

    @contextmanager
    def _admitted(self, caller: Caller, *, opens: bool) -> Generator[None]:
        wait = self._calls.take(caller.name) or (opens and self._sessions.take(caller.name))
        if wait:
            raise NotNow("You have called too often. Wait, then go on.", seconds=wait)
        if self._at_once[caller.name] >= MOST_AT_ONCE:
            raise NotNow(f"You have {MOST_AT_ONCE} requests open. Wait for one of them to end.", seconds=1.0)
        self._at_once[caller.name] += 1
        try:
            yield
        finally:
            self._at_once[caller.name] -= 1
            if not self._at_once[caller.name]:
                del self._at_once[caller.name]

    async def _note(self, error: CallerError, scope: Scope, caller: Caller | None) -> None:
        about = {"address": _address(scope), "status": error.status}
        who = caller.name if caller else "nobody"
        await self._entrance.audit.refused("mcp http", "", about, who=who, reason=str(error), most=STRANGERS_A_MINUTE)

    def _answer(self, error: CallerError) -> JSONResponse:
        headers: dict[str, str] = {}
        if isinstance(error, NotNow):
            headers["retry-after"] = str(math.ceil(error.seconds))
        if isinstance(error, NotKnown):
            headers["www-authenticate"] = self._challenge(error)
        return JSONResponse({"error": _code(error), "error_description": str(error)}, error.status, headers)

    def _challenge(self, error: NotKnown) -> str:
        if self._takes("basic"):
            return 'Basic realm="Atlassian account", charset="UTF-8"'
        parts = {"realm": "isthmus"}
        if self._entrance.metadata_url:
            parts["resource_metadata"] = self._entrance.metadata_url
        if self._entrance.scopes:
            parts["scope"] = " ".join(self._entrance.scopes)
        if error.wrong:
            parts |= {"error": _code(error), "error_description": str(error)}
        return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parts.items())


def _refuse_foreign(headers: Headers) -> None:
    foreign = [name for name in FOREIGN if name in headers]
    if foreign:
        raise CallerError(
            f"{', '.join(foreign)}: this server reaches the sites that its operator has set up and no others, whatever "
            "a caller names. Leave such headers out."
        )


def _opens_session(scope: Scope, headers: Headers) -> bool:
    version = headers.get("mcp-protocol-version")
    old = version is None or version in HANDSHAKE_PROTOCOL_VERSIONS
    return scope["method"] == "POST" and old and "mcp-session-id" not in headers


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _code(error: CallerError) -> str:
    """As OAuth names it."""
    if isinstance(error, NotKnown):
        return "insufficient_scope" if error.lacking else "invalid_token"
    return "temporarily_unavailable" if isinstance(error, NotNow) else "invalid_request"

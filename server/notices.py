"""What a client hears besides answers: why a call takes long, and that what it watches has changed."""

import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from anyio import move_on_after
from mcp.server import MCPServer, ServerRequestContext
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.mcpserver import Context
from mcp.server.subscriptions import InMemorySubscriptionBus, ServerEvent
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.types import (
    EmptyResult,
    LoggingLevel,
    SetLevelRequestParams,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
)

from server.callers import User, known
from server.context import Deps, Who, caller, shared

LEVELS: tuple[LoggingLevel, ...] = (
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
)

PATIENCE = 1.0  # seconds for one watcher to take a notice

Request = ServerRequestContext[Deps, Any]

_calling: ContextVar[Context[Deps] | None] = ContextVar("calling", default=None)


def register(mcp: MCPServer[Deps]) -> None:
    """The three requests of the older protocol that MCPServer has no door for."""
    server = mcp._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    server.add_request_handler("logging/setLevel", SetLevelRequestParams, _set_level)
    server.add_request_handler("resources/subscribe", SubscribeRequestParams, _subscribe)
    server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, _unsubscribe)


async def _set_level(ctx: Request, params: SetLevelRequestParams) -> EmptyResult:
    ctx.lifespan_context.levels.set(_who(ctx), params.level)
    return EmptyResult()


async def _subscribe(ctx: Request, params: SubscribeRequestParams) -> EmptyResult:
    ctx.lifespan_context.watchers.set(_who(ctx), ctx.session, _account(ctx.request), params.uri)
    return EmptyResult()


async def _unsubscribe(ctx: Request, params: UnsubscribeRequestParams) -> EmptyResult:
    ctx.lifespan_context.watchers.forget(_who(ctx), _account(ctx.request), params.uri)
    return EmptyResult()


def _who(ctx: Request) -> Who:
    return caller(ctx.request)


def _account(request: Any) -> str:
    sender = known(request)
    return sender.account if sender else ""


class Bus(InMemorySubscriptionBus):
    """What happens to one account's things is told to those who have the same: others may not see them."""

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        account = _in_hand()
        # A listener is called by whoever publishes, within the request that made the change.
        return super().subscribe(lambda event: listener(event) if _in_hand() == account else None)


def _in_hand() -> str:
    """The account of the request in hand, which the SDK does not tell a bus."""
    user = auth_context_var.get()
    return user.caller.account if isinstance(user, User) else ""


async def updated(ctx: Context[Deps], uri: str) -> None:
    """Tell all who watch `uri`, in both eras, that it changed; one who does not take it in time holds nobody up."""
    await ctx.notify_resource_updated(uri)
    for session in shared(ctx).watchers.about(_account(ctx.request_context.request), uri):
        with move_on_after(PATIENCE):
            await session.send_resource_updated(uri)


@contextmanager
def told(ctx: Context[Deps]) -> Generator[None]:
    """While this call goes on, its client is told what `tell` says."""
    token = _calling.set(ctx)
    try:
        yield
    finally:
        _calling.reset(token)


async def tell(text: str) -> None:
    """To the client of the call in hand: until 2025-11-25 from the level it set, since 2026-07-28 if the call asks."""
    ctx = _calling.get()
    if ctx is None or LEVELS.index(
        shared(ctx).levels.get(caller(ctx.request_context.request)) or "info"
    ) > LEVELS.index("info"):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MCPDeprecationWarning)  # the protocol's, for the era that still has it
        await ctx.session.send_log_message("info", text, "isthmus", ctx.request_id)  # pyright: ignore[reportDeprecated]


async def progress(done: int, total: int, text: str) -> None:
    """How far the call in hand has come, for a client that asked to be told."""
    ctx = _calling.get()
    if ctx is not None:
        await ctx.report_progress(done, total, text)

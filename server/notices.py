"""What a client hears besides answers: why a call takes long, and that what it watches has changed."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from mcp.server import MCPServer, ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.types import EmptyResult, LoggingLevel, SetLevelRequestParams

from server.context import Deps, caller, deps

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

_calling: ContextVar[Context[Deps] | None] = ContextVar("calling", default=None)


def register(mcp: MCPServer[Deps]) -> None:
    server = mcp._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - MCPServer has no door for it
    server.add_request_handler("logging/setLevel", SetLevelRequestParams, _set_level)


async def _set_level(ctx: ServerRequestContext[Deps, Any], params: SetLevelRequestParams) -> EmptyResult:
    ctx.lifespan_context.levels.set(caller(getattr(ctx.request, "headers", None)), params.level)
    return EmptyResult()


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
    if ctx is None or LEVELS.index(deps(ctx).levels.get(caller(ctx.headers)) or "info") > LEVELS.index("info"):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MCPDeprecationWarning)  # the protocol's, for the era that still has it
        await ctx.session.send_log_message("info", text, "isthmus", ctx.request_id)  # pyright: ignore[reportDeprecated]

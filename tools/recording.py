"""What the audit log is told of a tool's call."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from server.callers import known
from server.client.trace import traced
from server.context import door, shared
from server.entities import Model
from server.errors import IsthmusError, Refused, StoreError, Unasked, UnknownOutcome
from server.store.audit import Audit
from server.store.record import Outcome

logger = logging.getLogger("isthmus.audit")


async def recorded(
    context: Context[Any], tool: str, arguments: Mapping[str, Any], *, changes: bool, run: Callable[[], Awaitable[Any]]
) -> Any:
    """What `run` returns; a change and a refused call are in the audit log before anybody hears of them.

    Raises ToolError before a change that could not be recorded.
    """
    audit = shared(context).audit
    if audit is None:
        return await run()
    if changes:
        await _ready(audit, tool)
    with traced() as requests:
        try:
            result = await run()
        except ToolError as error:
            outcome = _outcome(error.__cause__)
            if outcome == "refused":
                await refused(context, tool, arguments, reason=_reason(error), requests=requests)
            elif changes:
                await _note(audit, context, tool, arguments, outcome, reason=_reason(error), requests=requests)
            raise
        if changes and isinstance(result, Model):
            await _note(audit, context, tool, arguments, "done", requests=requests)
        return result


async def refused(
    context: Context[Any], what: str, arguments: Mapping[str, Any], *, reason: str, requests: Sequence[str] = ()
) -> None:
    """A call that was not let through is in the audit log."""
    audit = shared(context).audit
    if audit:
        await audit.refused(door(context.headers), what, arguments, reason=reason, who=_who(context), requests=requests)


async def _ready(audit: Audit, tool: str) -> None:
    try:
        await audit.ready()
    except StoreError as error:
        raise ToolError(f"Error executing tool {tool}: {error}") from Refused(
            f"Nothing was done: changes are made only where they can be recorded. {error}"
        )


async def _note(
    audit: Audit, context: Context[Any], tool: str, arguments: Mapping[str, Any], outcome: Outcome, **more: Any
) -> None:
    try:
        await audit.note(door(context.headers), tool, arguments, outcome, who=_who(context), **more)
    except StoreError:
        # What was done is done, and its answer counts; no further change is made until recording works again.
        logger.exception("a call of %s (%s) is not in the audit log", tool, outcome)


def _who(context: Context[Any]) -> str:
    sender = known(context.request_context.request)
    return sender.name if sender else ""


def _outcome(cause: BaseException | None) -> Outcome:
    if isinstance(cause, UnknownOutcome):
        return "unknown"
    return "refused" if isinstance(cause, Refused) else "failed"


def _reason(error: ToolError) -> str:
    cause = error.__cause__
    if isinstance(cause, Unasked):
        return f"The person has to be asked first (question sha256:{sha256(str(cause).encode()).hexdigest()})."
    return str(cause) if isinstance(cause, IsthmusError) else type(cause or error).__name__

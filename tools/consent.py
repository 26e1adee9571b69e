"""Asking the person before something is deleted, moved, changed in bulk or shown to the public, and after text from
outside was read. What the person agreed to is what is done: where it would be something else by now, they are asked
again."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from hashlib import sha256
from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context, Elicit, Resolve
from pydantic import BaseModel, Field

from server.content import marked
from server.context import Deps, known_as, shared
from server.errors import Refused, Unasked
from server.store.record import canonical
from tools import lockdown
from tools.parameters import quiet


class Consent(BaseModel):
    """What the person is asked for; a tool that takes it runs only where it was given."""

    agreed: bool = Field(default=True, title="Go ahead")


Confirm = Annotated[bool, Field(examples=["true: the person agreed"])]
Unlisted = Annotated[bool, quiet]

Question = Callable[..., Awaitable[str | None]]
MOST_CHANGES = 3  # of what was asked, before nothing is done
_NOT_ASKED = "Nothing was done: this needs the person's word. {} Ask, then call again with confirm=true."
_NOT_TOLD = (
    "Nothing was done: this needs the person's word. {} "
    "Ask, then call again: confirm=true counts for what was told before."
)
_NOT_AGREED = "Nothing was done: the person did not agree."
_CHANGED = "It is not as it was when you were asked."

_asked: ContextVar[str | None] = ContextVar("asked", default=None)  # what the person of the call in hand was asked


def asks(question: Question) -> Resolve:
    """For a parameter `consent: Annotated[Consent, asks(question)]` of a tool that also takes `confirm: Confirm`.

    `question` takes what it names of the tool's parameters, and says what will happen, always in the same words for
    the same state and in others for any other; None where there is nothing to ask. A client that can ask its person is
    sent the question, in both eras of the protocol; any other agent is told it, has to ask by itself and to pass
    `confirm=true`.
    """

    async def now(context: Context[Deps], named: Mapping[str, Any]) -> str | None:
        text = await question(**named) or await lockdown.question(context)
        return None if text is None else marked(text)

    async def ask(consent_context: Context[Any], confirm: bool, **named: Any) -> Consent | Elicit[Consent]:
        text = await now(consent_context, named)
        _asked.set(text)
        if text is None:
            return Consent()
        if _can_ask(consent_context):
            return Elicit(text, Consent)
        if not _was_told(consent_context, text, confirmed=confirm):
            raise Unasked((_NOT_TOLD if confirm else _NOT_ASKED).format(text))
        return Consent()

    _take(ask, question)

    async def given(
        consent_context: Context[Any], answer: Annotated[ElicitationResult[Consent], Resolve(ask)], **named: Any
    ) -> Consent:
        consent = _agreed(answer)
        # Since 2026-07-28 an answer counts for the very question that would be asked now: the SDK sees to it.
        if _asked.get() is None or not _can_ask(consent_context) or consent_context.input_responses is not None:
            return consent
        return await _still(consent_context, consent, lambda: now(consent_context, named))

    _take(given, question)
    return Resolve(given)


async def _still(context: Context[Any], consent: Consent, now: Callable[[], Awaitable[str | None]]) -> Consent:
    """The word for what would happen by `now`: where that has become something else, the person is asked again."""
    for _ in range(MOST_CHANGES):
        text = await now()
        if text in (None, _asked.get()):
            return consent
        _asked.set(text)
        consent = _agreed(await context.elicit(f"{_CHANGED} {text}", Consent))
    raise Refused("Nothing was done: it changes faster than the person can be asked. Try again later.")


async def nothing_of_its_own() -> str | None:
    """The question of a tool that asks only after text from outside was read."""
    return None


def _agreed(answer: ElicitationResult[Consent]) -> Consent:
    if isinstance(answer, AcceptedElicitation) and answer.data.agreed:
        return answer.data
    raise Refused(_NOT_AGREED)


def _can_ask(context: Context[Any]) -> bool:
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def _was_told(context: Context[Deps], text: str, *, confirmed: bool) -> bool:
    """Whether the agent confirms what it was told to ask: once for each telling, and in no other words."""
    call, who, told = lockdown.in_hand(), known_as(context), shared(context).told
    arguments = {name: value for name, value in call.arguments.items() if name != "confirm"}
    about, seal = canonical([call.tool, arguments]), sha256(text.encode()).hexdigest()
    known = told.get(who, about)
    if confirmed and known == seal:
        told.forget(who, about)
        return True
    told.set(who, seal, about)
    return False


def _take(asking: Callable[..., Any], question: Question) -> None:
    """`asking` asks the SDK for the question's parameters besides its own."""
    own = inspect.signature(asking)
    kept = [parameter for parameter in own.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    asked = inspect.signature(question, eval_str=True).parameters.values()
    keyword = [parameter.replace(kind=parameter.KEYWORD_ONLY, default=parameter.empty) for parameter in asked]
    named = {parameter.name: parameter for parameter in [*kept, *keyword]}  # a question may name `confirm` as well
    asking.__signature__ = own.replace(parameters=list(named.values()))  # type: ignore[attr-defined]
    asking.__annotations__ = {name: parameter.annotation for name, parameter in named.items()}

"""Asking the person before something is deleted, moved, changed in bulk or shown to the public."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context, Elicit, Resolve
from pydantic import BaseModel, Field

from server.errors import Refused


class Consent(BaseModel):
    """What the person is asked for; a tool that takes it runs only where it was given."""

    agreed: bool = Field(default=True, title="Go ahead")


Confirm = Annotated[bool, Field(examples=["true: the person agreed"])]

Question = Callable[..., Awaitable[str | None]]
_NOT_ASKED = "Nothing was done: this needs the person's word. {} Ask, then call again with confirm=true."


def asks(question: Question) -> Resolve:
    """For a parameter `consent: Annotated[Consent, asks(question)]` of a tool that also takes `confirm: Confirm`.

    `question` takes what it names of the tool's parameters, and says what will happen, always in the same words for
    the same state; None where there is nothing to ask. A client that can ask its person is sent the question, in both
    eras of the protocol; any other agent has to ask by itself and to pass `confirm=true`.
    """

    async def ask(consent_context: Context[Any], confirm: bool, **named: Any) -> Consent | Elicit[Consent]:
        can_ask = _can_ask(consent_context)
        if confirm and not can_ask:
            return Consent()
        text = await question(**named)
        if text is None:
            return Consent()
        if can_ask:
            return Elicit(text, Consent)
        raise Refused(_NOT_ASKED.format(text))

    _take(ask, question)

    async def given(answer: Annotated[ElicitationResult[Consent], Resolve(ask)]) -> Consent:
        if isinstance(answer, AcceptedElicitation) and answer.data.agreed:
            return answer.data
        raise Refused("Nothing was done: the person did not agree.")

    return Resolve(given)


def _can_ask(context: Context[Any]) -> bool:
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def _take(ask: Callable[..., Any], question: Question) -> None:
    """`ask` asks the SDK for the question's parameters besides its own."""
    own = inspect.signature(ask)
    kept = [parameter for parameter in own.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    asked = inspect.signature(question, eval_str=True).parameters.values()
    keyword = [parameter.replace(kind=parameter.KEYWORD_ONLY, default=parameter.empty) for parameter in asked]
    named = {parameter.name: parameter for parameter in [*kept, *keyword]}  # a question may name `confirm` as well
    ask.__signature__ = own.replace(parameters=list(named.values()))  # type: ignore[attr-defined]
    ask.__annotations__ = {name: parameter.annotation for name, parameter in named.items()}

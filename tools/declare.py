"""`@reads` and `@writes`: the two ways to declare a tool. A declared tool stays a plain function."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, partial, wraps
from inspect import Parameter, signature
from typing import Annotated, Any, ParamSpec, TypeVar, get_type_hints

from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool as SdkTool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import (
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ResourceLink,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from pydantic import Field, ValidationError

from server.addresses import Product
from server.client import witnessed
from server.content import plain, plain_values
from server.context import NEEDS, shared
from server.entities import Model
from server.errors import IsthmusError, Refused, possible
from server.notices import told, updated
from server.policy.standing import Shown
from tools.consent import Consent, Unlisted, asks, nothing_of_its_own
from tools.lockdown import Call, calling, remember
from tools.published import published, required
from tools.recording import recorded

P = ParamSpec("P")
R = TypeVar("R", bound=Model)


@dataclass(frozen=True)
class Declared:
    """A function, and what a server must know of it before it offers it."""

    fn: Callable[..., Awaitable[Model]]
    annotations: ToolAnnotations
    inward: str | None = None  # the argument that names an issue, where what is written is for colleagues alone

    @property
    def name(self) -> str:
        return self.fn.__name__

    @property
    def toolset(self) -> str:
        return self.fn.__module__.split(".")[1]  # tools.NAME, or a module of the package tools.NAME

    @property
    def summary(self) -> str:
        return (self.fn.__doc__ or "").strip().partition("\n")[0]

    @property
    def changes(self) -> bool:
        return not self.annotations.read_only_hint

    @property
    def needs(self) -> frozenset[Product]:
        hints = get_type_hints(self.fn, include_extras=True).values()
        return frozenset(NEEDS[hint] for hint in hints if hint in NEEDS)


REGISTRY: dict[str, Declared] = {}


def reads(fn: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """A tool that changes nothing at Atlassian."""
    return _declare(fn, ToolAnnotations(read_only_hint=True, open_world_hint=True))


def writes(
    *, destructive: bool, idempotent: bool, inward: str | None = None
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """A tool that changes something: `destructive` if what was there is gone, `idempotent` if twice is as once.

    `inward` names the argument that is an issue, where customers see nothing of what is written unless they are meant
    to, which then the tool's own question asks.
    """
    hints = ToolAnnotations(
        read_only_hint=False, destructive_hint=destructive, idempotent_hint=idempotent, open_world_hint=True
    )
    return lambda fn: _declare(fn, hints, inward)


def _declare(
    fn: Callable[P, Awaitable[R]], annotations: ToolAnnotations, inward: str | None = None
) -> Callable[P, Awaitable[R]]:
    if fn.__name__ in REGISTRY:
        raise ValueError(f"two tools are named `{fn.__name__}`")
    REGISTRY[fn.__name__] = Declared(fn, annotations, inward)
    return fn


def offered(declared: Declared) -> SdkTool:
    """The tool as the MCP SDK lists it."""
    arguments, answer = published(declared.fn)
    return _Tool(
        fn=declared.fn,
        name=declared.name,
        title=None,
        description=declared.fn.__doc__ or "",
        parameters=arguments,
        fn_metadata=FuncMetadata(arg_model=ArgModelBase, output_schema=answer),
        is_async=True,
        context_kwarg=None,
        annotations=declared.annotations,
        inward=declared.inward,
    )


def _guarded(fn: Callable[..., Awaitable[Model]]) -> Callable[..., Awaitable[Model]]:
    """A tool that asks the person after text from outside was read, whatever it asks besides."""
    own, hints = signature(fn), get_type_hints(fn, include_extras=True)
    if "consent" in own.parameters:
        return fn

    @wraps(fn)
    async def guarded(*, consent: Consent, confirm: bool, **arguments: Any) -> Model:
        del consent, confirm
        return await fn(**arguments)

    more = {"consent": Annotated[Consent, asks(nothing_of_its_own)], "confirm": Unlisted}
    added = [
        Parameter("consent", Parameter.KEYWORD_ONLY, annotation=more["consent"]),
        Parameter("confirm", Parameter.KEYWORD_ONLY, annotation=more["confirm"], default=False),
    ]
    guarded.__signature__ = own.replace(parameters=[*own.parameters.values(), *added])  # type: ignore[attr-defined]
    guarded.__annotations__ = {**hints, **more}
    return guarded


def _hint(schema: Mapping[str, Any]) -> str:
    """What a good value looks like: `description` is published, `examples` are for whoever has passed a bad one."""
    examples = schema.get("examples")
    return f"e.g. {examples[0]}" if examples else str(schema.get("description", ""))


# Where pydantic's words speak of patterns, ours speak of values.
_PLAINER = {
    "string_pattern_mismatch": "not of the right form",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}


class _Tool(SdkTool):
    """Answers in our words: text made for reading beside the structured content, errors that name the remedy."""

    inward: str | None = Field(None, exclude=True)

    @cached_property
    def called(self) -> SdkTool:
        """What checks the arguments and calls the function."""
        return SdkTool.from_function(_guarded(self.fn) if self.changes else self.fn)

    @cached_property
    def hints(self) -> dict[str, str]:
        """What a good value looks like, by argument."""
        return {name: _hint(required(schema)) for name, schema in self.called.parameters["properties"].items()}

    @property
    def changes(self) -> bool:
        return not (self.annotations and self.annotations.read_only_hint)

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        self._refuse_unwritable(arguments)
        arguments = self._given(arguments)
        run, shown = partial(self.called.run, arguments, context), Shown()

        async def call() -> Any:
            self._refuse_unknown(arguments)
            return await run()

        try:
            with told(context), calling(Call(self.name, arguments, self.inward)), witnessed(shown.take):
                result = await recorded(context, self.name, arguments, changes=self.changes, run=call)
        except ToolError as error:
            remember(context, shown)
            raise self._explained(error, shared(context).on) from error.__cause__
        if not isinstance(result, Model):
            return result
        if not (self.changes and result.touched):  # of a change the agent is told no more than that it was made
            remember(context, shown)
        if result.touched:
            await updated(context, result.touched)
        return _answer(result, shared(context).on, shown)

    def _refuse_unknown(self, arguments: Mapping[str, Any]) -> None:
        known = self.hints
        unknown = [f"`{name}`" for name in arguments if name not in known]
        if unknown:
            text = f"{self.name} has no argument {', '.join(unknown)}. It takes: {', '.join(known)}."
            raise ToolError(text) from Refused(text)

    def _given(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Without the optional ones that are null: hosts that must name every argument leave one out that way."""
        must = self.called.parameters.get("required", ())
        return {name: value for name, value in arguments.items() if value is not None or name in must}

    def _refuse_unwritable(self, arguments: Mapping[str, Any]) -> None:
        """Readers of JSON let through what nobody can write again."""
        for name, value in arguments.items():
            try:
                json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
            except ValueError as error:
                raise ToolError(
                    f"{self.name}: `{name}` holds half of a character, or a number that is none or beyond all bounds."
                ) from error

    def _explained(self, error: ToolError, on: Collection[str]) -> ToolError:
        cause = error.__cause__
        if isinstance(cause, IsthmusError):
            return ToolError(plain(cause.told(on)))
        if isinstance(cause, ValidationError) and not isinstance(error, UnexpectedToolError):
            return ToolError(f"{self.name}: {self._violations(cause)}")
        if isinstance(error, UnexpectedToolError):
            return UnexpectedToolError(
                f"{self.name} failed inside Isthmus. The server's log has the details; trying again may not help."
            )
        return error

    def _violations(self, error: ValidationError) -> str:
        return " ".join(self._violation(dict(problem)) for problem in error.errors(include_url=False))

    def _violation(self, problem: Mapping[str, Any]) -> str:
        name = str(problem["loc"][0])
        remedy = self.hints.get(name, "")
        hint = f" ({remedy})" if remedy else ""
        if problem["type"] == "missing":
            return f"`{name}` is required{hint}."
        given = ascii(problem["input"])
        shown = given if len(given) <= 60 else f"{given[:57]}..."
        what = _PLAINER.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")
        return f"`{name}`: {what[:1].lower()}{what[1:]}{hint}; got {shown}."


def _answer(result: Model, on: Collection[str], shown: Shown) -> CallToolResult:
    """What leaves the server: without what nobody sees, and with who wrote it and how far it can be trusted."""
    text = "\n".join([within(result), *possible(result.steps, on)])
    return CallToolResult(
        content=[TextContent(type="text", text=plain(text)), *map(_plain_block, result.files())],
        structured_content=plain_values(result.model_dump(mode="json", exclude_defaults=True)),
        _meta=shown.label(),
    )


def _plain_block(block: ContentBlock) -> ContentBlock:
    if isinstance(block, ResourceLink):
        return block.model_copy(update={"name": plain(block.name)})
    if isinstance(block, EmbeddedResource) and isinstance(block.resource, TextResourceContents):
        resource = block.resource.model_copy(update={"text": plain(block.resource.text)})
        return block.model_copy(update={"resource": resource})
    return block


def within(result: Model) -> str:
    """The text for a model, cut at the end of a line where it is over the budget; what was cut is counted."""
    text, budget = result.text(), result.most_text
    if len(text) <= budget:
        return text
    shown = text[: text.rfind("\n", budget // 2, budget) + 1 or budget].rstrip("\n")
    rest = text[len(shown) :]
    lines = rest.count("\n") + (not rest.startswith("\n"))
    count = f"{len(shown):,} of {len(text):,} characters shown, {lines:,} lines left"
    return f"{shown}\n(Cut here: {count}. {result.narrower})"

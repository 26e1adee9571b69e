"""`@reads` and `@writes`: the two ways to declare a tool. A declared tool stays a plain function."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast, get_type_hints

from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool as SdkTool
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field, ValidationError

from server.context import NEEDS
from server.entities import Model
from server.errors import IsthmusError, Refused
from server.notices import told, updated
from server.settings import Product
from tools.recording import recorded

LONGEST_DEFAULT = 20  # characters of a default value that is worth publishing

P = ParamSpec("P")
R = TypeVar("R", bound=Model)


@dataclass(frozen=True)
class Declared:
    """A function, and what a server must know of it before it offers it."""

    fn: Callable[..., Awaitable[Model]]
    annotations: ToolAnnotations

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


def writes(*, destructive: bool, idempotent: bool) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """A tool that changes something: `destructive` if what was there is gone, `idempotent` if twice is as once."""
    hints = ToolAnnotations(
        read_only_hint=False, destructive_hint=destructive, idempotent_hint=idempotent, open_world_hint=True
    )
    return lambda fn: _declare(fn, hints)


def _declare(fn: Callable[P, Awaitable[R]], annotations: ToolAnnotations) -> Callable[P, Awaitable[R]]:
    if fn.__name__ in REGISTRY:
        raise ValueError(f"two tools are named `{fn.__name__}`")
    REGISTRY[fn.__name__] = Declared(fn, annotations)
    return fn


def offered(declared: Declared) -> SdkTool:
    """The tool as the MCP SDK serves it."""
    tool = cast("_Tool", _Tool.from_function(declared.fn, annotations=declared.annotations))
    tool.hints = {name: _hint(_required(schema)) for name, schema in tool.parameters["properties"].items()}
    tool.parameters = _compact(tool.parameters)
    tool.fn_metadata.output_schema = _compact(tool.fn_metadata.output_schema or {})
    return tool


def _hint(schema: Mapping[str, Any]) -> str:
    """What a good value looks like: `description` is published, `examples` are for whoever has passed a bad one."""
    examples = schema.get("examples")
    return f"e.g. {examples[0]}" if examples else str(schema.get("description", ""))


# Where pydantic's words speak of patterns, ours speak of values.
_PLAINER = {"string_pattern_mismatch": "not of the right form", "string_too_short": "must not be empty"}


class _Tool(SdkTool):
    """Answers in our words: text made for reading beside the structured content, errors that name the remedy."""

    hints: dict[str, str] = Field({}, exclude=True)  # what a good value looks like, by argument

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        changes = not (self.annotations and self.annotations.read_only_hint)
        run = partial(super().run, arguments, context)

        async def call() -> Any:
            self._refuse_unknown(arguments)
            return await run()

        try:
            with told(context):
                result = await recorded(context, self.name, arguments, changes=changes, run=call)
        except ToolError as error:
            raise self._explained(error) from error.__cause__
        if not isinstance(result, Model):
            return result
        if result.touched:
            await updated(context, result.touched)
        return _answer(result)

    def _refuse_unknown(self, arguments: Mapping[str, Any]) -> None:
        known = self.hints
        unknown = [f"`{name}`" for name in arguments if name not in known]
        if unknown:
            text = f"{self.name} has no argument {', '.join(unknown)}. It takes: {', '.join(known)}."
            raise ToolError(text) from Refused(text)

    def _explained(self, error: ToolError) -> ToolError:
        cause = error.__cause__
        if isinstance(cause, IsthmusError):
            return ToolError(str(cause))
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


def _answer(result: Model) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=within(result)), *result.files()],
        structured_content=result.model_dump(mode="json", exclude_defaults=True),
    )


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


# What the server checks all the same, and an agent need not read of every argument.
_CHECKED = frozenset(
    {"pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems"}
)
_UNPUBLISHED = _CHECKED | {"title", "examples", "additionalProperties", "format"}


def _compact(schema: Any) -> Any:
    """A JSON schema without what an agent can do without; `null` goes from beside a type that may be left out."""
    if isinstance(schema, list):
        return [_compact(item) for item in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for name, inner in _required(cast("dict[str, Any]", schema)).items():
        if name == "properties":
            kept[name] = {field: _compact(value) for field, value in inner.items()}
        elif name == "required":
            kept[name] = inner
        elif name not in _UNPUBLISHED and not (name == "default" and not _telling(inner)):
            kept[name] = _compact(inner)
    return kept


def _telling(default: Any) -> bool:
    return bool(default) and len(str(default)) <= LONGEST_DEFAULT


def _required(node: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that is there: without `null` among its alternatives."""
    options = [option for option in node.get("anyOf", ()) if option != {"type": "null"}]
    rest = {name: value for name, value in node.items() if name != "anyOf"}
    if not options:
        return node
    return {**options[0], **rest} if len(options) == 1 else {**rest, "anyOf": options}

"""What the tools publish of their arguments and answers, written down in `published.json`.

A host waits for every start, and asking pydantic for all these schemas took a fifth of it. `python -m tests.generate`
writes them, a test compares; what pydantic makes of a tool for calling it is made when it is first called.
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

from mcp.server.mcpserver.tools import Tool

from tools.parameters import QUIET

WRITTEN = Path(__file__).with_name("published.json")

Function = Callable[..., Awaitable[Any]]


class Published(NamedTuple):
    """Two JSON schemas, without what an agent can do without."""

    arguments: dict[str, Any]
    answer: dict[str, Any]


_WRITTEN = {name: Published(**each) for name, each in json.loads(WRITTEN.read_text(encoding="utf-8")).items()}


def published(fn: Function) -> Published:
    """As it is written down; of a tool that is being written, as it is."""
    return _WRITTEN.get(fn.__name__) or derived(fn)


def derived(fn: Function) -> Published:
    tool = Tool.from_function(fn)
    return Published(_compact(tool.parameters), _compact(tool.output_schema or {}))


# What the server checks all the same, and an agent need not read of every argument.
_CHECKED = frozenset(
    {"pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems"}
)
_UNPUBLISHED = _CHECKED | {"title", "examples", "additionalProperties", "format"}


def _compact(schema: Any) -> Any:
    """A JSON schema without what an agent can do without; `null` goes from beside a type that may be left out.

    Of defaults only `true` stays: how many a list shows is told by its answer, and of two choices the first is usual.
    """
    if isinstance(schema, list):
        return [_compact(item) for item in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for name, inner in required(cast("dict[str, Any]", schema)).items():
        if name == "properties":
            kept[name] = {field: _compact(value) for field, value in inner.items() if not value.get(QUIET)}
        elif name == "required":
            kept[name] = inner
        elif name not in _UNPUBLISHED and not (name == "default" and inner is not True):
            kept[name] = _compact(inner)
    return kept


def required(node: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that is there: without `null` among its alternatives."""
    options = [option for option in node.get("anyOf", ()) if option != {"type": "null"}]
    rest = {name: value for name, value in node.items() if name != "anyOf"}
    if not options:
        return node
    return {**options[0], **rest} if len(options) == 1 else {**rest, "anyOf": options}

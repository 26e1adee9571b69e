"""What an agent can do. One module is one toolset; one decorated function is one tool."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from tools.declare import REGISTRY, Declared, offered

__all__ = ["Declared", "all_tools", "offered"]


@cache
def all_tools() -> tuple[Declared, ...]:
    """Every declared tool, by toolset and name."""
    for module in iter_modules(__path__, prefix="tools."):
        import_module(module.name)
    return tuple(sorted(REGISTRY.values(), key=lambda tool: (tool.toolset, tool.name)))

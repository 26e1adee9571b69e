"""What an agent can read by URI, and what a person can ask for by name."""

from collections.abc import Collection

from mcp.server import MCPServer

from resources import completion, guide, mirrored, prompts
from server.context import Deps
from server.policy import Policy

File = mirrored.File


def register(mcp: MCPServer[Deps], policy: Policy, on: Collection[str]) -> None:
    """`on`: the names of the tools that are offered."""
    guide.register(mcp)
    mirrored.register(mcp, policy)
    prompts.register(mcp, on)
    completion.register(mcp, {**completion.of_templates(), **prompts.sources(on)})

"""What an agent can read by URI."""

from mcp.server import MCPServer

from resources import completion, guide, mirrored
from server.context import Deps
from server.policy import Policy


def register(mcp: MCPServer[Deps], policy: Policy, site: Deps) -> None:
    guide.register(mcp)
    mirrored.register(mcp, policy)
    completion.register(mcp, site)

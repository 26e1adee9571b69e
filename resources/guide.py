"""What an agent may want to read before it writes."""

from mcp.server import MCPServer

from server.content.guide import MARKDOWN
from server.context import Deps


def register(mcp: MCPServer[Deps]) -> None:
    declared = mcp.resource(
        "isthmus://guide/markdown", name="markdown", title="Markdown in Isthmus", mime_type="text/markdown"
    )
    declared(markdown)


def markdown() -> str:
    """How texts are read and written, and what is refused."""
    return MARKDOWN

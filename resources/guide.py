"""What an agent may want to read before it writes."""

from mcp.server import MCPServer

from server.context import Deps

MARKDOWN = """\
# Markdown in Isthmus

Descriptions, comments and page bodies are read and written as Markdown: headings, paragraphs, **strong**, *emphasis*,
~~strike~~, `code`, links, images, lists, task lists (`- [ ]`), tables, quotes, fenced code blocks, rules.

What Markdown has no words for (panels, mentions, statuses, macros, layouts, merged cells, coloured text, comment
anchors) is shown in words when you read, and can't be written back. A rewrite that would lose such a thing is refused
and names it. Then leave the body out, add a comment, or send a page's whole body with `content_format=storage`.

A page update needs the version that your edit is based on: read the page first.
"""


def register(mcp: MCPServer[Deps]) -> None:
    @mcp.resource("isthmus://guide/markdown", name="markdown", title="Markdown in Isthmus", mime_type="text/markdown")
    def markdown() -> str:  # pyright: ignore[reportUnusedFunction]
        """How texts are read and written, and what is refused."""
        return MARKDOWN

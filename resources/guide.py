"""What an agent may want to read before it writes."""

from mcp.server import MCPServer

from server.context import Deps

MARKDOWN = """\
# Markdown in Isthmus

Descriptions, comments and page bodies are read and written as Markdown: headings, paragraphs, **strong**, *emphasis*,
~~strike~~, `code`, links, images, lists, task lists (`- [ ]`, in new texts), tables, quotes, fenced code blocks, rules.

What Markdown has no words for (panels, mentions, statuses, macros, layouts, merged cells, coloured text, comment
anchors, the ids of tasks) is shown in words when you read, and can't be written back: an `@name` that you write is text
and notifies nobody. An update that would lose such a thing is refused and names it. Then leave the body out, or add a
comment, or read a page with `convert_to_markdown=false`, edit that and pass it with `content_format=storage`; with
`allow_loss=true` the named things go.

A page update needs the version that your edit is based on: read the page first.
"""


def register(mcp: MCPServer[Deps]) -> None:
    declared = mcp.resource(
        "isthmus://guide/markdown", name="markdown", title="Markdown in Isthmus", mime_type="text/markdown"
    )
    declared(markdown)


def markdown() -> str:
    """How texts are read and written, and what is refused."""
    return MARKDOWN

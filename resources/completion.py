"""What may stand in a resource template's variable: the keys of projects and spaces that the account sees."""

from mcp.server import MCPServer
from mcp.types import Completion, CompletionArgument, CompletionContext, PromptReference, ResourceTemplateReference

from server.context import Deps
from server.entities import PROJECT, SPACE, Project, Space

MOST = 100  # values that the protocol allows in one answer


def register(mcp: MCPServer[Deps], site: Deps) -> None:
    @mcp.completion()
    async def complete(  # pyright: ignore[reportUnusedFunction]
        ref: PromptReference | ResourceTemplateReference, argument: CompletionArgument, _: CompletionContext | None
    ) -> Completion | None:
        keys: list[str] = []
        if isinstance(ref, ResourceTemplateReference) and ref.uri == PROJECT.uri and site.jira:
            query = {"query": argument.value}
            keys = [project.key async for project in site.jira.values(Project, "project/search", query)]
        elif isinstance(ref, ResourceTemplateReference) and ref.uri == SPACE.uri and site.confluence:
            keys = [space.key async for space in site.confluence.results(Space, "spaces", {"limit": 250})]
        begun = [key for key in keys if key.upper().startswith(argument.value.upper())]
        return Completion(values=begun[:MOST], total=len(begun), has_more=len(begun) > MOST)

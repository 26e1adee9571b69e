"""What may stand in a resource template's variable: the keys of projects and spaces that the account sees."""

from mcp import MCPError
from mcp.server import MCPServer
from mcp.types import (
    INTERNAL_ERROR,
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from server.context import Deps
from server.entities import PROJECT, SPACE, Project, Space
from server.errors import IsthmusError

MOST = 100  # values that the protocol allows in one answer


def register(mcp: MCPServer[Deps], site: Deps) -> None:
    async def complete(
        ref: PromptReference | ResourceTemplateReference, argument: CompletionArgument, _: CompletionContext | None
    ) -> Completion | None:
        try:
            keys = await _keys(site, ref, argument.value)
        except IsthmusError as error:
            raise MCPError(INTERNAL_ERROR, str(error)) from error
        begun = [key for key in keys if key.upper().startswith(argument.value.upper())]
        return Completion(values=begun[:MOST], total=len(begun), has_more=len(begun) > MOST)

    mcp.completion()(complete)


async def _keys(site: Deps, ref: PromptReference | ResourceTemplateReference, begun: str) -> list[str]:
    if isinstance(ref, ResourceTemplateReference) and ref.uri == PROJECT.uri and site.jira:
        return [project.key async for project in site.jira.values(Project, "project/search", {"query": begun})]
    if isinstance(ref, ResourceTemplateReference) and ref.uri == SPACE.uri and site.confluence:
        return [space.key async for space in site.confluence.results(Space, "spaces", {"limit": 250})]
    return []

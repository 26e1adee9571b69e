"""One resource template for each entity."""

from collections.abc import Awaitable, Callable
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from server.context import Deps, deps
from server.entities import ENTITIES, Entity, Model
from server.errors import Invalid, IsthmusError, NotFound
from server.policy import Policy


def register(mcp: MCPServer[Deps], policy: Policy) -> None:
    for entity in ENTITIES:
        if policy.admits(frozenset({entity.product})):
            readers = {"key": _by_key, "id": _by_id}
            declared = mcp.resource(
                entity.uri,
                name=entity.name,
                title=f"{entity.product.title()} {entity.name}",
                description=f"One {entity.product.title()} {entity.name} as Markdown",
                mime_type="text/markdown",
            )
            declared(readers[entity.key](entity))


def _by_key(entity: Entity[Model]) -> Callable[..., Awaitable[str]]:
    async def read(key: str, ctx: Context[Deps]) -> str:
        return await _read(entity, key, ctx)

    return read


def _by_id(entity: Entity[Model]) -> Callable[..., Awaitable[str]]:
    async def read(id: str, ctx: Context[Deps]) -> str:  # noqa: A002 - the URI's variable
        return await _read(entity, id, ctx)

    return read


async def _read(entity: Entity[Model], identifier: str, ctx: Context[Any]) -> str:
    client = deps(ctx).jira if entity.product == "jira" else deps(ctx).confluence
    if client is None:
        raise ResourceError(f"{entity.product} is not configured.")
    try:
        found = await client.read(entity, identifier)
    except (NotFound, Invalid) as error:
        raise ResourceNotFoundError(str(error)) from error
    except IsthmusError as error:
        raise ResourceError(str(error)) from error
    # A host reads resources of its own accord: that is not the agent's having read a page.
    return found.text()

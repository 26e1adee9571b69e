"""The resource templates of each entity: one thing, and where it is below another, all of them there."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from inspect import Parameter, Signature
from typing import Any, Self

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from server.client import Buffer, ConfluenceApiClient, JiraApiClient
from server.content import plain
from server.context import Deps, deps, shared
from server.entities import CURSOR, ENTITIES, Attachment, Entity, Model, sized
from server.errors import Invalid, IsthmusError, NotFound, Refused
from server.policy import Policy

Client = JiraApiClient | ConfluenceApiClient

MOST_READ = 10 * 2**20  # bytes of a file


def register(mcp: MCPServer[Deps], policy: Policy) -> None:
    for entity in ENTITIES:
        if policy.admits(frozenset({entity.product})):
            _register(mcp, entity)


class File(bytes):
    """The bytes of a file that know their own type, which its template cannot."""

    media_type: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Self:
        file = cls(content)
        file.media_type = media_type
        return file


def _register(mcp: MCPServer[Deps], entity: Entity[Model]) -> None:
    whose = entity.product.title()
    one = mcp.resource(
        entity.uri,
        name=entity.full_name,
        title=f"{whose} {entity.name}",
        description=f"One {whose} {entity.name}{'' if entity.content else ' as Markdown'}",
        mime_type=None if entity.content else "text/markdown",
    )
    one(_reader(entity, entity.keys, _file if entity.content else _one))
    if entity.parent and entity.listing:
        every = mcp.resource(
            entity.list_template,
            name=f"{entity.full_name}s",
            title=f"{whose} {entity.parent.name}: {entity.name}s",
            description=f"All {entity.name}s of one {whose} {entity.parent.name}",
            mime_type="text/markdown",
        )
        every(_reader(entity, entity.parent.keys, _all, CURSOR))


Read = Callable[[Client, Entity[Model], Sequence[str], str | None], Awaitable[str | File]]


async def _one(client: Client, entity: Entity[Model], identifiers: Sequence[str], _: str | None) -> str:
    # A host reads resources of its own accord: that is not the agent's having read a page.
    return (await client.read(entity, *identifiers)).text()


async def _file(client: Client, entity: Entity[Any], identifiers: Sequence[str], _: str | None) -> File:
    attachment: Attachment = await client.read(entity, *identifiers)
    if attachment.size > MOST_READ:
        raise Refused(
            f"{attachment.filename} has {sized(attachment.size)}, and a resource carries {sized(MOST_READ)}. "
            "Tools that download attachments can put it into a folder."
        )
    buffer, (path, query) = Buffer(), entity.content_of(*identifiers)
    await client.fetch(path, buffer, query, size=attachment.size, named=f"file `{attachment.filename}`")
    return File.of(bytes(buffer.content), attachment.media_type)


async def _all(client: Client, entity: Entity[Model], identifiers: Sequence[str], cursor: str | None) -> str:
    found = await client.read_list(entity, *identifiers, cursor=cursor)
    return found.text(entity.name, entity.list_uri_of(*identifiers))


def _reader(
    entity: Entity[Model], keys: Sequence[str], read: Read, *optional: str
) -> Callable[..., Awaitable[str | File]]:
    """A function with the parameters that the SDK wants to see: one for each of the template's variables."""

    async def reader(ctx: Context[Deps], **variables: str) -> str | File:
        identifiers = [variables[key] for key in keys]
        try:
            client = deps(ctx).jira if entity.product == "jira" else deps(ctx).confluence
            assert client, "policy admits only what is configured"  # noqa: S101 - for the type checker
            return await read(client, entity, identifiers, variables.get(CURSOR))
        except (NotFound, Invalid) as error:
            raise ResourceNotFoundError(plain(error.told(shared(ctx).on))) from error
        except IsthmusError as error:
            raise ResourceError(plain(error.told(shared(ctx).on))) from error

    types: dict[str, Any] = {**dict.fromkeys(keys, str), **dict.fromkeys(optional, str | None), "ctx": Context[Deps]}
    declared = partial(Parameter, kind=Parameter.KEYWORD_ONLY)
    reader.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            declared(name, annotation=of, default=None if name in optional else Parameter.empty)
            for name, of in types.items()
        ]
    )
    reader.__annotations__ = types
    return reader

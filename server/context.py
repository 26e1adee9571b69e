"""What a tool may ask for: `jira: Jira` in its signature is filled in by the server, and no agent sees it."""

from dataclasses import dataclass, field
from typing import Annotated

from mcp.server.mcpserver import Context, Resolve

from server.client import ConfluenceApiClient, JiraApiClient
from server.settings import Product

MOST_VERSIONS = 10_000


@dataclass(frozen=True)
class Deps:
    """What the calls of one server share. A product that is not configured is None."""

    jira: JiraApiClient | None
    confluence: ConfluenceApiClient | None
    versions: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])


@dataclass(frozen=True)
class Reader:
    """The agent that calls, and the page versions that it was last shown."""

    name: str | None  # None: nothing tells this caller from another, so that nothing is remembered for it
    versions: dict[tuple[str, str], int]

    def saw(self, page_id: str, version: int) -> None:
        if self.name is None:
            return
        self.versions.pop((self.name, page_id), None)
        self.versions[self.name, page_id] = version
        if len(self.versions) > MOST_VERSIONS:
            del self.versions[next(iter(self.versions))]

    def version_of(self, page_id: str) -> int | None:
        return self.versions.get((self.name, page_id)) if self.name is not None else None


def deps(ctx: Context[Deps]) -> Deps:
    return ctx.request_context.lifespan_context


def reader(ctx: Context[Deps]) -> Reader:
    # A process on stdio has one agent; over HTTP only a session tells them apart, and 2026-07-28 has none.
    headers = ctx.headers
    return Reader("stdio" if headers is None else headers.get("mcp-session-id"), deps(ctx).versions)


# Resolvers are async although they await nothing: the SDK sends others through a worker thread.


async def _site(ctx: Context[Deps]) -> Deps:
    return deps(ctx)


async def _jira(ctx: Context[Deps]) -> JiraApiClient:
    client = deps(ctx).jira
    assert client, "policy admits a Jira tool only where Jira is configured"  # noqa: S101 - for the type checker
    return client


async def _confluence(ctx: Context[Deps]) -> ConfluenceApiClient:
    client = deps(ctx).confluence
    assert client, "policy admits a Confluence tool only where Confluence is configured"  # noqa: S101 - as above
    return client


async def _reader(ctx: Context[Deps]) -> Reader:
    return reader(ctx)


Site = Annotated[Deps, Resolve(_site)]
Jira = Annotated[JiraApiClient, Resolve(_jira)]
Confluence = Annotated[ConfluenceApiClient, Resolve(_confluence)]
LastRead = Annotated[Reader, Resolve(_reader)]

NEEDS: dict[object, Product] = {Jira: "jira", Confluence: "confluence"}

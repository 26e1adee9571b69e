"""What a tool may ask for: `jira: Jira` in its signature is filled in by the server, and no agent sees it."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from mcp.server.mcpserver import Context, Resolve
from mcp.server.session import ServerSession
from mcp.types import LoggingLevel

from server.addresses import Product
from server.callers import Caller, Login, known
from server.client import ConfluenceApiClient, JiraApiClient
from server.errors import Refused
from server.folder import Folder
from server.settings import Lockdown
from server.store.audit import Audit

MOST_REMEMBERED = 10_000
MOST_ACCOUNTS = 1_000

Who = str | None  # None: nothing tells this caller from another, so that nothing is remembered for it
V = TypeVar("V")


class Remembered(Generic[V]):
    """Something about each caller; of too many, the oldest is forgotten."""

    def __init__(self) -> None:
        self._values: dict[tuple[Hashable, ...], V] = {}

    def get(self, who: Who, *what: Hashable) -> V | None:
        return None if who is None else self._values.get((who, *what))

    def about(self, *what: Hashable) -> list[V]:
        """What is remembered of this for anybody."""
        return [value for (_, *about), value in self._values.items() if tuple(about) == what]

    def forget(self, who: Who, *what: Hashable) -> None:
        self._values.pop((who, *what), None)

    def set(self, who: Who, value: V, *what: Hashable) -> None:
        if who is None:
            return
        self._values.pop((who, *what), None)
        self._values[who, *what] = value
        if len(self._values) > MOST_REMEMBERED:
            del self._values[next(iter(self._values))]


class Exposure(NamedTuple):
    """Where text that a caller read may come from outside: of customers, of nobody knows whom, titles alone."""

    external: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()


def anybody(site: "Deps", _: Caller | None) -> "Deps":
    """For a server that asks nobody who it is: each call acts with the operator's account."""
    return site


@dataclass(frozen=True, eq=False)
class Deps:
    """What the calls of one server share. A product that is not configured is None."""

    jira: JiraApiClient | None = None
    confluence: ConfluenceApiClient | None = None
    files: Folder | None = None  # that the operator named
    audit: Audit | None = None  # a check of a setup keeps none
    on: frozenset[str] = frozenset()  # the tools that are offered, by name
    versions: Remembered[int] = field(default_factory=Remembered[int])  # of pages, as last shown
    lockdown: Lockdown = "service"
    exposed: Remembered[Exposure] = field(default_factory=Remembered[Exposure])
    told: Remembered[str] = field(default_factory=Remembered[str])  # what an agent was told to ask its person
    levels: Remembered[LoggingLevel] = field(default_factory=Remembered[LoggingLevel])
    # By account and URI, until 2025-11-25.
    watchers: Remembered[ServerSession] = field(default_factory=Remembered[ServerSession])
    acting: Callable[["Deps", Caller | None], "Deps"] = anybody

    def of(self, caller: Caller | None) -> "Deps":
        """What this caller's calls use. Raises Refused."""
        return self.acting(self, caller)


_STRANGER = "Nothing was done: nobody is known to have sent this call, and the operator's account is not for strangers."


def known_alone(site: Deps, caller: Caller | None) -> Deps:
    """For a server whose known callers act with the operator's account."""
    if caller is None:
        raise Refused(_STRANGER)
    return site


class Accounts:
    """For a server whose callers act with accounts of their own, and never with another.

    What is known by one account (its clients with their limits and what they remember) is shared with no other.
    """

    def __init__(self, make: Callable[[Deps, Login], Deps]) -> None:
        self._make = make
        self._kept: dict[Login, Deps] = {}

    def __call__(self, site: Deps, caller: Caller | None) -> Deps:
        if caller is None or caller.login is None:
            raise Refused(_STRANGER)
        kept = self._kept.pop(caller.login, None) or self._make(site, caller.login)
        self._kept[caller.login] = kept
        if len(self._kept) > MOST_ACCOUNTS:
            del self._kept[next(iter(self._kept))]
        return kept


@dataclass(frozen=True)
class Reader:
    """The agent that calls, and the page versions that it was last shown."""

    who: Who
    versions: Remembered[int]

    def saw(self, page_id: str, version: int) -> None:
        self.versions.set(self.who, version, page_id)

    def version_of(self, page_id: str) -> int | None:
        return self.versions.get(self.who, page_id)


def shared(ctx: Context[Deps]) -> Deps:
    """What all calls share, whoever sent them."""
    return ctx.request_context.lifespan_context


def deps(ctx: Context[Deps]) -> Deps:
    """What this call uses. Raises Refused."""
    return shared(ctx).of(known(ctx.request_context.request))


def caller(request: Any) -> Who:
    """A process on stdio has one agent; over HTTP only a session tells them apart, and 2026-07-28 has none.

    A name that a request gives itself is worth nothing beside whom it is known to come from.
    """
    if request is None:
        return "stdio"
    session, sender = request.headers.get("mcp-session-id"), known(request)
    return f"{session} {sender.name if sender else ''}" if session else None


def known_as(ctx: Context[Deps]) -> str:
    """Whom something is remembered of that must not be forgotten: callers whom nothing tells apart count as one."""
    request = ctx.request_context.request
    sender = known(request)
    return caller(request) or (sender.name if sender else "http")


def door(headers: Mapping[str, str] | None) -> str:
    return "mcp stdio" if headers is None else "mcp http"


def reader(ctx: Context[Deps]) -> Reader:
    return Reader(caller(ctx.request_context.request), shared(ctx).versions)


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


async def _files(ctx: Context[Deps]) -> Folder | None:
    return deps(ctx).files


async def _reader(ctx: Context[Deps]) -> Reader:
    return reader(ctx)


Site = Annotated[Deps, Resolve(_site)]
Jira = Annotated[JiraApiClient, Resolve(_jira)]
Confluence = Annotated[ConfluenceApiClient, Resolve(_confluence)]
Files = Annotated[Folder | None, Resolve(_files)]
LastRead = Annotated[Reader, Resolve(_reader)]

NEEDS: dict[object, Product] = {Jira: "jira", Confluence: "confluence"}

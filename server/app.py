"""The wiring: settings -> a server. The only module that builds objects."""

import logging
import sys
from collections.abc import AsyncGenerator, Callable, Collection, Generator, Iterable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import httpx2
from mcp import MCPError
from mcp.server import MCPServer
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError
from mcp.types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult
from pydantic import AnyUrl
from starlette.applications import Starlette

import resources
import tools
from server import __version__, notices
from server.callers import Login, OwnAccounts, Tokens
from server.client import TYPING, ConfluenceApiClient, Gate, JiraApiClient, Pace, Pool, witnessed
from server.client.auth import Wire, account_of
from server.content import plain
from server.context import Accounts, Deps, known_alone
from server.entities import Person
from server.errors import AtlassianError, Forbidden, Refused, SettingsError, WrongCredentials
from server.folder import Folder
from server.instructions import instructions
from server.policy import Policy
from server.policy.standing import Shown
from server.settings import Bounds, Settings
from server.store.audit import Audit
from tools.recording import refused

if TYPE_CHECKING:
    from server.callers.issuer import Issuer
    from server.client.auth.logins import Logins
    from server.web import Entrance

_LISTS_STAY = CacheHint(ttl_ms=300_000, scope="public")
_CACHED: Mapping[CacheableMethod, CacheHint] = {
    "tools/list": _LISTS_STAY,
    "resources/list": _LISTS_STAY,
    "resources/templates/list": _LISTS_STAY,
    "prompts/list": _LISTS_STAY,
    "resources/read": CacheHint(ttl_ms=5_000, scope="private"),
}


class _Server(MCPServer[Deps]):
    """The SDK's server, which speaks of an internal error where a prompt is unknown, and knows one type of content for
    all resources of a template."""

    offered: frozenset[str] = frozenset()  # the names of its tools

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Deps, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        if context and name not in self.offered:
            await refused(context, name, arguments, reason="no such tool is offered")
        return await super().call_tool(name, arguments, context)

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Deps, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        shown = Shown()
        try:
            with witnessed(shown.take):
                found = await super().read_resource(uri, context)
        except ResourceError as error:
            if context and isinstance(error.__cause__, Refused | None):
                await refused(context, "resources/read", {"uri": str(uri)}, reason=str(error))
            raise
        finally:
            if context:
                tools.remember(context, shown)
        return found if isinstance(found, InputRequiredResult) else [_told(each, shown) for each in found]

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Deps, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        known = [prompt.name for prompt in await self.list_prompts()]
        if name not in known:
            if context:
                await refused(context, "prompts/get", {"name": name}, reason="no such prompt is offered")
            raise MCPError(INVALID_PARAMS, f"No prompt is named `{name}`. There are: {', '.join(known) or 'none'}.")
        return await super().get_prompt(name, arguments, context)


def _told(read: ReadResourceContents, shown: Shown) -> ReadResourceContents:
    """As what it is, how far it can be trusted, and without what nobody sees."""
    labelled = replace(read, meta={**(read.meta or {}), **shown.label()})
    if isinstance(read.content, resources.File):
        return replace(labelled, mime_type=read.content.media_type)
    return replace(labelled, content=plain(read.content)) if isinstance(read.content, str) else labelled


@dataclass(frozen=True)
class _Ground:
    """What every door stands on; `wire` is the one to Atlassian."""

    settings: Settings
    wire: httpx2.AsyncBaseTransport
    pace: Pace
    audit: Audit

    @classmethod
    def of(cls, settings: Settings, transport: httpx2.AsyncBaseTransport | None, pace: Pace | None) -> "_Ground":
        pace = replace(pace or Pace(), tell=notices.tell)
        audit = Audit(settings.database, who=settings.agent, now=pace.wall)
        return cls(settings, transport or Pool(settings.network), pace, audit)

    def site(self, settings: Settings | None = None) -> Deps:
        return replace(clients(settings or self.settings, transport=self.wire, pace=self.pace), audit=self.audit)


def build(
    settings: Settings, *, transport: httpx2.AsyncBaseTransport | None = None, pace: Pace | None = None
) -> MCPServer[Deps]:
    """An MCP server for the configured products; `transport` is the wire to Atlassian. Raises SettingsError."""
    ground = _Ground.of(settings, transport, pace)
    return _server(ground, _operators(ground))


def _operators(ground: _Ground) -> Deps:
    for product in (ground.settings.jira, ground.settings.confluence):
        if product and not product.credentials:
            raise SettingsError(
                "ISTHMUS_CALLER_CREDENTIALS is for `isthmus serve`, whose callers have their own. Here set "
                "JIRA_USERNAME and JIRA_API_TOKEN, or the same two with CONFLUENCE_."
            )
    return ground.site()


def serving(
    settings: Settings, *, transport: httpx2.AsyncBaseTransport | None = None, pace: Pace | None = None
) -> tuple[MCPServer[Deps], "Entrance"]:
    """An MCP server for many callers, and what they have to pass to reach it. Raises SettingsError."""
    from server.web import Entrance

    ground, asked = _Ground.of(settings, transport, pace), settings.callers
    entrance = Entrance.of(settings, ground.audit, ground.pace.clock)
    if asked.own_accounts:
        # The operator's own account, where there is one, is not even built.
        accounts = _accounts(ground)
        # Asked with clients that are then forgotten: guesses take no place of what is kept for those who are known.
        own = OwnAccounts(lambda login: _whose(ground.site(_acting_as(settings, login))), ground.pace.clock)
        site = Deps(audit=ground.audit, lockdown=settings.lockdown, acting=accounts)
        return _server(ground, site), entrance.asking(own)
    if not asked.asked:
        return _server(ground, _operators(ground)), entrance
    # A folder of the operator's is no place for what callers should not see of each other.
    site = replace(_operators(ground), acting=known_alone, files=None)
    tokens = Tokens({hashed: name for name, hashed in asked.tokens})
    if not asked.issuer:
        return _server(ground, site), entrance.asking(tokens)
    wire, issuer = _issuer(settings, ground.pace)
    return _server(ground, site, wire), entrance.asking(tokens, issuer)


def _accounts(ground: _Ground) -> Accounts:
    def make(site: Deps, login: Login) -> Deps:
        own = ground.site(_acting_as(ground.settings, login))
        return replace(site, jira=own.jira, confluence=own.confluence)

    return Accounts(make)


def _acting_as(settings: Settings, login: Login) -> Settings:
    """The same sites by another account."""
    own = {"username": login.username, "api_token": login.api_token, "credentials": None}
    return replace(
        settings,
        jira=replace(settings.jira, **own) if settings.jira else None,
        confluence=replace(settings.confluence, **own) if settings.confluence else None,
    )


async def _whose(site: Deps) -> str:
    """The id of the account that these clients act with, as the first product that knows it says.

    Raises AtlassianError.
    """
    refusal: AtlassianError = WrongCredentials("No site is configured.")
    asks = (
        (site.jira, "myself"),
        (site.confluence, "/wiki/rest/api/user/current"),
    )
    for client, path in asks:
        try:
            if client:
                return (await client.on(TYPING).get(Person, path, named="your own account")).account_id
        except (WrongCredentials, Forbidden) as error:
            refusal = error
    raise refusal


def _issuer(settings: Settings, pace: Pace) -> tuple[httpx2.AsyncBaseTransport, "Issuer"]:
    # Signatures are a library of their own, for those who check them.
    from server.callers.issuer import Issuer, Keys, Trusted

    asked, wire = settings.callers, Pool(settings.network)
    trusted = Trusted(asked.issuer, asked.audience, asked.keys_url, asked.scopes)
    return wire, Issuer(trusted, Keys(trusted, wire, pace.clock))


def _server(ground: _Ground, site: Deps, *wires: httpx2.AsyncBaseTransport) -> _Server:
    """`wires` are closed with it."""
    settings = ground.settings
    policy = Policy.of(settings)
    if not policy.products:
        raise SettingsError(
            "No site is configured. Set JIRA_URL, JIRA_USERNAME and JIRA_API_TOKEN, or the same three with CONFLUENCE_ "
            "(see mcp.json.example), or add --demo to try the embedded sandbox."
        )

    chosen = tools.chosen(settings.tools)
    admitted = [tool for tool in chosen if policy.admits(tool.needs, changes=tool.changes)]
    on = frozenset(tool.name for tool in admitted)
    site = replace(site, on=on)

    @asynccontextmanager
    async def lifespan(_: MCPServer[Deps]) -> AsyncGenerator[Deps]:
        async with AsyncExitStack() as stack:
            for wire in (ground.wire, *wires):
                await stack.enter_async_context(wire)
            await stack.enter_async_context(aclosing(ground.audit))
            yield site

    with _without_rich():
        mcp = _Server(
            "isthmus",
            title="Isthmus: Jira and Confluence",
            version=__version__,
            instructions=instructions(policy, on, _off(settings, policy, chosen)),
            tools=[tools.offered(tool) for tool in admitted],
            log_level="WARNING",
            lifespan=lifespan,
            subscriptions=notices.Bus(),
            cache_hints=_CACHED,
        )
    _log(settings)
    notices.register(mcp)
    resources.register(mcp, policy, on)
    mcp.offered = on
    return mcp


def _log(settings: Settings) -> None:
    logging.getLogger("isthmus").setLevel(settings.log_level)
    # The SDK tells of refusals in their own words, at INFO: ours may quote what people wrote.
    logging.getLogger("mcp.server.mcpserver.server").setLevel(logging.WARNING)


def _off(settings: Settings, policy: Policy, chosen: Collection[tools.Declared]) -> list[str]:
    """The toolsets that could be on besides; where tools are named one by one, the others are not wanted."""
    if settings.tools.enabled:
        return []
    on = {tool.toolset for tool in chosen}
    there = [each.name for each in tools.TOOLSETS if each.name.partition("_")[0] in policy.products]
    return [name for name in there if name not in on]


def clients(settings: Settings, *, transport: httpx2.AsyncBaseTransport, pace: Pace | None = None) -> Deps:
    """The clients of the configured products, on one set of connections that the caller closes."""
    jira, confluence = settings.jira, settings.confluence
    pace = pace or Pace()
    of_jira, of_confluence = _gates(settings.bounds, pace.clock) if settings.bounds.narrow else (None, None)
    logins = cache(partial(_logins, settings, Wire(transport), pace))
    account = partial(account_of, wire=Wire(transport), logins=logins)
    return Deps(
        jira=JiraApiClient(jira, transport=transport, pace=pace, gate=of_jira, account=account(jira, "jira"))
        if jira
        else None,
        confluence=ConfluenceApiClient(
            confluence, transport=transport, pace=pace, gate=of_confluence, account=account(confluence, "confluence")
        )
        if confluence
        else None,
        files=Folder(settings.files) if settings.files else None,
        lockdown=settings.lockdown,
    )


def _logins(settings: Settings, wire: Wire, pace: Pace) -> "Logins":
    from server.client.auth.logins import Logins
    from server.client.auth.vault import Vault

    return Logins(lambda: Vault.of(settings.logins), wire, pace)


def _gates(bounds: Bounds, clock: Callable[[], float]) -> tuple[Gate, Gate]:
    # The grammars are loaded where something is narrowed; other starts do not wait for them.
    from server.policy.confluence import ConfluenceGate
    from server.policy.jira import JiraGate
    from server.policy.scope import Scope

    scope, bulk, destructive = Scope.of(bounds), bounds.most_at_once, bounds.destructive_a_minute
    return (
        JiraGate(scope, bulk=bulk, destructive=destructive, clock=clock),
        ConfluenceGate(scope, bulk=bulk, destructive=destructive, clock=clock),
    )


def http_application(
    settings: Settings, *, transport: httpx2.AsyncBaseTransport | None = None, pace: Pace | None = None
) -> Starlette:
    from server import web

    return web.application(*serving(settings, transport=transport, pace=pace), settings)


@contextmanager
def _without_rich() -> Generator[None]:
    """The SDK's constructor imports rich, where it is, for colours in its log: a good part of a cold start."""
    if "rich.console" in sys.modules:
        yield
        return
    sys.modules["rich.console"] = None  # pyright: ignore[reportArgumentType] - Python's own way to say "not to be had"
    try:
        yield
    finally:
        del sys.modules["rich.console"]

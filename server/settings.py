"""The environment -> one frozen `Settings`. The only place that knows a variable's name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from platformdirs import user_data_path

from server.addresses import site_problem
from server.credentials import DEFAULT_CALLBACK, WAYS, ApiToken, Credentials, OAuthApp, read_app, read_credentials
from server.environment import Environment, Lockdown
from server.errors import SettingsError
from server.networks import Header, Network, read_headers, read_network

MEMORY = ":memory:"  # a database that nobody keeps

_Config = TypeVar("_Config", bound="ProductConfig")


@dataclass(frozen=True)
class ProductConfig:
    """How to reach one product of a site. `timeout` in seconds; `max_retries` further tries after the first.

    `credentials` stand in for an API token and its user name. `cloud_id` is the site's name at the gateway, where it is
    known; `headers` are sent to the site besides our own.
    """

    base_url: str
    api_token: str = field(repr=False)
    username: str
    max_retries: int = 3
    timeout: float = 30
    credentials: Credentials | None = None
    cloud_id: str = ""
    headers: tuple[Header, ...] = field(default=(), repr=False)

    @property
    def login(self) -> Credentials:
        return self.credentials or ApiToken(self.username, self.api_token)

    @property
    def site(self) -> str:
        """The address that both products of a site share: Confluence's may be given with `/wiki`."""
        return self.base_url.rstrip("/").removesuffix("/wiki")


class JiraConfig(ProductConfig):
    """Jira of a site: https://your-site.atlassian.net."""


class ConfluenceConfig(ProductConfig):
    """Confluence of a site: https://your-site.atlassian.net, with or without `/wiki`."""


@dataclass(frozen=True)
class ToolChoice:
    """Which tools are on: those of `toolsets`, of them only `enabled`, never `excluded`; None: as it comes."""

    toolsets: tuple[str, ...] | None = None
    enabled: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bounds:
    """What may be reached, and how much at once. Empty: not narrowed; patterns match whole keys."""

    projects: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    project_pattern: str = ""
    issue_pattern: str = ""
    internal_only: tuple[str, ...] = ()
    most_at_once: int | None = None
    destructive_a_minute: int | None = None

    @property
    def narrow(self) -> bool:
        return self != Bounds()


@dataclass(frozen=True)
class Callers:
    """How callers over HTTP show who they are; where nothing is set, nobody is asked.

    `tokens` are pairs of a name and a token's hash. With `own_accounts` each acts with its own account at Atlassian,
    else all with the operator's.
    """

    tokens: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    issuer: str = ""
    audience: str = ""
    keys_url: str = ""
    scopes: tuple[str, ...] = ()
    own_accounts: bool = False
    calls_a_minute: int = 600

    @property
    def asked(self) -> bool:
        return bool(self.tokens or self.issuer or self.own_accounts)


@dataclass(frozen=True)
class Settings:
    jira: JiraConfig | None = None
    confluence: ConfluenceConfig | None = None
    network: Network = field(default_factory=Network)
    app: OAuthApp | None = None  # with which `isthmus login` logs in
    logins: Path | None = None
    read_only: bool = False
    tools: ToolChoice = ToolChoice()
    bounds: Bounds = Bounds()
    lockdown: Lockdown = "service"
    files: Path | None = None
    database: str = MEMORY
    agent: str = "agent"
    callers: Callers = Callers()
    public_url: str = ""
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"


@dataclass(frozen=True)
class Variable:
    """One environment variable, as the README's table shows it."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable("JIRA_URL", "", "Your Jira Cloud site, such as `https://your-site.atlassian.net`"),
    Variable("JIRA_USERNAME", "", "The e-mail address of the Atlassian account"),
    Variable("JIRA_API_TOKEN", "", "Its API token, from id.atlassian.com; with scopes or without"),
    Variable("JIRA_PERSONAL_TOKEN", "", "Instead of both, on a Data Center: a personal access token"),
    Variable("JIRA_OAUTH_ACCESS_TOKEN", "", "Instead of both: a service account's token, or one of OAuth"),
    Variable("JIRA_CUSTOM_HEADERS", "", "Headers that go to the site besides ours: `Name=value,Other=value`"),
    Variable("JIRA_CLIENT_CERT", "", "PEM file of the certificate that the site asks of its clients"),
    Variable("JIRA_CLIENT_KEY", "", "PEM file of its key, without a password, where it is in a file of its own"),
    Variable("JIRA_SSL_VERIFY", "true", "`false` trusts any certificate of the site; set `SSL_CERT_FILE` instead"),
    Variable("JIRA_HTTPS_PROXY", "", "Proxy on the way to this site alone"),
    Variable("JIRA_NO_PROXY", "", "As `NO_PROXY`, for this site alone"),
    Variable("JIRA_TIMEOUT", "30", "Seconds to wait for one answer from Jira"),
    Variable("CONFLUENCE_URL", "", "Your Confluence Cloud site; with or without `/wiki`"),
    Variable("CONFLUENCE_USERNAME", "", "The e-mail address of the Atlassian account"),
    Variable("CONFLUENCE_API_TOKEN", "", "Its API token"),
    Variable("CONFLUENCE_PERSONAL_TOKEN", "", "Instead of both, on a Data Center: a personal access token"),
    Variable("CONFLUENCE_OAUTH_ACCESS_TOKEN", "", "Instead of both: a service account's token, or one of OAuth"),
    Variable("CONFLUENCE_CUSTOM_HEADERS", "", "Headers that go to the site besides ours: `Name=value,Other=value`"),
    Variable("CONFLUENCE_CLIENT_CERT", "", "PEM file of the certificate that the site asks of its clients"),
    Variable("CONFLUENCE_CLIENT_KEY", "", "PEM file of its key, without a password, where it is in a file of its own"),
    Variable(
        "CONFLUENCE_SSL_VERIFY", "true", "`false` trusts any certificate of the site; set `SSL_CERT_FILE` instead"
    ),
    Variable("CONFLUENCE_HTTPS_PROXY", "", "Proxy on the way to this site alone"),
    Variable("CONFLUENCE_NO_PROXY", "", "As `NO_PROXY`, for this site alone"),
    Variable("CONFLUENCE_TIMEOUT", "30", "Seconds to wait for one answer from Confluence"),
    Variable("ATLASSIAN_OAUTH_CLIENT_ID", "", "Your app in the Atlassian developer console, for `isthmus login`"),
    Variable("ATLASSIAN_OAUTH_CLIENT_SECRET", "", "Its secret"),
    Variable("ATLASSIAN_OAUTH_REDIRECT_URI", DEFAULT_CALLBACK, "Its callback address, on this machine"),
    Variable("ATLASSIAN_OAUTH_SCOPE", "", "Scopes to ask for; without it, those that the tools need which are on"),
    Variable("ATLASSIAN_OAUTH_ACCESS_TOKEN", "", "For both products: a service account's token, or one of OAuth"),
    Variable("ATLASSIAN_OAUTH_CLOUD_ID", "", "The site's id at the gateway, where it cannot be asked for"),
    Variable("ISTHMUS_LOGINS", "", "Folder that keeps logins; without it, the keyring of the operating system"),
    Variable("ISTHMUS_MAX_RETRIES", "3", "Further tries of a request that may safely be repeated"),
    Variable("HTTPS_PROXY", "", "Proxy on the way to the site, such as `http://proxy.example.com:3128`"),
    Variable("NO_PROXY", "", "Host names, comma-separated, that are reached without the proxy"),
    Variable("SSL_CERT_FILE", "", "PEM file of the certificate authorities to trust instead of the well-known ones"),
    Variable("READ_ONLY_MODE", "false", "`true` takes away every tool that changes something"),
    Variable("TOOLSETS", "", "Toolsets that are on, comma-separated; `default` as without it, `all` for all of them"),
    Variable("ENABLED_TOOLS", "", "Tools, comma-separated, besides which none is on"),
    Variable("ISTHMUS_EXCLUDED_TOOLS", "", "Tools, comma-separated, that are off"),
    Variable("JIRA_PROJECTS_FILTER", "", "Keys of the projects, comma-separated, besides which none is reached"),
    Variable("JIRA_PROJECT_KEY_PATTERN", "", "Regular expression that the whole key of a reached project matches"),
    Variable("JIRA_ISSUE_KEY_PATTERN", "", "Regular expression that the whole key of a reached issue matches"),
    Variable("JIRA_INTERNAL_ONLY_PROJECTS", "", "Keys of service projects whose comments stay internal"),
    Variable("CONFLUENCE_SPACES_FILTER", "", "Keys of the spaces, comma-separated, besides which none is reached"),
    Variable("ISTHMUS_MAX_BULK", "", "Things that one call may change; without it any number"),
    Variable("ISTHMUS_DESTRUCTIVE_PER_MINUTE", "", "Deletions and moves in a minute; without it any number"),
    Variable(
        "ISTHMUS_LOCKDOWN",
        "service",
        "After which text each change asks the person first: `service`, of customers or of unknown people in service "
        "projects; `all`, of anybody but known colleagues; `off`, of nobody",
    ),
    Variable(
        "ISTHMUS_FILES", "", "The one folder that files are uploaded from and downloaded to; without it there is none"
    ),
    Variable("ISTHMUS_DATABASE", "", "The file of the audit log; without it, `isthmus.db` in your user data folder"),
    Variable("ISTHMUS_AGENT", "agent", "What this agent is called in the audit log"),
    Variable("ISTHMUS_TOKENS", "", "Callers of `serve`, comma-separated, as `isthmus token NAME` prints them"),
    Variable("ISTHMUS_OAUTH_ISSUER", "", "The authorization server whose tokens `serve` takes, by its issuer's URL"),
    Variable("ISTHMUS_OAUTH_AUDIENCE", "", "The audience that its tokens have; without it, `ISTHMUS_PUBLIC_URL`"),
    Variable("ISTHMUS_OAUTH_SCOPES", "", "Scopes, comma-separated, that its tokens need"),
    Variable("ISTHMUS_OAUTH_KEYS_URL", "", "Its keys (JWKS), where its metadata does not tell"),
    Variable(
        "ISTHMUS_CALLER_CREDENTIALS",
        "false",
        "`true`: each caller of `serve` acts with an Atlassian account of its own",
    ),
    Variable("ISTHMUS_CALLS_PER_MINUTE", "600", "Requests of one caller to `serve` in a minute"),
    Variable("ISTHMUS_PUBLIC_URL", "", "Where callers reach `serve`, such as `https://mcp.example.com/mcp`"),
    Variable("ISTHMUS_ALLOWED_HOSTS", "", "Host names, comma-separated, that `serve` answers to besides loopback"),
    Variable("ISTHMUS_ALLOWED_ORIGINS", "", "Origins, comma-separated, that browsers may call `serve` from"),
    Variable("ISTHMUS_LOG_LEVEL", "WARNING", "DEBUG, INFO, WARNING or ERROR; logs go to standard error"),
)

# Settings of mcp-atlassian that narrow what an agent may do: to start without one would widen access.
NARROWING = ("IGNORE_HEADER_AUTH",)

_CLOUD_ID = re.compile(r"[0-9A-Fa-f-]{8,64}")


DEMO_SITE = "http://sandbox.localhost"


def demo_environment(url: str = DEMO_SITE) -> dict[str, str]:
    """The variables that point at the sandbox's default account, and keep nothing."""
    account = {"URL": url, "USERNAME": "demo@example.com", "API_TOKEN": "demo-token"}
    accounts = {f"{product}_{name}": value for product in ("JIRA", "CONFLUENCE") for name, value in account.items()}
    return {**accounts, "ISTHMUS_DATABASE": MEMORY}


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from an environment; raises SettingsError that names the variable and the remedy."""
    values = Environment(environment)
    _refuse_unhonoured(values)
    return Settings(
        jira=_product(values, "JIRA", JiraConfig),
        confluence=_product(values, "CONFLUENCE", ConfluenceConfig),
        network=_network(values),
        app=read_app(values.text),
        logins=values.place("ISTHMUS_LOGINS"),
        read_only=values.flag("READ_ONLY_MODE"),
        tools=ToolChoice(
            values.names("TOOLSETS") or None,
            values.names("ENABLED_TOOLS") or None,
            values.names("ISTHMUS_EXCLUDED_TOOLS"),
        ),
        bounds=_bounds(values),
        lockdown=values.lockdown(),
        files=values.folder("ISTHMUS_FILES"),
        database=values.text("ISTHMUS_DATABASE") or str(user_data_path("isthmus", appauthor=False) / "isthmus.db"),
        agent=values.text("ISTHMUS_AGENT") or "agent",
        callers=_callers(values),
        public_url=_public_url(values),
        allowed_hosts=values.names("ISTHMUS_ALLOWED_HOSTS"),
        allowed_origins=values.names("ISTHMUS_ALLOWED_ORIGINS"),
        log_level=values.log_level(),
    )


def _refuse_unhonoured(values: Environment) -> None:
    found = [name for name in NARROWING if values.text(name)]
    if found:
        raise SettingsError(
            f"{', '.join(found)} would narrow what agents may do, and this version does not honour it yet. "
            "Unset it to start without that limit."
        )


def _bounds(values: Environment) -> Bounds:
    return Bounds(
        projects=values.keys("JIRA_PROJECTS_FILTER"),
        spaces=values.keys("CONFLUENCE_SPACES_FILTER"),
        project_pattern=values.pattern("JIRA_PROJECT_KEY_PATTERN"),
        issue_pattern=values.pattern("JIRA_ISSUE_KEY_PATTERN"),
        internal_only=values.keys("JIRA_INTERNAL_ONLY_PROJECTS"),
        most_at_once=values.most("ISTHMUS_MAX_BULK"),
        destructive_a_minute=values.most("ISTHMUS_DESTRUCTIVE_PER_MINUTE"),
    )


_TOKEN = re.compile(r"([A-Za-z0-9_.@-]{1,64}):([0-9a-f]{64})")


def _callers(values: Environment) -> Callers:
    tokens = [_TOKEN.fullmatch(each) for each in values.names("ISTHMUS_TOKENS")]
    if not all(tokens):
        # The value is not repeated: somebody may have put the token itself there.
        raise SettingsError("ISTHMUS_TOKENS is no list of NAME:HASH. `isthmus token NAME` makes a token and its entry.")
    callers = Callers(
        tokens=tuple((each[1], each[2]) for each in tokens if each),
        issuer=values.address("ISTHMUS_OAUTH_ISSUER", "https://login.example.com"),
        audience=values.text("ISTHMUS_OAUTH_AUDIENCE") or _public_url(values),
        keys_url=values.address("ISTHMUS_OAUTH_KEYS_URL", "https://login.example.com/jwks.json"),
        scopes=values.names("ISTHMUS_OAUTH_SCOPES"),
        own_accounts=values.flag("ISTHMUS_CALLER_CREDENTIALS"),
        calls_a_minute=values.whole("ISTHMUS_CALLS_PER_MINUTE", 600, least=1, most=1_000_000),
    )
    if callers.own_accounts and (callers.tokens or callers.issuer):
        raise SettingsError(
            "ISTHMUS_CALLER_CREDENTIALS has each caller act with its own account, ISTHMUS_TOKENS and "
            "ISTHMUS_OAUTH_ISSUER all with yours. Set one or the other."
        )
    if callers.issuer and not values.text("ISTHMUS_PUBLIC_URL"):
        raise SettingsError(
            "ISTHMUS_OAUTH_ISSUER needs ISTHMUS_PUBLIC_URL: tokens are issued for the address by which callers reach "
            "this server, such as https://mcp.example.com/mcp"
        )
    return callers


def _public_url(values: Environment) -> str:
    return values.address("ISTHMUS_PUBLIC_URL", "https://mcp.example.com/mcp").rstrip("/")


def _product(values: Environment, prefix: str, config: Callable[..., _Config]) -> _Config | None:
    url = values.text(f"{prefix}_URL")
    if not url:
        set_without = [f"{prefix}_{name}" for name in WAYS if values.text(f"{prefix}_{name}")]
        if set_without:
            raise SettingsError(f"{prefix}_URL is not set, and {set_without[0]} is. Set it to your site's address.")
        return None
    url = _checked_url(f"{prefix}_URL", url, own_path=bool(values.text(f"{prefix}_PERSONAL_TOKEN")))
    # Where callers bring accounts of their own, nobody else needs one.
    bare = values.flag("ISTHMUS_CALLER_CREDENTIALS") and not any(values.text(f"{prefix}_{name}") for name in WAYS)
    credentials = None if bare else read_credentials(values.text, prefix, url)
    known = credentials if isinstance(credentials, ApiToken) else ApiToken("", "")
    return config(
        base_url=url,
        api_token=known.token,
        username=known.username,
        max_retries=values.whole("ISTHMUS_MAX_RETRIES", 3, most=10),
        timeout=values.number(f"{prefix}_TIMEOUT", 30, least=0.1, most=600),
        credentials=credentials,
        cloud_id=_cloud_id(values),
        headers=read_headers(f"{prefix}_CUSTOM_HEADERS", values.text),
    )


def _cloud_id(values: Environment) -> str:
    value = values.text("ATLASSIAN_OAUTH_CLOUD_ID")
    if value and not _CLOUD_ID.fullmatch(value):
        raise SettingsError(
            "ATLASSIAN_OAUTH_CLOUD_ID is no site's id. It is the `cloudId` at https://your-site.atlassian.net"
            "/_edge/tenant_info, and is found by itself where it is not set."
        )
    return value


def _network(values: Environment) -> Network:
    sites = {prefix: values.text(f"{prefix}_URL") for prefix in ("JIRA", "CONFLUENCE")}
    return read_network(values.text, values.names, values.flag, {name: url for name, url in sites.items() if url})


def _checked_url(name: str, url: str, *, own_path: bool) -> str:
    problem = site_problem(url, own_path=own_path)
    if problem:
        # The value is not repeated: people paste tokens into it.
        raise SettingsError(f"{name} is wrong: {problem}. It should look like https://your-site.atlassian.net")
    return url

"""The environment -> one frozen `Settings`. The only place that knows a variable's name."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from platformdirs import user_data_path

from server.errors import SettingsError

MEMORY = ":memory:"  # a database that nobody keeps

Product = Literal["jira", "confluence"]
_Config = TypeVar("_Config", bound="ProductConfig")


@dataclass(frozen=True)
class ProductConfig:
    """How to reach one product of a site. `timeout` in seconds; `max_retries` further tries after the first."""

    base_url: str
    api_token: str = field(repr=False)
    username: str
    max_retries: int = 3
    timeout: float = 30

    @property
    def site(self) -> str:
        """The address that both products of a site share: Confluence's may be given with `/wiki`."""
        return self.base_url.rstrip("/").removesuffix("/wiki")


class JiraConfig(ProductConfig):
    """Jira of a site: https://your-site.atlassian.net."""


class ConfluenceConfig(ProductConfig):
    """Confluence of a site: https://your-site.atlassian.net, with or without `/wiki`."""


@dataclass(frozen=True)
class Network:
    """How requests leave this machine: `proxy` is a URL, `ca_file` a PEM file that replaces the usual authorities."""

    proxy: str = field(default="", repr=False)  # it may carry a password
    no_proxy: tuple[str, ...] = ()
    ca_file: str = ""


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
    network: Network = Network()
    read_only: bool = False
    tools: ToolChoice = ToolChoice()
    bounds: Bounds = Bounds()
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
    Variable("JIRA_API_TOKEN", "", "Its API token, from id.atlassian.com"),
    Variable("JIRA_TIMEOUT", "30", "Seconds to wait for one answer from Jira"),
    Variable("CONFLUENCE_URL", "", "Your Confluence Cloud site; with or without `/wiki`"),
    Variable("CONFLUENCE_USERNAME", "", "The e-mail address of the Atlassian account"),
    Variable("CONFLUENCE_API_TOKEN", "", "Its API token"),
    Variable("CONFLUENCE_TIMEOUT", "30", "Seconds to wait for one answer from Confluence"),
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

_KEY = re.compile(r"~?[A-Za-z0-9_.:-]+")
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})
_LOG_LEVELS: dict[str, Literal["DEBUG", "INFO", "WARNING", "ERROR"]] = {
    "": "WARNING",
    "DEBUG": "DEBUG",
    "INFO": "INFO",
    "WARNING": "WARNING",
    "ERROR": "ERROR",
}


DEMO_SITE = "http://sandbox.localhost"


def demo_environment(url: str = DEMO_SITE) -> dict[str, str]:
    """The variables that point at the sandbox's default account, and keep nothing."""
    account = {"URL": url, "USERNAME": "demo@example.com", "API_TOKEN": "demo-token"}
    accounts = {f"{product}_{name}": value for product in ("JIRA", "CONFLUENCE") for name, value in account.items()}
    return {**accounts, "ISTHMUS_DATABASE": MEMORY}


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from an environment; raises SettingsError that names the variable and the remedy."""
    values = _Environment(environment)
    _refuse_unhonoured(values)
    return Settings(
        jira=_product(values, "JIRA", JiraConfig),
        confluence=_product(values, "CONFLUENCE", ConfluenceConfig),
        network=_network(values),
        read_only=values.flag("READ_ONLY_MODE"),
        tools=ToolChoice(
            values.names("TOOLSETS") or None,
            values.names("ENABLED_TOOLS") or None,
            values.names("ISTHMUS_EXCLUDED_TOOLS"),
        ),
        bounds=_bounds(values),
        files=values.folder("ISTHMUS_FILES"),
        database=values.text("ISTHMUS_DATABASE") or str(user_data_path("isthmus", appauthor=False) / "isthmus.db"),
        agent=values.text("ISTHMUS_AGENT") or "agent",
        callers=_callers(values),
        public_url=_public_url(values),
        allowed_hosts=values.names("ISTHMUS_ALLOWED_HOSTS"),
        allowed_origins=values.names("ISTHMUS_ALLOWED_ORIGINS"),
        log_level=values.log_level(),
    )


class _Environment:
    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        return self._values.get(name, "").strip()

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def flag(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in _YES | _NO:
            raise SettingsError(f"{name} is neither true nor false. Set it to one of them.")
        return value in _YES

    def folder(self, name: str) -> Path | None:
        value = self.text(name)
        if value and not (Path(value).is_absolute() and Path(value).is_dir()):
            raise SettingsError(
                f"{name} is no absolute path of a folder that exists. Make the folder, or unset {name}."
            )
        return Path(value) if value else None

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        value = self.text(name) or str(default)
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            raise SettingsError(f"{name} is not a number from {least:g} to {most:g}. Set it to one.")
        return number

    def whole(self, name: str, default: int, *, least: int = 0, most: int) -> int:
        number = self.number(name, default, least=least, most=most)
        if number != int(number):
            raise SettingsError(f"{name} is not a whole number. Set it to one.")
        return int(number)

    def most(self, name: str) -> int | None:
        return self.whole(name, 0, most=1_000_000) if self.text(name) else None

    def keys(self, name: str) -> tuple[str, ...]:
        """Raises SettingsError where it is set to no key at all: that would narrow nothing."""
        keys = self.names(name)
        if self.text(name) and not (keys and all(_KEY.fullmatch(key) for key in keys)):
            raise SettingsError(f"{name} is no list of keys. Set it to keys, comma-separated, such as ENG,WEB.")
        return keys

    def pattern(self, name: str) -> str:
        value = self.text(name)
        try:
            re.compile(value)
        except re.error:
            raise SettingsError(f"{name} is no regular expression. Correct it, or unset it.") from None
        return value

    def address(self, name: str, example: str) -> str:
        url = self.text(name)
        problem = _url_problem(url) if url else None
        if problem:
            raise SettingsError(f"{name} is wrong: {problem}. It should look like {example}")
        return url

    def log_level(self) -> Literal["DEBUG", "INFO", "WARNING", "ERROR"]:
        value = self.text("ISTHMUS_LOG_LEVEL").upper()
        if value not in _LOG_LEVELS:
            raise SettingsError("ISTHMUS_LOG_LEVEL is no level. Set it to DEBUG, INFO, WARNING or ERROR.")
        return _LOG_LEVELS[value]


def _refuse_unhonoured(values: _Environment) -> None:
    found = [name for name in NARROWING if values.text(name)]
    if found:
        raise SettingsError(
            f"{', '.join(found)} would narrow what agents may do, and this version does not honour it yet. "
            "Unset it to start without that limit."
        )


def _bounds(values: _Environment) -> Bounds:
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


def _callers(values: _Environment) -> Callers:
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


def _public_url(values: _Environment) -> str:
    return values.address("ISTHMUS_PUBLIC_URL", "https://mcp.example.com/mcp").rstrip("/")


def _product(values: _Environment, prefix: str, config: Callable[..., _Config]) -> _Config | None:
    url, username, token = (values.text(f"{prefix}_{name}") for name in ("URL", "USERNAME", "API_TOKEN"))
    if values.text(f"{prefix}_PERSONAL_TOKEN"):
        raise SettingsError(
            f"{prefix}_PERSONAL_TOKEN is for Data Center, which this version does not reach yet. "
            f"For a Cloud site set {prefix}_URL, {prefix}_USERNAME and {prefix}_API_TOKEN."
        )
    if not url and not (username or token):
        return None
    bare = values.flag("ISTHMUS_CALLER_CREDENTIALS") and not (username or token)
    needed = {"URL": url} | ({} if bare else {"USERNAME": username, "API_TOKEN": token})
    missing = [f"{prefix}_{name}" for name, value in needed.items() if not value]
    if missing:
        raise SettingsError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set. {prefix} needs its site's URL, "
            "the account's e-mail address and an API token from id.atlassian.com."
        )
    return config(
        base_url=_checked_url(f"{prefix}_URL", url),
        api_token=token,
        username=username,
        max_retries=values.whole("ISTHMUS_MAX_RETRIES", 3, most=10),
        timeout=values.number(f"{prefix}_TIMEOUT", 30, least=0.1, most=600),
    )


def _network(values: _Environment) -> Network:
    proxy = values.text("HTTPS_PROXY")
    if proxy and not _is_proxy(proxy):
        # The value is not repeated: it may carry a password.
        raise SettingsError("HTTPS_PROXY is no proxy. It should look like http://proxy.example.com:3128")
    return Network(proxy, values.names("NO_PROXY"), values.text("SSL_CERT_FILE"))


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _checked_url(name: str, url: str) -> str:
    problem = _url_problem(url)
    if problem is None and urlsplit(url).path.rstrip("/") not in ("", "/wiki"):
        problem = "it has a path"
    if problem:
        # The value is not repeated: people paste tokens into it.
        raise SettingsError(f"{name} is wrong: {problem}. It should look like https://your-site.atlassian.net")
    return url


def _url_problem(url: str) -> str | None:
    # A backslash or a control character makes one parser see another host than the next.
    if re.search(r"[\\\s\x00-\x20\x7f]", url):
        return "it has a backslash, a blank or a control character"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "it is not an address"
    problems = (
        (parts.scheme not in ("http", "https") or not host, "it is not an http(s) address"),
        (parts.username or parts.password, "it carries a user name or password"),
        (parts.query or parts.fragment, "it has a query or a fragment"),
        (parts.scheme == "http" and not is_loopback(host), "http would send the token in the clear; use https"),
    )
    return next((text for found, text in problems if found), None)


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

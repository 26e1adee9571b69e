"""The check of a setup: settings, reachability, credentials, permissions; and for each what to fix."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from pydantic import Field
from rich.console import Console
from rich.text import Text

from server.app import clients
from server.client import ConfluenceApiClient, JiraApiClient, Pool
from server.credentials import AccessToken, ApiToken, Credentials, OAuthApp, PersonalToken
from server.entities import Model, Person, Project, Space
from server.errors import AtlassianError, SettingsError
from server.settings import MEMORY, Settings, read_settings

# What the tools need of an account, in Jira's and Confluence's names.
TO_READ = ("BROWSE_PROJECTS",)
TO_WRITE = ("CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES")
PAGE_WRITING = ("create", "page")
UNCHECKED = "whoever is on the way can read your token. Set SSL_CERT_FILE to your network's authorities instead."
MOST_SPACES = 10  # whose rights are asked for


async def examine(environment: Mapping[str, str], *, transport: httpx2.AsyncBaseTransport | None = None) -> bool:
    """Print what is in order and what to fix; whether nothing is to be fixed."""
    report = Report()
    settings = _read(report, environment)
    if settings is None:
        return False
    if settings.jira or settings.confluence:
        report.good("settings", "read-only: tools that change something are off" if settings.read_only else "in order")
    if not (settings.jira or settings.confluence):
        report.bad("site", "none is configured. Set JIRA_URL, JIRA_USERNAME and JIRA_API_TOKEN, or try --demo.")
    for host, network in settings.network.own.items():
        if not network.verify:
            report.bad("network", f"the certificate of {host} is not checked: {UNCHECKED}")
    _callers(report, settings)
    if any(product and not product.credentials for product in (settings.jira, settings.confluence)):
        return report.sound  # each caller has an account, and nobody else
    async with transport or Pool(settings.network) as wire:
        site = clients(settings, transport=wire)
        if site.jira:
            await report.of("Jira", _jira(report, site.jira, writes=not settings.read_only))
        if site.confluence:
            await report.of("Confluence", _confluence(report, site.confluence, writes=not settings.read_only))
    return report.sound


def secure(environment: Mapping[str, str]) -> bool:
    """Print what this setup leaves open and what it closes; whether the settings can be read."""
    report = Report()
    settings = _read(report, environment)
    if settings is None:
        return False
    for closed, subject, finding in _openings(settings):
        (report.good if closed else report.open)(subject, finding)
    many = f"{report.opened} open, and perhaps meant so" if report.opened else "nothing open"
    report.console.print(Text(f"\n{many}. What each means stands in SECURITY.md.", "dim"))
    return True


def _read(report: "Report", environment: Mapping[str, str]) -> Settings | None:
    try:
        return read_settings(environment)
    except SettingsError as error:
        report.bad("settings", str(error))
        return None


def _openings(settings: Settings) -> Iterable[tuple[bool, str, str]]:
    """Whether it is closed, what it is, and what holds or closes it."""
    bounds, writes = settings.bounds, not settings.read_only
    yield (not writes, "changes", _either(writes, "made on request; READ_ONLY_MODE=true takes them away", "off"))
    if settings.jira:
        narrow = bool(bounds.projects or bounds.project_pattern or bounds.issue_pattern)
        free = "every project that the account may see; JIRA_PROJECTS_FILTER names those that are enough"
        yield (narrow, "Jira", _either(not narrow, free, "narrowed by project or key"))
    if settings.confluence:
        free = "every space that the account may see; CONFLUENCE_SPACES_FILTER names those that are enough"
        yield (bool(bounds.spaces), "Confluence", _either(not bounds.spaces, free, f"only {_some(bounds.spaces)}"))
    if writes:
        yield from _of_writes(settings)
    yield _of_files(settings)
    yield from _of_secrets(settings)
    yield _of_audit(settings)
    hosts = (*settings.allowed_hosts, *settings.allowed_origins)
    told = f"serve answers to {_some(hosts)} besides this machine; without need for it, unset ISTHMUS_ALLOWED_HOSTS"
    yield (not hosts, "HTTP", _either(bool(hosts), told, "serve answers to this machine's own names alone"))


def _of_writes(settings: Settings) -> Iterable[tuple[bool, str, str]]:
    bounds = settings.bounds
    after = {"service": "customers' or unknown people's text in service projects", "all": "anybody's but colleagues'"}
    off = "off: text from outside is followed by changes unasked; ISTHMUS_LOCKDOWN=service asks first"
    said = f"each change is asked about after {after.get(settings.lockdown)}"
    yield (settings.lockdown != "off", "lockdown", _either(settings.lockdown == "off", off, said))
    free = "any number in one call; ISTHMUS_MAX_BULK caps it"
    yield (bounds.most_at_once is not None, "bulk", _either(bounds.most_at_once is None, free, "capped"))
    free = "any number of deletions and moves; ISTHMUS_DESTRUCTIVE_PER_MINUTE caps them"
    capped = bounds.destructive_a_minute is not None
    yield (capped, "deletions", _either(not capped, free, f"at most {bounds.destructive_a_minute} a minute"))


def _of_files(settings: Settings) -> tuple[bool, str, str]:
    if settings.files is None:
        return True, "files", "none are read from this machine or written to it"
    here = settings.files.resolve() == Path.cwd()
    more = ", which is the working folder: programs started there may run what is saved; name another" if here else ""
    return False, "files", f"taken from and saved to {settings.files}{more}; unset ISTHMUS_FILES without need"


def _of_secrets(settings: Settings) -> Iterable[tuple[bool, str, str]]:
    products = (("JIRA", settings.jira), ("CONFLUENCE", settings.confluence))
    named = dict.fromkeys(_variable(name, of.credentials) for name, of in products if of and of.credentials)
    if named:
        told = f"{' and '.join(named)} in the environment can be read by this user's other programs"
        yield False, "secrets", told
    if settings.network.proxy:
        yield False, "proxy", "requests leave by HTTPS_PROXY, which sees what sites are reached"
    if settings.network.ca_file:
        yield False, "authorities", "SSL_CERT_FILE replaces the well-known ones: whoever holds its keys reads along"


def _variable(prefix: str, credentials: Credentials) -> str:
    """The setting that holds the secret."""
    match credentials:
        case ApiToken():
            return f"{prefix}_API_TOKEN"
        case PersonalToken():
            return f"{prefix}_PERSONAL_TOKEN"
        case AccessToken(_, variable):
            return variable
        case OAuthApp():
            return "ATLASSIAN_OAUTH_CLIENT_SECRET"


def _of_audit(settings: Settings) -> tuple[bool, str, str]:
    if settings.database == MEMORY:
        return False, "audit", "forgotten at the end; ISTHMUS_DATABASE names a file that keeps it"
    return True, "audit", f"every change and refused call is recorded in {settings.database}"


def _either(is_open: bool, opened: str, closed: str) -> str:  # noqa: FBT001 - which of the two is the question
    return opened if is_open else closed


class Permissions(Model):
    permissions: dict[str, dict[str, Any]]


class Operations(Model):
    operations: list[dict[str, Any]]


class About(Model):
    version: str
    kind: str = Field(validation_alias="deploymentType")


@dataclass
class Report:
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    sound: bool = True
    opened: int = 0

    async def of(self, product: str, check: Awaitable[None]) -> None:
        """Run a check; what it raises is what to fix."""
        try:
            await check
        except AtlassianError as error:
            self.bad(product, str(error))

    def good(self, subject: str, finding: str) -> None:
        self.console.print(Text.assemble(("ok   ", "green"), (f"{subject}: ", "bold"), finding))

    def open(self, subject: str, finding: str) -> None:
        self.opened += 1
        self.console.print(Text.assemble(("open ", "yellow"), (f"{subject}: ", "bold"), finding))

    def bad(self, subject: str, remedy: str) -> None:
        self.sound = False
        self.console.print(Text.assemble(("FIX  ", "bold red"), (f"{subject}: ", "bold"), remedy))


def _callers(report: Report, settings: Settings) -> None:
    """Who may use `isthmus serve`, and as whom."""
    asked = settings.callers
    if not asked.asked:
        report.good("serve", "asks nobody who they are, and so listens on loopback alone; every call acts as you")
        return
    if asked.own_accounts:
        report.good("serve", "each caller acts with an Atlassian account of its own, never with yours")
    else:
        names = sorted({name for name, _ in asked.tokens})
        ways = [
            *([f"tokens of {_some(names)}"] if names else []),
            *([f"tokens of {asked.issuer}"] if asked.issuer else []),
        ]
        report.good("serve", f"known callers act as you: {', '.join(ways)}")
        if settings.files:
            report.good("serve", "ISTHMUS_FILES is for stdio: callers do not share a folder")
    if not settings.public_url.startswith("https:"):
        report.good(
            "serve", "open: it speaks no TLS. Beyond this machine put a proxy with TLS in front (ISTHMUS_PUBLIC_URL)"
        )


async def _jira(report: Report, jira: JiraApiClient, *, writes: bool) -> None:
    await _refuse_data_center(report, jira)
    me = await jira.get(Person, "myself", named="your own account")
    report.good("Jira", f"{jira.config.site} knows you as {me.name} ({me.account_id}), by {jira.account.way}")
    projects = [project.key async for project in jira.values(Project, "project/search")]
    if not projects:
        report.bad("Jira", "you may not see any project. Ask an administrator for access to one.")
        return
    report.good("Jira", f"you may see {len(projects)} projects: {_some(projects)}")
    needed = TO_READ + (TO_WRITE if writes else ())
    mine = await jira.get(Permissions, "mypermissions", {"permissions": ",".join(needed)}, named="your permissions")
    lacking = [name for name in needed if not mine.permissions.get(name, {}).get("havePermission")]
    if lacking:
        report.bad("Jira", f"your account lacks {', '.join(lacking)} in every project. Ask an administrator.")
    else:
        report.good("Jira", "you may do what the tools do in at least one project")


async def _refuse_data_center(report: Report, jira: JiraApiClient) -> None:
    """Only a personal access token can have led there."""
    if not isinstance(jira.config.login, PersonalToken):
        return
    about = await jira.get(About, "serverInfo", named="what kind of site this is")
    if about.kind != "Cloud":
        report.bad(
            "Jira",
            f"this is a Data Center ({about.version}). Your token may be right, but the tools speak Cloud's API, of "
            "which a Data Center has a part; most calls will say that they found nothing.",
        )


async def _confluence(report: Report, confluence: ConfluenceApiClient, *, writes: bool) -> None:
    me = await confluence.get(Person, "/wiki/rest/api/user/current", named="your own account")
    site, way = f"{confluence.config.site}/wiki", confluence.account.way
    report.good("Confluence", f"{site} knows you as {me.name} ({me.account_id}), by {way}")
    spaces = [space async for space in confluence.results(Space, "spaces")]
    if not spaces:
        report.bad("Confluence", "you may not see any space. Ask an administrator for access to one.")
        return
    report.good("Confluence", f"you may see {len(spaces)} spaces: {_some([space.key for space in spaces])}")
    if not writes:
        return
    open_to_you = [space.key for space in spaces[:MOST_SPACES] if await _may_write(confluence, space)]
    if open_to_you:
        report.good("Confluence", f"you may create pages in {_some(open_to_you)}")
    else:
        report.bad("Confluence", "you may not create pages in any space that was tried. Ask an administrator.")


async def _may_write(confluence: ConfluenceApiClient, space: Space) -> bool:
    path = f"spaces/{space.id}/operations"
    allowed = (await confluence.get(Operations, path, named=f"your rights in {space.key}")).operations
    return any((each.get("operation"), each.get("targetType")) == PAGE_WRITING for each in allowed)


def _some(keys: Sequence[str]) -> str:
    return ", ".join(keys[:8]) + (", ..." if len(keys) > 8 else "")

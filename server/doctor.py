"""The check of a setup: settings, reachability, credentials, permissions; and for each what to fix."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from rich.console import Console
from rich.text import Text

from server.app import clients
from server.client import ConfluenceApiClient, JiraApiClient, Pool
from server.entities import Model, Person, Project, Space
from server.errors import AtlassianError, SettingsError
from server.settings import Settings, read_settings

# What the tools need of an account, in Jira's and Confluence's names.
TO_READ = ("BROWSE_PROJECTS",)
TO_WRITE = ("CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES")
PAGE_WRITING = ("create", "page")
MOST_SPACES = 10  # whose rights are asked for


async def examine(environment: Mapping[str, str], *, transport: httpx2.AsyncBaseTransport | None = None) -> bool:
    """Print what is in order and what to fix; whether nothing is to be fixed."""
    report = Report()
    try:
        settings = read_settings(environment)
    except SettingsError as error:
        report.bad("settings", str(error))
        return False
    if settings.jira or settings.confluence:
        report.good("settings", "read-only: tools that change something are off" if settings.read_only else "in order")
    if not (settings.jira or settings.confluence):
        report.bad("site", "none is configured. Set JIRA_URL, JIRA_USERNAME and JIRA_API_TOKEN, or try --demo.")
    _callers(report, settings)
    if any(product and not product.api_token for product in (settings.jira, settings.confluence)):
        return report.sound  # each caller has an account, and nobody else
    async with transport or Pool(settings.network) as wire:
        site = clients(settings, transport=wire)
        if site.jira:
            await report.of("Jira", _jira(report, site.jira, writes=not settings.read_only))
        if site.confluence:
            await report.of("Confluence", _confluence(report, site.confluence, writes=not settings.read_only))
    return report.sound


class Permissions(Model):
    permissions: dict[str, dict[str, Any]]


class Operations(Model):
    operations: list[dict[str, Any]]


@dataclass
class Report:
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    sound: bool = True

    async def of(self, product: str, check: Awaitable[None]) -> None:
        """Run a check; what it raises is what to fix."""
        try:
            await check
        except AtlassianError as error:
            self.bad(product, str(error))

    def good(self, subject: str, finding: str) -> None:
        self.console.print(Text.assemble(("ok   ", "green"), (f"{subject}: ", "bold"), finding))

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
    me = await jira.get(Person, "myself", named="your own account")
    report.good("Jira", f"{jira.config.site} knows you as {me.name} ({me.account_id})")
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


async def _confluence(report: Report, confluence: ConfluenceApiClient, *, writes: bool) -> None:
    me = await confluence.get(Person, "/wiki/rest/api/user/current", named="your own account")
    report.good("Confluence", f"{confluence.config.site}/wiki knows you as {me.name} ({me.account_id})")
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

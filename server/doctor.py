"""The check of a setup: settings, reachability, credentials, permissions; and for each what to fix."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx2
from rich.console import Console
from rich.text import Text

from server.app import clients
from server.client import ConfluenceApiClient, JiraApiClient, Pool
from server.entities import Person, Project, Space
from server.errors import AtlassianError, SettingsError
from server.settings import read_settings

# What the tools need of an account, in Jira's names.
NEEDED = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES")


async def examine(environment: Mapping[str, str], *, transport: httpx2.AsyncBaseTransport | None = None) -> bool:
    """Print what is in order and what to fix; whether nothing is to be fixed."""
    report = Report()
    try:
        settings = read_settings(environment)
    except SettingsError as error:
        report.bad("settings", str(error))
        return False
    report.good("settings", "read-only: tools that change something are off" if settings.read_only else "in order")
    if not (settings.jira or settings.confluence):
        report.bad("site", "none is configured. Set JIRA_URL, JIRA_USERNAME and JIRA_API_TOKEN, or try --demo.")
    async with transport or Pool() as wire:
        site = clients(settings, transport=wire)
        if site.jira:
            await report.of("Jira", _jira(report, site.jira))
        if site.confluence:
            await report.of("Confluence", _confluence(report, site.confluence))
    return report.sound


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


async def _jira(report: Report, jira: JiraApiClient) -> None:
    me = await jira.get(Person, "myself", named="your own account")
    report.good("Jira", f"{jira.config.site} knows you as {me.name} ({me.account_id})")
    projects = [project.key async for project in jira.values(Project, "project/search")]
    if not projects:
        report.bad("Jira", "you may not see any project. Ask an administrator for access to one.")
        return
    report.good("Jira", f"you may see {len(projects)} projects: {_some(projects)}")
    answer = await jira.send("GET", "mypermissions", query={"permissions": ",".join(NEEDED)}, named="your permissions")
    lacking = [name for name in NEEDED if not answer["permissions"][name]["havePermission"]]
    if lacking:
        report.bad("Jira", f"your account lacks {', '.join(lacking)} in every project. Ask an administrator.")
    else:
        report.good("Jira", "you may browse, create, edit, comment and transition issues in at least one project")


async def _confluence(report: Report, confluence: ConfluenceApiClient) -> None:
    me = await confluence.get(Person, "/wiki/rest/api/user/current", named="your own account")
    report.good("Confluence", f"{confluence.config.site}/wiki knows you as {me.name} ({me.account_id})")
    spaces = [space async for space in confluence.results(Space, "spaces")]
    if not spaces:
        report.bad("Confluence", "you may not see any space. Ask an administrator for access to one.")
        return
    report.good("Confluence", f"you may see {len(spaces)} spaces: {_some([space.key for space in spaces])}")


def _some(keys: Sequence[str]) -> str:
    return ", ".join(keys[:8]) + (", ..." if len(keys) > 8 else "")

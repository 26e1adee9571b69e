"""Work that is logged on Jira issues."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from server.client import Absence, JiraApiClient, Mark
from server.client.jira import MARKER
from server.content import adf_to_markdown
from server.context import Jira
from server.entities import ISSUE, Model, Worklog, minute
from server.errors import Invalid
from tools.declare import reads, writes
from tools.lists import Listed, table
from tools.parameters import IssueKey, PageSize, Start, Text, quiet
from tools.rewrites import EMPTY, DryRun, new_document, preview_new, tried
from tools.times import Duration, When, when

JIRA_TIME = "%Y-%m-%dT%H:%M:%S.000+0000"


class WorklogList(Listed):
    worklogs: list[Worklog] = Field([])

    def text(self) -> str:
        if not self.worklogs:
            return "No work is logged."
        rows = [" | ".join(_cells(each)) for each in self.worklogs]
        return "\n".join([self.heading(len(rows), "worklog"), *table("id | started | author | spent | comment", rows)])


def _cells(worklog: Worklog) -> list[str]:
    comment = worklog.comment.replace("\n", " ").strip()
    return [worklog.id, minute(worklog.started), worklog.author, worklog.spent, comment]


class Logged(Model):
    id: str
    issue_key: str
    time_spent: str
    started: datetime
    also: str = ""
    preview: str = Field(default="", description="Of a dry run: nothing was written")

    def text(self) -> str:
        return self.preview or (
            f"Logged {self.time_spent} on {self.issue_key}, started {minute(self.started)} UTC "
            f"(worklog {self.id}){self.also}"
        )

    @property
    def touched(self) -> str | None:
        return None if self.preview else ISSUE.uri_of(self.issue_key)


@reads
async def jira_get_worklog(issue_key: IssueKey, jira: Jira, limit: PageSize = 50, cursor: Start = None) -> WorklogList:
    """List the work logged on a Jira issue, oldest first."""
    query = {"startAt": cursor or "0", "maxResults": limit}
    return await jira.get(WorklogList, _path(issue_key), query, named=ISSUE.named(issue_key))


@writes(destructive=False, idempotent=False, inward="issue_key")
async def jira_add_worklog(
    issue_key: IssueKey,
    time_spent: Duration,
    jira: Jira,
    comment: Text | None = None,
    started: When | None = None,
    remaining_estimate: Duration | None = None,
    original_estimate: Annotated[Duration | None, quiet] = None,
    dry_run: Annotated[DryRun, quiet] = False,
) -> Logged:
    """Log time on a Jira issue."""
    began = await when(jira, started)
    body: dict[str, Any] = {"timeSpent": time_spent, "started": began.astimezone(UTC).strftime(JIRA_TIME)}
    if comment:
        body["comment"] = new_document(comment)
    if dry_run:
        shown = preview_new(f"a new worklog on {issue_key}", adf_to_markdown(body.get("comment", EMPTY)))
        return Logged(id="", issue_key=issue_key, time_spent=time_spent, started=began, preview=tried(shown))
    if original_estimate:
        await _estimate(jira, issue_key, original_estimate)
    query = {"adjustEstimate": "new", "newEstimate": remaining_estimate} if remaining_estimate else None
    logged = await _log(jira, issue_key, body, began, query)
    estimates = (("originally estimated", original_estimate), ("remaining", remaining_estimate))
    also = "".join(f", {name} {value}" for name, value in estimates if value)
    return Logged(id=logged.id, issue_key=issue_key, time_spent=time_spent, started=began, also=also)


class _Marked(Model):
    id: str
    properties: list[dict[str, Any]] = Field([])


class _MarkedList(Model):
    worklogs: list[_Marked]


async def _log(
    jira: JiraApiClient, issue_key: str, body: dict[str, Any], began: datetime, query: dict[str, str] | None
) -> _Marked:
    """Where no answer tells of it, the worklog is looked for by its marker."""
    marker = {"key": MARKER, "value": jira.marker()}
    near = timedelta(minutes=1)
    around = {"startedAfter": _stamp(began - near), "startedBefore": _stamp(began + near), "expand": "properties"}

    async def look() -> _Marked | None:
        found = await jira.get(_MarkedList, _path(issue_key), around, named=ISSUE.named(issue_key))
        return next((each for each in found.worklogs if marker in each.properties), None)

    marked = {**body, "properties": [marker]}
    mark = Mark(look, Absence.CURRENT)
    return await jira.post(_Marked, _path(issue_key), marked, query, named=ISSUE.named(issue_key), mark=mark)


async def _estimate(jira: JiraApiClient, issue_key: str, original: str) -> None:
    fields = {"timetracking": {"originalEstimate": original}}
    try:
        await jira.send("PUT", ISSUE.path(issue_key), body={"fields": fields}, named=ISSUE.named(issue_key))
    except Invalid as error:
        raise Invalid(f"Nothing was logged. {error} Leave out original_estimate to log the time.").then(
            *error.steps
        ) from error


def _path(issue_key: str) -> str:
    return f"{ISSUE.path(issue_key)}/worklog"


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

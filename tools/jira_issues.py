"""Find, read, create and change Jira issues."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, cast

from pydantic import Field, model_validator

from server.client import JiraApiClient
from server.context import Jira
from server.entities import ISSUE, SHOWN, Issue, Model, absent, line
from server.errors import Invalid, Refused
from tools.consent import Confirm, Consent, asks
from tools.declare import reads, writes
from tools.field_values import as_jira_takes, refuse_losses, with_choices
from tools.lists import heading
from tools.parameters import LONGEST_QUERY, LONGEST_TEXT, AllowLoss, Day, IssueKey, Limit, Names, ProjectKey, Token

ROW = "issuetype,status,priority,assignee,summary"
_LONG = frozenset({"*all", "*navigable", "description", "comment"})  # more than a table's cell can show

Fields = Annotated[Names, Field(max_length=LONGEST_QUERY, description="Jira field ids, comma-separated, or *all")]
Raw = Annotated[dict[str, Any] | None, Field(description="Further fields by id, as Jira's REST API takes them")]
Summary = Annotated[str, Field(min_length=1, max_length=255, pattern=r"\S")]
Description = Annotated[str | None, Field(max_length=LONGEST_TEXT, pattern=r"\S", description="Markdown")]
Assignee = Annotated[str | None, Field(min_length=1, description="E-mail, full name, account id, me or none")]
Priority = Annotated[str | None, Field(description="By name, e.g. High")]
Parent = Annotated[IssueKey | None, Field(description="Key of the epic or parent issue")]


class IssueList(Model):
    """One page of issues, each with the fields that were asked for."""

    narrower: ClassVar[str] = "Ask for fewer `fields`, or fewer issues by `limit`."

    issues: list[Issue]
    next_page_token: str | None = Field(None, validation_alias="nextPageToken")
    absent_fields: list[str] = Field(default=[], description="Asked for, but not fields of these issues")
    names: dict[str, str] = Field(default={}, exclude=True)  # of fields, by id
    columns: list[str] = Field(default=[], exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _tell_names(cls, answer: Any) -> Any:
        if not isinstance(answer, Mapping) or "names" not in answer:
            return cast("object", answer)
        found = cast("Mapping[str, Any]", answer)
        return {**found, "issues": [{**issue, "names": found["names"]} for issue in found["issues"]]}

    def text(self) -> str:
        if not self.issues:
            return "No issue matches."
        more = self.next_page_token and f"page_token={self.next_page_token}"
        count = heading(len(self.issues), "issue", more=more)
        rows = self._table() if self.columns else [f"\n{issue.text()}" for issue in self.issues]
        return line(count, *rows, absent(self.absent_fields), by="\n")

    def _table(self) -> list[str]:
        cells = ([issue.value(column) for column in self.columns] for issue in self.issues)
        return [" | ".join(row) for row in (self.columns, *cells)]


class Written(Model):
    """An issue that was created or changed, and what was set."""

    key: str
    done: str
    url: str

    def text(self) -> str:
        return f"{self.done} {self.url}"

    @property
    def touched(self) -> str:
        return ISSUE.uri_of(self.key)


@reads
async def jira_search(
    jql: Annotated[
        str,
        Field(min_length=1, max_length=20_000, description="e.g. project = PROJ AND status = Open ORDER BY updated"),
    ],
    jira: Jira,
    fields: Fields = ROW,
    limit: Limit = 25,
    page_token: Token = None,
) -> IssueList:
    """Search Jira issues with JQL."""
    wanted = _names(fields)
    body: dict[str, object] = {"jql": jql, "fields": wanted, "maxResults": limit, "expand": "names"}
    if page_token:
        body["nextPageToken"] = page_token
    found = await jira.post(IssueList, "search/jql", body, named="your JQL", repeatable=True)
    missing = _absent(wanted, found.names) if found.issues else []
    columns = [_column(name, found.names) for name in wanted if name not in missing and not name.startswith("-")]
    shown = [] if _LONG & set(wanted) else ["key", *columns]
    return found.model_copy(update={"columns": shown, "absent_fields": missing})


@reads
async def jira_get_issue(
    issue_key: IssueKey,
    jira: Jira,
    fields: Fields = SHOWN,
    comment_limit: Annotated[int, Field(ge=0, le=5000, description="Newest comments to show")] = 10,
) -> Issue:
    """Read a Jira issue: facts, description, links and comments."""
    wanted = _names(fields)
    query = {"fields": ",".join(wanted), "expand": "names"}
    issue = await jira.get(Issue, ISSUE.path(issue_key), query, named=ISSUE.named(issue_key))
    return issue.with_comments(comment_limit).model_copy(update={"absent_fields": _absent(wanted, issue.names)})


@writes(destructive=False, idempotent=False)
async def jira_create_issue(
    project_key: ProjectKey,
    summary: Summary,
    issue_type: Annotated[str, Field(min_length=1, description="By name, e.g. Task, Bug, Story, Epic, Sub-task")],
    jira: Jira,
    description: Description = None,
    assignee: Assignee = None,
    priority: Priority = None,
    labels: list[str] | None = None,
    parent: Parent = None,
    due_date: Day | None = None,
    components: Annotated[list[str] | None, Field(description="By name")] = None,
    additional_fields: Raw = None,
) -> Written:
    """Create a Jira issue."""
    arguments = {
        "project": project_key,
        "summary": summary,
        "issuetype": issue_type,
        "description": description,
        "assignee": assignee,
        "priority": priority,
        "labels": labels,
        "parent": parent,
        "duedate": due_date,
        "components": components and [{"name": name} for name in components],
    }
    fields = await as_jira_takes(jira, arguments, additional_fields)
    try:
        created = await jira.create_issue(project_key, fields)
    except Invalid as error:
        raise await with_choices(jira, error, project_key) from error
    return Written(key=created.key, done=f"Created {created.key}: {summary}", url=_url(jira, created.key))


@writes(destructive=True, idempotent=True)
async def jira_update_issue(
    issue_key: IssueKey,
    jira: Jira,
    summary: Summary | None = None,
    description: Description = None,
    assignee: Assignee = None,
    priority: Priority = None,
    labels: Annotated[list[str] | None, Field(description="Replaces all labels")] = None,
    parent: Parent = None,
    due_date: Day | None = None,
    fields: Raw = None,
    allow_loss: AllowLoss = False,
) -> Written:
    """Change fields of a Jira issue; the rest stays."""
    arguments = {
        "summary": summary,
        "description": description,
        "assignee": assignee,
        "priority": priority,
        "labels": labels,
        "parent": parent,
        "duedate": due_date,
    }
    values = await as_jira_takes(jira, arguments, fields)
    if not values:
        raise Refused("Nothing to change: pass at least one field, such as summary or assignee.")
    if "description" in values and not allow_loss:
        await refuse_losses(jira, issue_key, values["description"])
    try:
        await jira.send("PUT", ISSUE.path(issue_key), body={"fields": values}, named=ISSUE.named(issue_key))
    except Invalid as error:
        raise await with_choices(jira, error, issue_key.partition("-")[0]) from error
    return Written(key=issue_key, done=f"Updated {issue_key}: {', '.join(values)}", url=_url(jira, issue_key))


class Deleted(Model):
    key: str

    def text(self) -> str:
        return f"Deleted {self.key}"

    @property
    def touched(self) -> str:
        return ISSUE.uri_of(self.key)


async def _what_goes(issue_key: str, jira: Jira) -> str:
    issue = await jira.get(Issue, ISSUE.path(issue_key), {"fields": "summary,subtasks"}, named=ISSUE.named(issue_key))
    also = f" with its {heading(len(issue.links), 'subtask')}" if issue.links else ""
    return f"Delete {issue.key} `{issue.summary}`{also}? It can't be brought back."


@writes(destructive=True, idempotent=True)
async def jira_delete_issue(
    issue_key: IssueKey, jira: Jira, consent: Annotated[Consent, asks(_what_goes)], confirm: Confirm = False
) -> Deleted:
    """Delete a Jira issue with its subtasks."""
    await jira.send("DELETE", ISSUE.path(issue_key), query={"deleteSubtasks": "true"}, named=ISSUE.named(issue_key))
    return Deleted(key=issue_key)


def _names(fields: str) -> list[str]:
    """The fields to ask for, besides the key, which always comes; Jira takes none for ids alone."""
    names = [name.strip() for name in fields.split(",")]
    return [name for name in names if name not in ("", "key")] or ["summary"]


def _column(name: str, names: Mapping[str, str]) -> str:
    return name if name in SHOWN.split(",") else names.get(name, name)


def _absent(wanted: list[str], names: Mapping[str, str]) -> list[str]:
    return [name for name in wanted if name not in names and not name.startswith(("*", "-"))]


def _url(jira: JiraApiClient, key: str) -> str:
    return f"{jira.config.site}/browse/{key}"

"""Find, read, create and change Jira issues."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from server.client import JiraApiClient
from server.content import adf_losses, markdown_to_adf
from server.context import Jira
from server.entities import ISSUE, PROJECT, SHOWN, Issue, Model, Project
from server.errors import Invalid, Refused
from tools.declare import reads, writes
from tools.parameters import LONGEST_TEXT, Day, IssueKey, Limit, Names, ProjectKey

ROW = "issuetype,status,priority,assignee,summary"
_LONG = frozenset({"*all", "*navigable", "description", "comment"})  # more than a table's cell can show

Fields = Annotated[Names, Field(description="Jira field ids, comma-separated, or *all")]
Raw = Annotated[dict[str, Any] | None, Field(description="Further fields by id, as Jira's REST API takes them")]
Summary = Annotated[str, Field(min_length=1, max_length=255, pattern=r"\S")]
Description = Annotated[str | None, Field(max_length=LONGEST_TEXT, description="Markdown")]
Assignee = Annotated[str | None, Field(min_length=1, description="E-mail, name, account id, me or none")]
Priority = Annotated[str | None, Field(description="By name, e.g. High")]
Parent = Annotated[IssueKey | None, Field(description="Key of the epic or parent issue")]


class IssueList(Model):
    """One page of issues, each with the fields that were asked for."""

    issues: list[Issue]
    next_page_token: str | None = None
    columns: list[str] = Field(default=[], exclude=True)

    def text(self) -> str:
        if not self.issues:
            return "No issue matches."
        more = f"; more with page_token={self.next_page_token}" if self.next_page_token else ""
        count = f"{len(self.issues)} issue{'' if len(self.issues) == 1 else 's'}{more}"
        rows = self._table() if self.columns else [f"\n{issue.text()}" for issue in self.issues]
        return "\n".join([count, *rows])

    def _table(self) -> list[str]:
        cells = ([issue.key, *(issue.value(column) for column in self.columns)] for issue in self.issues)
        return [" | ".join(row) for row in (["key", *self.columns], *cells)]


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
    jql: Annotated[str, Field(min_length=1, description="e.g. project = PROJ AND status = Open ORDER BY updated")],
    jira: Jira,
    fields: Fields = ROW,
    limit: Limit = 25,
    page_token: Annotated[str | None, Field(description="From the page before")] = None,
) -> IssueList:
    """Search Jira issues with JQL."""
    wanted = [name for name in _names(fields) if name != "key"]
    body: dict[str, object] = {"jql": jql, "fields": wanted, "maxResults": limit, "expand": "names"}
    if page_token:
        body["nextPageToken"] = page_token
    answer = await jira.send("POST", "search/jql", body=body, named="your JQL", repeatable=True)
    names: dict[str, str] = answer.get("names", {})
    return IssueList(
        issues=[Issue.model_validate({**issue, "names": names}) for issue in answer["issues"]],
        next_page_token=answer.get("nextPageToken"),
        columns=[] if _LONG & set(wanted) else [_column(name, names) for name in wanted],
    )


@reads
async def jira_get_issue(
    issue_key: IssueKey,
    jira: Jira,
    fields: Fields = SHOWN,
    comment_limit: Annotated[int, Field(ge=0, le=5000, description="Newest comments to show")] = 10,
) -> Issue:
    """Read a Jira issue: facts, description, links and comments."""
    query = {"fields": ",".join(_names(fields)), "expand": "names"}
    issue = await jira.get(Issue, ISSUE.path(issue_key), query, named=ISSUE.named(issue_key))
    return issue.with_comments(comment_limit)


@writes(destructive=False, idempotent=False)
async def jira_create_issue(
    project_key: ProjectKey,
    summary: Summary,
    issue_type: Annotated[str, Field(min_length=1, description="By name, e.g. Task, Bug, Story, Epic, Subtask")],
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
    fields = {
        "project": {"key": project_key},
        "summary": summary,
        "issuetype": {"name": issue_type},
        **await _values(
            jira,
            description=description,
            assignee=assignee,
            priority=priority,
            labels=labels,
            parent=parent,
            due_date=due_date,
        ),
        **({} if components is None else {"components": [{"name": name} for name in components]}),
        **(additional_fields or {}),
    }
    try:
        created = await jira.send("POST", "issue", body={"fields": fields}, named=f"a new issue in {project_key}")
    except Invalid as error:
        raise await _with_choices(jira, error, project_key) from error
    return Written(key=created["key"], done=f"Created {created['key']}: {summary}", url=_url(jira, created["key"]))


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
) -> Written:
    """Change fields of a Jira issue; the rest stays."""
    values: dict[str, Any] = {
        **({} if summary is None else {"summary": summary}),
        **await _values(
            jira,
            description=description,
            assignee=assignee,
            priority=priority,
            labels=labels,
            parent=parent,
            due_date=due_date,
        ),
        **(fields or {}),
    }
    text = values.get("description")
    if isinstance(text, str):
        values["description"] = markdown_to_adf(text)
    if not values:
        raise Refused("Nothing to change: pass at least one field, such as summary or assignee.")
    if "description" in values:
        await _refuse_losses(jira, issue_key)
    try:
        await jira.send("PUT", ISSUE.path(issue_key), body={"fields": values}, named=ISSUE.named(issue_key))
    except Invalid as error:
        raise await _with_choices(jira, error, issue_key.partition("-")[0]) from error
    return Written(key=issue_key, done=f"Updated {issue_key}: {', '.join(values)}", url=_url(jira, issue_key))


def _names(fields: str) -> list[str]:
    return [name.strip() for name in fields.split(",") if name.strip()]


def _column(name: str, names: Mapping[str, str]) -> str:
    return name if name in SHOWN.split(",") else names.get(name, name)


def _url(jira: JiraApiClient, key: str) -> str:
    return f"{jira.config.site}/browse/{key}"


async def _values(
    jira: JiraApiClient,
    *,
    description: str | None,
    assignee: str | None,
    priority: str | None,
    labels: list[str] | None,
    parent: str | None,
    due_date: str | None,
) -> dict[str, object]:
    """The fields that were given, as Jira takes them."""
    nobody = assignee is not None and assignee.lower() == "none"
    person = None if assignee is None or nobody else {"accountId": await jira.account_id(assignee)}
    given: dict[str, object] = {
        "description": None if description is None else markdown_to_adf(description),
        "assignee": person,
        "priority": None if priority is None else {"name": priority},
        "labels": labels,
        "parent": None if parent is None else {"key": parent},
        "duedate": due_date,
    }
    return {name: value for name, value in given.items() if value is not None} | ({"assignee": None} if nobody else {})


async def _refuse_losses(jira: JiraApiClient, issue_key: str) -> None:
    """A description is rewritten from Markdown only where Markdown can say all that it holds."""
    query = {"fields": "description"}
    issue = await jira.send("GET", ISSUE.path(issue_key), query=query, named=ISSUE.named(issue_key))
    losses = adf_losses(issue["fields"].get("description") or {"type": "doc", "version": 1, "content": []})
    if losses:
        raise Refused(
            f"Nothing was written: the description of {issue_key} holds what Markdown can't carry, and a rewrite would "
            f"lose it: {'; '.join(losses)}. Add a comment instead, or edit it in Jira."
        )


async def _with_choices(jira: JiraApiClient, error: Invalid, project_key: str) -> Invalid:
    """Jira's refusal, with the values that it would have taken."""
    choices: list[str] = []
    if "issuetype" in error.fields:
        project: Project = await jira.read(PROJECT, project_key)
        choices.append("issue types: " + ", ".join(kind.name for kind in project.issue_types))
    if "priority" in error.fields:
        priorities = await jira.send("GET", "priority", named="priorities")
        choices.append("priorities: " + ", ".join(priority["name"] for priority in priorities))
    hint = f" Possible {'; '.join(choices)}." if choices else ""
    return Invalid(f"{error}{hint}", error.fields)

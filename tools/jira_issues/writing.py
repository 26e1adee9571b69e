"""Create, change and assign Jira issues."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from server.client import JiraApiClient
from server.content import adf_to_markdown
from server.context import Jira
from server.entities import ISSUE, Model
from server.errors import AtlassianError, Invalid, Refused
from tools.consent import Consent, Unlisted, asks
from tools.declare import writes
from tools.descriptions import Changes, Markdown, is_document, upon
from tools.field_refusals import with_choices
from tools.field_values import as_jira_takes
from tools.jira_setup import create_screen, edit_screen
from tools.jira_users import People
from tools.parameters import LONGEST_TEXT, Day, IssueKey, ProjectKey
from tools.rewrites import AllowLoss, DryRun, preview_new, tried
from tools.security_levels import who_sees_it

Raw = Annotated[
    dict[str, Any] | None,
    Field(description='e.g. {"Story Points": 3}'),
]
Summary = Annotated[str, Field(min_length=1, max_length=255, pattern=r"\S")]
Description = Annotated[str | None, Field(max_length=LONGEST_TEXT, pattern=r"\S", examples=["Markdown"])]
Person = Annotated[
    str, Field(pattern=r"\S", max_length=255, examples=["me, none, an e-mail address, a full name or an account id"])
]
Priority = Annotated[str | None, Field(examples=["High"])]
Parent = Annotated[IssueKey | None, Field(examples=["PROJ-1"])]


class Written(Model):
    """An issue that was created or changed, and what was set."""

    key: str
    done: str
    url: str
    preview: str = Field(default="", description="Of a dry run: nothing was written")

    def text(self) -> str:
        return self.preview or f"{self.done} {self.url}"

    @property
    def touched(self) -> str | None:
        return None if self.preview else ISSUE.uri_of(self.key)


@writes(destructive=False, idempotent=False)
async def jira_create_issue(
    project_key: ProjectKey,
    summary: Summary,
    issue_type: Annotated[str, Field(min_length=1, examples=["Bug"])],
    jira: Jira,
    description: Description = None,
    assignee: Person | None = None,
    priority: Priority = None,
    labels: list[str] | None = None,
    parent: Parent = None,
    due_date: Day | None = None,
    components: list[str] | None = None,
    additional_fields: Raw = None,
    dry_run: DryRun = False,
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
        "components": components,
    }
    fields = await as_jira_takes(jira, arguments, additional_fields)
    if dry_run:
        return Written(key="", done="", url="", preview=_preview_new(project_key, fields))
    try:
        created = await jira.create_issue(project_key, fields)
    except Invalid as error:
        screen = partial(create_screen, jira, project_key, issue_type, again=True)
        raise await with_choices(jira, error, project_key, screen) from error
    return Written(key=created.key, done=f"Created {created.key}: {summary}", url=browse(jira, created.key))


async def _who_sees_it(issue_key: str, fields: dict[str, Any] | None, dry_run: bool, jira: Jira) -> str | None:
    return None if dry_run else await who_sees_it(jira, issue_key, fields)


@writes(destructive=True, idempotent=True)
async def jira_update_issue(
    issue_key: IssueKey,
    jira: Jira,
    consent: Annotated[Consent, asks(_who_sees_it)],
    summary: Summary | None = None,
    description: Description = None,
    assignee: Person | None = None,
    priority: Priority = None,
    labels: Annotated[list[str] | None, Field(description="Replaces all labels")] = None,
    parent: Parent = None,
    due_date: Day | None = None,
    fields: Raw = None,
    allow_loss: AllowLoss = False,
    dry_run: DryRun = False,
    confirm: Unlisted = False,
) -> Written:
    """Change fields of a Jira issue; the rest stays."""
    arguments = {
        "summary": summary,
        "assignee": assignee,
        "priority": priority,
        "labels": labels,
        "parent": parent,
        "duedate": due_date,
        "description": description,
    }
    values = await as_jira_takes(jira, arguments, fields, document=Markdown)
    if not values:
        raise Refused("Nothing to change: pass at least one field, such as summary or assignee.")
    names = [name for name, value in arguments.items() if value is not None] + list(fields or ())
    changes = await upon(jira, issue_key, values)
    if dry_run:
        return Written(key=issue_key, done="", url=browse(jira, issue_key), preview=_preview(issue_key, names, changes))
    if not allow_loss:
        changes.refuse_losses()
    await _save(jira, issue_key, changes.values)
    return Written(key=issue_key, done=f"Updated {issue_key}: {', '.join(names)}", url=browse(jira, issue_key))


async def _save(jira: JiraApiClient, issue_key: str, values: dict[str, Any]) -> None:
    try:
        await jira.send("PUT", ISSUE.path(issue_key), body={"fields": values}, named=ISSUE.named(issue_key))
    except Invalid as error:
        screen = partial(edit_screen, jira, issue_key)
        raise await with_choices(jira, error, issue_key.partition("-")[0], screen) from error


def _preview(issue_key: str, names: list[str], changes: Changes) -> str:
    return tried(*changes.preview(), f"{issue_key} would be set: {', '.join(names)}.")


def _preview_new(project_key: str, fields: Mapping[str, Any]) -> str:
    """The texts as Jira would show them, and what else would be set."""
    texts = {name: adf_to_markdown(value) for name, value in fields.items() if is_document(value)}
    shown = (preview_new(f"the {name} of a new issue", text) for name, text in texts.items())
    return tried(*shown, f"A new issue in {project_key} would be set: {', '.join(fields)}.")


class Assigned(Model):
    key: str
    assignee: str

    def text(self) -> str:
        return f"{self.key} is assigned to {self.assignee}"

    @property
    def touched(self) -> str:
        return ISSUE.uri_of(self.key)


@writes(destructive=True, idempotent=True)
async def jira_assign_issue(issue_key: IssueKey, jira: Jira, assignee: Person = "none") -> Assigned:
    """Assign a Jira issue to a person, or to nobody."""
    fields = await as_jira_takes(jira, {"assignee": assignee}, None)
    account, path, named = fields["assignee"], ISSUE.path(issue_key), ISSUE.named(issue_key)
    if account is None:  # the operation for assigning takes no null
        await jira.send("PUT", path, body={"fields": fields}, named=named)
    else:
        try:
            await jira.send("PUT", f"{path}/assignee", body=account, named=named)
        except Invalid as error:
            raise await _with_assignable(jira, issue_key, error) from error
    return Assigned(key=issue_key, assignee=assignee if account else "nobody")


async def _with_assignable(jira: JiraApiClient, issue_key: str, error: Invalid) -> Invalid:
    query = {"issueKey": issue_key, "query": "", "maxResults": 10}
    try:
        found = await jira.get(People, "user/assignable/search", query, named=ISSUE.named(issue_key))
    except AtlassianError:
        return error
    names = "; ".join(f"{each.name} ({each.account_id})" for each in found.people)
    return error.saying(f"It can be assigned to {names}.") if names else error


def browse(jira: JiraApiClient, key: str) -> str:
    return f"{jira.config.site}/browse/{key}"

"""Delete Jira issues and move them to other projects."""

from typing import Annotated

from pydantic import AliasPath, Field

from server.client import JiraApiClient
from server.context import Jira
from server.entities import ISSUE, Issue, Model
from server.errors import Invalid, UnknownOutcome
from tools.consent import Confirm, Consent, asks
from tools.declare import writes
from tools.jira_setup import issue_kinds, kinds_named
from tools.lists import heading
from tools.parameters import IssueKey, ProjectKey


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


MOST_LOOKS, BETWEEN_LOOKS = 60, 1.0  # at a task of Jira's, and the seconds between two


class Place(Model):
    """Where an issue is and what it is there."""

    id: str
    key: str
    summary: str = Field("", validation_alias=AliasPath("fields", "summary"))
    type: str = Field("", validation_alias=AliasPath("fields", "issuetype", "name"))
    subtask: bool = Field(default=False, validation_alias=AliasPath("fields", "issuetype", "subtask"))


class Task(Model):
    id: str = Field(validation_alias="taskId")
    status: str = "RUNNING"
    failed: dict[str, list[str]] = Field({}, validation_alias="failedAccessibleIssues")


class Relocated(Model):
    key: str
    new_key: str
    url: str

    def text(self) -> str:
        return f"Moved {self.key}: it is now {self.new_key} {self.url}"

    @property
    def touched(self) -> str:
        return ISSUE.uri_of(self.key)


async def _what_moves(issue_key: str, target_project_key: str, jira: Jira) -> str:
    issue = await _place(jira, issue_key)
    return (
        f"Move {issue.key} `{issue.summary}` with its subtasks to project {target_project_key}? It gets a new key, and "
        "loses versions and components that are not there."
    )


@writes(destructive=True, idempotent=False)
async def jira_move_issue(
    issue_key: IssueKey,
    target_project_key: ProjectKey,
    jira: Jira,
    consent: Annotated[Consent, asks(_what_moves)],
    confirm: Confirm = False,
) -> Relocated:
    """Move a Jira issue with its subtasks to another project."""
    issue = await _place(jira, issue_key)
    target = await _target(jira, issue, target_project_key)
    source = {
        "issueIdsOrKeys": [issue_key],
        "inferClassificationDefaults": True,
        "inferFieldDefaults": True,
        "inferStatusDefaults": True,
        "inferSubtaskTypeDefault": True,
    }
    body = {"sendBulkNotification": False, "targetToSourcesMapping": {target: source}}
    task = await jira.post(Task, "bulk/issues/move", body, named=ISSUE.named(issue_key))
    await _finished(jira, task.id, issue_key)
    # By its id: where an old key leads is asked for twice.
    moved = await jira.get(Place, f"issue/{issue.id}", {"fields": "summary"}, named=ISSUE.named(issue_key))
    return Relocated(key=issue_key, new_key=moved.key, url=f"{jira.config.site}/browse/{moved.key}")


async def _place(jira: JiraApiClient, issue_key: str) -> Place:
    query = {"fields": "summary,issuetype"}
    return await jira.get(Place, ISSUE.path(issue_key), query, named=ISSUE.named(issue_key))


async def _target(jira: JiraApiClient, issue: Place, project_key: str) -> str:
    """The project and the type of the same name there, as the bulk API names them together."""
    if issue.subtask:
        raise Invalid(f"Nothing was moved: {issue.key} is a subtask. Move its parent, and it comes along.")
    same = await kinds_named(jira, project_key, issue.type)
    if not same:
        names = ", ".join(kind.name for kind in await issue_kinds(jira, project_key) if not kind.subtask)
        raise Invalid(
            f"Nothing was moved: {project_key} has no issue type {issue.type}, it has {names}. "
            "Change the issue's type first."
        ).then("jira_update_issue does, with issuetype among its fields.")
    return f"{project_key},{same[0].id}"


async def _finished(jira: JiraApiClient, task_id: str, issue_key: str) -> None:
    for _ in range(MOST_LOOKS):
        task = await jira.get(Task, f"bulk/queue/{task_id}", named=f"the move of {issue_key}")
        if task.status not in ("ENQUEUED", "RUNNING"):
            break
        await jira.pause(BETWEEN_LOOKS)
    else:
        raise UnknownOutcome(f"Jira is still moving {issue_key} (task {task_id}). Read the issue in a minute.")
    if task.failed or task.status != "COMPLETE":
        reasons = " ".join(reason for why in task.failed.values() for reason in why) or f"the task is {task.status}."
        raise Invalid(f"{issue_key} was not moved: {reasons}")

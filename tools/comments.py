"""Comments on Jira issues."""

from typing import Annotated

from pydantic import Field

from server.content import markdown_to_adf
from server.context import Jira
from server.entities import ISSUE, Model
from tools.declare import writes
from tools.parameters import IssueKey, Text


class Added(Model):
    id: str
    issue_key: str = ""

    def text(self) -> str:
        return f"Added comment {self.id} to {self.issue_key}"

    @property
    def touched(self) -> str:
        return ISSUE.uri_of(self.issue_key)


@writes(destructive=False, idempotent=False)
async def jira_add_comment(
    issue_key: IssueKey,
    body: Text,
    jira: Jira,
    visibility: Annotated[
        dict[str, str] | None, Field(description='Who alone may see it, e.g. {"type": "role", "value": "Developers"}')
    ] = None,
) -> Added:
    """Comment on a Jira issue."""
    comment: dict[str, object] = {"body": markdown_to_adf(body)}
    if visibility:
        comment["visibility"] = visibility
    added = await jira.post(Added, f"{ISSUE.path(issue_key)}/comment", comment, named=ISSUE.named(issue_key))
    return added.model_copy(update={"issue_key": issue_key})

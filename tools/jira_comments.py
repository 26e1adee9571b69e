"""Comments on Jira issues."""

from typing import Annotated

from pydantic import Field

from server.content import markdown_to_adf
from server.context import Jira
from server.entities import ISSUE, Model
from server.errors import Refused
from tools.declare import writes
from tools.parameters import IssueKey, Text


class Added(Model):
    id: str
    issue_key: str = ""
    visibility: str | None = None

    def text(self) -> str:
        only = f", only for {self.visibility}" if self.visibility else ""
        return f"Added comment {self.id} to {self.issue_key}{only}"

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
    """Comment on a Jira issue. An @name notifies nobody."""
    only = None if visibility is None else _audience(visibility)
    comment = {"body": markdown_to_adf(body), **({"visibility": visibility} if only else {})}
    posted = await jira.add_comment(issue_key, comment)
    return Added(id=posted.id, issue_key=issue_key, visibility=only)


def _audience(visibility: dict[str, str]) -> str:
    """What the restriction says, so that no mistake in it makes a comment public."""
    kind, value = visibility.get("type"), visibility.get("value")
    if kind not in ("role", "group") or not value or len(visibility) != 2:
        raise Refused('Nothing was posted: visibility takes {"type": "role" or "group", "value": its name}.')
    return f"{kind} {value}"

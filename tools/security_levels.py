"""Issue security: who may see an issue at all, in projects that have levels of it."""

from collections.abc import Mapping
from typing import Any

from pydantic import AliasPath, Field

from server.client import JiraApiClient
from server.entities import ISSUE, Model
from tools.field_values import sets

SECURITY = "security"


class Level(Model):
    key: str
    name: str = Field("none", validation_alias=AliasPath("fields", SECURITY, "name"))


async def who_sees_it(jira: JiraApiClient, issue_key: str, fields: Mapping[str, Any] | None) -> str | None:
    """The question before the level of an issue is changed."""
    if not await sets(jira, fields, SECURITY):
        return None
    now = await jira.get(Level, ISSUE.path(issue_key), {"fields": SECURITY}, named=ISSUE.named(issue_key))
    return f"Change who may see {now.key}? Its security level is {now.name}. To be set: {dict(fields or {})}"

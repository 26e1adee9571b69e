"""What changed in Jira issues."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, cast

from pydantic import BeforeValidator, Field

from server.client import JiraApiClient
from server.context import Jira
from server.entities import Model, minute
from tools.declare import reads
from tools.field_values import CUSTOM
from tools.jira_setup import SYSTEM, field_named
from tools.lists import heading
from tools.parameters import LONGEST_QUERY, Names, Token

MOST_ISSUES, MOST_NAMED = 1_000, 100


class Item(Model):
    field: str
    before: str | None = Field(None, validation_alias="fromString")
    after: str | None = Field(None, validation_alias="toString")

    def text(self) -> str:
        return f"{self.field}: {_cut(self.before)} -> {_cut(self.after)}"


def _cut(value: str | None) -> str:
    flat = " ".join((value or "nothing").split())
    return flat if len(flat) <= 80 else f"{flat[:77]}..."


def _name(value: Any) -> str:
    return str(cast("Mapping[str, Any]", value).get("displayName", "")) if isinstance(value, Mapping) else "unknown"


def _moment(value: Any) -> Any:
    return value / 1000 if isinstance(value, int) else value


class Change(Model):
    created: Annotated[datetime, BeforeValidator(_moment)]
    author: Annotated[str, BeforeValidator(_name)] = "unknown"
    items: list[Item] = Field([])

    def text(self) -> str:
        return f"{minute(self.created)} | {self.author} | {'; '.join(item.text() for item in self.items)}"


class Changelog(Model):
    key: str = Field("", description="Empty where only the id is known")
    issue_id: str = Field(validation_alias="issueId")
    changes: list[Change] = Field(validation_alias="changeHistories")

    def text(self) -> str:
        return "\n".join([f"{self.key or self.issue_id}:", *(change.text() for change in self.changes)])


class Changelogs(Model):
    narrower: ClassVar[str] = "Ask for some `fields` alone, or for fewer changes by `limit`."

    issues: list[Changelog] = Field(validation_alias="issueChangeLogs")
    next_page_token: str | None = Field(None, validation_alias="nextPageToken")

    def text(self) -> str:
        more = self.next_page_token and f"page_token={self.next_page_token}"
        count = heading(sum(len(issue.changes) for issue in self.issues), "change", more=more)
        return "\n".join([count, *(issue.text() for issue in self.issues)])


class _Known(Model):
    """The keys of issues by id."""

    issues: list[dict[str, Any]]


@reads
async def jira_batch_get_changelogs(
    issue_ids_or_keys: Annotated[Names, Field(max_length=20_000, pattern=r"[^\s,]", examples=["Comma-separated"])],
    jira: Jira,
    fields: Annotated[Names | None, Field(max_length=LONGEST_QUERY, examples=["Only changes of these"])] = None,
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100,
    page_token: Token = None,
) -> Changelogs:
    """Tell what changed in Jira issues, when and by whom."""
    wanted = [name.strip() for name in issue_ids_or_keys.split(",") if name.strip()]
    body: dict[str, object] = {"issueIdsOrKeys": wanted[:MOST_ISSUES], "maxResults": limit}
    if fields:
        body["fieldIds"] = [await _id(jira, name.strip()) for name in fields.split(",") if name.strip()]
    if page_token:
        body["nextPageToken"] = page_token
    found = await jira.post(Changelogs, "changelog/bulkfetch", body, named="the changelogs", repeatable=True)
    keys = await _keys(jira, wanted, [issue.issue_id for issue in found.issues])
    named = [issue.model_copy(update={"key": keys.get(issue.issue_id, "")}) for issue in found.issues]
    return found.model_copy(update={"issues": named})


async def _id(jira: JiraApiClient, name: str) -> str:
    return name if name in SYSTEM or name == "status" or CUSTOM.fullmatch(name) else (await field_named(jira, name)).id


async def _keys(jira: JiraApiClient, wanted: list[str], ids: list[str]) -> dict[str, str]:
    """By id, since changelogs come with ids alone: asked for where it is not plain which is which."""
    if len(wanted) == 1:
        return dict.fromkeys(ids, wanted[0])
    if all(each.isdigit() for each in wanted) or not ids:
        return {}
    body = {"issueIdsOrKeys": ids[:MOST_NAMED], "fields": ["summary"]}
    found = await jira.post(_Known, "issue/bulkfetch", body, named="the issues", repeatable=True)
    return {str(issue["id"]): str(issue["key"]) for issue in found.issues}

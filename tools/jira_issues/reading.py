"""Find and read Jira issues."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar, cast

from pydantic import Field, model_validator

from server.client import JiraApiClient
from server.context import Jira
from server.entities import ISSUE, PROJECT, SHOWN, Issue, Model, absent, line
from server.errors import Invalid
from tools.declare import reads
from tools.field_values import CUSTOM
from tools.jira_setup import FIND_FIELD, SYSTEM, field_named, fields_named, like
from tools.jira_setup import fields as fields_of_site
from tools.lists import heading
from tools.parameters import LONGEST_QUERY, IssueKey, Limit, Names, PageSize, ProjectKey, Token

ROW = "issuetype,status,priority,assignee,summary"
_KNOWN = frozenset({*SHOWN.split(","), *SYSTEM, "worklog", "attachment", "timespent", "resolutiondate", "creator"})
_LONG = frozenset({"*all", "*navigable", "description", "comment"})  # more than a table's cell can show

Fields = Annotated[Names, Field(max_length=LONGEST_QUERY, description="Names or ids")]


class IssueList(Model):
    """One page of issues, each with the fields that were asked for."""

    narrower: ClassVar[str] = "Ask for fewer `fields`, or fewer issues by `limit`."

    issues: list[Issue]
    next_page_token: str | None = Field(None, validation_alias="nextPageToken")
    absent_fields: list[str] = Field(default=[], description="Asked for, but not fields of these issues")
    near_fields: list[str] = Field(default=[], description="Perhaps meant by them")
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
        return self.below(heading(len(self.issues), "issue", more=more))

    def below(self, count: str) -> str:
        rows = self._table() if self.columns else [f"\n{issue.text()}" for issue in self.issues]
        return line(count, *rows, absent(self.absent_fields, self.near_fields), by="\n")

    def _table(self) -> list[str]:
        cells = ([issue.value(column) for column in self.columns] for issue in self.issues)
        return [" | ".join(row) for row in (self.columns, *cells)]


L = TypeVar("L", bound=IssueList)


@reads
async def jira_search(
    jql: Annotated[
        str,
        Field(min_length=1, max_length=20_000, examples=["project = PROJ AND status = Open ORDER BY updated"]),
    ],
    jira: Jira,
    fields: Fields = ROW,
    limit: Limit = 25,
    page_token: Token = None,
) -> IssueList:
    """Search Jira issues with JQL."""
    return await find(jira, jql, fields, limit, page_token)


@reads
async def jira_get_project_issues(
    project_key: ProjectKey,
    jira: Jira,
    limit: PageSize = 25,
    page_token: Token = None,
) -> IssueList:
    """List the issues of a Jira project, newest first."""
    return await find(jira, f'project = "{project_key}" ORDER BY created DESC', ROW, limit, page_token)


async def find(jira: JiraApiClient, jql: str, fields: str, limit: int, page_token: str | None) -> IssueList:
    wanted = await field_ids(jira, fields)
    body: dict[str, object] = {"jql": jql, "fields": wanted, "maxResults": limit, "expand": "names"}
    if page_token:
        body["nextPageToken"] = page_token
    try:
        found = await jira.post(IssueList, "search/jql", body, named="your JQL", repeatable=True)
    except Invalid as error:
        stale = page_token and "nextPageToken" in str(error)
        told = error.saying("Pass the page_token of the page before with the same query, or none.") if stale else error
        steps = {"Field '": FIND_FIELD, "for the field 'project'": PROJECT.finder}
        raise told.then(*(step for words, step in steps.items() if words in str(error))) from None
    return await laid_out(jira, found, wanted)


async def laid_out(jira: JiraApiClient, found: L, wanted: list[str]) -> L:
    """With the columns of its table, and what was wanted and is not there."""
    missing = _absent(wanted, found.names) if found.issues else []
    columns = [_column(name, found.names) for name in wanted if name not in missing and not name.startswith("-")]
    shown = [] if _LONG & set(wanted) else ["key", *columns]
    near = await _near(jira, missing)
    return found.model_copy(update={"columns": shown, "absent_fields": missing, "near_fields": near})


@reads
async def jira_get_issue(
    issue_key: IssueKey,
    jira: Jira,
    fields: Fields = SHOWN,
    comment_limit: Annotated[int, Field(ge=0, le=5000, examples=["Newest comments to show"])] = 10,
) -> Issue:
    """Read a Jira issue: facts, description, links and comments."""
    wanted = await field_ids(jira, fields)
    query = {"fields": ",".join(wanted), "expand": "names"}
    issue = await jira.get(Issue, ISSUE.path(issue_key), query, named=ISSUE.named(issue_key))
    missing = _absent(wanted, issue.names)
    update = {"absent_fields": missing, "near_fields": await _near(jira, missing)}
    return issue.with_comments(comment_limit).model_copy(update=update)


async def field_ids(jira: JiraApiClient, fields: str) -> list[str]:
    """The fields to ask for, besides the key, which always comes; Jira takes none for ids alone."""
    names = [name.strip() for name in fields.split(",")]
    return [await _id(jira, name) for name in names if name not in ("", "key")] or ["summary"]


async def _id(jira: JiraApiClient, name: str) -> str:
    """By id or name; one that is unknown stays as it is, to be told as absent."""
    if name.startswith(("*", "-")) or name in _KNOWN or CUSTOM.fullmatch(name):
        return name
    # Raises where several have the name: which one is meant is not for us to say.
    return (await field_named(jira, name)).id if await fields_named(jira, name) else name


async def _near(jira: JiraApiClient, missing: list[str]) -> list[str]:
    """What may have been meant by those that are unknown; an id is not near to any other."""
    unknown = [name for name in missing if name not in _KNOWN and not CUSTOM.fullmatch(name)]
    every = await fields_of_site(jira) if unknown else []
    found = [field for name in unknown for field in like(every, name)[:5] if name != field.id]
    return list(dict.fromkeys(f"{field.name} ({field.id})" for field in found))


def _column(name: str, names: Mapping[str, str]) -> str:
    return name if name in SHOWN.split(",") else names.get(name, name)


def _absent(wanted: list[str], names: Mapping[str, str]) -> list[str]:
    return [name for name in wanted if name not in names and not name.startswith(("*", "-"))]

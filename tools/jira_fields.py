"""The fields that a Jira site has, and the values that they take."""

from typing import Annotated

from pydantic import Field

from server.client import JiraApiClient
from server.context import Jira
from server.entities import Model
from server.errors import Invalid, NotFound
from tools.declare import reads
from tools.jira_setup import JiraField, Screen, ScreenField, create_screen, field_named, fields, issue_kinds, like
from tools.lists import heading, table
from tools.parameters import Limit, ProjectKey

MOST_PROJECTS = 5  # that are looked through where none is named


class FieldList(Model):
    fields: list[JiraField]
    total: int = 0

    def text(self) -> str:
        if not self.fields:
            return "No such field."
        rows = [f"{field.id} | {field.name} | {field.kind}" for field in self.fields]
        left = self.total > len(self.fields)
        more = [f"{heading(len(rows), 'field', total=self.total)}; narrow with keyword"] if left else []
        return "\n".join([*more, *table("id | name | type", rows)])


@reads
async def jira_search_fields(
    jira: Jira, keyword: Annotated[str, Field(examples=["Part of a name; all without one"])] = "", limit: Limit = 10
) -> FieldList:
    """Find Jira fields by name."""
    found = like(await fields(jira), keyword) or like(await fields(jira, again=True), keyword)
    return FieldList(fields=found[:limit], total=len(found))


class Options(Model):
    field: str
    project: str
    options: list[str]
    total: int
    takes: str = Field(default="", description="Where it is no choice")

    def text(self) -> str:
        if self.takes:
            return f"{self.field} is no choice: it takes {self.takes}."
        of = heading(len(self.options), "option", total=self.total)
        more = "; narrow with contains" if self.total > len(self.options) else ""
        return "\n".join([f"{self.field} in {self.project}: {of}{more}", *self.options])


@reads
async def jira_get_field_options(
    field_id: Annotated[str, Field(min_length=1, examples=["Id or name"])],
    jira: Jira,
    project_key: ProjectKey | None = None,
    issue_type: Annotated[str | None, Field(examples=["Id or name"])] = None,
    contains: str = "",
    return_limit: Limit = 50,
) -> Options:
    """List the values that a Jira field takes in a project."""
    wanted = await field_named(jira, field_id)
    # Options differ between projects; the lists for whole sites are for administrators alone.
    keys = [project_key] if project_key else (await jira.project_keys())[:MOST_PROJECTS]
    for key in keys:
        try:
            field = await _shown(jira, wanted.id, key, issue_type)
        except (Invalid, NotFound):  # it has no such type, or nothing can be created there
            if project_key:
                raise
            continue
        if field:
            found = [option for option in field.allowed if contains.casefold() in option.casefold()]
            takes = "" if field.allowed else field.takes
            return Options(field=field.name, project=key, options=found[:return_limit], total=len(found), takes=takes)
    raise NotFound(f"{wanted.name} ({wanted.id}) is on no such create screen of {', '.join(keys)}.").then(
        "jira_get_create_fields lists what is on one."
    )


async def _shown(jira: JiraApiClient, field_id: str, project_key: str, issue_type: str | None) -> ScreenField | None:
    """The field on the create screen of that type, or of the first that shows it."""
    types = [issue_type] if issue_type else [kind.id for kind in await issue_kinds(jira, project_key)]
    for kind in types:
        screen: Screen = await create_screen(jira, project_key, kind)
        if field_id in screen.fields:
            return screen.fields[field_id]
    return None

"""Jira projects, their issue types, create screens, versions and components."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from server.context import Jira
from server.entities import PROJECT, Model, Project, line, plain
from tools.declare import reads
from tools.jira_setup import ALL_OPTIONS, MOST_SHOWN, IssueKinds, ScreenField, create_screen
from tools.lists import Listed, heading, table
from tools.parameters import PageSize, ProjectKey, Start


class ProjectList(Listed):
    projects: list[Project] = Field(validation_alias="values")

    def text(self) -> str:
        rows = [
            line(each.key, each.name, each.type if each.type != "software" else "", by=" | ") for each in self.projects
        ]
        return "\n".join([self.heading(len(rows), "project"), *rows]) if rows else "No project that you may see."


@reads
async def jira_get_all_projects(
    jira: Jira, include_archived: bool = False, limit: PageSize = 100, cursor: Start = None
) -> ProjectList:
    """List the Jira projects."""
    query: dict[str, Any] = {"maxResults": limit, "orderBy": "key", **({"startAt": cursor} if cursor else {})}
    if include_archived:
        query["status"] = ["live", "archived"]
    return await jira.get(ProjectList, "project/search", query, named="the projects")


class Kinds(IssueKinds):
    def text(self) -> str:
        rows = [f"{kind.id} | {kind.name}{' (subtask)' if kind.subtask else ''}" for kind in self.types]
        return "\n".join(table("id | name", rows)) or "None that you may create."


@reads
async def jira_get_project_issue_types(project_key: ProjectKey, jira: Jira) -> Kinds:
    """List the issue types that a Jira project has."""
    return await jira.get(Kinds, f"issue/createmeta/{project_key}/issuetypes", named=PROJECT.named(project_key))


class CreateFields(Model):
    fields: list[ScreenField]

    def text(self) -> str:
        rows = [
            f"{field.name}{' (required)' if field.must else ''} | {field.id} | {field.takes}" for field in self.fields
        ]
        return "\n".join(table("field | id | takes", rows)) or "No field."

    @property
    def steps(self) -> list[str]:
        return [ALL_OPTIONS] if any(len(field.allowed) > MOST_SHOWN for field in self.fields) else []


@reads
async def jira_get_create_fields(
    project_key: ProjectKey,
    issue_type_id: Annotated[str, Field(min_length=1, examples=["Id or name"])],
    jira: Jira,
) -> CreateFields:
    """List the fields that creating a Jira issue takes, and which it requires."""
    screen = await create_screen(jira, project_key, issue_type_id)
    return CreateFields(fields=sorted(screen.fields.values(), key=lambda field: not field.must))


class _Parts(Model):
    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, answer: Any) -> Any:
        return {"parts": answer}


class Version(Model):
    id: str
    name: str
    released: bool = False
    archived: bool = False
    release_date: str | None = Field(None, validation_alias="releaseDate")

    def text(self) -> str:
        state = "archived" if self.archived else "released" if self.released else "unreleased"
        return line(self.id, self.name, state, self.release_date, by=" | ")


class VersionList(_Parts):
    versions: list[Version] = Field(validation_alias="parts")

    def text(self) -> str:
        rows = [version.text() for version in self.versions]
        return "\n".join([heading(len(rows), "version"), *table("id | name | state | release date", rows)])


@reads
async def jira_get_project_versions(project_key: ProjectKey, jira: Jira) -> VersionList:
    """List the versions of a Jira project."""
    return await jira.get(VersionList, f"{PROJECT.path(project_key)}/versions", named=PROJECT.named(project_key))


class Component(Model):
    id: str
    name: str
    lead: Annotated[str | None, BeforeValidator(plain)] = None
    description: str | None = None

    def text(self) -> str:
        return " | ".join([self.id, self.name, self.lead or "", self.description or ""]).rstrip(" |")


class ComponentList(_Parts):
    components: list[Component] = Field(validation_alias="parts")

    def text(self) -> str:
        rows = [component.text() for component in self.components]
        return "\n".join([heading(len(rows), "component"), *table("id | name | lead | description", rows)])


@reads
async def jira_get_project_components(project_key: ProjectKey, jira: Jira) -> ComponentList:
    """List the components of a Jira project."""
    return await jira.get(ComponentList, f"{PROJECT.path(project_key)}/components", named=PROJECT.named(project_key))

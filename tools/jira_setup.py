"""How a Jira site is set up, as far as an agent must know it: its fields, and what the screens ask for."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, cast

from pydantic import AliasPath, Field, model_validator

from server.client import JiraApiClient
from server.entities import ISSUE, Model, plain
from server.errors import Invalid

FIELDS = "fields"
FIND_FIELD = "jira_search_fields finds fields by name."
ALL_OPTIONS = "jira_get_field_options lists all that one field takes."
MOST_SHOWN = 20  # values of one field
SCREEN_PAGE = 200
SYSTEM = {
    "summary": "text",
    "description": "document",
    "environment": "document",
    "issuetype": "issuetype",
    "project": "project",
    "priority": "priority",
    "resolution": "resolution",
    "security": "securitylevel",
    "assignee": "user",
    "reporter": "user",
    "parent": "issuelink",
    "labels": "text list",
    "duedate": "date",
    "components": "component list",
    "versions": "version list",
    "fixVersions": "version list",
    "timetracking": "timetracking",
}
"""The kinds of the fields that every site has; of the others the site is asked."""


class JiraField(Model):
    id: str = Field(validation_alias="id")
    name: str
    type: str = Field("any", validation_alias=AliasPath("schema", "type"))
    items: str = Field("", validation_alias=AliasPath("schema", "items"))
    custom: str = Field("", validation_alias=AliasPath("schema", "custom"))

    @model_validator(mode="before")
    @classmethod
    def _identified(cls, answer: Any) -> Any:
        """Screens call the id otherwise, or name it outside."""
        known = cast("Mapping[str, Any]", answer)
        return {**known, "id": known.get("id") or known.get("fieldId") or known.get("key")}

    @property
    def kind(self) -> str:
        """By what its values are read, as in `field_values`."""
        if self.id in SYSTEM:
            return SYSTEM[self.id]
        own = {"textarea": "document", "gh-sprint": "sprint", "gh-epic-link": "text"}.get(
            self.custom.rpartition(":")[2]
        )
        if own:
            return own
        of = {"string": "text"}
        return f"{of.get(self.items, self.items)} list" if self.type == "array" else of.get(self.type, self.type)


class ScreenField(JiraField):
    """A field as one screen shows it, with the values that it takes there."""

    required: bool = False
    has_default: bool = Field(default=False, validation_alias="hasDefaultValue")
    allowed: list[str] = Field([], validation_alias="allowedValues")

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, answer: Any) -> Any:
        known = cast("Mapping[str, Any]", answer)
        return {**known, "allowedValues": [name for each in known.get("allowedValues") or () for name in _names(each)]}

    @property
    def must(self) -> bool:
        return self.required and not self.has_default

    @property
    def takes(self) -> str:
        if not self.allowed:
            return TAKES.get(self.kind.removesuffix(" list"), self.type) + (", a list" if "list" in self.kind else "")
        more = f" and {len(self.allowed) - MOST_SHOWN} more" if len(self.allowed) > MOST_SHOWN else ""
        return ", ".join(self.allowed[:MOST_SHOWN]) + more


TAKES = {
    "text": "text",
    "document": "Markdown",
    "number": "a number",
    "date": "YYYY-MM-DD, tomorrow, next friday, in 3 days",
    "datetime": "an ISO date and time, or tomorrow 14:00",
    "option": "one of its options",
    "option-with-child": "an option and one below it: A > B",
    "user": "a person by e-mail, name, account id or me",
    "group": "the name of a group",
    "project": "the key of a project",
    "version": "the name of a version",
    "component": "the name of a component",
    "priority": "the name of a priority",
    "resolution": "the name of a resolution",
    "securitylevel": "the name of a security level",
    "issuetype": "the name of an issue type",
    "issuelink": "the key of an issue",
    "timetracking": "an estimate, e.g. 2h 30m",
    "sprint": "the id or name of a sprint that is not closed",
}


def _names(allowed: Any) -> list[str]:
    name = str(plain(allowed))
    below: Iterable[Any] = (
        cast("Mapping[str, Any]", allowed).get("children") or () if isinstance(allowed, Mapping) else ()
    )
    return [name, *(f"{name} > {plain(child)}" for child in below)]


class _Fields(Model):
    fields: list[JiraField]

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, answer: Any) -> Any:
        return {"fields": answer}


class IssueKind(Model):
    id: str
    name: str
    level: int = Field(0, validation_alias="hierarchyLevel")
    subtask: bool = False
    description: str = ""


class IssueKinds(Model):
    types: list[IssueKind] = Field(validation_alias="issueTypes")

    @model_validator(mode="before")
    @classmethod
    def _either(cls, answer: Any) -> Any:
        known = cast("Mapping[str, Any]", answer)
        return {"issueTypes": known.get("issueTypes", known.get("createMetaIssueType"))}


class Screen(Model):
    """The fields of one screen, by id."""

    fields: dict[str, ScreenField]

    @model_validator(mode="before")
    @classmethod
    def _by_id(cls, answer: Any) -> Any:
        found = answer.get("fields", answer.get("results"))
        if isinstance(found, list):
            found = {each["fieldId"]: each for each in cast("list[Any]", found)}
        return {"fields": {name: {**field, "id": name} for name, field in cast("Mapping[str, Any]", found).items()}}


async def fields(jira: JiraApiClient, *, again: bool = False) -> list[JiraField]:
    """Every field of the site, remembered for a while."""

    async def ask() -> list[JiraField]:
        return (await jira.get(_Fields, "field", named="the fields")).fields

    if again:
        jira.forget(FIELDS)
    return await jira.known(FIELDS, ask)


async def issue_kinds(jira: JiraApiClient, project_key: str, *, again: bool = False) -> list[IssueKind]:
    async def ask() -> list[IssueKind]:
        path = f"issue/createmeta/{project_key}/issuetypes"
        return (await jira.get(IssueKinds, path, named=f"project `{project_key}` to create issues in")).types

    what = f"types of {project_key}"
    if again:
        jira.forget(what)
    return await jira.known(what, ask)


async def kinds_named(jira: JiraApiClient, project_key: str, name: str) -> list[IssueKind]:
    """Asked for again where what is remembered has none of that name."""
    wanted = name.strip().casefold()
    for again in (False, True):
        found = [kind for kind in await issue_kinds(jira, project_key, again=again) if kind.name.casefold() == wanted]
        if found:
            return found
    return []


async def create_screen(jira: JiraApiClient, project_key: str, issue_type: str, *, again: bool = False) -> Screen:
    """What creating an issue of a type, by id or name, asks for."""
    type_id = issue_type if issue_type.isdigit() else await _type_id(jira, project_key, issue_type)

    async def ask() -> Screen:
        path = f"issue/createmeta/{project_key}/issuetypes/{type_id}"
        query = {"maxResults": SCREEN_PAGE}
        return await jira.get(Screen, path, query, named=f"issue type `{issue_type}` in {project_key}")

    what = f"screen of {project_key} {type_id}"
    if again:
        jira.forget(what)
    return await jira.known(what, ask)


async def edit_screen(jira: JiraApiClient, issue_key: str) -> Screen:
    return await jira.get(Screen, f"{ISSUE.path(issue_key)}/editmeta", named=ISSUE.named(issue_key))


async def _type_id(jira: JiraApiClient, project_key: str, name: str) -> str:
    found = await kinds_named(jira, project_key, name)
    if len(found) == 1:
        return found[0].id
    kinds = await issue_kinds(jira, project_key)
    raise Invalid(f"{project_key} has no issue type `{name}`. It has: {', '.join(kind.name for kind in kinds)}.")


async def field_named(jira: JiraApiClient, name: str) -> JiraField:
    """The one field of this id or name. Raises Invalid with the near matches."""
    found = await fields_named(jira, name)
    if len(found) == 1:
        return found[0]
    if found:
        raise Invalid(f"Several fields are named `{name}`: {_listed(found)}. Name one by its id.")
    close = like(await fields(jira), name)[:5]
    if close:
        raise Invalid(f"No field is named `{name}`. Perhaps {_listed(close)}.")
    raise Invalid(f"No field is named `{name}`.").then(FIND_FIELD)


async def fields_named(jira: JiraApiClient, name: str) -> list[JiraField]:
    return _same(await fields(jira), name) or _same(await fields(jira, again=True), name)


def _same(every: list[JiraField], name: str) -> list[JiraField]:
    wanted = name.strip().casefold()
    by_id = [field for field in every if field.id.casefold() == wanted]
    return by_id or [field for field in every if field.name.casefold() == wanted]


def like(every: list[JiraField], words: str) -> list[JiraField]:
    """The fields whose names hold the words, then those that are written nearly so."""
    wanted = words.strip().casefold()
    holding = [field for field in every if wanted in field.name.casefold() or wanted in field.id.casefold()]
    names = {field.name.casefold(): field for field in every}
    close = [names[name] for name in get_close_matches(wanted, names, n=5)]
    return [*holding, *(field for field in close if field not in holding)]


def _listed(found: list[JiraField]) -> str:
    return ", ".join(f"{field.name} ({field.id})" for field in found)

"""The small shapes of Jira's JSON: options, people's view, fields and their metadata."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from server.sandbox import catalog, groups
from server.sandbox.catalog import Choice, Field, Option, Transition
from server.sandbox.people import avatars, jira_user
from server.sandbox.records import Component, Json, Person, Project, Version
from server.sandbox.site import Site


@dataclass(frozen=True)
class View:
    """For whom and under which address the JSON is made."""

    site: Site
    person: Person
    base: str

    @property
    def api(self) -> str:
        return f"{self.base}/rest/api/3"

    def moment(self, when: datetime) -> str:
        """Jira writes times in the zone of the reader's profile."""
        local = when.astimezone(self.person.zone)
        shown = local.isoformat(timespec="milliseconds")
        return f"{shown[:-3]}{shown[-2:]}"

    def instant(self, when: datetime) -> str:
        """Jira Software writes times in UTC."""
        return f"{when.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"

    def user(self, account_id: str | None) -> Json | None:
        return jira_user(self.site.person(account_id), self.base) if account_id else None


@lru_cache(maxsize=256)
def _category(base: str, key: str) -> Json:
    api = f"{base}/rest/api/3"
    row = catalog.CATEGORIES[key]
    self = f"{api}/statuscategory/{row.id}"
    return {"self": self, "id": row.id, "key": row.key, "colorName": row.color, "name": row.name}


def category(view: View, key: str) -> Json:
    return _category(view.base, key)


@lru_cache(maxsize=256)
def _status(base: str, status_id: str) -> Json:
    api = f"{base}/rest/api/3"
    row = catalog.STATUSES[status_id]
    return {
        "self": f"{api}/status/{row.id}",
        "description": row.description,
        "iconUrl": f"{base}/images/icons/statuses/generic.png",
        "name": row.name,
        "id": row.id,
        "statusCategory": _category(base, row.category),
    }


def status(view: View, status_id: str) -> Json:
    return _status(view.base, status_id)


@lru_cache(maxsize=256)
def _priority(base: str, priority_id: str) -> Json:
    api = f"{base}/rest/api/3"
    row = catalog.PRIORITIES[priority_id]
    icon = f"{base}/images/icons/priorities/{row.name.lower()}_new.svg"
    return {"self": f"{api}/priority/{row.id}", "iconUrl": icon, "name": row.name, "id": row.id}


def priority(view: View, priority_id: str) -> Json:
    return _priority(view.base, priority_id)


@lru_cache(maxsize=256)
def _issue_type(base: str, type_id: str) -> Json:
    api = f"{base}/rest/api/3"
    row = catalog.ISSUE_TYPES[type_id]
    return {
        "self": f"{api}/issuetype/{row.id}",
        "id": row.id,
        "description": row.description,
        "iconUrl": f"{base}/images/icons/issuetypes/{row.name.lower().replace(' ', '-')}.svg",
        "name": row.name,
        "subtask": row.subtask,
        "hierarchyLevel": row.level,
    }


def issue_type(view: View, type_id: str) -> Json:
    return _issue_type(view.base, type_id)


@lru_cache(maxsize=256)
def _resolution(base: str, resolution_id: str) -> Json:
    api = f"{base}/rest/api/3"
    row = catalog.RESOLUTIONS[resolution_id]
    self = f"{api}/resolution/{row.id}"
    return {"self": self, "id": row.id, "description": row.description, "name": row.name}


def resolution(view: View, resolution_id: str) -> Json:
    return _resolution(view.base, resolution_id)


def project(view: View, found: Project) -> Json:
    return {
        "self": f"{view.api}/project/{found.id}",
        "id": found.id,
        "key": found.key,
        "name": found.name,
        "projectTypeKey": found.kind,
        "simplified": False,
        "avatarUrls": avatars(view.base, found.key),
    }


def option(view: View, row: Option) -> Json:
    return {"self": f"{view.api}/customFieldOption/{row.id}", "value": row.name, "id": row.id}


def group(view: View, name: str) -> Json:
    known = groups.group_id(name)
    return {"name": name, "groupId": known, "self": f"{view.api}/group?groupId={known}"}


def link_type(view: View, kind: catalog.LinkType) -> Json:
    self = f"{view.api}/issueLinkType/{kind.id}"
    return {"id": kind.id, "name": kind.name, "inward": kind.inward, "outward": kind.outward, "self": self}


def transition(view: View, row: Transition, *, with_fields: bool = False) -> Json:
    shown: Json = {
        "id": row.id,
        "name": row.name,
        "to": status(view, row.target),
        "hasScreen": bool(row.screen),
        "isGlobal": False,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "isLooped": False,
    }
    if with_fields:
        shown["fields"] = {name: field_meta(view, catalog.FIELDS[name]) for name in row.screen}
    return shown


SCHEMAS = {
    "text": "string",
    "adf": "string",
    "url": "string",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "person": "user",
    "option": "option",
    "priority": "priority",
    "resolution": "resolution",
    "status": "status",
    "issuetype": "issuetype",
    "project": "project",
    "parent": "issuelink",
    "seconds": "number",
    "votes": "votes",
    "watches": "watches",
    "comments": "comments-page",
    "statuscategory": "statusCategory",
    "cascade": "option-with-child",
    "group": "group",
    "version": "version",
    "projectpicker": "project",
}
LISTS = frozenset({"labels", "options", "versions", "components", "people", "groups"})
"""The kinds of which an edit may add and remove single values."""
ITEMS = {
    "labels": "string",
    "options": "option",
    "sprint": "json",
    "subtasks": "issuelinks",
    "links": "issuelinks",
    "attachments": "attachment",
    "worklogs": "worklog",
    "versions": "version",
    "components": "component",
    "people": "user",
    "groups": "group",
}


def schema(field: Field) -> Json:
    shown: Json = {"type": SCHEMAS.get(field.kind, "array")}
    if field.kind in ITEMS:
        shown["items"] = ITEMS[field.kind]
    if field.custom:
        return shown | {"custom": field.custom, "customId": int(field.id.rpartition("_")[2])}
    return shown | {"system": field.id}


def version(view: View, found: Version) -> Json:
    shown: Json = {
        "self": f"{view.api}/version/{found.id}",
        "id": found.id,
        "name": found.name,
        "archived": found.archived,
        "released": found.released,
    }
    more = {"description": found.description, "startDate": found.start, "releaseDate": found.release}
    return shown | {name: value for name, value in more.items() if value}


def component(view: View, found: Component) -> Json:
    shown = {"self": f"{view.api}/component/{found.id}", "id": found.id, "name": found.name}
    return shown | ({"description": found.description} if found.description else {})


def _choice(view: View, row: Option) -> Json:
    below = row.children if isinstance(row, Choice) else ()
    return option(view, row) | ({"children": [option(view, child) for child in below]} if below else {})


def _allowed(view: View, field: Field, project_id: str) -> list[Json]:
    tables: dict[str, Callable[[], list[Json]]] = {
        "priority": lambda: [priority(view, row) for row in catalog.PRIORITIES],
        "resolution": lambda: [resolution(view, row) for row in catalog.RESOLUTIONS],
        "option": lambda: [option(view, row) for row in field.options],
        "options": lambda: [option(view, row) for row in field.options],
        "cascade": lambda: [_choice(view, row) for row in field.options],
        "version": lambda: [version(view, row) for row in view.site.versions_of(project_id)],
        "versions": lambda: [version(view, row) for row in view.site.versions_of(project_id)],
        "projectpicker": lambda: [project(view, row) for row in view.site.projects_for(view.person)],
        "components": lambda: [component(view, row) for row in view.site.components_of(project_id)],
    }
    return tables[field.kind]() if field.kind in tables else []


COMPLETED = {
    "person": "/rest/api/3/user/assignable/search?issueKey=null&query=",
    "people": "/rest/api/1.0/users/picker?fieldName={0}&showAvatar=true&query=",
    "labels": "/rest/api/1.0/labels/suggest?customFieldId={1}&query=",
}
"""Where a client asks for what could be meant, by kind."""


def field_meta(view: View, field: Field, *, required: bool = False, project: str = "") -> Json:
    """A field as createmeta and a transition's screen describe it."""
    shown: Json = {
        "required": required,
        "schema": schema(field),
        "name": field.name,
        "key": field.id,
        "hasDefaultValue": field.id == "priority",
        "operations": ["add", "set", "remove"] if field.kind in LISTS else ["set"],
    }
    if allowed := _allowed(view, field, project):
        shown["allowedValues"] = allowed
    if field.kind in COMPLETED:
        shown["autoCompleteUrl"] = view.base + COMPLETED[field.kind].format(field.id, field.id.rpartition("_")[2])
    return shown

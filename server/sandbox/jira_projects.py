"""Projects, and what their create screens ask for."""

from starlette.responses import Response

from server.sandbox import catalog, jira_parts, paging, people, refusals, shapes
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.jira_search import view_of
from server.sandbox.records import Json, Project

API = "/rest/api/3"
ON_CREATE = (
    "summary",
    "issuetype",
    "project",
    "description",
    "priority",
    "assignee",
    "reporter",
    "labels",
    "duedate",
    "components",
    "versions",
    "fixVersions",
)


def _project(call: Call) -> Project:
    wanted = call.path["project"]
    found = call.site.project_for(call.person, wanted)
    if found is None:
        kind = "id" if wanted.isdigit() else "key"
        raise refusals.jira(404, f"No project could be found with {kind} '{wanted}'.")
    return found


def _project_details(call: Call, found: Project) -> Json:
    view = view_of(call)
    return shapes.project(view, found) | {
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        "description": found.description,
        "lead": view.user(found.lead),
        "issueTypes": [shapes.issue_type(view, row) for row in found.issue_types],
        "assigneeType": "UNASSIGNED",
        "components": [shapes.component(view, row) for row in call.site.components_of(found.id)],
        "versions": [jira_parts.version(call, row) for row in call.site.versions_of(found.id)],
        "style": "classic",
        "isPrivate": people.EVERYONE not in found.readers,
    }


def project(call: Call) -> Response:
    return answer(_project_details(call, _project(call)))


def projects(call: Call) -> Response:
    wanted = call.query.get("query", "").casefold()
    keys = {key.upper() for key in call.names("keys")} | set(call.names("id"))
    kind = call.query.get("typeKey")
    found = [
        project
        for project in sorted(call.site.projects_for(call.person), key=lambda project: project.key)
        if wanted in project.name.casefold() or wanted in project.key.casefold()
        if not keys or keys & {project.key, project.id}
        if kind in (None, project.kind)
    ]
    envelope, page = paging.bean(call.url, call.query, found)
    view = view_of(call)
    keep = call.names("expand")
    shown: list[Json] = []
    for one in page:
        details = _project_details(call, one)
        shown.append(shapes.project(view, one) | {name: details[name] for name in keep if name in details})
    return answer(envelope | {"values": shown})


def project_statuses(call: Call) -> Response:
    view = view_of(call)
    all_statuses = [shapes.status(view, row) for row in catalog.STATUSES]
    shown: list[Json] = []
    for type_id in _project(call).issue_types:
        full = shapes.issue_type(view, type_id)
        shown.append({name: full[name] for name in ("self", "id", "name", "subtask")} | {"statuses": all_statuses})
    return answer(shown)


def _creatable(call: Call) -> Project:
    found = call.site.project_for(call.person, call.path["project"])
    if found is None or not found.writers & call.person.groups:
        raise refusals.jira(404, f"No project could be found with key '{call.path['project']}'.")
    return found


def create_types(call: Call) -> Response:
    found = _creatable(call)
    envelope, page = paging.offsets(call.query, found.issue_types)
    return answer(envelope | {"issueTypes": [shapes.issue_type(view_of(call), row) for row in page]})


def create_fields(call: Call) -> Response:
    found = _creatable(call)
    type_id = call.path["type"]
    if type_id not in found.issue_types:
        raise refusals.jira(404, "The issue type was not found in this project.")
    required = {
        *found.required,
        "summary",
        "issuetype",
        "project",
        *(["parent"] if catalog.ISSUE_TYPES[type_id].subtask else []),
    }
    rows = [field for field in catalog.FIELDS.values() if field.id in ON_CREATE or field.custom or field.id == "parent"]
    envelope, page = paging.offsets(call.query, rows)
    view = view_of(call)
    shown = [
        shapes.field_meta(view, field, required=field.id in required, project=found.id) | {"fieldId": field.id}
        for field in page
    ]
    return answer(envelope | {"fields": shown})


TABLE: Table = (
    Operation("GET", API + "/project/search", projects),
    Operation("GET", API + "/project/{project}", project, errors=(404,)),
    Operation("GET", API + "/project/{project}/statuses", project_statuses, errors=(404,)),
    Operation("GET", API + "/issue/createmeta/{project}/issuetypes", create_types, errors=(404,)),
    Operation("GET", API + "/issue/createmeta/{project}/issuetypes/{type}", create_fields, errors=(404,)),
)

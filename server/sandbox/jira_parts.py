"""The named parts of a project: its versions and its components."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from starlette.responses import Response

from server.sandbox import catalog, paging, refusals, shapes, writes
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_search import view_of
from server.sandbox.records import Component, Issue, Json, Project, Version

API = "/rest/api/3"
PROJECT = API + "/project/{project}"
NAME_LIMIT = 255
NOT_YOURS = "You must have the browse project and the administer projects permission to do this."


def project_of(call: Call) -> Project:
    wanted = call.path["project"]
    found = call.site.project_for(call.person, wanted)
    if found is None:
        raise refusals.jira(404, f"No project could be found with {'id' if wanted.isdigit() else 'key'} '{wanted}'.")
    return found


def _project_to_write(call: Call, wanted: Any, status: int) -> Project:
    """A project whose parts the person may change; one that is not seen is not there."""
    found = call.site.project_for(call.person, str(wanted or ""))
    if found is None:
        raise refusals.jira(404, "The project specified does not exist.")
    writes.must_write(found, call.person, NOT_YOURS, status=status)
    return found


def _name(call: Call, taken: Sequence[str], missing: str) -> str:
    name = str(call.json.get("name") or "").strip()
    if not name:
        raise refusals.jira(400, errors={"name": missing})
    if len(name) > NAME_LIMIT:
        raise refusals.jira(400, errors={"name": f"The name must not be longer than {NAME_LIMIT} characters."})
    if name.casefold() in [each.casefold() for each in taken]:
        raise refusals.jira(400, errors={"name": f"A part with the name '{name}' already exists in this project."})
    return name


def _day(call: Call, name: str, current: str) -> str:
    raw = call.json.get(name)
    if raw is None:
        return current
    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise refusals.jira(400, errors={name: f"'{raw}' is not a date: it takes yyyy-mm-dd."}) from None


def _paged(call: Call, rows: Sequence[Any], show: Callable[[Any], Json]) -> Response:
    wanted = call.query.get("query", "").casefold()
    found = [row for row in rows if wanted in row.name.casefold() or wanted in row.description.casefold()]
    order = call.query.get("orderBy", "")
    if order.lstrip("+-") == "name":
        found.sort(key=lambda row: row.name.casefold(), reverse=order.startswith("-"))
    envelope, page = paging.bean(call.url, call.query, found)
    return answer(envelope | {"values": [show(row) for row in page]})


# Versions


def version(call: Call, found: Version) -> Json:
    overdue = {"overdue": found.release < call.site.now().date().isoformat()} if found.release else {}
    released = {} if found.released else overdue
    return shapes.version(view_of(call), found) | {"projectId": int(found.project)} | released


def versions(call: Call) -> Response:
    return answer([version(call, row) for row in call.site.versions_of(project_of(call).id)])


def versions_paged(call: Call) -> Response:
    states = call.names("status")
    rows = [
        row
        for row in call.site.versions_of(project_of(call).id)
        if not states or ("archived" if row.archived else "released" if row.released else "unreleased") in states
    ]
    return _paged(call, rows, lambda row: version(call, row))


def _version(call: Call) -> Version:
    found = call.site.versions.get(call.path["version"])
    if found is None or call.site.project_for(call.person, found.project) is None:
        raise refusals.jira(404, f"Could not find version for id '{call.path['version']}'")
    return found


def version_get(call: Call) -> Response:
    return answer(version(call, _version(call)))


def _version_written(call: Call, found: Version) -> Version:
    start, release = _day(call, "startDate", found.start), _day(call, "releaseDate", found.release)
    if start and release and release < start:
        raise refusals.jira(400, errors={"releaseDate": "The release date must be after the start date."})
    given = call.json
    return replace(
        found,
        description=str(given.get("description", found.description) or ""),
        archived=bool(given.get("archived", found.archived)),
        released=bool(given.get("released", found.released)),
        start=start,
        release=release,
    )


def version_add(call: Call) -> Response:
    project = _project_to_write(call, call.json.get("projectId") or call.json.get("project"), 404)
    taken = [row.name for row in call.site.versions_of(project.id)]
    name = _name(call, taken, "You must specify a valid version name")
    made = _version_written(call, Version(call.site.next_id(), project.id, name))
    call.site.versions[made.id] = made
    call.site.happened("jira:version_created", call.person, made.id, version=made)
    return answer(version(call, made), 201)


def version_edit(call: Call) -> Response:
    found = _version(call)
    project = _project_to_write(call, found.project, 404)
    if "name" in call.json:
        taken = [row.name for row in call.site.versions_of(project.id) if row.id != found.id]
        found = replace(found, name=_name(call, taken, "You must specify a valid version name"))
    written = call.site.versions[found.id] = _version_written(call, found)
    moves = {(False, True): "jira:version_released", (True, False): "jira:version_unreleased"}
    name = moves.get((found.released, written.released), "jira:version_updated")
    call.site.happened(name, call.person, found.id, version=written)
    return answer(version(call, written))


def version_delete(call: Call) -> Response:
    found = _version(call)
    _project_to_write(call, found.project, 404)
    for parameter, field in (("moveFixIssuesTo", "fixVersions"), ("moveAffectedIssuesTo", "versions")):
        other = call.query.get(parameter)
        if other is not None and other not in {row.id for row in call.site.versions_of(found.project)} - {found.id}:
            raise refusals.jira(400, f"The version to move issues to does not exist: {other}")
        _exchange(call, field, found.id, other)
    for field in catalog.FIELDS.values():
        if field.custom and field.kind in ("version", "versions"):
            _exchange(call, field.id, found.id, None)
    del call.site.versions[found.id]
    call.site.happened("jira:version_deleted", call.person, found.id, version=found)
    return nothing()


def _exchange(call: Call, field: str, part: str, other: str | None) -> None:
    """On every issue that names the part: another instead, or none."""
    for issue in call.site.issues.values():
        held: list[str] | str = issue.values.get(field) or []
        if held == part:
            writes.set_value(call.site, call.person, issue, field, other)
        elif part in held:
            kept = [each for each in held if each != part]
            new = [*kept, other] if other and other not in kept else kept
            writes.set_value(call.site, call.person, issue, field, new)


# Components


def component(call: Call, found: Component) -> Json:
    project = call.site.projects[found.project]
    lead = {"lead": view_of(call).user(found.lead)} if found.lead else {}
    return (
        shapes.component(view_of(call), found)
        | lead
        | {
            "assigneeType": "PROJECT_DEFAULT",
            "realAssigneeType": "PROJECT_DEFAULT",
            "isAssigneeTypeValid": False,
            "project": project.key,
            "projectId": int(project.id),
        }
    )


def components(call: Call) -> Response:
    return answer([component(call, row) for row in call.site.components_of(project_of(call).id)])


def components_paged(call: Call) -> Response:
    def held(issue: Issue) -> list[str]:
        return issue.values.get("components") or []

    def show(row: Component) -> Json:
        count = sum(row.id in held(issue) for issue in call.site.issues_for(call.person))
        return component(call, row) | {"issueCount": count}

    return _paged(call, call.site.components_of(project_of(call).id), show)


def _component(call: Call) -> Component:
    found = call.site.components.get(call.path["component"])
    if found is None or call.site.project_for(call.person, found.project) is None:
        raise refusals.jira(404, f"The component with id {call.path['component']} does not exist.")
    return found


def component_get(call: Call) -> Response:
    return answer(component(call, _component(call)))


def _lead(call: Call, current: str) -> str:
    if "leadAccountId" not in call.json:
        return current
    wanted = str(call.json["leadAccountId"] or "")
    if wanted and wanted not in call.site.people:
        raise refusals.jira(400, errors={"leadAccountId": f"The user {wanted} does not exist."})
    return wanted


def component_add(call: Call) -> Response:
    project = _project_to_write(call, call.json.get("project"), 403)
    taken = [row.name for row in call.site.components_of(project.id)]
    name = _name(call, taken, "The component name specified is invalid - cannot be an empty string.")
    description = str(call.json.get("description") or "")
    made = Component(call.site.next_id(), project.id, name, description, _lead(call, ""))
    call.site.components[made.id] = made
    return answer(component(call, made), 201)


def component_edit(call: Call) -> Response:
    found = _component(call)
    project = _project_to_write(call, found.project, 403)
    name = found.name
    if "name" in call.json:
        taken = [row.name for row in call.site.components_of(project.id) if row.id != found.id]
        name = _name(call, taken, "The component name specified is invalid - cannot be an empty string.")
    description = str(call.json.get("description", found.description) or "")
    changed = replace(found, name=name, description=description, lead=_lead(call, found.lead))
    call.site.components[found.id] = changed
    return answer(component(call, changed))


def component_delete(call: Call) -> Response:
    found = _component(call)
    _project_to_write(call, found.project, 403)
    other = call.query.get("moveIssuesTo")
    if other is not None and other not in {row.id for row in call.site.components_of(found.project)} - {found.id}:
        raise refusals.jira(404, f"The component with id {other} does not exist.")
    _exchange(call, "components", found.id, other)
    del call.site.components[found.id]
    return nothing()


VERSION, COMPONENT = API + "/version/{version}", API + "/component/{component}"
TABLE: Table = (
    Operation("GET", PROJECT + "/versions", versions, errors=(404,)),
    Operation("GET", PROJECT + "/version", versions_paged, errors=(404,)),
    Operation("POST", API + "/version", version_add, errors=(400, 404)),
    Operation("GET", VERSION, version_get, errors=(404,)),
    Operation("PUT", VERSION, version_edit, errors=(400, 404)),
    Operation("DELETE", VERSION, version_delete, errors=(400, 404)),
    Operation("GET", PROJECT + "/components", components, errors=(404,)),
    Operation("GET", PROJECT + "/component", components_paged, errors=(404,)),
    Operation("POST", API + "/component", component_add, errors=(400, 403, 404)),
    Operation("GET", COMPONENT, component_get, errors=(404,)),
    Operation("PUT", COMPONENT, component_edit, errors=(400, 403, 404)),
    Operation("DELETE", COMPONENT, component_delete, errors=(403, 404)),
)

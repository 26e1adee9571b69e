"""Issues over HTTP: create, read, edit, delete, assign, move through the workflow."""

from starlette.responses import Response

from server.sandbox import refusals, shapes, wire, writes
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_search import view_of
from server.sandbox.records import Issue, Json

ROOT = "/rest/api/3/issue"
ONE = ROOT + "/{issue}"


def issue_of(call: Call) -> Issue:
    found = call.site.issue_for(call.person, call.path["issue"])
    if found is None:
        raise refusals.jira(404, refusals.NO_ISSUE)
    return found


def create(call: Call) -> Response:
    made = writes.create(call.site, call.person, call.json)
    return answer({"id": made.id, "key": made.key, "self": f"{call.base}{ROOT}/{made.id}"}, 201)


def _shown(call: Call, found: Issue) -> Json:
    view = view_of(call)
    fields = wire.chosen(call.names("fields"))
    expand = call.names("expand")
    body = wire.issue(view, found, fields, expand)
    if "names" in expand:
        body["names"] = wire.names(fields)
    if "schema" in expand:
        body["schema"] = {field.id: shapes.schema(field) for field in fields}
    if "transitions" in expand:
        body["transitions"] = [
            shapes.transition(view, row) for row in writes.transitions(call.site, call.person, found)
        ]
    if wanted := call.names("properties"):
        kept = found.properties
        body["properties"] = {name: kept[name] for name in kept if name in wanted or "*all" in wanted}
    return body


def read(call: Call) -> Response:
    return answer(_shown(call, issue_of(call)))


def edit(call: Call) -> Response:
    found = issue_of(call)
    writes.edit(call.site, call.person, found, call.json)
    return answer(_shown(call, found)) if call.flag("returnIssue") else nothing()


def delete(call: Call) -> Response:
    writes.delete(call.site, call.person, issue_of(call), with_subtasks=call.flag("deleteSubtasks"))
    return nothing()


def assign(call: Call) -> Response:
    account_id = call.json.get("accountId")
    writes.assign(call.site, call.person, issue_of(call), None if account_id in (None, "-1") else str(account_id))
    return nothing()


def transitions(call: Call) -> Response:
    found = issue_of(call)
    view = view_of(call)
    with_fields = "transitions.fields" in call.names("expand")
    wanted = call.query.get("transitionId")
    rows = [row for row in writes.transitions(call.site, call.person, found) if wanted in (None, row.id)]
    shown = [shapes.transition(view, row, with_fields=with_fields) for row in rows]
    return answer({"expand": "transitions", "transitions": shown})


def move(call: Call) -> Response:
    writes.transition(call.site, call.person, issue_of(call), call.json)
    return nothing()


TABLE: Table = (
    Operation("POST", ROOT, create, errors=(400, 403)),
    Operation("GET", ONE, read, errors=(404,)),
    Operation("PUT", ONE, edit, errors=(400, 403, 404)),
    Operation("DELETE", ONE, delete, errors=(400, 403, 404)),
    Operation("PUT", ONE + "/assignee", assign, errors=(403, 404)),
    Operation("GET", ONE + "/transitions", transitions, errors=(404,)),
    Operation("POST", ONE + "/transitions", move, errors=(400, 404)),
)

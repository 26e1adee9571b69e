"""How Jira is set up: fields, types, statuses, priorities, resolutions."""

from starlette.responses import Response

from server.sandbox import catalog, shapes
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.jira_search import view_of
from server.sandbox.records import Json

API = "/rest/api/3"


def fields(call: Call) -> Response:
    del call
    shown: list[Json] = []
    for field in catalog.FIELDS.values():
        row = {
            "id": field.id,
            "key": field.id,
            "name": field.name,
            "custom": bool(field.custom),
            "orderable": field.orderable,
            "navigable": field.navigable,
            "searchable": True,
            "clauseNames": list(field.clause_names),
            "schema": shapes.schema(field),
        }
        shown.append(row)
    return answer(shown)


def priorities(call: Call) -> Response:
    view = view_of(call)
    described = (
        shapes.priority(view, row.id) | {"description": row.description, "isDefault": row.id == "3"}
        for row in catalog.PRIORITIES.values()
    )
    return answer(list(described))


def statuses(call: Call) -> Response:
    return answer([shapes.status(view_of(call), row) for row in catalog.STATUSES])


def resolutions(call: Call) -> Response:
    return answer([shapes.resolution(view_of(call), row) for row in catalog.RESOLUTIONS])


def issue_types(call: Call) -> Response:
    return answer([shapes.issue_type(view_of(call), row) for row in catalog.ISSUE_TYPES])


TABLE: Table = (
    Operation("GET", API + "/field", fields),
    Operation("GET", API + "/priority", priorities),
    Operation("GET", API + "/status", statuses),
    Operation("GET", API + "/resolution", resolutions),
    Operation("GET", API + "/issuetype", issue_types),
)

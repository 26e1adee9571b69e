"""Many issues in one request: created, read, and their histories."""

from typing import Any

from starlette.responses import Response

from server.sandbox import catalog, paging, refusals, shapes, wire, writes
from server.sandbox.adf import as_dict, as_list
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.jira_issues import ONE, ROOT, issue_of
from server.sandbox.jira_search import view_of
from server.sandbox.records import History, Issue, Json
from server.sandbox.refusals import Refusal

MOST_CREATED, MOST_READ, MOST_HISTORIES, MOST_FIELDS = 50, 100, 1_000, 10
HISTORIES_A_PAGE, MOST_HISTORIES_A_PAGE = 1_000, 10_000


def _none_made(message: str) -> Refusal:
    """In the shape of a bulk creation of which nothing came."""
    error: Json = {"status": 400, "elementErrors": {"errorMessages": [message], "errors": {}}, "failedElementNumber": 0}
    return Refusal(400, {"issues": [], "errors": [error]})


def create(call: Call) -> Response:
    updates = as_list(call.json.get("issueUpdates"))
    if not updates:
        raise _none_made("No issue data was provided.")
    if len(updates) > MOST_CREATED:
        raise _none_made(f"The maximum number of issues that can be created in one request is {MOST_CREATED}.")
    made: list[Json] = []
    errors: list[Json] = []
    for number, update in enumerate(updates):
        try:
            with call.site.fallout():
                issue = writes.create(call.site, call.person, as_dict(update))
        except Refusal as refusal:
            errors.append({"status": refusal.status, "elementErrors": refusal.body, "failedElementNumber": number})
        else:
            made.append({"id": issue.id, "key": issue.key, "self": f"{call.base}{ROOT}/{issue.id}"})
    return answer({"issues": made, "errors": errors}, 201 if made else 400)


def fetch(call: Call) -> Response:
    wanted = _keys(call, MOST_READ)
    names = [str(name) for name in as_list(call.json.get("fields"))] or ["*navigable"]
    fields, expand = wire.chosen(names), [str(each) for each in as_list(call.json.get("expand"))]
    known = {key: call.site.issue_for(call.person, key) for key in wanted}
    issues = {issue.id: issue for issue in known.values() if issue}
    missing = [{"id": key, "errorMessage": refusals.NO_ISSUE} for key, issue in known.items() if issue is None]
    view = view_of(call)
    shown = [_with_properties(call, wire.issue(view, each, fields, expand), each) for each in _ascending(issues)]
    return answer({"issues": shown, "issueErrors": missing})


def _with_properties(call: Call, shown: Json, issue: Issue) -> Json:
    wanted = [str(name) for name in as_list(call.json.get("properties"))]
    if wanted:
        shown["properties"] = {name: issue.properties[name] for name in wanted if name in issue.properties}
    return shown


def _ascending(issues: dict[str, Issue]) -> list[Issue]:
    return [issues[issue_id] for issue_id in sorted(issues, key=int)]


def _keys(call: Call, most: int) -> list[str]:
    keys = [str(key) for key in as_list(call.json.get("issueIdsOrKeys"))]
    if not keys:
        raise refusals.jira(400, "The list of issue ids or keys must not be empty.")
    if len(keys) > most:
        raise refusals.jira(400, f"The maximum number of issues in one request is {most}.")
    return keys


def edit_fields(call: Call) -> Response:
    found = issue_of(call)
    view = view_of(call)
    barred = writes.NOT_ON_EDIT | {"statusCategory"}
    rows = [field for field in catalog.FIELDS.values() if field.editable and field.id not in barred]
    project = call.site.projects[found.project]
    required = {"summary", "issuetype", *project.required}
    shown = {
        field.id: shapes.field_meta(view, field, required=field.id in required, project=found.project) for field in rows
    }
    return answer({"fields": shown if project.writers & call.person.groups else {}})


# Histories


def histories(call: Call) -> Response:
    issues = [each for key in _keys(call, MOST_HISTORIES) if (each := call.site.issue_for(call.person, key))]
    fields = {str(name) for name in as_list(call.json.get("fieldIds"))}
    if len(fields) > MOST_FIELDS:
        raise refusals.jira(400, f"The maximum number of field ids in one request is {MOST_FIELDS}.")
    rows = [
        (issue, entry)
        for issue in _ascending({issue.id: issue for issue in issues})
        for entry in issue.histories
        if not fields or any(change.field_id in fields for change in entry.changes)
    ]
    start, limit = _start(call), _limit(call)
    page = rows[start : start + limit]
    body: Json = {"issueChangeLogs": _by_issue(call, page)}
    if start + limit < len(rows):
        body["nextPageToken"] = paging.seal({"start": start + limit})
    return answer(body)


def _by_issue(call: Call, page: list[tuple[Issue, History]]) -> list[Json]:
    view = view_of(call)
    found: dict[str, list[Json]] = {}
    for issue, entry in page:
        found.setdefault(issue.id, []).append(wire.history(view, entry))
    return [{"issueId": issue_id, "changeHistories": entries} for issue_id, entries in found.items()]


def _start(call: Call) -> int:
    token = call.json.get("nextPageToken")
    if not token:
        return 0
    start = paging.position(str(token), "start")
    if start is None:
        raise refusals.jira(400, "The provided nextPageToken is invalid.")
    return start


def _limit(call: Call) -> int:
    raw: Any = call.json.get("maxResults", HISTORIES_A_PAGE)
    if not isinstance(raw, int) or not 1 <= raw <= MOST_HISTORIES_A_PAGE:
        raise refusals.jira(400, f"The maxResults parameter must be between 1 and {MOST_HISTORIES_A_PAGE}.")
    return raw


def listed_histories(call: Call) -> Response:
    found = issue_of(call)
    wanted = {str(each) for each in as_list(call.json.get("changelogIds"))}
    if not wanted:
        raise refusals.jira(400, "The list of changelog ids must not be empty.")
    shown = [wire.history(view_of(call), entry) for entry in found.histories if entry.id in wanted]
    return answer({"startAt": 0, "maxResults": len(shown), "total": len(shown), "histories": shown})


TABLE: Table = (
    Operation("POST", ROOT + "/bulk", create, errors=(400,)),
    Operation("POST", ROOT + "/bulkfetch", fetch, errors=(400,)),
    Operation("GET", ONE + "/editmeta", edit_fields, errors=(404,)),
    Operation("POST", "/rest/api/3/changelog/bulkfetch", histories, errors=(400,)),
    Operation("POST", ONE + "/changelog/list", listed_histories, errors=(400, 404)),
)

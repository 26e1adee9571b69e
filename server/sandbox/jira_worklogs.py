"""The work that people log on issues: Jira's REST API v3."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from server.sandbox import audience, entity_properties, estimates, paging, refusals, values, wire, worktime, writes
from server.sandbox.adf import as_list
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_issues import ONE, issue_of
from server.sandbox.jira_search import view_of
from server.sandbox.records import Issue, Json, Worklog
from server.sandbox.values import Invalid

ROOT = "/rest/api/3/worklog"
MOST_LISTED = 1_000
SHORTEST = 60
MAY_NOT = "You do not have the permission to associate a worklog to this issue."


def worklog_of(call: Call) -> tuple[Issue, Worklog]:
    issue, wanted = issue_of(call), call.path["worklog"]
    for worklog in audience.logged(call.person, issue):
        if worklog.id == wanted:
            return issue, worklog
    raise refusals.jira(404, f"Cannot find worklog with id: '{wanted}'.")


def _shown(call: Call, issue: Issue, found: Worklog) -> Json:
    return wire.worklog(view_of(call), issue, found, properties="properties" in call.names("expand"))


def _milliseconds(call: Call, name: str, default: int) -> int:
    return paging.number(call.query, name, default, most=10**15)


def _stamp(when: datetime) -> int:
    return int(when.timestamp() * 1_000)


def listed(call: Call) -> Response:
    found = issue_of(call)
    after, before = _milliseconds(call, "startedAfter", -1), _milliseconds(call, "startedBefore", 10**15)
    rows = [one for one in audience.logged(call.person, found) if after < _stamp(one.started) < before]
    envelope, page = paging.offsets(call.query, rows, size=5_000, most=5_000)
    return answer(envelope | {"worklogs": [_shown(call, found, one) for one in page]})


def read(call: Call) -> Response:
    return answer(_shown(call, *worklog_of(call)))


# Writing


def _seconds(body: Json, current: int = 0) -> int:
    given = body.get("timeSpentSeconds")
    if given is None and "timeSpent" not in body and current:
        return current
    found = given if isinstance(given, int) else worktime.seconds(body.get("timeSpent"))
    if found < SHORTEST:
        raise refusals.jira(400, errors={"timeLogged": "Worklog must not be less than one minute."})
    return found


def _started(raw: Any, default: datetime) -> datetime:
    if raw is None:
        return default
    try:
        return datetime.strptime(str(raw), "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)
    except ValueError:
        raise refusals.jira(400, errors={"started": f"Unable to parse date: {raw}"}) from None


def _comment(body: Json, current: Json | None = None) -> Json | None:
    if "comment" not in body:
        return current
    try:
        return values.check_document(body["comment"]) if body["comment"] else None
    except Invalid as error:
        raise refusals.jira(400, errors={"comment": str(error)}) from None


def add(call: Call) -> Response:
    found, body = issue_of(call), call.json
    writes.must_write(call.site.projects[found.project], call.person, MAY_NOT)
    seconds, comment, started = _seconds(body), _comment(body), _started(body.get("started"), call.site.now())
    visibility = audience.check(call.person, body.get("visibility"))
    properties = entity_properties.given(body.get("properties"))
    remaining = estimates.after_logging(found, call.query, seconds)
    made = Worklog(call.site.next_id(), call.person.account_id, comment, started, call.site.now(), seconds)
    made.visibility, made.properties = visibility, properties
    _record(call, found, seconds, remaining)
    found.worklogs.append(made)
    call.site.happened("worklog_created", call.person, found.id, issue=found, worklog=made)
    return answer(_shown(call, found, made), 201)


def _record(call: Call, issue: Issue, more: int, remaining: int | None) -> None:
    """What the issue and its history say once so many more seconds are logged."""
    spent = sum(each.seconds for each in issue.worklogs)
    writes.record(call.site, call.person, issue, estimates.changes(issue, spent, spent + more, remaining))


def _mine(call: Call) -> tuple[Issue, Worklog]:
    issue, worklog = worklog_of(call)
    project = call.site.projects[issue.project]
    writes.must_write(project, call.person, MAY_NOT, status=400)
    if worklog.author != call.person.account_id:
        raise refusals.jira(400, f"You do not have permission to edit or delete the worklog with id '{worklog.id}'.")
    return issue, worklog


def edit(call: Call) -> Response:
    issue, worklog = _mine(call)
    body, before = call.json, worklog.seconds
    seconds, comment = _seconds(body, before), _comment(body, worklog.comment)
    started = _started(body.get("started"), worklog.started)
    visibility = audience.check(call.person, body["visibility"]) if "visibility" in body else worklog.visibility
    properties = entity_properties.given(body.get("properties"))
    remaining = estimates.after_logging(issue, call.query, seconds - before)
    _record(call, issue, seconds - before, remaining)
    worklog.seconds, worklog.comment, worklog.started, worklog.visibility = seconds, comment, started, visibility
    worklog.properties |= properties
    worklog.edited, worklog.editor = call.site.now(), call.person.account_id
    call.site.happened("worklog_updated", call.person, issue.id, issue=issue, worklog=worklog)
    return answer(_shown(call, issue, worklog))


def delete(call: Call) -> Response:
    issue, worklog = _mine(call)
    remaining = estimates.after_deleting(issue, call.query, worklog.seconds)
    _record(call, issue, -worklog.seconds, remaining)
    issue.worklogs.remove(worklog)
    call.site.deleted_worklogs.append((worklog.id, call.site.now()))
    call.site.happened("worklog_deleted", call.person, issue.id, issue=issue, worklog=worklog)
    return nothing()


# Across issues


def _all(call: Call) -> Iterator[tuple[Issue, Worklog]]:
    for issue in call.site.issues_for(call.person):
        for worklog in audience.logged(call.person, issue):
            yield issue, worklog


def _changed(call: Call, rows: list[tuple[str, datetime]]) -> Response:
    """Those since the time asked for, oldest first, a thousand at a time."""
    since = _milliseconds(call, "since", 0)
    found = sorted(((_stamp(when), number) for number, when in rows if _stamp(when) > since), key=lambda row: row[0])
    page = found[:MOST_LISTED]
    until = page[-1][0] if page else _stamp(call.site.now())
    address = call.url.partition("?")[0]
    shown: Json = {
        "values": [{"worklogId": int(number), "updatedTime": when, "properties": []} for when, number in page],
        "since": since,
        "until": until,
        "self": f"{address}?since={since}",
        "lastPage": len(page) == len(found),
    }
    if not shown["lastPage"]:
        shown["nextPage"] = f"{address}?since={until}"
    return answer(shown)


def updated(call: Call) -> Response:
    return _changed(call, [(worklog.id, worklog.updated) for _, worklog in _all(call)])


def deleted(call: Call) -> Response:
    return _changed(call, call.site.deleted_worklogs)


def by_ids(call: Call) -> Response:
    ids = {str(each) for each in as_list(call.json.get("ids"))}
    if len(ids) > MOST_LISTED:
        raise refusals.jira(400, f"The list of worklog ids may have at most {MOST_LISTED} items.")
    return answer([_shown(call, issue, worklog) for issue, worklog in _all(call) if worklog.id in ids])


TABLE: Table = (
    Operation("GET", ONE + "/worklog", listed, errors=(404,)),
    Operation("POST", ONE + "/worklog", add, errors=(400, 403, 404)),
    Operation("GET", ONE + "/worklog/{worklog}", read, errors=(404,)),
    Operation("PUT", ONE + "/worklog/{worklog}", edit, errors=(400, 404)),
    Operation("DELETE", ONE + "/worklog/{worklog}", delete, errors=(400, 404)),
    Operation("GET", ROOT + "/updated", updated),
    Operation("GET", ROOT + "/deleted", deleted),
    Operation("POST", ROOT + "/list", by_ids, errors=(400,)),
)

"""What gathers around an issue: comments, worklogs, history, properties, watchers, links."""

import re
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from server.sandbox import audience, catalog, paging, refusals, shapes, values, wire, writes
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_issues import ONE, issue_of
from server.sandbox.jira_search import view_of
from server.sandbox.records import Comment, Issue, Link, Worklog
from server.sandbox.values import Invalid

SPENT = re.compile(r"^\s*(?:([0-9]{1,6})w)?\s*(?:([0-9]{1,6})d)?\s*(?:([0-9]{1,6})h)?\s*(?:([0-9]{1,6})m)?\s*$")
SECONDS = (144_000, 28_800, 3_600, 60)
PROPERTY_LIMIT = 32_768


def comments(call: Call) -> Response:
    found = issue_of(call)
    rendered = "renderedBody" in call.names("expand")
    ordered = sorted(audience.heard(call.person, found), key=lambda comment: comment.created)
    if call.query.get("orderBy", "").startswith("-"):
        ordered.reverse()
    envelope, page = paging.offsets(call.query, ordered, most=5_000)
    view = view_of(call)
    return answer(envelope | {"comments": [wire.comment(view, found, one, rendered=rendered) for one in page]})


def comment_add(call: Call) -> Response:
    found = issue_of(call)
    made = writes.add_comment(call.site, call.person, found, call.json)
    return answer(wire.comment(view_of(call), found, made), 201)


def _comment(call: Call, found: Issue) -> Comment:
    wanted = call.path["comment"]
    for comment in audience.heard(call.person, found):
        if comment.id == wanted:
            return comment
    raise refusals.jira(404, f"Can not find a comment for the id: {wanted}.")


def comment_get(call: Call) -> Response:
    found = issue_of(call)
    rendered = "renderedBody" in call.names("expand")
    return answer(wire.comment(view_of(call), found, _comment(call, found), rendered=rendered))


def _own_comment(call: Call, found: Issue, verb: str) -> Comment:
    comment = _comment(call, found)
    if comment.author != call.person.account_id:
        raise refusals.jira(400, f"You do not have the permission to {verb} the comment with id: {comment.id}.")
    return comment


def comment_edit(call: Call) -> Response:
    found = issue_of(call)
    comment = _own_comment(call, found, "edit")
    comment.body = writes.check_comment(call.json.get("body"))
    writes.record(call.site, call.person, found, ())
    comment.updated = found.updated
    call.site.happened("comment_updated", call.person, found.id, issue=found, comment=comment)
    return answer(wire.comment(view_of(call), found, comment))


def comment_delete(call: Call) -> Response:
    found = issue_of(call)
    comment = _own_comment(call, found, "delete")
    found.comments.remove(comment)
    writes.record(call.site, call.person, found, ())
    call.site.happened("comment_deleted", call.person, found.id, issue=found, comment=comment)
    return nothing()


def worklogs(call: Call) -> Response:
    found = issue_of(call)
    envelope, page = paging.offsets(call.query, found.worklogs, size=5_000, most=5_000)
    view = view_of(call)
    return answer(envelope | {"worklogs": [wire.worklog(view, found, one) for one in page]})


def _seconds(raw: Any) -> int:
    """Working time such as "1d 4h"; 0 where it is none."""
    found = SPENT.match(str(raw or ""))
    return sum(int(count or 0) * size for count, size in zip(found.groups(), SECONDS, strict=True)) if found else 0


def _started(call: Call) -> datetime:
    raw = call.json.get("started")
    if raw is None:
        return call.site.now()
    try:
        return datetime.strptime(str(raw), "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)
    except ValueError:
        raise refusals.jira(400, errors={"started": f"Unable to parse date: {raw}"}) from None


def worklog_add(call: Call) -> Response:
    found = issue_of(call)
    writes.must_write(
        call.site.projects[found.project],
        call.person,
        "You do not have the permission to associate a worklog to this issue.",
    )
    given = call.json.get("timeSpentSeconds")
    seconds = given if isinstance(given, int) else _seconds(call.json.get("timeSpent"))
    if seconds < 60:
        raise refusals.jira(400, errors={"timeLogged": "Worklog must not be less than one minute."})
    try:
        comment = values.check_document(call.json["comment"]) if call.json.get("comment") else None
    except Invalid as error:
        raise refusals.jira(400, errors={"comment": str(error)}) from None
    started = _started(call)
    writes.record(call.site, call.person, found, ())
    made = Worklog(call.site.next_id(), call.person.account_id, comment, started, found.updated, seconds)
    found.worklogs.append(made)
    call.site.happened("worklog_created", call.person, found.id, issue=found, worklog=made)
    return answer(wire.worklog(view_of(call), found, made), 201)


def changelog(call: Call) -> Response:
    found = issue_of(call)
    envelope, page = paging.bean(call.url, call.query, found.histories, size=100)
    view = view_of(call)
    return answer(envelope | {"values": [wire.history(view, entry) for entry in page]})


def property_get(call: Call) -> Response:
    found = issue_of(call)
    key = call.path["key"]
    if key not in found.properties:
        raise refusals.jira(404, f"The property with key '{key}' does not exist.")
    return answer({"key": key, "value": found.properties[key]})


def property_put(call: Call) -> Response:
    found = issue_of(call)
    writes.must_write(
        call.site.projects[found.project], call.person, "You do not have permission to edit issues in this project."
    )
    if len(str(call.body)) > PROPERTY_LIMIT:
        raise refusals.jira(400, "The property value is too long.")
    status = 200 if call.path["key"] in found.properties else 201
    writes.set_property(call.site, call.person, found, call.path["key"], call.body)
    return answer({}, status)


def property_delete(call: Call) -> Response:
    found = issue_of(call)
    property_get(call)
    call.site.happened("issue_property_deleted", call.person, found.id, issue=found, property=call.path["key"])
    del found.properties[call.path["key"]]
    return nothing()


def watchers(call: Call) -> Response:
    found = issue_of(call)
    people = [view_of(call).user(account_id) for account_id in found.watchers]
    own = call.person.account_id in found.watchers
    self = f"{call.base}/rest/api/3/issue/{found.key}/watchers"
    return answer({"self": self, "isWatching": own, "watchCount": len(people), "watchers": people})


def link_types(call: Call) -> Response:
    view = view_of(call)
    return answer({"issueLinkTypes": [shapes.link_type(view, kind) for kind in catalog.LINK_TYPES.values()]})


def link(call: Call) -> Response:
    kind = as_dict(call.json.get("type"))
    wanted = next(
        (row for row in catalog.LINK_TYPES.values() if kind.get("name") == row.name or kind.get("id") == row.id), None
    )
    if wanted is None:
        raise refusals.jira(404, f"No issue link type with name '{kind.get('name', kind.get('id'))}' found.")
    ends: list[Issue] = []
    for side in ("inwardIssue", "outwardIssue"):
        given = as_dict(call.json.get(side))
        found = call.site.issue_for(call.person, str(given.get("key") or given.get("id") or ""))
        if found is None:
            raise refusals.jira(404, refusals.NO_ISSUE)
        ends.append(found)
    made = Link(call.site.next_id(), wanted.id, ends[0].id, ends[1].id)
    call.site.add_link(made)
    for end in ends:
        writes.record(call.site, call.person, end, ())
    call.site.happened("issuelink_created", call.person, made.id, link=made)
    return answer({}, 201)


TABLE: Table = (
    Operation("GET", ONE + "/comment", comments, errors=(404,)),
    Operation("POST", ONE + "/comment", comment_add, errors=(400, 403, 404)),
    Operation("GET", ONE + "/comment/{comment}", comment_get, errors=(404,)),
    Operation("PUT", ONE + "/comment/{comment}", comment_edit, errors=(400, 404)),
    Operation("DELETE", ONE + "/comment/{comment}", comment_delete, errors=(400, 404)),
    Operation("GET", ONE + "/worklog", worklogs, errors=(404,)),
    Operation("POST", ONE + "/worklog", worklog_add, errors=(400, 403, 404)),
    Operation("GET", ONE + "/changelog", changelog, errors=(404,)),
    Operation("GET", ONE + "/properties/{key}", property_get, errors=(404,)),
    Operation("PUT", ONE + "/properties/{key}", property_put, errors=(400, 403, 404)),
    Operation("DELETE", ONE + "/properties/{key}", property_delete, errors=(404,)),
    Operation("GET", ONE + "/watchers", watchers, errors=(404,)),
    Operation("GET", "/rest/api/3/issueLinkType", link_types),
    Operation("POST", "/rest/api/3/issueLink", link, errors=(404,)),
)

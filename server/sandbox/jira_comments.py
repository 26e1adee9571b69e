"""Comments on issues: Jira's REST API v3."""

from collections.abc import Iterator

from starlette.responses import Response

from server.sandbox import audience, entity_properties, paging, refusals, wire, writes
from server.sandbox.adf import as_list
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_issues import ONE, issue_of
from server.sandbox.jira_search import view_of
from server.sandbox.records import Comment, Issue, Json

MOST_LISTED = 1_000


def comment_of(call: Call) -> tuple[Issue, Comment]:
    """The comment of the address, whatever its issue."""
    wanted = call.path["comment"]
    for found in each_of(call, {wanted}):
        return found
    raise refusals.jira(404, f"Can not find a comment for the id: {wanted}.")


def each_of(call: Call, ids: set[str]) -> Iterator[tuple[Issue, Comment]]:
    """Those of these comments that the caller may read."""
    for issue in call.site.issues_for(call.person):
        for comment in issue.comments:
            if comment.id in ids and audience.may_hear(call.person, comment):
                yield issue, comment


def _shown(call: Call, issue: Issue, found: Comment) -> Json:
    expand = call.names("expand")
    rendered, properties = "renderedBody" in expand, "properties" in expand
    return wire.comment(view_of(call), issue, found, rendered=rendered, properties=properties)


def listed(call: Call) -> Response:
    found = issue_of(call)
    ordered = sorted(audience.heard(call.person, found), key=lambda comment: comment.created)
    if call.query.get("orderBy", "").startswith("-"):
        ordered.reverse()
    envelope, page = paging.offsets(call.query, ordered, most=5_000)
    return answer(envelope | {"comments": [_shown(call, found, one) for one in page]})


def by_ids(call: Call) -> Response:
    ids = {str(each) for each in as_list(call.json.get("ids"))}
    if not ids or len(ids) > MOST_LISTED:
        raise refusals.jira(400, f"The list of comment ids must have 1 to {MOST_LISTED} items.")
    found = sorted(each_of(call, ids), key=lambda row: int(row[1].id))
    shown = [_shown(call, issue, comment) for issue, comment in found]
    count = len(shown)
    return answer({"startAt": 0, "maxResults": MOST_LISTED, "total": count, "isLast": True, "values": shown})


def add(call: Call) -> Response:
    found = issue_of(call)
    made = writes.add_comment(call.site, call.person, found, call.json)
    return answer(_shown(call, found, made), 201)


def _found(call: Call, issue: Issue) -> Comment:
    wanted = call.path["comment"]
    for comment in audience.heard(call.person, issue):
        if comment.id == wanted:
            return comment
    raise refusals.jira(404, f"Can not find a comment for the id: {wanted}.")


def read(call: Call) -> Response:
    found = issue_of(call)
    return answer(_shown(call, found, _found(call, found)))


def _own(call: Call, issue: Issue, verb: str) -> Comment:
    comment = _found(call, issue)
    if comment.author != call.person.account_id:
        raise refusals.jira(400, f"You do not have the permission to {verb} the comment with id: {comment.id}.")
    return comment


def edit(call: Call) -> Response:
    found = issue_of(call)
    comment = _own(call, found, "edit")
    body, properties = writes.check_comment(call.json.get("body")), entity_properties.given(call.json.get("properties"))
    if "visibility" in call.json:
        comment.visibility = audience.check(call.person, call.json["visibility"])
    comment.body = body
    comment.properties |= properties
    writes.record(call.site, call.person, found, ())
    comment.updated = found.updated
    call.site.happened("comment_updated", call.person, found.id, issue=found, comment=comment)
    return answer(_shown(call, found, comment))


def delete(call: Call) -> Response:
    found = issue_of(call)
    comment = _own(call, found, "delete")
    found.comments.remove(comment)
    writes.record(call.site, call.person, found, ())
    call.site.happened("comment_deleted", call.person, found.id, issue=found, comment=comment)
    return nothing()


TABLE: Table = (
    Operation("GET", ONE + "/comment", listed, errors=(404,)),
    Operation("POST", ONE + "/comment", add, errors=(400, 403, 404)),
    Operation("GET", ONE + "/comment/{comment}", read, errors=(404,)),
    Operation("PUT", ONE + "/comment/{comment}", edit, errors=(400, 404)),
    Operation("DELETE", ONE + "/comment/{comment}", delete, errors=(400, 404)),
    Operation("POST", "/rest/api/3/comment/list", by_ids, errors=(400,)),
)

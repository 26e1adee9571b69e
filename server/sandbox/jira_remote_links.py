"""Links from issues to what is elsewhere: a page, a ticket of another system."""

from dataclasses import replace
from typing import Any, cast

from starlette.responses import Response

from server.sandbox import refusals, writes
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_issues import ONE, issue_of
from server.sandbox.records import Issue, Json, RemoteLink

ROOT = ONE + "/remotelink"
GLOBAL_ID_LIMIT = 255
MAY_NOT = "You do not have permission to link this issue."


def _invalid(field: str, words: str) -> refusals.Refusal:
    return refusals.jira(400, errors={field: words})


def _part(owner: Json, name: str) -> Json | None:
    raw: Any = owner.get(name)
    if raw is not None and not isinstance(raw, dict):
        raise _invalid(name, f"'{name}' must be an object.")
    return cast(Json | None, raw)


def _words(owner: Json, name: str, *, required: bool = False) -> str:
    raw = owner.get(name)
    if raw is not None and not isinstance(raw, str):
        raise _invalid(name, f"'{name}' must be a string.")
    if required and not raw:
        raise _invalid(name, f"'{name}' is required.")
    return raw or ""


def _item(body: Json) -> Json:
    found = _part(body, "object")
    if found is None:
        raise _invalid("object", "'object' is required.")
    _words(found, "title", required=True)
    _words(found, "summary")
    if "://" not in _words(found, "url", required=True):
        raise _invalid("url", "'url' is not a valid URL.")
    _part(found, "icon")
    _part(as_dict(_part(found, "status")), "icon")
    return found


def _written(link_id: str, body: Json) -> RemoteLink:
    """What is not given is empty afterwards."""
    global_id = _words(body, "globalId")
    if len(global_id) > GLOBAL_ID_LIMIT:
        raise _invalid("globalId", f"'globalId' must not be longer than {GLOBAL_ID_LIMIT} characters.")
    return RemoteLink(link_id, _item(body), global_id, _words(body, "relationship"), _part(body, "application"))


def _self(call: Call, issue: Issue, link: RemoteLink) -> Json:
    return {"id": int(link.id), "self": f"{call.base}/rest/api/3/issue/{issue.key}/remotelink/{link.id}"}


def _shown(call: Call, issue: Issue, link: RemoteLink) -> Json:
    more = {"globalId": link.global_id, "application": link.application, "relationship": link.relationship}
    told = {name: value for name, value in more.items() if value}
    return _self(call, issue, link) | told | {"object": link.item}


def _to_write(call: Call) -> Issue:
    issue = issue_of(call)
    writes.must_write(call.site.projects[issue.project], call.person, MAY_NOT)
    return issue


def _found(call: Call, issue: Issue) -> RemoteLink:
    wanted = call.path["remote"]
    if not wanted.isascii() or not wanted.isdigit():
        raise refusals.jira(400, f"The remote link id '{wanted}' is not a number.")
    for other in call.site.issues_for(call.person):
        if wanted in other.remote_links:
            if other is not issue:
                raise refusals.jira(400, f"The remote link with id '{wanted}' does not belong to this issue.")
            return issue.remote_links[wanted]
    raise refusals.jira(404, f"The remote link with id '{wanted}' does not exist.")


def _with_global_id(issue: Issue, global_id: str) -> RemoteLink | None:
    return next((each for each in issue.remote_links.values() if each.global_id == global_id), None)


def _named(call: Call, issue: Issue) -> RemoteLink:
    wanted = call.query.get("globalId", "")
    if not wanted:
        raise refusals.jira(400, "The globalId query parameter is required.")
    found = _with_global_id(issue, wanted)
    if found is None:
        raise refusals.jira(404, f"The remote link with global id '{wanted}' does not exist.")
    return found


def listed(call: Call) -> Response:
    issue = issue_of(call)
    if "globalId" in call.query:
        return answer(_shown(call, issue, _named(call, issue)))
    return answer([_shown(call, issue, each) for each in issue.remote_links.values()])


def _keep(call: Call, issue: Issue, link: RemoteLink) -> None:
    issue.remote_links[link.id] = link
    writes.record(call.site, call.person, issue, ())


def create(call: Call) -> Response:
    """Or, where the issue has a link with this global id, that one written anew."""
    issue = _to_write(call)
    written = _written("", call.json)
    known = _with_global_id(issue, written.global_id) if written.global_id else None
    link = replace(written, id=known.id if known else call.site.next_id())
    _keep(call, issue, link)
    return answer(_self(call, issue, link), 200 if known else 201)


def read(call: Call) -> Response:
    issue = issue_of(call)
    return answer(_shown(call, issue, _found(call, issue)))


def edit(call: Call) -> Response:
    issue = _to_write(call)
    _keep(call, issue, _written(_found(call, issue).id, call.json))
    return nothing()


def _remove(call: Call, issue: Issue, link: RemoteLink) -> Response:
    del issue.remote_links[link.id]
    writes.record(call.site, call.person, issue, ())
    return nothing()


def delete(call: Call) -> Response:
    issue = _to_write(call)
    return _remove(call, issue, _found(call, issue))


def delete_named(call: Call) -> Response:
    issue = _to_write(call)
    return _remove(call, issue, _named(call, issue))


TABLE: Table = (
    Operation("GET", ROOT, listed, errors=(400, 404)),
    Operation("POST", ROOT, create, errors=(400, 403, 404)),
    Operation("DELETE", ROOT, delete_named, errors=(400, 403, 404)),
    Operation("GET", ROOT + "/{remote}", read, errors=(400, 404)),
    Operation("PUT", ROOT + "/{remote}", edit, errors=(400, 403, 404)),
    Operation("DELETE", ROOT + "/{remote}", delete, errors=(400, 403, 404)),
)

"""What gathers around an issue: its history, watchers and votes."""

from starlette.responses import Response

from server.sandbox import paging, refusals, wire, writes
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_issues import ONE, issue_of
from server.sandbox.jira_search import view_of
from server.sandbox.records import Issue


def changelog(call: Call) -> Response:
    found = issue_of(call)
    envelope, page = paging.bean(call.url, call.query, found.histories, size=100)
    view = view_of(call)
    return answer(envelope | {"values": [wire.history(view, entry) for entry in page]})


def watchers(call: Call) -> Response:
    found = issue_of(call)
    people = [view_of(call).user(account_id) for account_id in found.watchers]
    own = call.person.account_id in found.watchers
    self = f"{call.base}/rest/api/3/issue/{found.key}/watchers"
    return answer({"self": self, "isWatching": own, "watchCount": len(people), "watchers": people})


def _watcher(call: Call, raw: object) -> str:
    """Whom to add or to take away: oneself, or another where one may manage the watchers."""
    wanted = str(raw or "")
    if not wanted:
        return call.person.account_id
    person = call.site.people.get(wanted)
    if person is None or not person.active:
        raise refusals.jira(404, f"The user with accountId '{wanted}' does not exist.")
    if person.account_id != call.person.account_id:
        project = call.site.projects[issue_of(call).project]
        writes.must_write(project, call.person, "You do not have permission to manage the watcher list.")
        if not project.readers & person.groups:
            raise refusals.jira(400, f"{person.name} does not have permission to view this issue.")
    return person.account_id


def watch(call: Call) -> Response:
    found = issue_of(call)
    if call.body is not None and not isinstance(call.body, str):
        raise refusals.jira(400, "The request body must be an account ID as a JSON string.")
    account_id = _watcher(call, call.body)
    if account_id not in found.watchers:
        found.watchers.append(account_id)
        call.site.changed(found)
    return nothing()


def unwatch(call: Call) -> Response:
    found = issue_of(call)
    if not call.query.get("accountId"):
        raise refusals.jira(400, "The accountId query parameter needs to be provided.")
    account_id = _watcher(call, call.query["accountId"])
    if account_id in found.watchers:
        found.watchers.remove(account_id)
        call.site.changed(found)
    return nothing()


def votes(call: Call) -> Response:
    found, view = issue_of(call), view_of(call)
    voters = [view.user(account_id) for account_id in found.voters]
    return answer(wire.votes(view, found) | {"voters": voters})


def _voted(call: Call) -> Issue:
    """The issue, for somebody who may vote on it."""
    found = issue_of(call)
    if found.values.get("reporter") == call.person.account_id:
        raise refusals.jira(404, "You cannot vote for an issue you have reported.")
    if found.values.get("resolution"):
        raise refusals.jira(404, "You cannot vote for an issue that has been resolved.")
    return found


def vote(call: Call) -> Response:
    found = _voted(call)
    if call.person.account_id not in found.voters:
        found.voters.append(call.person.account_id)
        call.site.changed(found)
    return nothing()


def unvote(call: Call) -> Response:
    found = _voted(call)
    if call.person.account_id not in found.voters:
        raise refusals.jira(404, "You have not voted for this issue.")
    found.voters.remove(call.person.account_id)
    call.site.changed(found)
    return nothing()


TABLE: Table = (
    Operation("GET", ONE + "/changelog", changelog, errors=(404,)),
    Operation("GET", ONE + "/watchers", watchers, errors=(404,)),
    Operation("POST", ONE + "/watchers", watch, errors=(400, 403, 404)),
    Operation("DELETE", ONE + "/watchers", unwatch, errors=(400, 403, 404)),
    Operation("GET", ONE + "/votes", votes, errors=(404,)),
    Operation("POST", ONE + "/votes", vote, errors=(404,)),
    Operation("DELETE", ONE + "/votes", unvote, errors=(404,)),
)

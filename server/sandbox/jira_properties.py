"""What apps keep with issues, comments and worklogs: Jira's entity properties."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from server.sandbox import entity_properties, refusals, writes
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_comments import comment_of
from server.sandbox.jira_issues import ONE, issue_of
from server.sandbox.jira_worklogs import worklog_of
from server.sandbox.records import Comment, Issue, Json, Worklog
from server.sandbox.refusals import Refusal


@dataclass(frozen=True)
class Kind:
    """`held` finds the properties of the address, `must_write` refuses who may not change them; `changed` is told of
    each change, with the name of the event and the key."""

    path: str
    held: Callable[[Call], Json]
    must_write: Callable[[Call], None]
    changed: Callable[[Call, str, str], None] = lambda call, event, key: None
    unwritable: int = 403  # what a delete by somebody who may not write is answered

    def listed(self, call: Call) -> Response:
        held = self.held(call)
        address = call.url.partition("?")[0]
        return answer({"keys": [{"self": f"{address}/{key}", "key": key} for key in held]})

    def read(self, call: Call) -> Response:
        key = call.path["key"]
        return answer({"key": key, "value": self._of(call)[key]})

    def write(self, call: Call) -> Response:
        held, key = self.held(call), call.path["key"]
        self.must_write(call)
        if call.body is None:
            raise refusals.jira(400, "The property value must be a JSON value.")
        entity_properties.check(key, call.body)
        status = 200 if key in held else 201
        held[key] = call.body
        self.changed(call, "issue_property_set", key)
        return answer({}, status)

    def delete(self, call: Call) -> Response:
        held, key = self._of(call), call.path["key"]
        try:
            self.must_write(call)
        except Refusal as refusal:
            raise refusals.jira(self.unwritable, *refusal.body["errorMessages"]) from None
        self.changed(call, "issue_property_deleted", key)
        del held[key]
        return nothing()

    def _of(self, call: Call) -> Json:
        held, key = self.held(call), call.path["key"]
        if key not in held:
            raise refusals.jira(404, f"The property with key '{key}' does not exist.")
        return held

    @property
    def table(self) -> Table:
        return (
            Operation("GET", self.path, self.listed, errors=(404,)),
            Operation("GET", self.path + "/{key}", self.read, errors=(404,)),
            Operation("PUT", self.path + "/{key}", self.write, errors=(400, 403, 404)),
            Operation("DELETE", self.path + "/{key}", self.delete, errors=tuple(sorted({self.unwritable, 404}))),
        )


def _of_project(call: Call, issue: Issue) -> None:
    project = call.site.projects[issue.project]
    writes.must_write(project, call.person, "You do not have permission to edit issues in this project.")


def _of_author(call: Call, found: Comment | Worklog) -> None:
    if found.author != call.person.account_id:
        raise refusals.jira(403, "You do not have permission to edit this comment or worklog.")


def _heard(call: Call, event: str, key: str) -> None:
    issue = issue_of(call)
    call.site.happened(event, call.person, issue.id, issue=issue, property=key)


KINDS = (
    Kind(ONE + "/properties", lambda c: issue_of(c).properties, lambda c: _of_project(c, issue_of(c)), _heard, 404),
    Kind(
        "/rest/api/3/comment/{comment}/properties",
        lambda call: comment_of(call)[1].properties,
        lambda call: _of_author(call, comment_of(call)[1]),
    ),
    Kind(
        ONE + "/worklog/{worklog}/properties",
        lambda call: worklog_of(call)[1].properties,
        lambda call: _of_author(call, worklog_of(call)[1]),
    ),
)
TABLE: Table = tuple(row for kind in KINDS for row in kind.table)

"""Sprints, what is in them, and the rank of issues: Jira Software's REST API, agile/1.0."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from server.sandbox import refusals, writes
from server.sandbox.adf import as_list
from server.sandbox.agile import API, BOARD, SPRINT_FIELD, board_of, issues_of, listed, scrum_board_of
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_search import view_of
from server.sandbox.records import Issue, Json, Sprint

SPRINT = API + "/sprint/{sprint}"
MOST_MOVED = 50
NAME_LIMIT = 30
STATES = ("future", "active", "closed")
NOT_YOURS = "You do not have permission to manage sprints on this board."


def _shown(call: Call, found: Sprint) -> Json:
    view = view_of(call)
    dates = {"startDate": found.start, "endDate": found.end, "completeDate": found.completed}
    return {
        "id": int(found.id),
        "self": f"{call.base}{API}/sprint/{found.id}",
        "state": found.state,
        "name": found.name,
        **{name: view.instant(when) for name, when in dates.items() if when},
        "createdDate": view.instant(found.created),
        "originBoardId": int(found.board),
        "goal": found.goal,
    }


def _sprint(call: Call) -> Sprint:
    found = call.site.sprints.get(call.path["sprint"])
    if found is None or call.site.project_for(call.person, call.site.boards[found.board].project) is None:
        raise refusals.jira(404, "Sprint does not exist.")
    return found


def _must_manage(call: Call, board: str) -> None:
    project = call.site.projects[call.site.boards[board].project]
    writes.must_write(project, call.person, NOT_YOURS)


def sprints(call: Call) -> Response:
    board = scrum_board_of(call, call.path["board"])
    states = call.names("state")
    if bad := [state for state in states if state not in STATES]:
        raise refusals.jira(400, f"The state '{bad[0]}' is not valid: it is future, active or closed.")
    found = [each for each in call.site.sprints.values() if each.board == board.id]
    return listed(call, [_shown(call, each) for each in found if not states or each.state in states])


def sprint(call: Call) -> Response:
    return answer(_shown(call, _sprint(call)))


def sprint_issues(call: Call) -> Response:
    found = _sprint(call)
    return issues_of(call, lambda issue: found.id in (issue.values.get(SPRINT_FIELD) or ()))


def board_sprint_issues(call: Call) -> Response:
    board_of(call, call.path["board"])
    return sprint_issues(call)


def _moment(name: str, raw: Any) -> datetime:
    try:
        when = datetime.fromisoformat(str(raw))
    except ValueError:
        raise refusals.jira(400, errors={name: f"Unable to parse date: {raw}"}) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _name(raw: Any) -> str:
    name = str(raw or "").strip()
    if not name:
        raise refusals.jira(400, errors={"name": "The sprint name cannot be empty."})
    if len(name) > NAME_LIMIT:
        raise refusals.jira(400, errors={"name": f"The sprint name must be shorter than {NAME_LIMIT + 1} characters."})
    return name


def create(call: Call) -> Response:
    board = scrum_board_of(call, str(call.json.get("originBoardId")))
    _must_manage(call, board.id)
    made = Sprint(call.site.next_id(), _name(call.json.get("name")), board.id, "future", call.site.now())
    _write(call, made, _changes(made, call.json, whole=False))
    call.site.sprints[made.id] = made
    call.site.happened("sprint_created", call.person, made.id, sprint=made)
    return answer(_shown(call, made), 201)


READ: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "name": ("name", _name),
    "goal": ("goal", lambda raw: str(raw or "")),
    "startDate": ("start", lambda raw: _moment("startDate", raw)),
    "endDate": ("end", lambda raw: _moment("endDate", raw)),
    "state": ("state", str),
}


def _changes(found: Sprint, body: Json, *, whole: bool) -> dict[str, Any]:
    """The attributes to set; a whole update takes away what it does not name."""
    changes: dict[str, Any] = {"goal": "", "start": None, "end": None} if whole else {}
    for name, (attribute, read) in READ.items():
        if body.get(name) is not None:
            changes[attribute] = read(body[name])
    start, end = (changes.get(name, getattr(found, name)) for name in ("start", "end"))
    if start and end and end <= start:
        raise refusals.jira(400, errors={"endDate": "The end date of a sprint must be after the start date."})
    _check_state(found, changes.get("state", found.state), dated=bool(start and end))
    return changes


def _check_state(found: Sprint, state: str, *, dated: bool) -> None:
    if state not in STATES:
        raise refusals.jira(400, errors={"state": f"The state '{state}' is not valid."})
    if found.state == "closed":
        raise refusals.jira(400, "A closed sprint cannot be changed.")
    if STATES.index(state) not in (STATES.index(found.state), STATES.index(found.state) + 1):
        raise refusals.jira(400, f"A sprint cannot go from {found.state} to {state}.")
    if state == "active" and not dated:
        raise refusals.jira(400, "A sprint must have a start date and an end date to be started.")


def _write(call: Call, found: Sprint, changes: dict[str, Any]) -> None:
    before = found.state
    for attribute, value in changes.items():
        setattr(found, attribute, value)
    if found.state == "closed" and before != "closed":
        found.completed = call.site.now()


def _update(call: Call, *, whole: bool) -> Response:
    found = _sprint(call)
    _must_manage(call, found.board)
    if whole and call.json.get("name") is None:
        raise refusals.jira(400, errors={"name": "The sprint name cannot be empty."})
    before = found.state
    _write(call, found, _changes(found, call.json, whole=whole))
    moves = {("future", "active"): "sprint_started", ("active", "closed"): "sprint_closed"}
    call.site.happened(moves.get((before, found.state), "sprint_updated"), call.person, found.id, sprint=found)
    return answer(_shown(call, found))


def update(call: Call) -> Response:
    return _update(call, whole=True)


def partial_update(call: Call) -> Response:
    return _update(call, whole=False)


def delete(call: Call) -> Response:
    found = _sprint(call)
    _must_manage(call, found.board)
    inside = [issue for issue in call.site.issues.values() if found.id in (issue.values.get(SPRINT_FIELD) or ())]
    with call.site.fallout():
        for issue in inside:
            writes.set_value(call.site, call.person, issue, SPRINT_FIELD, [])
    del call.site.sprints[found.id]
    call.site.happened("sprint_deleted", call.person, found.id, sprint=found)
    return nothing()


# What is in a sprint


def _named(call: Call) -> list[Issue]:
    keys = [str(key) for key in as_list(call.json.get("issues"))]
    if not keys:
        raise refusals.jira(400, "The list of issues must not be empty.")
    if len(keys) > MOST_MOVED:
        raise refusals.jira(400, f"The maximum number of issues that can be moved in one operation is {MOST_MOVED}.")
    found = [call.site.issue_for(call.person, key) for key in keys]
    if missing := [key for key, issue in zip(keys, found, strict=True) if issue is None]:
        raise refusals.jira(404, f"Issue does not exist or you do not have permission to see it: {missing[0]}")
    issues = [issue for issue in found if issue]
    for issue in issues:
        writes.must_write(call.site.projects[issue.project], call.person, "You do not have permission to edit issues.")
    return issues


def _put(call: Call, issues: list[Issue], sprints: list[str]) -> Response:
    with call.site.fallout(of_many=len(issues) > 1):
        for issue in issues:
            writes.set_value(call.site, call.person, issue, SPRINT_FIELD, sprints)
    _rank(call, issues)
    return nothing()


def move_in(call: Call) -> Response:
    found = _sprint(call)
    if found.state == "closed":
        raise refusals.jira(400, "Issues can only be moved to open or active sprints.")
    return _put(call, _named(call), [found.id])


def move_out(call: Call) -> Response:
    return _put(call, _named(call), [])


def move_to_backlog(call: Call) -> Response:
    board = board_of(call, call.path["board"])
    issues = _named(call)
    if foreign := [issue.key for issue in issues if issue.project != board.project]:
        raise refusals.jira(400, f"The issue {foreign[0]} is not on board {board.id}.")
    return _put(call, issues, [])


def _rank(call: Call, issues: list[Issue]) -> None:
    """Puts the issues, in their order, before or after another, where the body names one."""
    before, after = call.json.get("rankBeforeIssue"), call.json.get("rankAfterIssue")
    if before is None and after is None:
        return
    other = call.site.issue_for(call.person, str(before or after))
    if other is None or other in issues:
        raise refusals.jira(400, f"The issue to rank by does not exist: {before or after}")
    row = [each for each in sorted(call.site.issues.values(), key=lambda issue: issue.rank) if each not in issues]
    place = row.index(other)
    low = row[place - 1].rank if before and place else other.rank if after else other.rank - 1
    high = other.rank if before else row[place + 1].rank if place + 1 < len(row) else other.rank + 1
    for number, issue in enumerate(issues, 1):
        issue.rank = low + (high - low) * number / (len(issues) + 1)
        call.site.changed(issue)


def rank(call: Call) -> Response:
    if call.json.get("rankBeforeIssue") is None and call.json.get("rankAfterIssue") is None:
        raise refusals.jira(400, "Either rankBeforeIssue or rankAfterIssue must be given.")
    _rank(call, _named(call))
    return nothing()


TABLE: Table = (
    Operation("GET", BOARD + "/sprint", sprints, errors=(400, 404)),
    Operation("GET", BOARD + "/sprint/{sprint}/issue", board_sprint_issues, errors=(400, 404)),
    Operation("POST", API + "/sprint", create, errors=(400, 403, 404)),
    Operation("GET", SPRINT, sprint, errors=(404,)),
    Operation("PUT", SPRINT, update, errors=(400, 403, 404)),
    Operation("POST", SPRINT, partial_update, errors=(400, 403, 404)),
    Operation("DELETE", SPRINT, delete, errors=(403, 404)),
    Operation("GET", SPRINT + "/issue", sprint_issues, errors=(400, 404)),
    Operation("POST", SPRINT + "/issue", move_in, errors=(400, 403, 404)),
    Operation("POST", API + "/backlog/issue", move_out, errors=(400, 403, 404)),
    Operation("POST", API + "/backlog/{board}/issue", move_to_backlog, errors=(400, 403, 404)),
    Operation("PUT", API + "/issue/rank", rank, errors=(400, 403, 404)),
)

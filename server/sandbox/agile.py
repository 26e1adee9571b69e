"""Boards, their columns, backlogs and issues: Jira Software's REST API, agile/1.0."""

from collections.abc import Callable, Iterable

from starlette.responses import Response

from server.sandbox import catalog, jql, paging, refusals, wire
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.jira_search import asker_of, view_of
from server.sandbox.records import Board, Issue, Json, Project
from server.sandbox.shapes import View

API = "/rest/agile/1.0"
BOARD = API + "/board/{board}"
NO_BOARD = (
    "The requested board cannot be viewed because it either does not exist or you do not have permission to view it."
)
SPRINT_FIELD, ESTIMATE = "customfield_10020", "customfield_10016"


def board_of(call: Call, board_id: str) -> Board:
    found = call.site.boards.get(board_id)
    if found is None or call.site.project_for(call.person, found.project) is None:
        raise refusals.jira(404, NO_BOARD)
    return found


def scrum_board_of(call: Call, board_id: str) -> Board:
    found = board_of(call, board_id)
    if found.kind != "scrum":
        raise refusals.jira(400, "The board does not support sprints")
    return found


def _location(call: Call, project: Project) -> Json:
    return {
        "projectId": int(project.id),
        "displayName": f"{project.name} ({project.key})",
        "projectName": project.name,
        "projectKey": project.key,
        "projectTypeKey": project.kind,
        "avatarURI": f"{call.base}/rest/api/2/universal_avatar/view/type/project/avatar/{project.id}",
        "name": f"{project.name} ({project.key})",
    }


def _shown(call: Call, board: Board) -> Json:
    location = _location(call, call.site.projects[board.project])
    self = f"{call.base}{API}/board/{board.id}"
    return {"id": int(board.id), "self": self, "name": board.name, "type": board.kind, "location": location}


def boards(call: Call) -> Response:
    wanted = call.query.get("projectKeyOrId")
    project = call.site.project_for(call.person, wanted) if wanted else None
    if wanted and project is None:
        raise refusals.jira(400, f"No project could be found with key or id '{wanted}'.")
    kinds, name = call.names("type"), call.query.get("name", "").casefold()
    found = [
        board
        for board in call.site.boards.values()
        if call.site.project_for(call.person, board.project)
        if (project is None or board.project == project.id) and (not kinds or board.kind in kinds)
        if name in board.name.casefold()
    ]
    return listed(call, [_shown(call, board) for board in found])


def board(call: Call) -> Response:
    return answer(_shown(call, board_of(call, call.path["board"])))


def configuration(call: Call) -> Response:
    found = board_of(call, call.path["board"])
    api = f"{call.base}/rest/api/2"
    columns = [
        {"name": status.name, "statuses": [{"id": status.id, "self": f"{api}/status/{status.id}"}]}
        for status in catalog.STATUSES.values()
    ]
    shown: Json = {
        "id": int(found.id),
        "name": found.name,
        "type": found.kind,
        "self": f"{call.base}{API}/board/{found.id}/configuration",
        "location": {"type": "project", "projectKeyOrId": call.site.projects[found.project].key},
        "filter": {"id": f"1000{found.id}", "self": f"{api}/filter/1000{found.id}"},
        "columnConfig": {"columns": columns, "constraintType": "none"},
        "ranking": {"rankCustomFieldId": 10019},
    }
    if found.kind == "scrum":
        field = {"fieldId": ESTIMATE, "displayName": "Story Points"}
        shown["estimation"] = {"type": "field", "field": field}
    return answer(shown)


def listed(call: Call, items: list[Json]) -> Response:
    envelope, page = paging.offsets(call.query, items)
    last = envelope["startAt"] + len(page) >= len(items)
    return answer(envelope | {"isLast": last, "values": page})


def ranked(issues: Iterable[Issue]) -> list[Issue]:
    return sorted(issues, key=lambda issue: issue.rank)


def issues_of(call: Call, belongs: Callable[[Issue], bool]) -> Response:
    """A page of the issues that belong here, in the order of their rank, and of those the ones that `jql` finds."""
    text = call.query.get("jql", "")
    candidates = jql.search(text, asker_of(call), bounded=False)
    found = [issue for issue in candidates if belongs(issue)]
    if "order by" not in text.casefold():
        found = ranked(found)
    envelope, page = paging.offsets(call.query, found)
    view: View = view_of(call)
    fields = wire.chosen(call.names("fields"))
    expand = call.names("expand")
    shown = [wire.issue(view, issue, fields, [name for name in expand if name != "names"]) for issue in page]
    names = {"names": wire.names(fields)} if "names" in expand else {}
    return answer({"expand": "schema,names"} | envelope | {"issues": shown} | names)


def board_issues(call: Call) -> Response:
    found = board_of(call, call.path["board"])
    return issues_of(call, lambda issue: issue.project == found.project)


def _waits(call: Call, issue: Issue) -> bool:
    """Whether it stands in the backlog: not done, and in no sprint that goes on or is to come."""
    sprints = [call.site.sprints[each] for each in issue.values.get(SPRINT_FIELD) or () if each in call.site.sprints]
    done = catalog.STATUSES[issue.values["status"]].category == "done"
    epic = catalog.ISSUE_TYPES[issue.values["issuetype"]].level != 0
    return not done and not epic and all(sprint.state == "closed" for sprint in sprints)


def backlog(call: Call) -> Response:
    found = board_of(call, call.path["board"])
    return issues_of(call, lambda issue: issue.project == found.project and _waits(call, issue))


def _epic(call: Call, issue: Issue) -> Json:
    done = catalog.STATUSES[issue.values["status"]].category == "done"
    return {
        "id": int(issue.id),
        "key": issue.key,
        "self": f"{call.base}{API}/epic/{issue.id}",
        "name": issue.values["summary"],
        "summary": issue.values["summary"],
        "color": {"key": "color_1"},
        "issueColor": {"key": "color_1"},
        "done": done,
    }


def epics(call: Call) -> Response:
    found = board_of(call, call.path["board"])
    done = call.query.get("done")
    shown = [
        _epic(call, issue)
        for issue in ranked(call.site.issues_for(call.person))
        if issue.project == found.project and issue.values["issuetype"] == catalog.EPIC
    ]
    return listed(call, [epic for epic in shown if done is None or epic["done"] == (done.lower() == "true")])


def projects(call: Call) -> Response:
    found = call.site.projects[board_of(call, call.path["board"]).project]
    shown = {"id": found.id, "key": found.key, "name": found.name, "self": f"{call.base}/rest/api/2/project/{found.id}"}
    return listed(call, [shown | {"simplified": False, "style": "classic", "projectTypeKey": found.kind}])


def epic_of(call: Call) -> Issue:
    found = call.site.issue_for(call.person, call.path["epic"])
    if found is None or found.values["issuetype"] != catalog.EPIC:
        raise refusals.jira(404, "The requested epic does not exist or you do not have permission to see it.")
    return found


def epic(call: Call) -> Response:
    return answer(_epic(call, epic_of(call)))


def epic_issues(call: Call) -> Response:
    found = epic_of(call)
    return issues_of(call, lambda issue: issue.values.get("parent") == found.id)


TABLE: Table = (
    Operation("GET", API + "/board", boards, errors=(400,)),
    Operation("GET", BOARD, board, errors=(404,)),
    Operation("GET", BOARD + "/configuration", configuration, errors=(404,)),
    Operation("GET", BOARD + "/issue", board_issues, errors=(400, 404)),
    Operation("GET", BOARD + "/backlog", backlog, errors=(400, 404)),
    Operation("GET", BOARD + "/epic", epics, errors=(404,)),
    Operation("GET", BOARD + "/project", projects, errors=(404,)),
    Operation("GET", API + "/epic/{epic}", epic, errors=(404,)),
    Operation("GET", API + "/epic/{epic}/issue", epic_issues, errors=(400, 404)),
)

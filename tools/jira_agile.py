"""Jira's boards and sprints."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from server.client import JiraApiClient
from server.context import Jira
from server.entities import AGILE, BOARD, ISSUE, SPRINT, Board, Model, Sprint, line
from server.errors import AtlassianError, Invalid, NotFound, Refused
from tools.consent import Confirm, Consent, asks
from tools.declare import reads, writes
from tools.jira_issues.reading import ROW, Fields, IssueList, field_ids, laid_out
from tools.lists import Listed, table
from tools.parameters import LONGEST_QUERY, IssueKey, Limit, ProjectKey, Start, digits
from tools.times import When, when

AT_ONCE = 50  # issues that Jira moves in one request
MOST_MOVED = 1000
LONGEST_GOAL = 1000


def _split(value: Any) -> Any:
    return value.replace(",", " ").split() if isinstance(value, str) else value


BoardId = Annotated[str, digits, Field(pattern=f"^{BOARD.pattern}$", examples=["12"])]
SprintId = Annotated[str, digits, Field(pattern=f"^{SPRINT.pattern}$", examples=["34"])]
IssueKeys = Annotated[list[IssueKey], Field(min_length=1, max_length=MOST_MOVED), BeforeValidator(_split)]
Name = Annotated[str, Field(min_length=1, max_length=30, pattern=r"\S")]
Goal = Annotated[str, Field(max_length=LONGEST_GOAL)]
State = Literal["future", "active", "closed"]


class BoardList(Listed):
    boards: list[Board] = Field(validation_alias="values")

    def text(self) -> str:
        if not self.boards:
            return "No board matches."
        rows = [f"{each.id} | {each.name} | {each.type} | {each.project or ''}" for each in self.boards]
        return "\n".join([self.heading(len(rows), "board"), *table("id | name | type | project", rows)])


class SprintList(Listed):
    sprints: list[Sprint] = Field(validation_alias="values")

    def text(self) -> str:
        if not self.sprints:
            return "No sprint matches."
        rows = [" | ".join(_cells(each)) for each in self.sprints]
        return "\n".join([self.heading(len(rows), "sprint"), *table("id | name | state | dates | goal", rows)])


def _cells(sprint: Sprint) -> list[str]:
    dates = line(*(f"{day:%Y-%m-%d}" for day in (sprint.start, sprint.end) if day), by=" to ")
    return [str(sprint.id), sprint.name, sprint.state, dates, sprint.goal.replace("\n", " ")]


class Ranked(IssueList, Listed):
    """Issues in the order of their rank."""

    def text(self) -> str:
        if not self.issues:
            return "No issue matches."
        return self.below(self.heading(len(self.issues), "issue"))


class Saved(Model):
    done: str
    sprint: Sprint

    def text(self) -> str:
        return line(f"{self.done} sprint {self.sprint.id}", *_cells(self.sprint)[1:])

    @property
    def touched(self) -> str:
        return SPRINT.uri_of(str(self.sprint.id))


class Moved(Model):
    issue_keys: list[str]
    where: str

    def text(self) -> str:
        count = len(self.issue_keys)
        which = ", ".join(self.issue_keys) if count <= 10 else f"{count} issues"
        return f"Moved {which} to {self.where}"


@reads
async def jira_get_agile_boards(
    jira: Jira,
    board_name: str | None = None,
    project_key: ProjectKey | None = None,
    board_type: Literal["scrum", "kanban", "simple"] | None = None,
    limit: Limit = 50,
    cursor: Start = None,
) -> BoardList:
    """Find Jira boards by name, project or type."""
    given = {"name": board_name, "projectKeyOrId": project_key, "type": board_type}
    query = _page(limit, cursor) | {name: value for name, value in given.items() if value}
    return await jira.get(BoardList, f"{AGILE}/board", query, named="the boards")


@reads
async def jira_get_sprints_from_board(
    board_id: BoardId, jira: Jira, state: State | None = None, limit: Limit = 50, cursor: Start = None
) -> SprintList:
    """List the sprints of a Jira board."""
    query = _page(limit, cursor) | ({"state": state} if state else {})
    return await jira.get(SprintList, f"{BOARD.path(board_id)}/sprint", query, named=BOARD.named(board_id))


@reads
async def jira_get_sprint_issues(
    sprint_id: SprintId, jira: Jira, fields: Fields = ROW, limit: Limit = 50, cursor: Start = None
) -> Ranked:
    """List the issues of a Jira sprint."""
    return await _ranked(jira, SPRINT.path(sprint_id), _page(limit, cursor), fields, SPRINT.named(sprint_id))


@reads
async def jira_get_board_issues(
    board_id: BoardId,
    jira: Jira,
    jql: Annotated[str, Field(max_length=LONGEST_QUERY)] = "",
    fields: Fields = ROW,
    limit: Limit = 50,
    cursor: Start = None,
) -> Ranked:
    """List the issues of a Jira board, those that JQL finds."""
    query = _page(limit, cursor) | ({"jql": jql} if jql else {})
    return await _ranked(jira, BOARD.path(board_id), query, fields, BOARD.named(board_id))


@writes(destructive=False, idempotent=False)
async def jira_create_sprint(
    board_id: BoardId,
    name: Name,
    jira: Jira,
    start_date: When | None = None,
    end_date: When | None = None,
    goal: Goal = "",
) -> Saved:
    """Plan a sprint on a Jira board."""
    body = {"name": name, "originBoardId": int(board_id), **await _dates(jira, start_date, end_date)}
    if goal:
        body["goal"] = goal
    named = f"a new sprint on board {board_id}"
    return Saved(done="Created", sprint=await jira.post(Sprint, f"{AGILE}/sprint", body, named=named))


async def _what_ends(sprint_id: str, state: State | None, jira: Jira) -> str | None:
    if state != "closed":
        return None
    sprint = await jira.read(SPRINT, sprint_id)
    query = {"jql": "statusCategory != Done", "fields": "summary", "maxResults": AT_ONCE}
    found = await jira.get(Ranked, f"{SPRINT.path(sprint_id)}/issue", query, named=SPRINT.named(sprint_id))
    keys = ", ".join(issue.key for issue in found.issues)
    left = f"Not done, and out of it then: {keys}." if keys else "All in it is done."
    return f"Close sprint {sprint.id} `{sprint.name}`? It can't be opened again. {left}"


@writes(destructive=True, idempotent=True)
async def jira_update_sprint(
    sprint_id: SprintId,
    jira: Jira,
    consent: Annotated[Consent, asks(_what_ends)],
    name: Name | None = None,
    state: State | None = None,
    start_date: When | None = None,
    end_date: When | None = None,
    goal: Goal | None = None,
    confirm: Confirm = False,
) -> Saved:
    """Change, start or close a Jira sprint."""
    given = {"name": name, "state": state, "goal": goal, **await _dates(jira, start_date, end_date)}
    body = {field: value for field, value in given.items() if value is not None}
    if not body:
        raise Refused("Nothing to change: pass at least one of name, state, start_date, end_date and goal.")
    try:
        sprint = await jira.post(Sprint, SPRINT.path(sprint_id), body, named=SPRINT.named(sprint_id))
    except Invalid as error:
        raise await _with_open_ones(jira, sprint_id, error) from error
    return Saved(done="Updated", sprint=sprint)


async def _how_many(issue_keys: IssueKeys) -> str | None:
    if len(issue_keys) <= AT_ONCE:
        return None
    return f"Move {len(issue_keys)} issues at once? {', '.join(issue_keys)}"


@writes(destructive=True, idempotent=True)
async def jira_add_issues_to_sprint(
    sprint_id: SprintId,
    issue_keys: IssueKeys,
    jira: Jira,
    consent: Annotated[Consent, asks(_how_many)],
    confirm: Confirm = False,
) -> Moved:
    """Move issues into a Jira sprint."""
    keys = list(dict.fromkeys(issue_keys))
    try:
        await _move(jira, f"{SPRINT.path(sprint_id)}/issue", keys, SPRINT.named(sprint_id))
    except NotFound as error:
        raise await _absent(jira, sprint_id, error) from error
    except Invalid as error:
        raise await _with_open_ones(jira, sprint_id, error) from error
    return Moved(issue_keys=keys, where=f"sprint {sprint_id}")


@writes(destructive=True, idempotent=True)
async def jira_move_issues_to_backlog(
    issue_keys: IssueKeys, jira: Jira, consent: Annotated[Consent, asks(_how_many)], confirm: Confirm = False
) -> Moved:
    """Move issues out of their sprints, to the backlog."""
    keys = list(dict.fromkeys(issue_keys))
    await _move(jira, f"{AGILE}/backlog/issue", keys, "the backlog")
    return Moved(issue_keys=keys, where="the backlog")


async def _move(jira: JiraApiClient, path: str, keys: list[str], named: str) -> None:
    """All of them, as many at once as Jira takes; what was moved before a failure is told."""
    for start in range(0, len(keys), AT_ONCE):
        body = {"issues": keys[start : start + AT_ONCE]}
        try:
            # Moving an issue to where it is changes nothing.
            await jira.send("POST", path, body=body, named=named, repeatable=True)
        except AtlassianError as error:
            if start == 0:
                raise
            done = f"{start} of {len(keys)} issues were moved, up to {keys[start - 1]}"
            raise AtlassianError(f"{done}; those from {keys[start]} on were not. {error}").then(*error.steps) from error


async def _absent(jira: JiraApiClient, sprint_id: str, error: NotFound) -> NotFound:
    """Jira says the same of a sprint and of an issue that is not there."""
    try:
        await jira.read(SPRINT, sprint_id)
    except AtlassianError:
        return error
    return NotFound("Nothing was moved: one of these issues is not there, or you may not see it.").then(ISSUE.finder)


async def _with_open_ones(jira: JiraApiClient, sprint_id: str, error: Invalid) -> Invalid:
    """Jira's refusal; of a sprint that is closed, with those of its board that are not."""
    try:
        sprint = await jira.read(SPRINT, sprint_id)
        if sprint.state != "closed" or sprint.board_id is None:
            return error
        board = str(sprint.board_id)
        query = {"state": "active,future"}
        found = await jira.get(SprintList, f"{BOARD.path(board)}/sprint", query, named=BOARD.named(board))
    except AtlassianError:
        return error
    names = "; ".join(f"{each.id} {each.name} ({each.state})" for each in found.sprints) or "none"
    return Invalid(f"Nothing was changed: sprint {sprint.id} `{sprint.name}` is closed. Open on its board: {names}.")


async def _ranked(jira: JiraApiClient, path: str, query: dict[str, str | int], fields: str, named: str) -> Ranked:
    wanted = await field_ids(jira, fields)
    asked = {**query, "fields": ",".join(wanted), "expand": "names"}
    return await laid_out(jira, await jira.get(Ranked, f"{path}/issue", asked, named=named), wanted)


async def _dates(jira: JiraApiClient, start: str | None, end: str | None) -> dict[str, Any]:
    given = {"startDate": start, "endDate": end}
    return {name: (await when(jira, day)).isoformat(timespec="milliseconds") for name, day in given.items() if day}


def _page(limit: int, cursor: str | None) -> dict[str, str | int]:
    return {"startAt": cursor or "0", "maxResults": limit}

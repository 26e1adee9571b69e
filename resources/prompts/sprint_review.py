"""What a sprint has come to."""

from collections.abc import Sequence

from mcp.types import ContentBlock

from resources import choices
from resources.prompts import declare
from resources.prompts.declare import Argument, Asked, Prompt, embedded
from server.entities import AGILE, BOARD, SPRINT, Board, Sprint
from server.errors import Invalid

LATEST = ("active", "closed")  # what is reviewed where no sprint is named


async def _board(asked: Asked, wanted: str) -> Board:
    if wanted.isdigit():
        return await asked.jira.read(BOARD, wanted)
    found = [each async for each in asked.jira.values(Board, f"{AGILE}/board", {"name": wanted})]
    same = [each for each in found if each.name.casefold() == wanted.casefold()] or found
    if len(same) == 1:
        return same[0]
    names = "; ".join(f"{each.name} ({each.id})" for each in same[:10])
    raise Invalid(
        f"Which board is `{wanted}`? {names}. Take an id." if names else f"No board is named `{wanted}`. Take its id."
    )


async def _sprint(asked: Asked, board: Board, wanted: str) -> Sprint:
    if board.type == "kanban":
        raise Invalid(f"The board {board.name} has no sprints: it is a kanban board.")
    sprints = [each async for each in asked.jira.values(Sprint, f"{AGILE}/board/{board.id}/sprint")]
    named = [each for each in sprints if wanted.casefold() in (str(each.id), each.name.casefold())]
    of_state = [[each for each in sprints if each.state == state] for state in LATEST]
    latest = next((each[-1] for each in of_state if each), None)
    chosen = (named[-1] if named else None) if wanted else latest
    if chosen is None:
        names = ", ".join(f"{each.name} ({each.state})" for each in sprints[-10:]) or "none yet"
        raise Invalid(f"The board {board.name} has no such sprint. Its sprints: {names}.")
    return chosen


async def _write(asked: Asked) -> Sequence[str | ContentBlock]:
    board = await _board(asked, asked.values["board"])
    sprint = await _sprint(asked, board, asked.values["sprint"])
    task = asked.instructed(
        f"Write a review of the sprint {sprint.name} of the board {board.name}, on one page: what was its goal and was "
        "it met, what is done (by theme, not issue by issue), what is not and why, what to talk about in the meeting.",
        ("jira_get_issue", "Read with jira_get_issue what was late, big or blocked, and what its comments say."),
        ("jira_batch_get_changelogs", "See with jira_batch_get_changelogs what came in after the sprint began."),
        ("", "Tell facts with issue keys, and say where you guess."),
        ("", "Show me the review, and wait for my word before you change or publish anything."),
        ("jira_move_issues_to_backlog", "What I drop goes back with jira_move_issues_to_backlog."),
        ("jira_add_issues_to_sprint", "What I keep goes on with jira_add_issues_to_sprint."),
        declare.PUBLISH,
    )
    columns = ("issuetype", "status", "assignee", "priority", "summary")
    issues = await asked.issues("Of the sprint", f"sprint = {sprint.id} ORDER BY status, priority DESC", *columns)
    return [task, embedded(SPRINT.uri_of(str(sprint.id)), sprint), issues]


SPRINT_REVIEW = Prompt(
    name="sprint_review",
    title="Review a sprint",
    about="What a sprint has come to: its goal, what is done, what is not and why",
    arguments=(
        Argument(name="board", about="the board's name or id", choices=choices.BOARD_NAMES),
        Argument(
            name="sprint",
            about="the sprint's name or id; without it the active one, or the one closed last",
            default="",
            choices=choices.SPRINT_NAMES,
        ),
    ),
    tools=frozenset({"jira_get_issue"}),
    write=_write,
)

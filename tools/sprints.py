"""The sprint that is meant by a name."""

from difflib import get_close_matches
from typing import Any

from server.client import JiraApiClient
from server.entities import AGILE, SPRINT, Board, Model, Sprint
from server.errors import Invalid, Refused
from tools.jira_setup import field_named
from tools.queries import quote

MOST_BOARDS = 5  # whose sprints are looked through
MOST_ISSUES = 50


class _Issues(Model):
    issues: list[dict[str, Any]]


class _Boards(Model):
    values: list[Board]


class _Sprints(Model):
    values: list[Sprint]


async def open_sprint(jira: JiraApiClient, name: str) -> int:
    """The id of the one sprint of this name that is not closed: through its issues, else through the boards.

    Raises Refused with those that it may be.
    """
    known = await _through_issues(jira, name)
    if found := _one([each for each in known if each.state != "closed"], name):
        return found.id
    every = await _through_boards(jira)
    if found := _one([each for each in every if each.name.casefold() == name.casefold()], name):
        return found.id
    what = "is closed" if known else "is not there"
    names = {each.name: each for each in every}
    near = [names[each] for each in get_close_matches(name, names, n=5)] or every[:10]
    perhaps = f" Open: {_listed(near)}." if near else ""
    raise Refused(f"Nothing was written: sprint `{name}` {what}.{perhaps}").then(SPRINT.finder)


def _one(sprints: list[Sprint], name: str) -> Sprint | None:
    if len(sprints) > 1:
        raise Refused(f"Nothing was written: several sprints are named `{name}`: {_listed(sprints)}. Pass an id.")
    return sprints[0] if sprints else None


def _listed(sprints: list[Sprint]) -> str:
    return "; ".join(f"{each.id} {each.name} ({each.state})" for each in sprints)


async def _through_issues(jira: JiraApiClient, name: str) -> list[Sprint]:
    field = (await field_named(jira, "Sprint")).id
    body = {"jql": f"sprint = {quote(name)} ORDER BY updated DESC", "fields": [field], "maxResults": MOST_ISSUES}
    try:
        found = await jira.post(_Issues, "search/jql", body, named=f"sprint `{name}`", repeatable=True)
    except Invalid:  # as Jira says it where no sprint has that name
        return []
    sprints = [Sprint.read(each) for issue in found.issues for each in issue["fields"].get(field) or ()]
    return list({each.id: each for each in sprints if each.name.casefold() == name.casefold()}.values())


async def _through_boards(jira: JiraApiClient) -> list[Sprint]:
    query = {"type": "scrum", "maxResults": MOST_BOARDS}
    boards = (await jira.get(_Boards, f"{AGILE}/board", query, named="the boards")).values
    sprints: dict[int, Sprint] = {}
    for board in boards:
        path, named = f"{AGILE}/board/{board.id}/sprint", f"the sprints of board {board.id}"
        found = await jira.get(_Sprints, path, {"state": "active,future"}, named=named)
        sprints |= {each.id: each for each in found.values}
    return list(sprints.values())

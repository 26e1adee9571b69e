"""Where the values come from that may stand in a variable or an argument: one source for each kind."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from pydantic import AliasPath, Field

from server.client import SEARCH, TYPING, ConfluenceApiClient, JiraApiClient, quote
from server.context import Deps
from server.entities import AGILE, PROJECT, Board, Entity, Model, Person, Project, Space, Sprint

A_QUESTION = 50  # values that one question is answered with
MOST_SPACES = 1_000
MOST_BOARDS = 5  # whose sprints are looked through where no board is named
_WORD = re.compile(r"\w+")


class Choice(NamedTuple):
    """A value, and what else it may be found by."""

    value: str
    words: str = ""

    def begins(self, begun: str) -> bool:
        words = _WORD.findall(f"{self.value} {self.words}".casefold())
        wanted = begun.casefold().strip()
        each_begins = all(any(word.startswith(each) for word in words) for each in _WORD.findall(wanted))
        return self.value.casefold().startswith(wanted) or (bool(_WORD.search(wanted)) and each_begins)


class Found(NamedTuple):
    """`whole`: no value that begins so is missing."""

    choices: Sequence[Choice]
    whole: bool = True


NOTHING = Found(())
Given = Mapping[str, str]  # the other variables, by name
Ask = Callable[[Deps, str, Given], Awaitable[Found]]


@dataclass(frozen=True)
class Source:
    """`by_beginning`: a question is for one beginning; `depends_on`: other variables that the answer depends on."""

    name: str
    ask: Ask
    by_beginning: bool = False
    depends_on: tuple[str, ...] = ()


def _jira(site: Deps) -> JiraApiClient | None:
    return site.jira.on(TYPING) if site.jira else None


def _confluence(site: Deps) -> ConfluenceApiClient | None:
    return site.confluence.on(TYPING) if site.confluence else None


class _Projects(Model):
    values: list[Project]
    whole: bool = Field(default=True, validation_alias="isLast")


async def _projects(site: Deps, begun: str, _: Given) -> Found:
    if not (jira := _jira(site)):
        return NOTHING
    query = {"query": begun, "maxResults": A_QUESTION}
    found = await jira.get(_Projects, "project/search", query, named="the projects")
    return Found([Choice(each.key, each.name) for each in found.values], found.whole)


class _Suggested(Model):
    key: str
    summary: str = Field("", validation_alias="summaryText")


class _Section(Model):
    issues: list[_Suggested] = Field([])


class _Suggestions(Model):
    sections: list[_Section]


SUGGESTED = 20  # issues of one section: more are never suggested at once


async def _issues(site: Deps, begun: str, _: Given) -> Found:
    if not (jira := _jira(site)):
        return NOTHING
    query = {"query": begun, "currentJQL": "created IS NOT EMPTY ORDER BY updated DESC"}
    sections = (await jira.get(_Suggestions, "issue/picker", query, named="issues")).sections
    issues = {each.key: each.summary for section in sections for each in section.issues}
    whole = all(len(section.issues) < SUGGESTED for section in sections)
    return Found([Choice(key, summary) for key, summary in issues.items()], whole)


class _Boards(Model):
    values: list[Board]
    whole: bool = Field(default=True, validation_alias="isLast")


async def _boards(site: Deps, begun: str) -> _Boards:
    if not (jira := _jira(site)):
        return _Boards(values=[])
    query = {"name": begun, "maxResults": A_QUESTION}
    return await jira.get(_Boards, f"{AGILE}/board", query, named="the boards")


async def _board_ids(site: Deps, begun: str, _: Given) -> Found:
    found = await _boards(site, "" if begun.isdigit() else begun)
    return Found([Choice(str(each.id), each.name) for each in found.values], found.whole)


async def _board_names(site: Deps, begun: str, _: Given) -> Found:
    found = await _boards(site, begun)
    return Found([Choice(each.name) for each in found.values], found.whole)


async def _sprints(site: Deps, board_id: int) -> list[Sprint]:
    jira = _jira(site)
    query = {"maxResults": A_QUESTION}
    return [each async for each in jira.values(Sprint, f"{AGILE}/board/{board_id}/sprint", query)] if jira else []


async def _sprint_ids(site: Deps, _: str, __: Given) -> Found:
    boards = await _boards(site, "")
    scrum = [board for board in boards.values if board.type == "scrum"]
    sprints = [sprint for board in scrum[:MOST_BOARDS] for sprint in await _sprints(site, board.id)]
    return Found([Choice(str(each.id), each.name) for each in sprints])


async def _sprint_names(site: Deps, _: str, given: Given) -> Found:
    wanted = given.get("board", "")
    boards = await _boards(site, "" if wanted.isdigit() else wanted)
    board = next((each for each in boards.values if wanted in (str(each.id), each.name)), None)
    return Found([Choice(each.name) for each in await _sprints(site, board.id)]) if board else NOTHING


class _People(Model):
    people: list[Person]


async def _users(site: Deps, begun: str, _: Given) -> Found:
    if not (jira := _jira(site)):
        return NOTHING
    query = {"query": begun, "maxResults": A_QUESTION}
    found = await jira.send(
        "GET", "user/search", query=query, named="people", read=lambda answer: _People.read({"people": answer}).people
    )
    people = [person for person in cast("list[Person]", found) if person.active and person.name]
    names = [person.name for person in people]
    choices = [
        Choice(each.name if names.count(each.name) == 1 else each.account_id, f"{each.name} {each.email or ''}")
        for each in people
    ]
    return Found(choices, len(found) < A_QUESTION)


class _Labels(Model):
    values: list[str]
    whole: bool = Field(default=True, validation_alias="isLast")


async def _labels(site: Deps, _: str, __: Given) -> Found:
    if not (jira := _jira(site)):
        return NOTHING
    found = await jira.get(_Labels, "label", {"maxResults": 1_000}, named="the labels")
    return Found([Choice(label) for label in found.values], found.whole)


async def _statuses(site: Deps, _: str, given: Given) -> Found:
    if not (jira := _jira(site)):
        return NOTHING
    project = given.get("project", "").strip().upper()
    path = f"{PROJECT.path(project)}/statuses" if project else "status"
    names = await jira.send("GET", path, named="the statuses", read=_status_names)
    return Found([Choice(name) for name in names])


def _status_names(answer: Any) -> list[str]:
    """Of all statuses, or of each issue type's."""
    found = [each for kind in answer for each in kind.get("statuses", (kind,))]
    return list(dict.fromkeys(each["name"] for each in found))


async def _spaces(site: Deps, _: str, __: Given) -> Found:
    choices: list[Choice] = []
    if confluence := _confluence(site):
        async for space in confluence.results(Space, "spaces", {"limit": 250}):
            choices.append(Choice(space.key, space.name))
            if len(choices) >= MOST_SPACES:
                return Found(choices, whole=False)
    return Found(choices)


class _Page(Model):
    id: str = Field(validation_alias=AliasPath("content", "id"))
    title: str = Field(validation_alias=AliasPath("content", "title"))


class _Pages(Model):
    results: list[_Page]


async def _pages(site: Deps, begun: str, _: Given) -> Found:
    confluence = _confluence(site)
    if not confluence or begun.isdigit():
        return NOTHING
    words = " AND ".join(f"title ~ {quote(f'{word}*')}" for word in _WORD.findall(begun))
    cql = " AND ".join(part for part in ("type = page", words) if part) + " ORDER BY lastmodified DESC"
    found = await confluence.get(_Pages, SEARCH, {"cql": cql, "limit": A_QUESTION}, named="pages")
    return Found([Choice(each.id, each.title) for each in found.results], len(found.results) < A_QUESTION)


def below(entity: Entity[Any]) -> Source:
    """The ids of what is below the one that the other variables name: the first page of the list."""
    parents = entity.keys[:-1]

    async def ask(site: Deps, _: str, given: Given) -> Found:
        client = _jira(site) if entity.product == "jira" else _confluence(site)
        identifiers = [given[name] for name in parents if given.get(name)]
        if client is None or len(identifiers) < len(parents):
            return NOTHING
        found = await client.read_list(entity, *identifiers)
        return Found([Choice(str(getattr(each, "id", "")), each.text()) for each in found.items], found.more is None)

    return Source(entity.full_name, ask, depends_on=parents)


PROJECTS = Source("projects", _projects, by_beginning=True)
ISSUES = Source("issues", _issues, by_beginning=True)
BOARD_IDS = Source("board ids", _board_ids, by_beginning=True)
BOARD_NAMES = Source("board names", _board_names, by_beginning=True)
SPRINT_IDS = Source("sprint ids", _sprint_ids)
SPRINT_NAMES = Source("sprint names", _sprint_names, depends_on=("board",))
USERS = Source("users", _users, by_beginning=True)
LABELS = Source("labels", _labels)
STATUSES = Source("statuses", _statuses, depends_on=("project",))
SPACES = Source("spaces", _spaces)
PAGES = Source("pages", _pages, by_beginning=True)

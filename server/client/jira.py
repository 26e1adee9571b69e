"""The Jira Cloud platform, REST v3."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

import httpx2
from pydantic import Field, model_validator

from server.client.calls import Query
from server.client.connection import Connection
from server.client.gate import Gate
from server.client.marks import Absence, Mark
from server.client.memory import Memory
from server.client.pace import Pace
from server.entities import ISSUE, PROJECT, Model, Person, Project
from server.errors import Invalid
from server.settings import JiraConfig

M = TypeVar("M", bound=Model)

ISSUES_A_PAGE = 100
MARKER = "isthmus"  # the property that tells our own writes
Marker = dict[str, str]
NEWEST = 50
MOST_VALUES = 10_000  # of one list: more is no list that anybody reads


class Posted(Model):
    id: str


class Key(Model):
    id: str
    key: str


class JiraApiClient(Connection):
    """Jira of one site. Use as `async with JiraApiClient(JiraConfig(...)) as jira:`."""

    product = "Jira"
    root = "/rest/api/3"

    def __init__(
        self,
        config: JiraConfig,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        pace: Pace | None = None,
        gate: Gate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config, transport=transport, pace=pace, gate=gate)
        self._people = Memory[str](clock)
        self._choices = Memory[list[str]](clock)

    async def issues(self, model: type[M], jql: str, fields: str) -> AsyncIterator[M]:
        """Every issue that `jql` finds, page by page; `fields` as Jira names them, comma-separated."""
        body: dict[str, object] = {"jql": jql, "fields": fields.split(","), "maxResults": ISSUES_A_PAGE}
        token: str | None = None
        while True:
            more = {"nextPageToken": token} if token else {}
            page = await self.post(_Issues, "search/jql", body | more, named="your JQL", repeatable=True)
            for issue in page.issues:
                yield model.read(issue)
            if page.token in (None, token):
                return
            token = page.token

    async def values(self, model: type[M], path: str, query: Query | None = None) -> AsyncIterator[M]:
        """Every item of a list that Jira pages by `startAt`."""
        start = 0
        while True:
            page = await self.get(_Values, path, {**(query or {}), "startAt": start})
            for item in page.values:
                yield model.read(item)
            start += len(page.values)
            if not page.values or page.last or start >= MOST_VALUES:
                return

    async def issue_types(self, project_key: str) -> list[str]:
        async def ask() -> list[str]:
            return [kind.name for kind in (await self.read(PROJECT, project_key)).issue_types]

        return await self._choices.get(f"issue types of {project_key}", ask)

    async def project_keys(self) -> list[str]:
        async def ask() -> list[str]:
            return [project.key async for project in self.values(Project, "project/search")]

        return await self._choices.get("projects", ask)

    async def priorities(self) -> list[str]:
        async def ask() -> list[str]:
            return [each.name for each in (await self.get(_Named, "priority", named="the priorities")).root]

        return await self._choices.get("priorities", ask)

    async def account_id(self, person: str) -> str:
        """The account id of a person named by e-mail address, full display name, account id, or "me".

        Raises Invalid with the candidates where nobody, or more than one, has exactly that name.
        """
        name = person.strip()
        if name.casefold() == "me":
            return await self._people.get("me", self._own_id)
        if "@" in name:
            return await self._people.get(name.casefold(), lambda: self._id_of(name))
        # Names are not remembered: two people may share one from one minute to the next.
        return await self._id_of(name)

    async def create_issue(self, project_key: str, fields: Mapping[str, Any]) -> Key:
        """Where no answer tells of it, the new issue is looked for by its marker; it is never sent twice."""
        marker = self._marker()
        body = {"fields": fields, "properties": [{"key": MARKER, "value": marker}]}
        mark = Mark(lambda: self._created(project_key, marker), Absence.UNPROVEN)
        return await self.post(Key, "issue", body, named=f"a new issue in {project_key}", mark=mark)

    async def add_comment(self, issue_key: str, comment: Mapping[str, Any]) -> Posted:
        """Where no answer tells of it, the new comment is looked for by its marker; it is sent again where it is not
        there and Jira has done with the first sending."""
        marker, path, named = self._marker(), f"{ISSUE.path(issue_key)}/comment", ISSUE.named(issue_key)
        body = {**comment, "properties": [{"key": MARKER, "value": marker}]}
        mark = Mark(lambda: self._commented(path, named, marker), Absence.CURRENT)
        return await self.post(Posted, path, body, named=named, mark=mark)

    async def _commented(self, path: str, named: str, marker: Marker) -> Posted | None:
        newest = await self.get(_Comments, path, {"orderBy": "-created", "maxResults": NEWEST}, named=named)
        ids = {"ids": [int(comment.id) for comment in newest.comments]}
        if not newest.comments:
            return None
        marked = await self.post(
            _MarkedComments, "comment/list", ids, {"expand": "properties"}, named=named, repeatable=True
        )
        return next((each for each in marked.comments if each.marker == marker), None)

    def _marker(self) -> Marker:
        return {"attempt": self._pace.unique()}

    async def _created(self, project_key: str, marker: Marker) -> Key | None:
        jql = f'project = "{project_key}" AND creator = currentUser() AND created >= -1h ORDER BY created DESC'
        body = {"jql": jql, "fields": ["summary"], "properties": [MARKER], "maxResults": NEWEST}
        found = await self.post(_Marked, "search/jql", body, named="the issue just created", repeatable=True)
        return found.by(marker)

    async def _own_id(self) -> str:
        return (await self.get(Person, "myself", named="your own account")).account_id

    async def _id_of(self, name: str) -> str:
        people = [person for person in await self._people_like(name) if person.active]
        wanted = name.casefold()
        # Nobody may pass for another by taking an address for a display name.
        same = [each for each in people if wanted in each.names(by_name="@" not in name)]
        if len(same) == 1:
            return same[0].account_id
        raise Invalid(_asked_back(name, same or people))

    async def _people_like(self, name: str) -> list[Person]:
        found = await self.get(_People, "user/search", {"query": name, "maxResults": 50}, named="people")
        if found.root or "@" in name:
            return found.root
        return (await self.get(_People, "user/search", {"accountId": name}, named="people")).root


class _MarkedIssue(Key):
    properties: dict[str, Any] = Field({})


class _Comments(Model):
    comments: list[Posted]


class _Property(Model):
    key: str
    value: Any = None


class _MarkedComment(Posted):
    properties: list[_Property] = Field([])

    @property
    def marker(self) -> Any:
        return next((each.value for each in self.properties if each.key == MARKER), None)


class _MarkedComments(Model):
    comments: list[_MarkedComment] = Field(validation_alias="values")


class _Marked(Model):
    issues: list[_MarkedIssue]

    def by(self, marker: Marker) -> Key | None:
        return next((issue for issue in self.issues if issue.properties.get(MARKER) == marker), None)


class _Issues(Model):
    issues: list[dict[str, Any]]
    token: str | None = Field(None, validation_alias="nextPageToken")


class _Values(Model):
    values: list[dict[str, Any]]
    last: bool = Field(default=True, validation_alias="isLast")


class _Bare(Model):
    """An answer that is a list, with nothing around it."""

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, answer: Any) -> Any:
        return {"root": answer}


class _People(_Bare):
    root: list[Person]


class _Name(Model):
    name: str


class _Named(_Bare):
    root: list[_Name]


def _asked_back(name: str, people: list[Person]) -> str:
    if not people:
        return f"Nobody here is named `{name}`. Use an e-mail address, a full display name or an account id."
    names = "; ".join(f"{each.name} ({each.account_id})" for each in people[:10])
    return f"Who is `{name}`? Perhaps {names}. Repeat with the account id of the right one."

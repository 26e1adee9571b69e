"""The Jira Cloud platform, REST v3."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import count
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import anyio
import httpx2
from pydantic import Field, InstanceOf, model_validator

from server.client.answers import refusal
from server.client.auth import Account
from server.client.calls import Query
from server.client.connection import Connection
from server.client.gate import Gate
from server.client.marks import Absence, Mark
from server.client.memory import Memory
from server.client.pace import Pace
from server.entities import ISSUE, PROJECT, Model, Person, Project
from server.errors import AtlassianError, Invalid
from server.settings import JiraConfig

M = TypeVar("M", bound=Model)
T = TypeVar("T")

ISSUES_A_PAGE = 100
NOT_FOUND = "No answer came, and it is not found yet. Search for it before you create it again."
SERVICE = "service_desk"
MARKER = "isthmus"  # the property that tells our own writes
Marker = dict[str, str]
NEWEST = 50
LONGEST_ACCOUNT_ID = 128
MOST_AT_ONCE = 50  # issues that one request creates
MOST_VALUES = 10_000  # of one list: more is no list that anybody reads


class Posted(Model):
    id: str


class Key(Model):
    id: str
    key: str


class Batch(Model):
    """What came of the issues of one request, each by its place in it."""

    created: dict[int, Key]
    failed: dict[int, InstanceOf[AtlassianError]]

    @model_validator(mode="before")
    @classmethod
    def _by_place(cls, answer: Any) -> Any:
        known = cast("Mapping[str, Any]", answer)
        failed = {each["failedElementNumber"]: refusal(each["elementErrors"]) for each in known.get("errors") or ()}
        places = (place for place in count() if place not in failed)
        return {"created": dict(zip(places, known["issues"], strict=False)), "failed": failed}


class JiraApiClient(Connection):
    """Jira of one site. Use as `async with JiraApiClient(JiraConfig(...)) as jira:`."""

    product = "Jira"
    of = "jira"
    root = "/rest/api/3"

    def __init__(
        self,
        config: JiraConfig,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        pace: Pace | None = None,
        gate: Gate | None = None,
        account: Account | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config, transport=transport, pace=pace, gate=gate, account=account)
        self._people = Memory[str](clock)
        self._choices = Memory[list[str]](clock)
        self._known = Memory[object](clock)

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

    async def known(self, what: str, ask: Callable[[], Awaitable[T]]) -> T:
        """How the site is set up, such as its fields: asked for once in a while."""
        return cast("T", await self._known.get(what, ask))

    def forget(self, what: str) -> None:
        self._known.forget(what)

    async def local_now(self) -> datetime:
        """The time of day where the account says that it is."""
        return self._pace.wall().astimezone(await self.known("zone", self._own_zone))

    async def pause(self, seconds: float) -> None:
        """Until something that Jira does behind one's back may be done."""
        await self._pace.sleep(seconds)

    async def service_projects(self) -> frozenset[str]:
        """The keys of the projects that customers write in and read from."""

        async def ask() -> frozenset[str]:
            found = self.values(Project, "project/search", {"typeKey": SERVICE})
            return frozenset([project.key async for project in found])

        return await self.known("service projects", ask)

    async def keeps_internal(self, issue_key: str) -> bool:
        """Whether whatever is said on this issue stays among colleagues, by the operator's word."""
        return bool(self._gate) and await self._gate.keeps_internal(issue_key, self._look_up)

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
        marker = self.marker()
        body = {"fields": fields, "properties": [{"key": MARKER, "value": marker}]}
        mark = Mark(lambda: self._created(project_key, marker), Absence.UNPROVEN)
        return await self.post(Key, "issue", body, named=f"a new issue in {project_key}", mark=mark)

    async def create_issues(self, updates: Sequence[Mapping[str, Any]]) -> Batch:
        """At most MOST_AT_ONCE issues in one request. Where no answer tells of them, they are looked for by their
        markers; none is ever sent twice."""
        marker = self.marker()
        marked = [
            {**update, "properties": [{"key": MARKER, "value": {**marker, "place": place}}]}
            for place, update in enumerate(updates)
        ]
        mark = Mark(lambda: self._created_at_once(marker, len(updates)), Absence.UNPROVEN)
        try:
            return await self.post(Batch, "issue/bulk", {"issueUpdates": marked}, named="new issues", mark=mark)
        except Invalid as error:
            if not error.elements:
                raise
            return Batch.model_construct(created={}, failed=error.elements)

    async def add_comment(
        self, issue_key: str, comment: Mapping[str, Any], properties: Mapping[str, Any] | None = None
    ) -> Posted:
        """Where no answer tells of it, the new comment is looked for by its marker; it is sent again where it is not
        there and Jira has done with the first sending."""
        marker, path, named = self.marker(), f"{ISSUE.path(issue_key)}/comment", ISSUE.named(issue_key)
        kept = {**(properties or {}), MARKER: marker}
        body = {**comment, "properties": [{"key": name, "value": value} for name, value in kept.items()]}
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

    def marker(self) -> Marker:
        return {"attempt": self._pace.unique()}

    async def _created(self, project_key: str, marker: Marker) -> Key | None:
        jql = f'project = "{project_key}" AND creator = currentUser() AND created >= -1h ORDER BY created DESC'
        body = {"jql": jql, "fields": ["summary"], "properties": [MARKER], "maxResults": NEWEST}
        found = await self.post(_Marked, "search/jql", body, named="the issue just created", repeatable=True)
        return found.by(marker)

    async def _created_at_once(self, marker: Marker, number: int) -> Batch | None:
        jql = "creator = currentUser() AND created >= -1h ORDER BY created DESC"
        body = {"jql": jql, "fields": ["summary"], "properties": [MARKER], "maxResults": 2 * MOST_AT_ONCE}
        found = (await self.post(_Marked, "search/jql", body, named="the new issues", repeatable=True)).made_by(marker)
        missing = {place: AtlassianError(NOT_FOUND) for place in range(number) if place not in found}
        return Batch.model_construct(created=found, failed=missing) if found else None

    async def _own_zone(self) -> ZoneInfo:
        name = (await self.get(_Zoned, "myself", named="your own account")).zone
        try:
            return await anyio.to_thread.run_sync(ZoneInfo, name)
        except (ZoneInfoNotFoundError, ValueError):
            return await anyio.to_thread.run_sync(ZoneInfo, "UTC")

    async def _own_id(self) -> str:
        return (await self.get(Person, "myself", named="your own account")).account_id

    async def _id_of(self, name: str) -> str:
        people = [person for person in await self._people_like(name) if person.active]
        wanted = name.casefold()
        # Nobody may pass for another by taking an address for a display name.
        same = [each for each in people if wanted in each.names(by_name="@" not in name)]
        if len(same) == 1:
            return same[0].account_id
        candidates = same or people or await self._people_near(name)
        if not candidates:
            raise Invalid(
                f"Nobody here is named `{name}`. Use an e-mail address, a full display name or an account id."
            ).then("jira_search_assignable_users lists who can be assigned.")
        names = "; ".join(f"{each.name} ({each.account_id})" for each in candidates[:10])
        raise Invalid(f"Who is `{name}`? Perhaps {names}. Repeat with the account id of the right one.")

    async def _people_near(self, name: str) -> list[Person]:
        """Those whose names are written nearly so, or begin like this one."""
        query = {"query": name[:3], "maxResults": 50}
        found = (await self.get(_People, "user/search", query, named="people")).root
        names = {each.name: each for each in found if each.active}
        close = get_close_matches(name.partition("@")[0], names, n=5, cutoff=0.4)
        return [names[each] for each in close or list(names)[:5]]

    async def _people_like(self, name: str) -> list[Person]:
        found = await self.get(_People, "user/search", {"query": name, "maxResults": 50}, named="people")
        if found.root or "@" in name or len(name) > LONGEST_ACCOUNT_ID:
            return found.root
        return (await self.get(_People, "user/search", {"accountId": name}, named="people")).root


class _Zoned(Model):
    zone: str = Field("UTC", validation_alias="timeZone")


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

    def made_by(self, marker: Marker) -> dict[int, Key]:
        marks: list[tuple[Key, dict[str, Any]]] = [(each, each.properties.get(MARKER) or {}) for each in self.issues]
        return {mark["place"]: issue for issue, mark in marks if "place" in mark and mark | marker == mark}


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

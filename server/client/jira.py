"""The Jira Cloud platform, REST v3."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel

from server.client.connection import Connection, Pace, Query
from server.client.memory import Memory
from server.entities import Person
from server.errors import Invalid
from server.settings import JiraConfig

M = TypeVar("M", bound=BaseModel)

ISSUES_A_PAGE = 100


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config, transport=transport, pace=pace)
        self._people = Memory[str](clock)

    async def issues(self, model: type[M], jql: str, fields: str) -> AsyncIterator[M]:
        """Every issue that `jql` finds, page by page; `fields` as Jira names them, comma-separated."""
        token: str | None = None
        while True:
            query: dict[str, str | int] = {"jql": jql, "fields": fields, "maxResults": ISSUES_A_PAGE}
            page = await self.send("GET", "search/jql", query=query | ({"nextPageToken": token} if token else {}))
            for found in page["issues"]:
                yield self._model(model, found)
            token = page.get("nextPageToken")
            if not token:
                return

    async def values(
        self, model: type[M], path: str, query: Query | None = None, *, listed: str = "values"
    ) -> AsyncIterator[M]:
        """Every item of a list that Jira pages by `startAt`, in the field `listed` of its answer."""
        start = 0
        while True:
            page = await self.send("GET", path, query={**(query or {}), "startAt": start})
            items: list[Any] = page[listed]
            for item in items:
                yield self._model(model, item)
            start += len(items)
            if not items or page.get("isLast", start >= page.get("total", 0)):
                return

    async def account_id(self, person: str) -> str:
        """The account id of a person named by e-mail address, display name, account id, or "me".

        Raises Invalid with the candidates where nobody, or more than one, has that name.
        """
        return await self._people.get(person, lambda: self._find_person(person))

    async def _find_person(self, person: str) -> str:
        if person.lower() == "me":
            return (await self.get(Person, "myself", named="your own account")).account_id
        found = [
            self._model(Person, candidate)
            for candidate in await self.send("GET", "user/search", query={"query": person, "maxResults": 20})
        ]
        exact = [candidate for candidate in found if person in (candidate.account_id, candidate.email, candidate.name)]
        people = exact or [candidate for candidate in found if candidate.active]
        if len(people) == 1:
            return people[0].account_id
        if not people:
            by_id = await self.send("GET", "user/search", query={"accountId": person})
            if by_id:
                return self._model(Person, by_id[0]).account_id
            raise Invalid(
                f"Nobody here is named `{person}`. Use an e-mail address, a full display name or an account id."
            )
        names = "; ".join(f"{candidate.name} ({candidate.account_id})" for candidate in people)
        raise Invalid(f"`{person}` may be one of {len(people)} people: {names}. Repeat with one of these account ids.")

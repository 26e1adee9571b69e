"""Confluence Cloud: REST v2 wherever it has the operation, v1 for the rest."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

import httpx2
from pydantic import AliasPath, BeforeValidator, Field

from server.client.auth import Account
from server.client.calls import Query
from server.client.connection import Connection
from server.client.gate import Gate
from server.client.marks import Absence, Mark
from server.client.memory import Memory
from server.client.pace import Pace
from server.client.wiki_people import Found, Group, Groups, Members, WikiPerson, person_query, the_group, the_one
from server.entities import SPACE, Model, Space, next_cursor
from server.errors import AtlassianError, NotFound
from server.settings import ConfluenceConfig

M = TypeVar("M", bound=Model)

CLOCKS = timedelta(minutes=1)  # that ours and the site's may differ by
SEARCH = "/wiki/rest/api/search"  # CQL is v1's alone


class ConfluenceApiClient(Connection):
    """Confluence of one site. Use as `async with ConfluenceApiClient(ConfluenceConfig(...)) as confluence:`."""

    product = "Confluence"
    of = "confluence"
    root = "/wiki/api/v2"

    def __init__(
        self,
        config: ConfluenceConfig,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        pace: Pace | None = None,
        gate: Gate | None = None,
        account: Account | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config, transport=transport, pace=pace, gate=gate, account=account)
        self._spaces = Memory[str](clock)
        self._me = Memory[WikiPerson](clock)
        self._groups = Memory[Group](clock)
        self._names: dict[str, str] = {}

    async def results(self, model: type[M], path: str, query: Query | None = None) -> AsyncIterator[M]:
        """Every item of a list that Confluence pages by cursor."""
        cursor: str | None = None
        while True:
            page = await self.get(_Results, path, {**(query or {}), **({"cursor": cursor} if cursor else {})})
            for item in page.results:
                yield model.read(item)
            if page.cursor in (None, cursor):
                return
            cursor = page.cursor

    async def space_id(self, key: str) -> str:
        """The id of the space `key`. Raises NotFound with the keys that look like it."""

        async def ask() -> str:
            try:
                return (await self.read(SPACE, key)).id
            except NotFound as error:
                raise await self._near(key, error) from error

        return await self._spaces.get(key, ask)

    async def _near(self, key: str, error: NotFound) -> NotFound:
        try:
            found = await self.get(_Results, "spaces", {"limit": 250}, named="the spaces")
        except AtlassianError:
            return error
        spaces = {
            name.casefold(): space
            for row in found.results
            for space in [Space.read(row)]
            for name in (space.key, space.name)
        }
        near = dict.fromkeys(spaces[name].key for name in get_close_matches(key.casefold(), spaces, n=3))
        return error.saying(f"Near: {', '.join(near)}.") if near else error

    async def people_like(self, words: str, limit: int = 50) -> list[WikiPerson]:
        query: Query = {"cql": person_query(words), "limit": limit}
        found = await self.get(Found, "/wiki/rest/api/search/user", query, named="people")
        return [row.user for row in found.rows]

    async def me(self) -> WikiPerson:
        async def ask() -> WikiPerson:
            return await self.get(WikiPerson, "/wiki/rest/api/user/current", named="your own account")

        return await self._me.get("me", ask)

    async def account_id(self, person: str) -> str:
        """As Jira's: by e-mail address, full display name, account id, or "me". Raises Invalid with the candidates."""
        return (await self.person(person)).account_id

    async def person(self, name: str) -> WikiPerson:
        if name.strip().casefold() == "me":
            return await self.me()
        return the_one(name, await self.people_like(name))

    async def groups_of(self, account_id: str) -> set[str]:
        """The ids of the groups that this person is in."""
        query = {"accountId": account_id, "limit": 200}
        found = await self.get(Groups, "/wiki/rest/api/user/memberof", query, named="your groups")
        return {each.id for each in found.groups}

    async def group(self, name: str) -> Group:
        """Raises Invalid with the candidates."""

        async def ask() -> Group:
            query = {"query": name.strip(), "limit": 50}
            found = await self.get(Groups, "/wiki/rest/api/group/picker", query, named="groups")
            return the_group(name, found.groups)

        return await self._groups.get(name.strip().casefold(), ask)

    async def members(self, group_id: str) -> list[WikiPerson]:
        path = f"/wiki/rest/api/group/{group_id}/membersByGroupId"
        return (await self.get(Members, path, {"limit": 200}, named="the members of this group")).people

    async def names(self, account_ids: Iterable[str]) -> dict[str, str]:
        """Names by account id, remembered; who has none here goes by the id."""
        wanted = list(dict.fromkeys(each for each in account_ids if each))
        unknown = [each for each in wanted if each not in self._names]
        for start in range(0, len(unknown), 100):
            body = {"accountIds": unknown[start : start + 100]}
            found = await self.post(Members, "users-bulk", body, named="people's names", repeatable=True)
            self._names |= {
                each.account_id: f"{each.name} (external)" if each.outside else each.name for each in found.people
            }
        return {each: self._names.get(each) or each for each in wanted}

    async def comment(self, model: type[M], kind: str, place: Mapping[str, Any], storage: str) -> M:
        """A new comment of this kind (`footer-comments`, `inline-comments`).

        Where no answer tells of it, one of the same author, time and text is looked for; it is sent again where it
        is not there and Confluence has done with the first sending.
        """
        above = place.get("parentCommentId")
        path = f"{kind}/{above}/children" if above else f"pages/{place['pageId']}/{kind}"
        named = f"comment `{above}`" if above else f"page `{place['pageId']}`"
        sent = _Sent(storage, self._pace.wall() - CLOCKS)
        body = {**place, "body": {"representation": "storage", "value": storage}}
        mark = Mark(lambda: self._commented(model, path, named, sent), Absence.CURRENT)
        return await self.post(model, kind, body, named=named, mark=mark)

    async def _commented(self, model: type[M], path: str, named: str, sent: "_Sent") -> M | None:
        me = await self.me()
        query = {"sort": "-created-date", "limit": 50, "body-format": "storage"}
        newest = await self.get(_Results, path, query, named=named)
        ours = (row for row in newest.results if _Comment.read(row).is_of(me.account_id, sent))
        return next((model.read(row) for row in ours), None)

    def wall(self) -> datetime:
        """The time of day, against which the site's own times can be held."""
        return self._pace.wall()

    def forget_space(self, key: str) -> None:
        """A space may be deleted and made anew under another id."""
        self._spaces.forget(key)


@dataclass(frozen=True)
class _Sent:
    storage: str
    since: datetime


class _Comment(Model):
    author: str = Field("", validation_alias=AliasPath("version", "authorId"))
    created: datetime = Field(validation_alias=AliasPath("version", "createdAt"))
    storage: str = Field("", validation_alias=AliasPath("body", "storage", "value"))

    def is_of(self, author: str, sent: _Sent) -> bool:
        return (self.author, self.storage) == (author, sent.storage) and self.created >= sent.since


Cursor = Annotated[str | None, BeforeValidator(next_cursor), Field(validation_alias=AliasPath("_links", "next"))]


class _Results(Model):
    results: list[dict[str, Any]]
    cursor: Cursor = None

"""The lists of a Confluence site: which pages a scope holds, and what is below them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from server.client import ConfluenceApiClient
from server.entities import MIRRORED, next_cursor
from server.entities.mirror import ByDate, Json
from server.store.rows import Scope
from server.sync.observing import Recent, below, mirror_of

A_PAGE = 250
PAGE = "page"
_DAY = 86_400_000
SEARCH = "/wiki/rest/api/content/search"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk over all lists is: which list, its cursor, and when the walk began."""

    kind: str
    cursor: str | None
    begun: int

    @classmethod
    def of(cls, page: str | None, now: int) -> "Place":
        return cls(*json.loads(page)) if page else cls(PAGE, None, now)

    def after(self, cursor: str | None) -> str | None:
        """The next page of this list, else the first of the next one."""
        if cursor:
            return json.dumps([self.kind, cursor, self.begun])
        kinds = [PAGE, *(entity.full_name for entity in below(PAGE))]
        left = kinds[kinds.index(self.kind) + 1 :]
        return json.dumps([left[0], None, self.begun]) if left else None


class Lists:
    def __init__(self, confluence: ConfluenceApiClient) -> None:
        self._confluence = confluence
        self._inside = Recent[bool](50_000)  # by scope and page, whether the page belongs there
        self._pages = Recent[str](50_000)  # by the kind and id of a comment, the page that it is on

    def by(self, confluence: ConfluenceApiClient) -> Self:
        """The same, asked for by another client."""
        other = copy(self)
        other._confluence = confluence  # noqa: SLF001 - a copy of ourselves
        return other

    async def pages(
        self, scope: Scope, cursor: str | None, *, sort: str, since: int = 0, bodies: bool = True
    ) -> tuple[Sequence[Json], str | None]:
        query: dict[str, str | int] = {"body-format": "storage"} if bodies else {}
        if scope.form == "space":
            query |= {"space-id": await self._confluence.space_id(scope.value), "sort": sort}
            rows, following = await self._list("pages", query, cursor)
        else:
            ids, following = await self._searched(scope, since, cursor)
            wanted = {**query, "id": ",".join(ids)}
            rows = (await self._list("pages", wanted, None))[0] if ids else list[Json]()
        for row in rows:
            self._inside.put(True, scope.id, str(row["id"]))  # noqa: FBT003 - what is kept is a truth
        return rows, following

    async def below(self, kind: str, cursor: str | None, *, sort: str) -> tuple[Sequence[Json], str | None]:
        found = mirror_of(kind).found
        assert isinstance(found, ByDate)  # noqa: S101 - all that is below a page is
        return await self._list(found.path, {**found.query, "sort": sort}, cursor)

    async def on_pages(self, scope: Scope, kind: str, rows: Sequence[Json]) -> list[tuple[str, Json]]:
        """Of what is below pages, what is below those of the scope, each with its page."""
        placed = [(await self._page_of(kind, row), row) for row in rows]
        await self._look(scope, {page for page, _ in placed})
        return [(page, row) for page, row in placed if self._inside.get(scope.id, page)]

    def is_on(self, page: str, kind: str, comment: str) -> None:
        self._pages.put(page, kind, comment)

    async def _page_of(self, kind: str, row: Json) -> str:
        """An answer to a comment names that alone."""
        mirror = mirror_of(kind)
        page = str(row.get("pageId") or "")
        above = "" if page else mirror.above_id(row)
        chain = [str(row["id"])]
        while not page and above:
            page = self._pages.get(kind, above) or ""
            if not page:
                chain.append(above)
                answer = await self._get(mirror.path.format(id=above), named=f"comment {above}")
                page, above = str(answer.get("pageId") or ""), mirror.above_id(answer)
        for each in chain:
            self._pages.put(page, kind, each)
        return page

    async def _look(self, scope: Scope, pages: Iterable[str]) -> None:
        """Which of these belong to the scope."""
        unknown = sorted(page for page in pages if page and self._inside.get(scope.id, page) is None)
        for page in unknown:
            self._inside.put(False, scope.id, page)  # noqa: FBT003 - what is kept is a truth
        if unknown and scope.form == "space":
            query = {"space-id": await self._confluence.space_id(scope.value), "id": ",".join(unknown)}
            for row in (await self._list("pages", query, None))[0]:
                self._inside.put(True, scope.id, str(row["id"]))  # noqa: FBT003 - as above

    async def _searched(self, scope: Scope, since: int, cursor: str | None) -> tuple[list[str], str | None]:
        # A date is read in the zone of the account: the day before is early enough in all of them.
        after = f"{datetime.fromtimestamp((since - _DAY) / 1000, UTC):%Y-%m-%d}" if since > _DAY else ""
        where = f' AND lastmodified >= "{after}"' if after else ""
        query: dict[str, str | int] = {"cql": f"({scope.value}) AND type = page{where}", "limit": A_PAGE}
        answer = await self._get(SEARCH, {**query, **({"cursor": cursor} if cursor else {})}, named=scope.value)
        return [str(row["id"]) for row in answer["results"]], next_cursor(answer["_links"].get("next"))

    async def _list(self, path: str, query: Mapping[str, Any], cursor: str | None) -> tuple[Sequence[Json], str | None]:
        asked = {**query, "limit": A_PAGE, **({"cursor": cursor} if cursor else {})}
        answer = await self._get(path, asked, named=path)
        return answer["results"], next_cursor(answer["_links"].get("next"))

    async def all_below(self, kind: str, page: str) -> list[Json]:
        """Everything of this type on a page, answers too."""
        listing = MIRRORED[kind].listing
        assert listing  # noqa: S101 - all that is below a page has one
        rows = await self._whole(listing.path.format(parent=page), listing.query)
        found = list(rows)
        if mirror_of(kind).answered:
            for row in rows:
                found += await self._answers(kind, row)
        for row in found:
            self._pages.put(page, kind, str(row["id"]))
        return found

    async def _answers(self, kind: str, row: Json) -> list[Json]:
        path = f"{mirror_of(kind).path.format(id=row['id'])}/children"
        found = await self._whole(path, mirror_of(kind).query)
        for child in tuple(found):
            found += await self._answers(kind, child)
        return found

    async def _whole(self, path: str, query: Mapping[str, Any]) -> list[Json]:
        rows, cursor = await self._list(path, query, None)
        found = list(rows)
        while cursor:
            rows, cursor = await self._list(path, query, cursor)
            found += rows
        return found

    async def _get(self, path: str, query: Mapping[str, Any] | None = None, *, named: str) -> Json:
        return await self._confluence.send("GET", path, query=query, named=named)

"""Confluence Cloud: REST v2 wherever it has the operation, v1 for the rest."""

import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx2
from pydantic import BaseModel

from server.client.connection import Connection, Pace, Query
from server.client.memory import Memory
from server.entities import SPACE
from server.settings import ConfluenceConfig

M = TypeVar("M", bound=BaseModel)

SEARCH = "/wiki/rest/api/search"  # CQL is v1's alone


class ConfluenceApiClient(Connection):
    """Confluence of one site. Use as `async with ConfluenceApiClient(ConfluenceConfig(...)) as confluence:`."""

    product = "Confluence"
    root = "/wiki/api/v2"

    def __init__(
        self,
        config: ConfluenceConfig,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config, transport=transport, pace=pace)
        self._spaces = Memory[str](clock)

    async def results(self, model: type[M], path: str, query: Query | None = None) -> AsyncIterator[M]:
        """Every item of a list that Confluence pages by cursor."""
        cursor: str | None = None
        while True:
            page = await self.send("GET", path, query={**(query or {}), **({"cursor": cursor} if cursor else {})})
            for item in page["results"]:
                yield self._model(model, item)
            cursor = next_cursor(page.get("_links", {}).get("next"))
            if not cursor:
                return

    async def space_id(self, key: str) -> str:
        """The id of the space `key`. Raises NotFound."""

        async def ask() -> str:
            return (await self.read(SPACE, key)).id

        return await self._spaces.get(key, ask)


def next_cursor(link: str | None) -> str | None:
    """The cursor in a `_links.next`; the link itself is never followed, so that no answer can lead us elsewhere."""
    return next(iter(parse_qs(urlsplit(link).query).get("cursor", ())), None) if link else None

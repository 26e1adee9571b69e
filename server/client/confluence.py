"""Confluence Cloud: REST v2 wherever it has the operation, v1 for the rest."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qs

import httpx2
from pydantic import AliasPath, BeforeValidator, Field

from server.client.calls import Query
from server.client.connection import Connection
from server.client.gate import Gate
from server.client.memory import Memory
from server.client.pace import Pace
from server.entities import SPACE, Model
from server.settings import ConfluenceConfig

M = TypeVar("M", bound=Model)

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
        gate: Gate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config, transport=transport, pace=pace, gate=gate)
        self._spaces = Memory[str](clock)

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
        """The id of the space `key`. Raises NotFound."""

        async def ask() -> str:
            return (await self.read(SPACE, key)).id

        return await self._spaces.get(key, ask)

    def forget_space(self, key: str) -> None:
        """A space may be deleted and made anew under another id."""
        self._spaces.forget(key)


def next_cursor(link: Any) -> str | None:
    """The cursor in a `_links.next`; the link itself is never followed, so that no answer can lead us elsewhere."""
    if not isinstance(link, str):
        return None
    return next(iter(parse_qs(link.partition("?")[2]).get("cursor", ())), None)


Cursor = Annotated[str | None, BeforeValidator(next_cursor), Field(validation_alias=AliasPath("_links", "next"))]


class _Results(Model):
    results: list[dict[str, Any]]
    cursor: Cursor = None

"""Confluence spaces."""

from pydantic import Field

from server.client import Cursor
from server.context import Confluence
from server.entities import Model, Space
from tools.declare import reads
from tools.lists import heading
from tools.parameters import PageSize, Token


class SpaceList(Model):
    spaces: list[Space] = Field(validation_alias="results")
    next_cursor: Cursor = None

    def text(self) -> str:
        if not self.spaces:
            return "No space that you may see."
        count = heading(len(self.spaces), "space", more=self.next_cursor and f"cursor={self.next_cursor}")
        return "\n".join([count, "key | name", *(f"{space.key} | {space.name}" for space in self.spaces)])


@reads
async def confluence_list_spaces(
    confluence: Confluence,
    limit: PageSize = 50,
    cursor: Token = None,
) -> SpaceList:
    """List the Confluence spaces."""
    query: dict[str, str | int] = {"limit": limit} | ({"cursor": cursor} if cursor else {})
    return await confluence.get(SpaceList, "spaces", query, named="the spaces")

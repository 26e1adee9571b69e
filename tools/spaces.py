"""Confluence spaces."""

from typing import Annotated

from pydantic import Field

from server.client import next_cursor
from server.context import Confluence
from server.entities import Model, Space
from tools.declare import reads
from tools.parameters import Limit


class SpaceList(Model):
    spaces: list[Space]
    next_cursor: str | None = None

    def text(self) -> str:
        if not self.spaces:
            return "No space that you may see."
        more = f"; more with cursor={self.next_cursor}" if self.next_cursor else ""
        count = f"{len(self.spaces)} space{'' if len(self.spaces) == 1 else 's'}{more}"
        return "\n".join([count, "key | name", *(f"{space.key} | {space.name}" for space in self.spaces)])


@reads
async def confluence_list_spaces(
    confluence: Confluence,
    limit: Limit = 50,
    cursor: Annotated[str | None, Field(description="From the page before")] = None,
) -> SpaceList:
    """List the Confluence spaces that you may see."""
    query: dict[str, str | int] = {"limit": limit} | ({"cursor": cursor} if cursor else {})
    answer = await confluence.send("GET", "spaces", query=query, named="the spaces")
    spaces = [Space.model_validate(space) for space in answer["results"]]
    return SpaceList(spaces=spaces, next_cursor=next_cursor(answer.get("_links", {}).get("next")))

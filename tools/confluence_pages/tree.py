"""Pages below pages."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from server.client import Cursor
from server.context import Confluence
from server.entities import PAGE, Model
from tools.declare import reads
from tools.lists import heading
from tools.parameters import Limit, PageId, SpaceKey, Token

MOST = 250  # pages that Confluence lists at once


class Child(Model):
    """`type` is page, folder, whiteboard, database or embed."""

    id: str
    title: str = ""
    type: str = "page"

    def text(self) -> str:
        return f"{self.id} {self.title}" + ("" if self.type == "page" else f" ({self.type})")


class Children(Model):
    children: list[Child] = Field(validation_alias="results")
    next_cursor: Cursor = None

    def text(self) -> str:
        if not self.children:
            return "Nothing is below it."
        kind = "page" if all(child.type == "page" for child in self.children) else "item"
        count = heading(len(self.children), kind, more=self.next_cursor and f"cursor={self.next_cursor}")
        return "\n".join([count, *(child.text() for child in self.children)])


class Leaf(Model):
    id: str
    title: str
    parent_id: str | None = Field(None, validation_alias="parentId")
    position: int | None = Field(None, exclude=True)


class Tree(Model):
    """Pages of a space; what stands below a page that is not among them says below which."""

    narrower: ClassVar[str] = "Ask for fewer pages by `limit`."

    pages: list[Leaf] = Field(validation_alias="results")
    next_cursor: Cursor = None

    def text(self) -> str:
        if not self.pages:
            return "No page that you may see."
        count = heading(len(self.pages), "page", more=self.next_cursor and f"cursor={self.next_cursor}")
        return "\n".join([count, *_drawn(self.pages)])


@reads
async def confluence_get_page_children(
    parent_id: PageId, confluence: Confluence, limit: Limit = 50, cursor: Token = None
) -> Children:
    """List the pages and folders right below a Confluence page."""
    query: dict[str, str | int] = {"limit": limit} | ({"cursor": cursor} if cursor else {})
    return await confluence.get(Children, f"{PAGE.path(parent_id)}/direct-children", query, named=PAGE.named(parent_id))


@reads
async def confluence_get_space_page_tree(
    space_key: SpaceKey,
    confluence: Confluence,
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST,
    cursor: Token = None,
) -> Tree:
    """Show the tree of all pages of a Confluence space."""
    space_id = await confluence.space_id(space_key)
    query: dict[str, str | int] = {"limit": limit, "status": "current"} | ({"cursor": cursor} if cursor else {})
    return await confluence.get(Tree, f"spaces/{space_id}/pages", query, named=f"the pages of space {space_key}")


def _drawn(pages: Sequence[Leaf]) -> Iterator[str]:
    below: defaultdict[str | None, list[Leaf]] = defaultdict(list)
    for page in sorted(pages, key=lambda page: page.position or 0):
        below[page.parent_id].append(page)
    here = {page.id for page in pages}
    for parent in [parent for parent in below if parent not in here]:
        if parent:
            yield f"below {parent}:"
        rest = [(0, page) for page in reversed(below[parent])]
        while rest:
            depth, page = rest.pop()
            yield f"{'  ' * depth}{page.id} {page.title}"
            rest += [(depth + 1, child) for child in reversed(below.get(page.id, ()))]

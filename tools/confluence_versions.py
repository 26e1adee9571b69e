"""Old versions of pages, and what changed from one to another."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from server.client import Cursor
from server.content import diff
from server.context import Confluence
from server.entities import PAGE, Model, Page, StoredPage, line, minute
from tools.confluence_pages.stored import source
from tools.declare import reads
from tools.lists import heading
from tools.parameters import Limit, PageId, Token

Number = Annotated[int, Field(ge=1)]
MOST_OF_A_DIFF = 20_000  # bytes


class Version(Model):
    number: int
    created: datetime = Field(validation_alias="createdAt")
    author: str = Field("", validation_alias="authorId")
    message: str = ""

    def text(self) -> str:
        return line(str(self.number), minute(self.created), self.author, self.message, by=" | ")


class History(Model):
    """Versions, the newest first, or the page as it was in one of them."""

    versions: list[Version] = Field(default=[], validation_alias="results")
    next_cursor: Cursor = None
    page: Page | None = None

    def text(self) -> str:
        if self.page:
            return self.page.text()
        more = self.next_cursor and f"cursor={self.next_cursor}"
        return "\n".join([heading(len(self.versions), "version", more=more), *(each.text() for each in self.versions)])


class PageDiff(Model):
    narrower: ClassVar[str] = "Compare versions that lie nearer together."

    id: str
    from_version: int
    to_version: int
    diff: str

    def text(self) -> str:
        changed = self.diff or "No word changed."
        return f"page {self.id}, version {self.from_version} to {self.to_version}\n{changed}"


@reads
async def confluence_get_page_history(
    page_id: PageId,
    confluence: Confluence,
    version: Number | None = None,
    convert_to_markdown: bool = True,
    limit: Limit = 25,
    cursor: Token = None,
) -> History:
    """List the versions of a Confluence page, or read one of them."""
    named = PAGE.named(page_id)
    if version is None:
        query: dict[str, str | int] = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        history = await confluence.get(History, f"{PAGE.path(page_id)}/versions", query, named=named)
        names = await confluence.names(each.author for each in history.versions)
        by_name = [each.model_copy(update={"author": names.get(each.author, "")}) for each in history.versions]
        return history.model_copy(update={"versions": by_name})
    model = Page if convert_to_markdown else StoredPage
    query = {**PAGE.query(page_id), "version": version}
    return History(page=await confluence.get(model, PAGE.path(page_id), query, named=f"version {version} of {named}"))


@reads
async def confluence_get_page_diff(
    page_id: PageId, from_version: Number, to_version: Number, confluence: Confluence
) -> PageDiff:
    """Show what changed between two versions of a Confluence page."""
    before = await (await source(confluence, page_id, from_version)).markdown()
    after = await (await source(confluence, page_id, to_version)).markdown()
    changes = diff(before, after, budget=MOST_OF_A_DIFF)
    return PageDiff(id=page_id, from_version=from_version, to_version=to_version, diff=changes.text)

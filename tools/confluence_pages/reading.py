"""Find and read pages."""

from typing import Annotated

from pydantic import AliasPath, Field

from server.client import SEARCH, ConfluenceApiClient, Cursor, steadily
from server.context import Confluence, LastRead
from server.entities import PAGE, Model, Page, StoredPage, line
from server.errors import Invalid, NotFound, Refused
from tools.confluence_pages.parts import outlined, part_of
from tools.confluence_pages.titles import pages_titled
from tools.declare import reads
from tools.lists import heading
from tools.parameters import LONGEST_QUERY, Limit, PageId, SpaceKey, Title, Token, quiet
from tools.queries import cql

EXCERPT = 200  # characters of what a search shows of a page


class Hit(Model):
    """What a search found. `excerpt` is as Confluence cut it."""

    id: str = Field("", validation_alias=AliasPath("content", "id"))
    type: str = Field("", validation_alias=AliasPath("content", "type"))
    title: str
    space: str = Field("", validation_alias=AliasPath("resultGlobalContainer", "title"))
    excerpt: str = ""
    changed: str = Field("", validation_alias="lastModified")
    entity: str = Field("content", validation_alias="entityType")

    def text(self) -> str:
        words = " ".join(self.excerpt.replace("@@@hl@@@", "").replace("@@@endhl@@@", "").split())
        excerpt = words if len(words) <= EXCERPT else f"{words[:EXCERPT]}..."
        kind = self.type or self.entity
        title = self.title if kind == "page" else f"{self.title} ({kind})"
        return line(self.id, title, self.space, self.changed[:10], excerpt, by=" | ")


class HitList(Model):
    hits: list[Hit] = Field(validation_alias="results")
    total: int = Field(validation_alias="totalSize")
    next_cursor: Cursor = None

    def text(self) -> str:
        if not self.hits:
            return "Nothing matches."
        more = self.next_cursor and f"cursor={self.next_cursor}"
        count = heading(len(self.hits), "hit", total=self.total, more=more)
        return "\n".join([count, *(hit.text() for hit in self.hits)])


@reads
async def confluence_search(
    query: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_QUERY, examples=["space = ENG AND title ~ release"]),
    ],
    confluence: Confluence,
    limit: Limit = 10,
    cursor: Token = None,
) -> HitList:
    """Search Confluence with words or CQL."""
    try:
        return await find(confluence, cql(query), limit, cursor)
    except Invalid as error:
        if cursor:  # the query was read before
            raise error.saying("Pass the cursor of the page before with the same query, or none.") from error
        raise error.saying('It was read as CQL; put it in "quotes" to search for the words.') from error


async def find(confluence: ConfluenceApiClient, query: str, limit: int, cursor: str | None = None) -> HitList:
    parameters: dict[str, str | int] = {"cql": query, "limit": limit} | ({"cursor": cursor} if cursor else {})
    return await confluence.get(HitList, SEARCH, parameters, named="your CQL")


@reads
async def confluence_get_page(
    confluence: Confluence,
    last_read: LastRead,
    page_id: PageId | None = None,
    title: Annotated[Title | None, Field(examples=["With space_key, in place of page_id"])] = None,
    space_key: SpaceKey | None = None,
    convert_to_markdown: Annotated[bool, Field(examples=["false shows the storage format"])] = True,
    outline: Annotated[bool, Field(examples=["Only the headings"])] = False,
    section: Annotated[str | None, Field(max_length=1_000, examples=["Only below this heading"])] = None,
    start: Annotated[int, Field(ge=0)] = 0,
    max_bytes: Annotated[int, Field(ge=1_000, le=1_000_000), quiet] = 40_000,
) -> Page:
    """Read a Confluence page, with its version."""
    model = Page if convert_to_markdown else StoredPage
    if page_id and not (title or space_key):
        page = await confluence.get(model, PAGE.path(page_id), PAGE.query(page_id), named=PAGE.named(page_id))
    elif title and space_key and not page_id:
        page = await _titled(confluence, model, title, space_key)
    else:
        raise Refused("Which page? Pass page_id alone, or title and space_key.")
    if (outline or section) and not convert_to_markdown:
        raise Refused("Outline and sections are of Markdown: leave convert_to_markdown out.")
    if outline:
        return page.model_copy(update=outlined(page.body))
    shown = await steadily(lambda: part_of(page.body, section, start, max_bytes), len(page.body))
    if not shown["cut"]:
        last_read.saw(page.id, page.version)  # an update is based on the whole page
    return page.model_copy(update=shown)


async def _titled(confluence: ConfluenceApiClient, model: type[Page], title: str, space_key: str) -> Page:
    pages = await pages_titled(confluence, title, await confluence.space_id(space_key))
    if not pages:
        raise NotFound(f"No page titled `{title}` in space {space_key}. Titles match whole.").then(PAGE.finder)
    return model.read(pages[0])

"""Find, read, create and change Confluence pages."""

from typing import Annotated, Any, Literal

from pydantic import AliasPath, Field

from server.client import SEARCH, ConfluenceApiClient, next_cursor, stale
from server.content import markdown_to_storage, storage_losses
from server.context import Confluence, LastRead
from server.entities import PAGE, Model, Page, line
from server.errors import Conflict, NotFound, Refused
from tools.declare import reads, writes
from tools.parameters import LONGEST_PAGE, Limit, PageId, SpaceKey, Title
from tools.queries import cql

Content = Annotated[str, Field(max_length=LONGEST_PAGE, description="The body in content_format")]
Format = Literal["markdown", "storage"]


class Hit(Model):
    """What a search found. `excerpt` is as Confluence cut it."""

    id: str = Field("", validation_alias=AliasPath("content", "id"))
    type: str = Field("", validation_alias=AliasPath("content", "type"))
    title: str
    space: str = Field("", validation_alias=AliasPath("resultGlobalContainer", "title"))
    excerpt: str = ""
    changed: str = Field("", validation_alias="lastModified")

    def text(self) -> str:
        excerpt = " ".join(self.excerpt.replace("@@@hl@@@", "").replace("@@@endhl@@@", "").split())
        kind = "" if self.type == "page" else f" ({self.type})"
        return line(self.id, f"{self.title}{kind}", self.space, self.changed[:10], excerpt, by=" | ")


class HitList(Model):
    hits: list[Hit]
    total: int
    next_cursor: str | None = None

    def text(self) -> str:
        if not self.hits:
            return "Nothing matches."
        more = f"; more with cursor={self.next_cursor}" if self.next_cursor else ""
        return "\n".join([f"{len(self.hits)} of {self.total}{more}", *(hit.text() for hit in self.hits)])


class Saved(Model):
    id: str
    title: str
    version: int
    done: str
    url: str

    def text(self) -> str:
        return f"{self.done} page {self.id} `{self.title}`, version {self.version} {self.url}"

    @property
    def touched(self) -> str:
        return PAGE.uri_of(self.id)


class Source(Model):
    """A page's body as Confluence keeps it."""

    version: int = Field(validation_alias=AliasPath("version", "number"))
    storage: str = Field(validation_alias=AliasPath("body", "storage", "value"))


@reads
async def confluence_search(
    query: Annotated[str, Field(min_length=1, description="Words, or CQL such as space = ENG AND title ~ release")],
    confluence: Confluence,
    limit: Limit = 10,
    cursor: Annotated[str | None, Field(description="From the page before")] = None,
) -> HitList:
    """Search Confluence with words or CQL."""
    return await find(confluence, cql(query), limit, cursor)


async def find(confluence: ConfluenceApiClient, query: str, limit: int, cursor: str | None = None) -> HitList:
    parameters: dict[str, str | int] = {"cql": query, "limit": limit} | ({"cursor": cursor} if cursor else {})
    answer = await confluence.send("GET", SEARCH, query=parameters, named="your CQL")
    return HitList(
        hits=[Hit.model_validate(hit) for hit in answer["results"]],
        total=answer["totalSize"],
        next_cursor=next_cursor(answer.get("_links", {}).get("next")),
    )


@reads
async def confluence_get_page(
    confluence: Confluence,
    last_read: LastRead,
    page_id: PageId | None = None,
    title: Annotated[str | None, Field(description="With space_key, in place of page_id")] = None,
    space_key: SpaceKey | None = None,
) -> Page:
    """Read a Confluence page as Markdown, with the version to pass on an update."""
    if page_id:
        page = await confluence.read(PAGE, page_id)
    elif title and space_key:
        page = await _titled(confluence, title, space_key)
    else:
        raise Refused("Which page? Pass page_id, or title and space_key.")
    last_read.saw(page.id, page.version)
    return page


@writes(destructive=False, idempotent=False)
async def confluence_create_page(
    space_key: SpaceKey,
    title: Title,
    confluence: Confluence,
    last_read: LastRead,
    content: Content = "",
    parent_id: Annotated[PageId | None, Field(description="Id of the page above it")] = None,
    content_format: Format = "markdown",
) -> Saved:
    """Create a Confluence page."""
    body = {
        "spaceId": await confluence.space_id(space_key),
        "status": "current",
        "title": title,
        "body": _body(content, content_format),
        **({"parentId": parent_id} if parent_id else {}),
    }
    page = await confluence.post(Page, "pages", body, named=f"a new page in {space_key}")
    last_read.saw(page.id, page.version)
    return _saved(confluence, page, "Created")


@writes(destructive=True, idempotent=True)
async def confluence_update_page(
    page_id: PageId,
    title: Title,
    confluence: Confluence,
    last_read: LastRead,
    content: Annotated[Content | None, Field(description="The new body; left out, it stays")] = None,
    expected_version: Annotated[int | None, Field(ge=1, description="The version your edit is based on")] = None,
    version_comment: str = "",
    parent_id: Annotated[PageId | None, Field(description="Moves it below this page")] = None,
    content_format: Format = "markdown",
) -> Saved:
    """Change a Confluence page; refused if somebody changed it after you read it."""
    base = expected_version or last_read.version_of(page_id)
    if base is None:
        raise Refused(
            f"Nothing was written: read page {page_id} first with confluence_get_page, "
            "then update it with expected_version set to the version shown."
        )
    current = await confluence.get(Source, PAGE.path(page_id), PAGE.query(page_id), named=PAGE.named(page_id))
    if current.version != base:
        text = stale(PAGE.named(page_id), yours=base, theirs=current.version)
        raise Conflict(text, yours=base, theirs=current.version)
    if content is not None and content_format == "markdown":
        _refuse_losses(page_id, current.storage)
    body = {
        "id": page_id,
        "status": "current",
        "title": title,
        "body": _body(current.storage, "storage") if content is None else _body(content, content_format),
        "version": {"number": base + 1, "message": version_comment},
        **({"parentId": parent_id} if parent_id else {}),
    }
    page = await confluence.put(Page, PAGE.path(page_id), body, named=PAGE.named(page_id))
    last_read.saw(page.id, page.version)
    return _saved(confluence, page, "Updated")


def _body(content: str, content_format: Format) -> dict[str, Any]:
    value = markdown_to_storage(content) if content_format == "markdown" else content
    return {"representation": "storage", "value": value}


def _refuse_losses(page_id: str, storage: str) -> None:
    losses = storage_losses(storage)
    if losses:
        raise Refused(
            f"Nothing was written: page {page_id} holds what Markdown can't carry, and a rewrite would lose it: "
            f"{'; '.join(losses)}. Pass the whole body with content_format=storage, or edit it in Confluence."
        )


def _saved(confluence: ConfluenceApiClient, page: Page, done: str) -> Saved:
    url = f"{confluence.config.site}/wiki{page.link}"
    return Saved(id=page.id, title=page.title, version=page.version, done=done, url=url)


async def _titled(confluence: ConfluenceApiClient, title: str, space_key: str) -> Page:
    space_id = await confluence.space_id(space_key)
    query = {"space-id": space_id, "title": title, "body-format": "storage"}
    async for page in confluence.results(Page, "pages", query):
        return page
    raise NotFound(f"No page titled `{title}` in space {space_key}. Titles match whole; try confluence_search.")

"""Create pages."""

from typing import Annotated, Any

from pydantic import Field

from server.client import Absence, ConfluenceApiClient, Mark, steadily
from server.content import storage_to_markdown
from server.context import Confluence, LastRead
from server.entities import Page
from server.errors import Invalid, NotFound
from tools.confluence_pages.stored import Content, Format, Saved, Source, Written, as_storage, body_of, saved
from tools.confluence_pages.titles import named_already, pages_titled, taken
from tools.declare import writes
from tools.parameters import PageId, SpaceKey, Title
from tools.rewrites import DryRun, preview_new, tried


@writes(destructive=False, idempotent=False)
async def confluence_create_page(
    space_key: SpaceKey,
    title: Title,
    confluence: Confluence,
    last_read: LastRead,
    content: Content = "",
    parent_id: Annotated[PageId | None, Field(examples=["Id of the page above it"])] = None,
    content_format: Format = "markdown",
    dry_run: DryRun = False,
) -> Saved:
    """Create a Confluence page."""
    storage = await as_storage(content, content_format)
    if dry_run:
        return await _tried(confluence, space_key, title, storage)
    body = {
        "status": "current",
        "title": title,
        "body": body_of(storage),
        **({"parentId": parent_id} if parent_id else {}),
    }
    try:
        page = await _create(confluence, space_key, body)
    except Invalid as error:
        raise await taken(confluence, title, await confluence.space_id(space_key), error) from error
    last_read.saw(page.id, page.version)
    return saved(confluence, page, "Created")


async def _tried(confluence: ConfluenceApiClient, space_key: str, title: str, storage: str) -> Saved:
    """What would be created. Raises NotFound where the space is not there, Invalid where the title is taken."""
    if pages := await pages_titled(confluence, title, await confluence.space_id(space_key)):
        raise named_already(confluence, Page.read(pages[0]))
    shown = await steadily(lambda: storage_to_markdown(storage), len(storage))
    preview = tried(preview_new(f"a new page `{title}` in {space_key}", shown))
    return Saved(id="", title=title, version=0, done="", url="", preview=preview)


async def _create(confluence: ConfluenceApiClient, space_key: str, body: dict[str, Any]) -> Written:
    named = f"a new page in {space_key}"
    space_id = await confluence.space_id(space_key)
    mark = Mark(lambda: _created(confluence, space_key, body), Absence.HARMLESS)
    try:
        return await confluence.post(Written, "pages", {**body, "spaceId": space_id}, named=named, mark=mark)
    except NotFound:
        confluence.forget_space(space_key)
        if await confluence.space_id(space_key) == space_id:
            raise
        body = {**body, "spaceId": await confluence.space_id(space_key)}
        return await confluence.post(Written, "pages", body, named=named, mark=mark)


async def _created(confluence: ConfluenceApiClient, space_key: str, body: dict[str, Any]) -> Written | None:
    """A title is unique in its space."""
    pages = await pages_titled(confluence, str(body["title"]), await confluence.space_id(space_key))
    if not pages:
        return None
    found = Source.read(pages[0])
    return await steadily(lambda: found.written_as(body, version=1), len(found.storage))

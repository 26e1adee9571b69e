"""Create and change pages."""

from typing import Annotated, Any, Literal

from pydantic import AliasPath, Field

from server.client import Absence, ConfluenceApiClient, Mark, stale, steadily
from server.content import markdown_to_storage, storage_losses, storage_to_markdown
from server.context import Confluence, LastRead
from server.entities import PAGE, Model
from server.errors import Conflict, NotFound, Refused
from tools.confluence_pages.reading import pages_titled
from tools.declare import writes
from tools.field_values import missing
from tools.parameters import LONGEST_PAGE, AllowLoss, PageId, SpaceKey, Title

Content = Annotated[str, Field(max_length=LONGEST_PAGE, description="The body in content_format")]
Format = Literal["markdown", "storage"]


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


class Written(Model):
    """What is needed of Confluence's answer to a write: not its body, which may be one that we can't read."""

    id: str
    title: str
    version: int = Field(validation_alias=AliasPath("version", "number"))
    link: str = Field("", validation_alias=AliasPath("_links", "webui"))


class Source(Written):
    """What an update is based on: the body as Confluence keeps it."""

    status: str
    storage: str = Field(validation_alias=AliasPath("body", "storage", "value"))

    def written_as(self, body: dict[str, Any], version: int) -> Written | None:
        """This page, where it is what was sent as this version. Confluence adds attributes to what it stores."""
        sent = str(body["body"]["value"])
        same = self.storage == sent or storage_to_markdown(self.storage) == storage_to_markdown(sent)
        return self if (self.version, self.title) == (version, body["title"]) and same else None


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
        "status": "current",
        "title": title,
        "body": _body(await _storage(content, content_format)),
        **({"parentId": parent_id} if parent_id else {}),
    }
    page = await _create(confluence, space_key, body)
    last_read.saw(page.id, page.version)
    return _saved(confluence, page, "Created")


@writes(destructive=True, idempotent=True)
async def confluence_update_page(
    page_id: PageId,
    title: Title,
    confluence: Confluence,
    last_read: LastRead,
    content: Annotated[Content | None, Field(pattern=r"\S", description="The new body; left out, it stays")] = None,
    expected_version: Annotated[int | None, Field(ge=1, description="The version that your edit is based on")] = None,
    version_comment: str = "",
    parent_id: Annotated[PageId | None, Field(description="Moves it below this page")] = None,
    content_format: Format = "markdown",
    allow_loss: AllowLoss = False,
) -> Saved:
    """Change a Confluence page; refused if somebody changed it after you read it."""
    base = expected_version or last_read.version_of(page_id)
    if base is None:
        raise Refused(
            f"Nothing was written: read page {page_id} first with confluence_get_page, "
            "then pass expected_version, the version shown there."
        )
    current = await confluence.get(Source, PAGE.path(page_id), PAGE.query(page_id), named=PAGE.named(page_id))
    _refuse_other_base(page_id, current, base)
    new = current.storage if content is None else await _storage(content, content_format)
    if content is not None and not allow_loss:
        await _refuse_losses(page_id, current.storage, new)
    body = {
        "id": page_id,
        "status": "current",
        "title": title,
        "body": _body(new),
        "version": {"number": base + 1, "message": version_comment},
        **({"parentId": parent_id} if parent_id else {}),
    }
    mark = Mark(lambda: _updated(confluence, page_id, body, base + 1), Absence.HARMLESS)
    page = await confluence.put(Written, PAGE.path(page_id), body, named=PAGE.named(page_id), mark=mark)
    last_read.saw(page.id, page.version)
    return _saved(confluence, page, "Updated")


async def _updated(confluence: ConfluenceApiClient, page_id: str, body: dict[str, Any], version: int) -> Written | None:
    found = await confluence.get(Source, PAGE.path(page_id), PAGE.query(page_id), named=PAGE.named(page_id))
    return await steadily(lambda: found.written_as(body, version), len(found.storage))


async def _storage(content: str, content_format: Format) -> str:
    if content_format == "storage":
        return content
    return await steadily(lambda: markdown_to_storage(content), len(content))


def _body(storage: str) -> dict[str, str]:
    return {"representation": "storage", "value": storage}


def _refuse_other_base(page_id: str, current: Source, base: int) -> None:
    if current.status != "current":
        raise Refused(f"Nothing was written: page {page_id} is {current.status}. Restore it in Confluence first.")
    if current.version != base:
        text = stale(PAGE.named(page_id), yours=base, theirs=current.version)
        raise Conflict(text, yours=base, theirs=current.version)


async def _refuse_losses(page_id: str, before: str, after: str) -> None:
    lost = await steadily(lambda: missing(storage_losses(before), storage_losses(after)), len(before) + len(after))
    if lost:
        raise Refused(
            f"Nothing was written: page {page_id} would lose {'; '.join(lost)}. To keep them, read it with "
            "convert_to_markdown=false, edit that and pass it whole with content_format=storage. "
            "To lose them, pass allow_loss=true."
        )


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
    pages = await pages_titled(confluence, str(body["title"]), space_key)
    if not pages:
        return None
    found = Source.read(pages[0])
    return await steadily(lambda: found.written_as(body, version=1), len(found.storage))


def _saved(confluence: ConfluenceApiClient, page: Written, done: str) -> Saved:
    url = f"{confluence.config.site}/wiki{page.link}"
    return Saved(id=page.id, title=page.title, version=page.version, done=done, url=url)

"""A page as Confluence keeps it, and the one way in which it is written."""

from typing import Annotated, Any, Literal

from pydantic import AliasPath, Field

from server.client import Absence, ConfluenceApiClient, Mark, steadily
from server.content import check_storage, refuse_long_page, storage_to_markdown
from server.context import Reader
from server.entities import PAGE, Model, line
from server.errors import Invalid, Refused
from tools.confluence_pages.titles import taken
from tools.parameters import LONGEST_PAGE
from tools.rewrites import new_page

Content = Annotated[str, Field(max_length=LONGEST_PAGE)]
Format = Literal["markdown", "storage"]


class Written(Model):
    """What is needed of Confluence's answer to a write: not its body, which may be one that we can't read."""

    id: str
    title: str
    space_id: str = Field("", validation_alias="spaceId")
    version: int = Field(validation_alias=AliasPath("version", "number"))
    link: str = Field("", validation_alias=AliasPath("_links", "webui"))


class Source(Written):
    """What an update is based on: the body as Confluence keeps it."""

    status: str
    storage: str = Field(validation_alias=AliasPath("body", "storage", "value"))

    async def markdown(self) -> str:
        return await steadily(lambda: storage_to_markdown(self.storage), len(self.storage))

    def written_as(self, body: dict[str, Any], version: int) -> Written | None:
        """This page, where it is what was sent as this version. Confluence adds attributes to what it stores."""
        sent = str(body["body"]["value"])
        same = self.storage == sent or storage_to_markdown(self.storage) == storage_to_markdown(sent)
        return self if (self.version, self.title) == (version, body["title"]) and same else None


class Saved(Model):
    """`preview` is what a dry run shows; nothing was written then."""

    id: str
    title: str
    version: int
    done: str
    url: str
    note: str = ""
    preview: str = ""

    def text(self) -> str:
        written = f"{self.done} page {self.id} `{self.title}`, version {self.version} {self.url}"
        return self.preview or line(written, self.note, by="\n")

    @property
    def touched(self) -> str | None:
        return None if self.preview else PAGE.uri_of(self.id)


async def source(confluence: ConfluenceApiClient, page_id: str, version: int | None = None) -> Source:
    query = PAGE.query(page_id) | ({"version": str(version)} if version else {})
    return await confluence.get(Source, PAGE.path(page_id), query, named=PAGE.named(page_id))


async def current(confluence: ConfluenceApiClient, page_id: str) -> Source:
    """The page as it is now. Raises Refused where it is none that can be changed."""
    page = await source(confluence, page_id)
    if page.status != "current":
        raise Refused(f"Nothing was written: page {page_id} is {page.status}. Restore it in Confluence first.")
    return page


async def as_storage(content: str, content_format: Format) -> str:
    """Raises ContentError where the content is broken or larger than Confluence takes."""
    if content_format == "storage":
        refuse_long_page(content)
        await steadily(lambda: check_storage(content), len(content))
        return content
    return await steadily(lambda: new_page(content), len(content))


def body_of(storage: str) -> dict[str, str]:
    return {"representation": "storage", "value": storage}


async def save(
    confluence: ConfluenceApiClient,
    last_read: Reader,
    base: Source,
    storage: str,
    *,
    title: str,
    message: str = "",
    parent_id: str | None = None,
    note: str = "",
) -> Saved:
    """The next version of `base`; refused by Confluence where that is no longer the newest."""
    body = {
        "id": base.id,
        "status": "current",
        "title": title,
        "body": body_of(storage),
        "version": {"number": base.version + 1, "message": message},
        **({"parentId": parent_id} if parent_id else {}),
    }
    mark = Mark(lambda: _updated(confluence, base.id, body), Absence.HARMLESS)
    try:
        page = await confluence.put(Written, PAGE.path(base.id), body, named=PAGE.named(base.id), mark=mark)
    except Invalid as error:
        raise await taken(confluence, title, base.space_id, error) from error
    last_read.saw(page.id, page.version)
    return saved(confluence, page, "Updated", note=note)


def saved(confluence: ConfluenceApiClient, page: Written, done: str, *, note: str = "", preview: str = "") -> Saved:
    url = f"{confluence.config.site}/wiki{page.link}"
    return Saved(id=page.id, title=page.title, version=page.version, done=done, url=url, note=note, preview=preview)


async def _updated(confluence: ConfluenceApiClient, page_id: str, body: dict[str, Any]) -> Written | None:
    found = await source(confluence, page_id)
    return await steadily(lambda: found.written_as(body, body["version"]["number"]), len(found.storage))

"""Delete, move and copy pages."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AliasPath, Field

from server.client import Absence, ConfluenceApiClient, Mark
from server.context import Confluence
from server.entities import PAGE, SPACE, Model, Page
from server.errors import Invalid, NotFound, Refused
from tools.confluence_pages.titles import pages_titled, taken
from tools.confluence_pages.tree import MOST, Children
from tools.confluence_trash import found_or_trashed, refuse_trashed
from tools.consent import Confirm, Consent, asks
from tools.declare import writes
from tools.lists import heading
from tools.parameters import PageId, SpaceKey, Title, quiet

CONTENT = "/wiki/rest/api/content"  # moving and copying are v1's alone
CLOCKS = timedelta(minutes=1)  # that ours and the site's may differ by

Target = Annotated[PageId | None, Field(examples=["The page that position is about"])]
Where = Literal["append", "before", "after"]


class Done(Model):
    id: str
    done: str

    def text(self) -> str:
        return self.done

    @property
    def touched(self) -> str:
        return PAGE.uri_of(self.id)


class Copied(Model):
    id: str
    title: str
    link: str = Field("", validation_alias=AliasPath("_links", "webui"), exclude=True)
    url: str = ""

    def text(self) -> str:
        return f"Copied to page {self.id} `{self.title}` {self.url}"

    @property
    def touched(self) -> str:
        return PAGE.uri_of(self.id)


class Dated(Copied):
    created: datetime = Field(validation_alias="createdAt")


async def _what_goes(page_id: str, confluence: Confluence) -> str:
    page = await _read(confluence, page_id)
    refuse_trashed(page)
    path, query = f"{PAGE.path(page_id)}/direct-children", {"limit": MOST}
    below = await confluence.get(Children, path, query, named=PAGE.named(page_id))
    over = "over " if below.next_cursor else ""
    up = f"The {over}{heading(len(below.children), 'page')} right below it will stand below its parent."
    return f"Move page {page_id} `{page.title}` to the trash? {up if below.children else 'No page is below it.'}"


@writes(destructive=True, idempotent=True)
async def confluence_delete_page(
    page_id: PageId, confluence: Confluence, consent: Annotated[Consent, asks(_what_goes)], confirm: Confirm = False
) -> Done:
    """Move a Confluence page to the trash; the pages below it stay."""
    mark = Mark(lambda: _trashed(confluence, page_id), Absence.HARMLESS)
    async with found_or_trashed(confluence, page_id):
        await confluence.send("DELETE", PAGE.path(page_id), named=PAGE.named(page_id), mark=mark)
    return Done(id=page_id, done=f"Moved page {page_id} to the trash")


async def _trashed(confluence: ConfluenceApiClient, page_id: str) -> Page | None:
    page = await _read(confluence, page_id)
    return page if page.status == "trashed" else None


async def _how_it_moves(
    page_id: str,
    target_parent_id: str | None,
    target_space_key: str | None,
    position: str,
    confluence: Confluence,
) -> str:
    page = await _read(confluence, page_id)
    refuse_trashed(page)
    target = await _read(confluence, await _target(confluence, page_id, target_parent_id, target_space_key))
    refuse_trashed(target)
    _refuse_other_space(target, target_space_key)
    side = "below" if position == "append" else f"right {position}"
    there = f" in space {target.space}" if target.space else ""
    return (
        f"Move page {page.id} `{page.title}` with all that is below it {side} page {target.id} `{target.title}`{there}?"
    )


@writes(destructive=True, idempotent=True)
async def confluence_move_page(
    page_id: PageId,
    confluence: Confluence,
    consent: Annotated[Consent, asks(_how_it_moves)],
    target_parent_id: Target = None,
    target_space_key: Annotated[SpaceKey | None, Field(examples=["Alone: below its home page"])] = None,
    position: Where = "append",
    confirm: Confirm = False,
) -> Done:
    """Move a Confluence page, and the pages below it."""
    target_id = await _target(confluence, page_id, target_parent_id, target_space_key)
    if target_parent_id and target_space_key:
        _refuse_other_space(await _read(confluence, target_id), target_space_key)
    path = f"{CONTENT}/{page_id}/move/{position}/{target_id}"
    try:
        async with found_or_trashed(confluence, page_id, target_id):
            # Sent twice it moves to where it is.
            await confluence.send("PUT", path, named=f"moving page {page_id}", repeatable=True)
    except Invalid as error:
        raise await _why_it_stays(confluence, page_id, target_id, error) from error
    side = "below" if position == "append" else position
    return Done(id=page_id, done=f"Moved page {page_id} {side} page {target_id}")


async def _target(confluence: ConfluenceApiClient, page_id: str, parent_id: str | None, space_key: str | None) -> str:
    if parent_id == page_id:
        raise Refused("Nothing was moved: a page can't stand below or beside itself. Name another target_parent_id.")
    if parent_id:
        return parent_id
    if not space_key:
        raise Refused("Where to? Pass target_parent_id, target_space_key or both.")
    await confluence.space_id(space_key)  # names the near matches of a key that is not there
    home = (await confluence.read(SPACE, space_key)).homepage_id
    if not home or home == page_id:
        raise Refused(f"Nothing was moved: space {space_key} has no other home page. Pass target_parent_id.")
    return home


def _refuse_other_space(target: Page, space_key: str | None) -> None:
    if space_key and target.space and target.space != space_key:
        raise Refused(
            f"Nothing was done: page {target.id} `{target.title}` is in space {target.space}, not {space_key}. "
            "Pass one of the two alone."
        )


class Above(Model):
    ids: list[dict[str, Any]] = Field(validation_alias="results")


async def _why_it_stays(confluence: ConfluenceApiClient, page_id: str, target_id: str, error: Invalid) -> Exception:
    if "title" in str(error).casefold():
        page, target = await _read(confluence, page_id), await _read(confluence, target_id)
        return await taken(confluence, page.title, target.space_id, error)
    named = PAGE.named(target_id)
    above = await confluence.get(Above, f"{PAGE.path(target_id)}/ancestors", {"limit": MOST}, named=named)
    if page_id in {str(each.get("id")) for each in above.ids}:
        return Refused(
            f"Nothing was moved: page {target_id} itself stands below page {page_id}. Choose a target outside of it."
        )
    return error


@writes(destructive=False, idempotent=False)
async def confluence_copy_page(
    source_page_id: PageId,
    destination_space_key: SpaceKey,
    new_title: Title,
    confluence: Confluence,
    destination_parent_id: PageId | None = None,
    copy_attachments: Annotated[bool, quiet] = True,
) -> Copied:
    """Copy a Confluence page, without the pages below it."""
    if destination_parent_id:
        parent = await _read(confluence, destination_parent_id)
        refuse_trashed(parent)
        _refuse_other_space(parent, destination_space_key)
    place = ("parent_page", destination_parent_id) if destination_parent_id else ("space", destination_space_key)
    body = {
        "copyAttachments": copy_attachments,
        "copyLabels": True,
        "pageTitle": new_title,
        "destination": {"type": place[0], "value": place[1]},
    }
    since = confluence.wall() - CLOCKS
    mark = Mark(lambda: _made(confluence, new_title, destination_space_key, since), Absence.HARMLESS)
    named = f"a copy of page {source_page_id}"
    try:
        async with found_or_trashed(confluence, source_page_id):
            copy = await confluence.post(Copied, f"{CONTENT}/{source_page_id}/copy", body, named=named, mark=mark)
    except NotFound:
        await confluence.space_id(destination_space_key)  # says so where it is the space that is missing
        raise
    except Invalid as error:
        space_id = await confluence.space_id(destination_space_key)
        raise await taken(confluence, new_title, space_id, error) from error
    return copy.model_copy(update={"url": f"{confluence.config.site}/wiki{copy.link}"})


async def _made(confluence: ConfluenceApiClient, title: str, space_key: str, since: datetime) -> Copied | None:
    """A title is unique in its space."""
    space_id = await confluence.space_id(space_key)
    pages = [Dated.read(page) for page in await pages_titled(confluence, title, space_id)]
    return pages[0] if pages and pages[0].created >= since else None


async def _read(confluence: ConfluenceApiClient, page_id: str) -> Page:
    return await confluence.get(Page, PAGE.path(page_id), named=PAGE.named(page_id))

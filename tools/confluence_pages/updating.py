"""Change pages: as a whole, a section, or a small thing in them."""

from collections.abc import Callable
from typing import Annotated, NamedTuple

from pydantic import Field

from server.client import ConfluenceApiClient, stale, steadily
from server.content import Conflict as Collision
from server.content import diff, edit_storage, lost_from_storage, merge, plain, refuse_long_page
from server.context import Confluence, LastRead, Reader
from server.entities import PAGE, Page
from server.errors import Conflict, Refused
from tools.confluence_pages.stored import Content, Format, Saved, Source, current, save, saved, source
from tools.consent import Consent, Unlisted, asks
from tools.declare import writes
from tools.parameters import PageId, Title, quiet
from tools.rewrites import AllowLoss, DryRun, preview, refuse_losses, tried
from tools.small_edits import Action, At, Change, Column, SmallEdit, Which

Version = Annotated[int | None, Field(ge=1, examples=["The version that your edit is based on"])]
Part = Annotated[str, Field(min_length=1, max_length=1_000)]
MOST_COLLISIONS = 5  # that are spelled out


class Intent(NamedTuple):
    """How a changed body is to be written, if at all."""

    title: str | None = None
    message: str = ""
    parent_id: str | None = None
    allow_loss: bool = False
    dry_run: bool = False


class New(NamedTuple):
    storage: str
    written: str | None = None
    """The Markdown that it was made of."""
    note: str = ""


async def _where_it_goes(page_id: str, parent_id: str | None, dry_run: bool, confluence: Confluence) -> str | None:
    if parent_id is None or dry_run:
        return None
    page = await confluence.get(Page, PAGE.path(page_id), named=PAGE.named(page_id))
    if page.parent_id == parent_id:
        return None
    parent = await confluence.get(Page, PAGE.path(parent_id), named=PAGE.named(parent_id))
    return f"Move page {page.id} `{page.title}` with all that is below it below page {parent.id} `{parent.title}`?"


@writes(destructive=True, idempotent=True)
async def confluence_update_page(
    page_id: PageId,
    title: Title,
    confluence: Confluence,
    last_read: LastRead,
    consent: Annotated[Consent, asks(_where_it_goes)],
    content: Annotated[Content | None, Field(pattern=r"\S", description="The whole body")] = None,
    expected_version: Version = None,
    version_comment: str = "",
    parent_id: Annotated[PageId | None, Field(examples=["Moves it below this page"])] = None,
    content_format: Format = "markdown",
    allow_loss: AllowLoss = False,
    dry_run: DryRun = False,
    confirm: Unlisted = False,
) -> Saved:
    """Change a Confluence page; others' changes are kept."""
    based_on = expected_version or last_read.version_of(page_id)
    if based_on is None:
        raise Refused(
            f"Nothing was written: read page {page_id} first, then pass expected_version, the version shown there."
        ).then("confluence_get_page shows it.")
    page = await current(confluence, page_id)
    if content is None or content_format == "storage":
        await _refuse_stale(confluence, page, based_on)
        new = New(page.storage if content is None else content)
    else:
        new = await _edited(confluence, page, based_on, content)
    intent = Intent(title, version_comment, parent_id, allow_loss=allow_loss, dry_run=dry_run)
    return await _write(confluence, last_read, page, new, intent)


@writes(destructive=True, idempotent=True)
async def confluence_update_page_section(
    page_id: PageId,
    heading_text: Part,
    new_content: Change,
    confluence: Confluence,
    last_read: LastRead,
    version_comment: Annotated[str, quiet] = "",
    allow_loss: AllowLoss = False,
    dry_run: DryRun = False,
) -> Saved:
    """Replace what stands below one heading of a Confluence page."""
    edit = SmallEdit("replace_section", heading_text, new_content)
    intent = Intent(message=version_comment, allow_loss=allow_loss, dry_run=dry_run)
    return await _change(confluence, last_read, page_id, edit.of, intent)


@writes(destructive=True, idempotent=False)
async def confluence_edit_page(
    page_id: PageId,
    action: Action,
    confluence: Confluence,
    last_read: LastRead,
    at: At = "",
    content: Change = "",
    column: Column = "",
    number: Which = None,
    allow_loss: AllowLoss = False,
    dry_run: DryRun = False,
) -> Saved:
    """Change a part of a Confluence page, or add to it."""
    edit = SmallEdit(action, at, content, column, number)
    return await _change(confluence, last_read, page_id, edit.of, Intent(allow_loss=allow_loss, dry_run=dry_run))


async def _change(
    confluence: ConfluenceApiClient, last_read: Reader, page_id: str, edit: Callable[[str], str], intent: Intent
) -> Saved:
    """An edit that says by itself where it belongs needs no version: it is made in the page as it is now."""
    page = await current(confluence, page_id)
    as_read = await page.markdown()

    def changed() -> New:
        written = edit(plain(as_read))
        return New(edit_storage(page.storage, as_read, written), written)

    return await _write(confluence, last_read, page, await steadily(changed, len(page.storage)), intent)


async def _edited(confluence: ConfluenceApiClient, page: Source, based_on: int, content: str) -> New:
    """The page with what its editor changed of version `based_on`, and all that others changed since.

    Raises Conflict where both changed the same words.
    """
    as_read = await page.markdown()
    written, note = content, ""
    if page.version != based_on:
        base, now = plain(await (await source(confluence, page.id, based_on)).markdown()), plain(as_read)
        merged = await steadily(lambda: merge(base, content, now), len(content))
        if merged.conflicts:
            raise _collision(page, based_on, base, now, merged.conflicts)
        written, note = merged.text, f"Merged with what changed since version {based_on}."
    storage = await steadily(lambda: edit_storage(page.storage, as_read, written), len(page.storage) + len(written))
    return New(storage, written, note)


def _collision(page: Source, based_on: int, base: str, now: str, collisions: tuple[Collision, ...]) -> Conflict:
    named = PAGE.named(page.id)
    spelled = "\n".join(f"- {collision}" for collision in collisions[:MOST_COLLISIONS])
    more = f"\n- and {len(collisions) - MOST_COLLISIONS} more" if len(collisions) > MOST_COLLISIONS else ""
    return Conflict(
        f"{stale(named, yours=based_on, theirs=page.version)}\nBoth edits changed the same words:\n{spelled}{more}\n"
        f"What changed since version {based_on}:\n{diff(base, now).text}",
        yours=based_on,
        theirs=page.version,
    )


async def _refuse_stale(confluence: ConfluenceApiClient, page: Source, based_on: int) -> None:
    if page.version == based_on:
        return
    base = await (await source(confluence, page.id, based_on)).markdown()
    changes = diff(base, await page.markdown()).text
    text = f"{stale(PAGE.named(page.id), yours=based_on, theirs=page.version)}\nWhat changed since:\n{changes}"
    raise Conflict(text, yours=based_on, theirs=page.version)


async def _write(confluence: ConfluenceApiClient, last_read: Reader, page: Source, new: New, intent: Intent) -> Saved:
    refuse_long_page(new.storage)
    losses = await steadily(lambda: lost_from_storage(page.storage, new.storage, new.written), len(page.storage))
    what = f"page {page.id}"
    if intent.dry_run:
        after = page.model_copy(update={"storage": new.storage})
        shown = preview(what, await page.markdown(), await after.markdown(), losses)
        return saved(confluence, page, "Would change", preview=tried(shown))
    if not intent.allow_loss:
        refuse_losses(what, losses)
    return await save(
        confluence,
        last_read,
        page,
        new.storage,
        title=intent.title or page.title,
        message=intent.message,
        parent_id=intent.parent_id,
        note=new.note,
    )

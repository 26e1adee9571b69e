"""Pages that can't be found because they lie in the trash."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from server.client import ConfluenceApiClient
from server.entities import PAGE, Page
from server.errors import AtlassianError, NotFound, Refused


def refuse_trashed(page: Page) -> None:
    if page.status == "trashed":
        raise Refused(
            f"Nothing was done: page {page.id} `{page.title}` is in the trash. Somebody has to restore it there first."
        )


@asynccontextmanager
async def found_or_trashed(confluence: ConfluenceApiClient, *page_ids: str) -> AsyncGenerator[None]:
    """What is not found within is looked for in the trash, so that the refusal can say so."""
    try:
        yield
    except NotFound as error:
        for page_id in page_ids:
            await _explain(confluence, page_id, error)
        raise


async def _explain(confluence: ConfluenceApiClient, page_id: str, error: NotFound) -> None:
    """Raises NotFound of the page that is missing, or Refused of the one that is in the trash."""
    try:
        page = await confluence.get(Page, PAGE.path(page_id), named=PAGE.named(page_id))
    except NotFound:
        raise
    except AtlassianError:
        raise error from None
    refuse_trashed(page)

"""A title is unique in its space: by it pages are found, and a second one of that title is refused."""

from typing import Any

from pydantic import Field

from server.client import ConfluenceApiClient
from server.entities import Model, Page
from server.errors import Invalid


class _Titled(Model):
    pages: list[dict[str, Any]] = Field(validation_alias="results")


async def pages_titled(confluence: ConfluenceApiClient, title: str, space_id: str) -> list[dict[str, Any]]:
    query = {"space-id": space_id, "title": title, "body-format": "storage"}
    return (await confluence.get(_Titled, "pages", query, named="pages of one title")).pages


async def taken(confluence: ConfluenceApiClient, title: str, space_id: str, error: Invalid) -> Invalid:
    """Confluence's refusal of a page; of one whose title another has, with that other."""
    if "title" not in str(error).casefold():
        return error
    pages = [Page.read(page) for page in await pages_titled(confluence, title, space_id)]
    return named_already(confluence, pages[0]) if pages else error


def named_already(confluence: ConfluenceApiClient, other: Page) -> Invalid:
    url = f"{confluence.config.site}/wiki{other.link}"
    return Invalid(
        f"Nothing was written: page {other.id} of this space is titled `{other.title}` already: {url} "
        "Choose another title."
    ).then("Or change that page with confluence_update_page.")

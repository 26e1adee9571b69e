"""A Confluence page."""

import re
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AliasPath, BeforeValidator, Field

from server.content import ContentError, storage_to_markdown
from server.entities.confluence_mirrors import PAGE_MIRROR
from server.entities.entity import Entity
from server.entities.model import Model, line, minute

_SPACE_IN_LINK = re.compile(r"/spaces/([^/]+)/")


_EDITS = (
    "confluence_update_page_section replaces one section of it.",
    "confluence_edit_page changes a small thing in it.",
)
STORAGE = AliasPath("body", "storage", "value")


def readable(storage: Any) -> Any:
    """Storage format as Markdown; what can't be, says why, and the rest of its page is shown all the same.

    Who is mentioned is shown by account id: a page keeps no names, and to ask for them would be another request.
    """
    try:
        return storage_to_markdown(storage) if isinstance(storage, str) else storage
    except ContentError as error:
        return f"(This page can't be shown as Markdown: {error} Read it with convert_to_markdown=false.)"


class Page(Model):
    most_text: ClassVar[int] = 10_000_000  # an update is based on the whole page

    id: str
    title: str
    status: str = "current"
    space_id: str = Field("", validation_alias="spaceId")
    parent_id: str | None = Field(None, validation_alias="parentId")
    version: int = Field(0, validation_alias=AliasPath("version", "number"))
    changed: datetime | None = Field(None, validation_alias=AliasPath("version", "createdAt"))
    link: str = Field("", validation_alias=AliasPath("_links", "webui"))
    body: Annotated[str, BeforeValidator(readable)] = Field("", validation_alias=STORAGE, description="Markdown")

    cut: str = Field(default="", description="What of the body is not shown here, and how to get it")

    @property
    def steps(self) -> tuple[str, ...]:
        return _EDITS if self.cut else ()

    @property
    def space(self) -> str | None:
        """The key of its space, as the page's own address has it."""
        found = _SPACE_IN_LINK.search(self.link)
        return found[1] if found else None

    def text(self) -> str:
        facts = line(
            f"page {self.id}",
            self.space and f"space {self.space}",
            self.parent_id and f"parent {self.parent_id}",
            None if self.status == "current" else self.status,
            f"version {self.version}",
            self.changed and f"changed {minute(self.changed)}",
        )
        cut = self.cut and f"({self.cut})"
        return line(f"# {self.title}\n{facts}", self.body, cut, by="\n\n")


class StoredPage(Page):
    """A page with its body as Confluence keeps it."""

    body: str = Field("", validation_alias=STORAGE, description="Storage format")


PAGE = Entity(
    name="page",
    product="confluence",
    key="id",
    pattern="[0-9]+",
    model=Page,
    read_path="pages/{id}",
    read_query={"body-format": "storage"},
    hint="Check the id.",
    finder="Find it with confluence_search.",
    mirror=PAGE_MIRROR,
)

"""Labels of Confluence pages."""

from typing import Annotated

from pydantic import Field

from server.context import Confluence
from server.entities import PAGE, Model
from server.errors import Refused
from tools.confluence_trash import found_or_trashed
from tools.declare import reads, writes
from tools.parameters import PageId

FORBIDDEN = frozenset(" \t\n:;,.?&[]()#^*@!")


class Label(Model):
    name: str
    prefix: str = "global"

    def text(self) -> str:
        return self.name if self.prefix == "global" else f"{self.prefix}:{self.name}"


class Labels(Model):
    labels: list[Label] = Field(validation_alias="results")

    def text(self) -> str:
        return ", ".join(label.text() for label in self.labels) or "No labels."


class Labelled(Labels):
    page_id: str = ""
    added: str = ""

    def text(self) -> str:
        return f"Page {self.page_id} is labelled `{self.added}`; all labels: {super().text()}"

    @property
    def touched(self) -> str:
        return PAGE.uri_of(self.page_id)


@reads
async def confluence_get_labels(page_id: PageId, confluence: Confluence) -> Labels:
    """List the labels of a Confluence page."""
    return await confluence.get(Labels, f"{PAGE.path(page_id)}/labels", {"limit": 250}, named=PAGE.named(page_id))


@writes(destructive=False, idempotent=True)
async def confluence_add_label(
    page_id: PageId,
    name: Annotated[str, Field(min_length=1, max_length=255, examples=["release-notes"])],
    confluence: Confluence,
) -> Labelled:
    """Add a label to a Confluence page."""
    label = name.strip().lower()
    bad = FORBIDDEN.intersection(label)
    if bad or not label:
        instead = "-".join("".join(" " if letter in FORBIDDEN else letter for letter in label).split())
        hint = f"; `{instead}` would do" if instead else ""
        raise Refused(f"Nothing was added: a label is one word, without blanks and punctuation{hint}.")
    async with found_or_trashed(confluence, page_id):
        found = await confluence.post(
            Labels,
            f"/wiki/rest/api/content/{page_id}/label",
            [{"prefix": "global", "name": label}],
            named=PAGE.named(page_id),
            repeatable=True,  # a second time changes nothing
        )
    return Labelled(labels=found.labels, page_id=page_id, added=label)

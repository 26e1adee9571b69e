"""What is below a Confluence page: its comments, in the text and under it, and its files."""

from datetime import datetime
from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field

from server.entities.attachment import Attachment
from server.entities.confluence_mirrors import INLINE_COMMENT_MIRROR, PAGE_ATTACHMENT_MIRROR, PAGE_COMMENT_MIRROR
from server.entities.entity import Content, Entity
from server.entities.issue_parts import NUMBER
from server.entities.listing import Listing
from server.entities.mirror import Mirror
from server.entities.model import Model, line, minute
from server.entities.page import PAGE, STORAGE, readable


class PageComment(Model):
    """Confluence names its author by account id alone."""

    id: str
    author_id: str = Field("", validation_alias=AliasPath("version", "authorId"))
    created: datetime | None = Field(None, validation_alias=AliasPath("version", "createdAt"))
    resolution: str | None = Field(None, validation_alias="resolutionStatus")
    about: str | None = Field(None, validation_alias=AliasPath("properties", "inlineOriginalSelection"))
    body: Annotated[str, BeforeValidator(readable)] = Field("", validation_alias=STORAGE, description="Markdown")

    def text(self) -> str:
        who = line(f"**{self.author_id or 'unknown'}**", self.created and minute(self.created), by=", ")
        facts = line(f"comment {self.id}", self.resolution, self.about and f"about `{self.about}`", by=", ")
        return f"{who} ({facts}):\n{self.body.strip()}"


_BODY = {"body-format": "storage"}


def _comments(name: str, path: str, finder: str, mirror: Mirror) -> Entity[PageComment]:
    return Entity(
        name=name,
        product="confluence",
        parent=PAGE,
        key="comment_id",
        pattern=NUMBER,
        model=PageComment,
        read_path=f"{path}/{{id}}",
        read_query=_BODY,
        below="pageId",
        finder=finder,
        listing=Listing(name=f"{name}s", path=f"pages/{{parent}}/{path}", held=("results",), query=_BODY),
        mirror=mirror,
    )


PAGE_COMMENT = _comments(
    "comment", "footer-comments", "confluence_get_comments lists the comments of a page.", PAGE_COMMENT_MIRROR
)
INLINE_COMMENT = _comments(
    "inline-comment",
    "inline-comments",
    "confluence_get_inline_comments lists the comments on passages of a page.",
    INLINE_COMMENT_MIRROR,
)

PAGE_ATTACHMENT = Entity(
    name="attachment",
    product="confluence",
    parent=PAGE,
    key="attachment_id",
    pattern="att[0-9]+",
    model=Attachment,
    read_path="attachments/{id}",
    below="pageId",
    finder="confluence_get_attachments lists the files of a page.",
    listing=Listing(name="attachments", path="pages/{parent}/attachments", held=("results",)),
    content=Content(path="/wiki/rest/api/content/{parent}/child/attachment/{id}/download"),
    mirror=PAGE_ATTACHMENT_MIRROR,
)

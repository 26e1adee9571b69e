"""A file of a Jira issue or a Confluence page."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, BeforeValidator, Field

from server.entities.issue import Plain
from server.entities.model import Model, line, minute


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


class Attachment(Model):
    """Jira, Confluence v1 and v2 each name these things in their own way."""

    id: Annotated[str, BeforeValidator(_text)]
    filename: str = Field(validation_alias=AliasChoices("filename", "title"))
    media_type: str = Field(
        "application/octet-stream",
        validation_alias=AliasChoices("mimeType", "mediaType", AliasPath("metadata", "mediaType")),
    )
    size: int = Field(0, validation_alias=AliasChoices("size", "fileSize", AliasPath("extensions", "fileSize")))
    author: Annotated[str, Plain] = ""
    created: datetime | None = Field(
        None,
        validation_alias=AliasChoices(
            "created", AliasPath("version", "createdAt"), AliasPath("version", "when"), "createdAt"
        ),
    )
    version: int | None = Field(None, validation_alias=AliasPath("version", "number"))
    comment: Annotated[str, BeforeValidator(lambda value: value or "")] = Field(
        "", validation_alias=AliasChoices("comment", AliasPath("metadata", "comment"))
    )
    page_id: str | None = Field(None, validation_alias="pageId")

    def text(self) -> str:
        version = f"version {self.version}" if self.version and self.version > 1 else None
        facts = (f"{self.size:,} bytes", version, self.author, self.created and minute(self.created), self.comment)
        return line(f"attachment {self.id}", self.filename, self.media_type, *facts)


def sized(count: int) -> str:
    """Bytes as people say them: 48.2 KB."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"

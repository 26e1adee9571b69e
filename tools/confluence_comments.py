"""Comments on Confluence pages."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import anyio
from pydantic import AliasPath, BeforeValidator, Field

from server.client import ConfluenceApiClient, Cursor
from server.content import storage_to_markdown
from server.context import Confluence
from server.entities import PAGE, Model, Page, minute
from server.entities.page import STORAGE, readable
from server.errors import NotFound, Refused
from tools.confluence_passages import passages
from tools.confluence_trash import refuse_trashed
from tools.declare import reads, writes
from tools.lists import heading
from tools.parameters import PageId, PageSize, Text, Token, quiet
from tools.rewrites import DryRun, new_page, preview_new, tried

FOOTER, INLINE = "footer-comments", "inline-comments"
CommentId = Annotated[str, Field(pattern="^[0-9]+$", examples=["150010"]), BeforeValidator(str)]
AT_ONCE = 4  # requests for replies


class Comment(Model):
    """`passage` is the text that an inline comment is about, `resolution` open, reopened, resolved or dangling."""

    id: str
    author: str = Field("", validation_alias=AliasPath("version", "authorId"))
    created: datetime | None = Field(None, validation_alias=AliasPath("version", "createdAt"))
    body: Annotated[str, BeforeValidator(readable)] = Field("", validation_alias=STORAGE)
    passage: str | None = Field(None, validation_alias=AliasPath("properties", "inlineOriginalSelection"))
    resolution: str | None = Field(None, validation_alias="resolutionStatus")
    reply_to: str | None = Field(None, validation_alias="parentCommentId")
    depth: int = Field(0, exclude=True)

    def text(self) -> str:
        when = f", {minute(self.created)}" if self.created else ""
        about = f' on "{self.passage}", {self.resolution}' if self.passage and not self.depth else ""
        lines = [f"**{self.author or 'unknown'}**{when} (comment {self.id}){about}:", *self.body.splitlines()]
        return "\n".join("> " * self.depth + each for each in lines)


class Comments(Model):
    comments: list[Comment] = Field(validation_alias="results")
    next_cursor: Cursor = None

    def text(self) -> str:
        if not self.comments:
            return "No comments."
        more = self.next_cursor and f"cursor={self.next_cursor}"
        return "\n\n".join(
            [heading(len(self.comments), "comment", more=more), *(each.text() for each in self.comments)]
        )


class Posted(Model):
    id: str
    page_id: str | None = Field(None, validation_alias="pageId")
    done: str = ""
    preview: str = Field(default="", description="Of a dry run: nothing was written")

    def text(self) -> str:
        return self.preview or self.done

    @property
    def touched(self) -> str | None:
        return PAGE.uri_of(self.page_id) if self.page_id and not self.preview else None


def _tried(what: str, storage: str) -> Posted:
    return Posted(id="", page_id=None, preview=tried(preview_new(what, storage_to_markdown(storage))))


@reads
async def confluence_get_comments(
    page_id: PageId, confluence: Confluence, limit: PageSize = 25, cursor: Token = None
) -> Comments:
    """Read the comments below a Confluence page, with their replies."""
    return await _threads(confluence, page_id, FOOTER, limit, cursor)


@reads
async def confluence_get_inline_comments(
    page_id: PageId, confluence: Confluence, limit: PageSize = 25, cursor: Token = None
) -> Comments:
    """Read the comments on passages of a Confluence page."""
    return await _threads(confluence, page_id, INLINE, limit, cursor)


@writes(destructive=False, idempotent=False)
async def confluence_add_comment(
    page_id: PageId, body: Text, confluence: Confluence, dry_run: DryRun = False
) -> Posted:
    """Comment below a Confluence page."""
    text = new_page(body)
    if dry_run:
        return _tried(f"a new comment on page {page_id}", text)
    posted = await confluence.comment(Posted, FOOTER, {"pageId": page_id}, text)
    return posted.model_copy(update={"page_id": page_id, "done": f"Added comment {posted.id} to page {page_id}"})


@writes(destructive=False, idempotent=False)
async def confluence_reply_to_comment(
    comment_id: CommentId, body: Text, confluence: Confluence, dry_run: Annotated[DryRun, quiet] = False
) -> Posted:
    """Reply to a comment, footer or inline, on a Confluence page."""
    text, place = new_page(body), {"parentCommentId": comment_id}
    if dry_run:
        return _tried(f"a reply to comment {comment_id}", text)
    try:
        posted = await confluence.comment(Posted, FOOTER, place, text)
    except NotFound:
        posted = await confluence.comment(Posted, INLINE, place, text)
    return posted.model_copy(update={"done": f"Added comment {posted.id} in reply to comment {comment_id}"})


@writes(destructive=False, idempotent=False)
async def confluence_add_inline_comment(
    page_id: PageId,
    body: Text,
    text_selection: Annotated[str, Field(min_length=1, examples=["Text within one paragraph, as the page shows it"])],
    confluence: Confluence,
    text_selection_match_count: Annotated[int | None, Field(ge=1), quiet] = None,
    text_selection_match_index: Annotated[int | None, Field(ge=0, description="From 0")] = None,
    dry_run: DryRun = False,
) -> Posted:
    """Comment on a passage of a Confluence page."""
    page = await confluence.get(_Stored, PAGE.path(page_id), PAGE.query(page_id), named=PAGE.named(page_id))
    refuse_trashed(page)
    found = passages(page.storage, text_selection)
    index = _chosen(page_id, found, text_selection_match_count, text_selection_match_index)
    text = new_page(body)
    if dry_run:
        return _tried(f'a new comment on "{text_selection}" in page {page_id}', text)
    selection = {
        "textSelection": text_selection,
        "textSelectionMatchCount": len(found),
        "textSelectionMatchIndex": index,
    }
    place = {"pageId": page_id, "inlineCommentProperties": selection}
    posted = await confluence.comment(Posted, INLINE, place, text)
    done = f'Added comment {posted.id} on "{text_selection}" in page {page_id}'
    return posted.model_copy(update={"page_id": page_id, "done": done})


class _Stored(Page):
    storage: str = Field("", validation_alias=STORAGE)


def _chosen(page_id: str, found: Sequence[str], count: int | None, index: int | None) -> int:
    """Which of the occurrences is meant. Raises Refused."""
    if not found:
        raise Refused(
            f"Nothing was written: page {page_id} does not say that text_selection within one paragraph. "
            "Copy the words from the page, without Markdown's signs."
        )
    if count is not None and count != len(found):
        raise Refused(f"Nothing was written: text_selection occurs {len(found)} times in page {page_id}, not {count}.")
    if index is None and len(found) > 1:
        places = "; ".join(f"{number}: ...{around}..." for number, around in enumerate(found[:10]))
        raise Refused(
            f"Nothing was written: text_selection occurs {len(found)} times. "
            f"Pass text_selection_match_index: {places}. Or select more words."
        )
    if index is not None and index >= len(found):
        raise Refused(f"Nothing was written: text_selection_match_index goes from 0 to {len(found) - 1} here.")
    return index or 0


async def _threads(
    confluence: ConfluenceApiClient, page_id: str, kind: str, limit: int, cursor: str | None
) -> Comments:
    query: dict[str, Any] = {"body-format": "storage", "limit": limit} | ({"cursor": cursor} if cursor else {})
    roots = await confluence.get(Comments, f"{PAGE.path(page_id)}/{kind}", query, named=PAGE.named(page_id))
    # Confluence tells the replies to each comment apart, and of no comment whether it has any.
    below: dict[str, list[Comment]] = {}
    level = roots.comments
    slots = anyio.CapacityLimiter(AT_ONCE)
    while level:
        try:
            async with anyio.create_task_group() as group:
                for comment in level:
                    group.start_soon(partial(_replies, confluence, kind, comment, below, slots))
        except ExceptionGroup as failed:  # what one of them says is what there is to say
            raise failed.exceptions[0] from failed
        level = [reply for comment in level for reply in below[comment.id]]
    everyone = [comment.author for comments in (roots.comments, *below.values()) for comment in comments]
    names = await confluence.names(everyone)
    rest, shown = [(0, comment) for comment in reversed(roots.comments)], list[Comment]()
    while rest:
        depth, comment = rest.pop()
        shown.append(comment.model_copy(update={"depth": depth, "author": names.get(comment.author, "")}))
        rest += [(depth + 1, reply) for reply in reversed(below[comment.id])]
    return roots.model_copy(update={"comments": shown})


async def _replies(
    confluence: ConfluenceApiClient,
    kind: str,
    comment: Comment,
    below: dict[str, list[Comment]],
    slots: anyio.CapacityLimiter,
) -> None:
    async with slots:
        path, query = f"{kind}/{comment.id}/children", {"body-format": "storage", "limit": 250}
        try:
            below[comment.id] = [reply async for reply in confluence.results(Comment, path, query)]
        except NotFound:  # gone since it was listed
            below[comment.id] = []

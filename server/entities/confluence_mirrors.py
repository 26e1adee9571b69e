"""What of Confluence is mirrored, and by which rule each part of it is merged.

Confluence has no webhooks for those who use its API with a token: what changes is found in its lists.
"""

from server.entities.canonical import markdown_of_storage, number
from server.entities.mirror import Alone, At, ByDate, Mirror, Part

_BODY: At = ("body", "storage", "value")
_CHANGED: At = ("version", "createdAt")
_NUMBER: At = ("version", "number")
_WITH_BODY = {"body-format": "storage"}

PAGE_MIRROR = Mirror(
    found=ByDate(path="pages", query=_WITH_BODY, of_space=True),
    path="pages/{id}",
    query={**_WITH_BODY, "include-versions": "true"},
    created=("createdAt",),
    author=("authorId",),
    parts=(
        Part(name="title", at=("title",), rule="scalar"),
        Part(name="body", at=_BODY, rule="text", reads=markdown_of_storage),
        Part(name="parent", at=("parentId",), rule="scalar"),
        Part(name="space", at=("spaceId",)),
        Part(name="status", at=("status",)),
        Part(name="owner", at=("ownerId",)),
    ),
    changed=_CHANGED,
    number=_NUMBER,
    title="title",
    body="body",
    marked=False,
    told_by=("title",),
    versioned=True,
    unique="title",
)


def _comments(path: str, *more: Part) -> Mirror:
    return Mirror(
        found=ByDate(path=path, query=_WITH_BODY),
        path=f"{path}/{{id}}",
        query=_WITH_BODY,
        answered=True,
        created=_CHANGED,
        author=("version", "authorId"),
        parts=(
            Part(name="body", at=_BODY, rule="text", reads=markdown_of_storage),
            Part(name="author", at=("version", "authorId")),
            Part(name="answers", at=("parentCommentId",)),
            *more,
        ),
        changed=_CHANGED,
        number=_NUMBER,
        above=(("pageId",), ("parentCommentId",)),
        body="body",
        marked=False,
        told_by=("body",),
        versioned=True,
        ownership="append",
    )


PAGE_COMMENT_MIRROR = _comments("footer-comments")

INLINE_COMMENT_MIRROR = _comments(
    "inline-comments",
    Part(name="resolution", at=("resolutionStatus",)),
    Part(name="about", at=("properties", "inlineOriginalSelection")),
)

PAGE_ATTACHMENT_MIRROR = Mirror(
    found=ByDate(path="attachments"),
    path="attachments/{id}",
    created=("createdAt",),
    author=("version", "authorId"),
    parts=(
        Part(name="filename", at=("title",)),
        Part(name="size", at=("fileSize",), reads=number),
        Part(name="media_type", at=("mediaType",)),
        Part(name="comment", at=("comment",)),
        Part(name="status", at=("status",)),
    ),
    changed=_CHANGED,
    number=_NUMBER,
    above=(("pageId",),),
    title="filename",
    marked=False,
    told_by=("filename", "size"),
    ownership="append",
)

SPACE_MIRROR = Mirror(
    found=Alone(),
    path="spaces/{id}",
    parts=(
        Part(name="key", at=("key",)),
        Part(name="name", at=("name",)),
        Part(name="description", at=("description", "plain", "value")),
    ),
    key="key",
    title="name",
    body="description",
    ownership="readonly",
)

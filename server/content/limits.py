"""How long a body may be, told before it is sent."""

from collections.abc import Mapping
from typing import Any, cast

from server.content.adf_shape import check
from server.content.errors import ContentError
from server.content.notation import Node, children
from server.content.plain_words import words_of

JIRA_CHARACTERS = 32_767
PAGE_BYTES = 5 * 1024 * 1024


def refuse_long_description(document: Mapping[str, Any]) -> None:
    """Jira takes so many characters in a description or a comment.

    Raises ContentError where there are more, or where it is no document at all.
    """
    check(document)
    count = sum(len(words_of(block)) for block in children(cast("Node", document)))
    if count > JIRA_CHARACTERS:
        raise ContentError(
            f"The text has {count:,} characters; Jira takes {JIRA_CHARACTERS:,}. Shorten it, or put the rest into a "
            "comment or a page."
        )


def refuse_long_page(storage: str) -> None:
    """Confluence takes so many bytes in a page.

    Raises ContentError where there are more.
    """
    size = len(storage.encode("utf-8", "surrogatepass"))
    if size > PAGE_BYTES:
        raise ContentError(
            f"The page has {size:,} bytes; Confluence takes {PAGE_BYTES:,}. Split it into several pages."
        )

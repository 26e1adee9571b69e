"""The dialect: CommonMark with tables and strikethrough; HTML is text; links that could run code are text."""

import re
from functools import cache
from typing import TYPE_CHECKING

from server.content.errors import DEPTH_LIMIT, ContentError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_BRACKET_LIMIT = 20
_TAG = re.compile(r"</?(?:(?:ac|ri|at):)?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]{0,500})?/?>|<!--[^<>]{0,500}-->")
_RUNS_CODE = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\x9f\xad\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff\ufffd]+")


def is_safe(url: str) -> bool:
    """Browsers drop what cannot be seen in front of and inside a scheme; so do we."""
    return not _RUNS_CODE.match(_INVISIBLE.sub("", url))


@cache
def parser() -> "MarkdownIt":
    # Reading needs no parser, and importing it costs a tenth of a cold start.
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"maxNesting": DEPTH_LIMIT + 10})
    markdown.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    markdown.block.ruler.before("table", "depth", _depth, {"alt": []})
    markdown.inline.ruler.before("autolink", "tag", _tag)
    markdown.inline.ruler.before("link", "bracket", _bracket)
    markdown.validateLink = is_safe
    markdown.normalizeLink, markdown.normalizeLinkText = _same_url, _same_link
    return markdown


def _same_url(url: str) -> str:
    return url


def _same_link(link: str) -> str:
    return link


def _depth(state: "StateBlock", start: int, _end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    if not silent and state.level > DEPTH_LIMIT:
        raise ContentError(
            f"Line {start + 1}: lists and quotations nest more than {DEPTH_LIMIT // 2} levels deep; flatten them."
        )
    return False


def _bracket(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """Deep in brackets the search for their ends stops, as in markdown-it's own limit; it is done once per level."""
    if not silent or state.level < _BRACKET_LIMIT or state.src[state.pos] != "[":
        return False
    state.pos = state.posMax
    return True


def _tag(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """A tag is text as a whole, so that what looks like Markdown inside it is not read as such."""
    if state.src[state.pos] != "<" or not (match := _TAG.match(state.src, state.pos, state.posMax)):
        return False
    if not silent:
        state.push("tag", "", 0).content = match.group()
    state.pos = match.end()
    return True

"""The dialect: CommonMark with tables and strikethrough; HTML is text; links that could run code are text."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from server.content.addresses import is_safe
from server.content.directives import attributes, directive, directive_line, known_line
from server.content.errors import DEPTH_LIMIT, ContentError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

BlockRule: TypeAlias = "Callable[[StateBlock, int, int, bool], bool]"

_BRACKET_LIMIT = 20
_ENDS_ALL = ["paragraph", "reference", "blockquote", "list"]
_SIGNS = re.compile(r"[\n\\`~*_\[<&]|:[a-z]+[\[{]")
_NO_SIGNS = re.compile(r".[^\n\\`~*_<&:{]*(?<! )")
_BEFORE_DIRECTIVE = re.compile(r"\[(?:[^\[\]\\]|\\.)*\]:[a-z]+[\[{]", re.DOTALL)
_LINK_END = -1
"""Where markdown-it's cache, which goes by place, keeps the last place that could end a link."""
_TAG = re.compile(r"</?(?:(?:ac|ri|at):)?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]{0,500})?/?>|<!--[^<>]{0,500}-->")


@cache
def parser() -> "MarkdownIt":
    # Reading needs no parser, and importing it costs a tenth of a cold start.
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"maxNesting": DEPTH_LIMIT + 10})
    markdown.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    _ask_only_at_their_signs(markdown)
    markdown.block.ruler.before("table", "depth", _depth, {"alt": []})
    markdown.core.ruler.disable(["inline", "text_join"])
    markdown.inline.ruler.before("autolink", "tag", _tag)
    markdown.inline.ruler.before("link", "bracket", _bracket)
    markdown.inline.ruler.before("bracket", "no_link", _no_link)
    markdown.block.ruler.before("table", "directive", directive_line, {"alt": _ENDS_ALL})
    markdown.inline.ruler.before("no_link", "directive", directive)
    markdown.inline.ruler.before("no_link", "attributes", attributes)
    markdown.validateLink = is_safe
    markdown.normalizeLink, markdown.normalizeLinkText = _same_url, _same_link
    return markdown


@cache
def block_parser() -> "MarkdownIt":
    """The same blocks, of a text that may yet be wrong."""
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"maxNesting": DEPTH_LIMIT + 10})
    markdown.enable("table").disable("html_block")
    _ask_only_at_their_signs(markdown)
    markdown.block.ruler.before("table", "depth", _depth, {"alt": []})
    markdown.block.ruler.before("table", "directive", known_line, {"alt": _ENDS_ALL})
    return markdown


def _ask_only_at_their_signs(markdown: "MarkdownIt") -> None:
    """Each rule of markdown-it looks for its sign late, and is asked about every line: look first."""
    from markdown_it import rules_block

    ruler = markdown.block.ruler
    ruler.at("fence", _only_at("`~", rules_block.fence), {"alt": _ENDS_ALL})
    ruler.at("blockquote", _only_at(">", rules_block.blockquote), {"alt": _ENDS_ALL})
    ruler.at("hr", _only_at("*-_", rules_block.hr, ends="*-_ \t"), {"alt": _ENDS_ALL})
    ruler.at("list", _only_at("*-+0123456789", rules_block.list_block), {"alt": _ENDS_ALL[:3]})
    ruler.at("reference", _only_at("[", _definition))
    ruler.at("heading", _only_at("#", rules_block.heading), {"alt": _ENDS_ALL[:3]})


def _definition(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's
    """A link's definition, unless a directive follows what would be its name."""
    from markdown_it import rules_block

    if _BEFORE_DIRECTIVE.match(state.src, state.bMarks[start] + state.tShift[start]):
        return False
    return rules_block.reference(state, start, end, silent)


def _only_at(signs: str, rule: BlockRule, *, ends: str = "") -> BlockRule:
    def ask(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
        at = state.bMarks[start] + state.tShift[start]
        if state.src[at : at + 1] not in signs:  # nothing, at the end of the text, is for the rule to judge
            return False
        return (not ends or state.src[state.eMarks[start] - 1] in ends) and rule(state, start, end, silent)

    return ask


def read_tokens(markdown: str, line: int) -> "Iterator[Token]":
    """What the parser makes of a text, `line` lines below the beginning of the whole.

    A run of words is read when it is asked for, and let go afterwards: of a long text only the blocks are held at once.
    """
    env: dict[str, Any] = {"line": line}
    tokens = parser().parse(markdown, env)
    tokens.reverse()
    while tokens:
        token = tokens.pop()
        if token.type == "inline" and _SIGNS.search(token.content):
            _read_words(token, env)
        yield token


def _read_words(token: "Token", env: dict[str, Any]) -> None:
    """The children of a run; one without signs stays without: its content is all it says."""
    from markdown_it.rules_core import StateCore, text_join

    token.children = []
    parser().inline.parse(token.content, parser(), env, token.children)
    text_join(StateCore("", parser(), env, [token]))


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


def _no_link(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """A bracket that no end of a link follows is text, and needs no search for its end."""
    if state.src[state.pos] not in "[!" or "references" in state.env:
        return False
    if _LINK_END not in state.cache:
        state.cache[_LINK_END] = state.src.rfind("](")
    if state.cache[_LINK_END] > state.pos:
        return False
    if silent:
        state.pos += 1
    elif run := _NO_SIGNS.match(state.src, state.pos, state.posMax):
        state.push("text", "", 0).content = run.group()
        state.pos = run.end()
    return True


def _tag(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """A tag is text as a whole, so that what looks like Markdown inside it is not read as such."""
    if state.src[state.pos] != "<" or not (match := _TAG.match(state.src, state.pos, state.posMax)):
        return False
    if not silent:
        state.push("tag", "", 0).content = match.group()
    state.pos = match.end()
    return True

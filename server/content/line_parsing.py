"""Runs of Markdown as nodes."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from server.content.block_directives import macro, reference
from server.content.directives import Directive
from server.content.errors import ContentError
from server.content.escaping import allowed
from server.content.line_printing import MEDIA, emoji_id
from server.content.list_parsing import joined
from server.content.notation import FORMS, MARKS, PLAIN_MARKS, Node, keys_of, mark_key, marks_of, read_attributes

if TYPE_CHECKING:
    from markdown_it.token import Token

_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_MARKS = {"strong": "strong", "em": "em", "s": "strike"}
_LONG = {short: long for long, short in PLAIN_MARKS.items()}
_MAINS = {name: (kind, main) for kind, (name, main) in MARKS.items()}


def parse_line(token: "Token", prefix: int, line: int) -> list[Node]:
    """The nodes of a run, without what it begins with: `prefix` characters that mean something else."""
    children = token.children
    if not children:
        text = token.content[prefix:]
        return [{"type": "text", "text": text}] if text else []
    if prefix:
        children[0].content = children[0].content[prefix:]
    return joined([node for node in _nodes(children, line) if node.get("text") != ""])


def _nodes(tokens: "Sequence[Token]", line: int) -> Iterator[Node]:
    opened: list[Node] = []
    for number, token in enumerate(tokens):
        kind, _, edge = token.type.partition("_")
        if edge not in {"open", "close"}:
            yield _marked(_node(token, line), opened)
        elif edge == "close":
            opened.pop()
        else:
            mark = _mark(token, kind, line)
            if kind == "link" and mark["attrs"]["href"] and tokens[number + 1].type == "link_close":
                yield {"type": "inlineCard", "attrs": {"url": mark["attrs"]["href"]}}
            opened.append(mark)


def _marked(node: Node, opened: Sequence[Node]) -> Node:
    """The node with the marks around it: of each type the innermost."""
    if not opened or node["type"] == "hardBreak":
        return node
    marks = {mark_key(mark): mark for mark in opened if mark["type"] != "link" or mark["attrs"]["href"]}
    found = [*marks.values(), *marks_of(node)]
    return {**node, "marks": found} if found else node


def _mark(token: "Token", kind: str, line: int) -> Node:
    if kind in _MARKS:
        return {"type": _MARKS[kind]}
    if kind == "link":
        href, title = (_one_line(str(token.attrGet(name) or "")) for name in ("href", "title"))
        return {"type": "link", "attrs": {"href": href.strip(), **({"title": title} if title else {})}}
    return _wrapped(token.meta["directive"]._replace(line=line))


def _wrapped(directive: Directive) -> Node:
    """The mark that a directive around words stands for."""
    name = directive.name
    if name in _LONG:
        return {"type": _LONG[name]}
    if name in {"sub", "sup"}:
        return {"type": "subsup", "attrs": {"type": name}}
    if name == "border":
        size = directive.pairs.get("size", "1")
        return {"type": "border", "attrs": {"color": directive.main, "size": int(size) if size.isdecimal() else 1}}
    kind, main = _MAINS[name]
    if not main:
        return {"type": kind}
    if not directive.main:
        _refuse(directive, f"`:{name}[words]{{{main}}}`")
    attrs = {main: directive.main, **({"annotationType": "inlineComment"} if kind == "annotation" else {})}
    return {"type": kind, "attrs": attrs}


def _one_line(text: str) -> str:
    """Numbered characters (`&#10;`) can say what no line of Markdown holds."""
    return text if text.isprintable() else allowed(text).replace("\r", " ").replace("\n", " ")


def _node(token: "Token", line: int) -> Node:
    if token.type == "image":
        return _picture(token, line)
    if token.type == "directive":
        return _atom(token.meta["directive"]._replace(line=line))
    if token.type == "hardbreak" or (token.type == "tag" and _BREAK_TAG.fullmatch(token.content)):
        return {"type": "hardBreak"}
    if token.type == "code_inline":
        return {"type": "text", "text": _one_line(token.content), "marks": [{"type": "code"}]}
    return {"type": "text", "text": " " if token.type == "softbreak" else allowed(token.content)}


def _picture(token: "Token", line: int) -> Node:
    source = _one_line(str(token.attrGet("src") or ""))
    pairs = dict(token.meta.get("pairs") or {})
    attrs: dict[str, Any] = {"type": "external", "url": source}
    if source.startswith(MEDIA):
        attrs = {"type": "file", "id": source.removeprefix(MEDIA), "collection": ""}
    unknown = set(pairs) - FORMS["media"].others
    if unknown:
        raise ContentError(
            f"Line {line}: an image has no `{min(unknown)}`. Expected `![alt](media:id){{collection=...}}`."
        )
    alt = _alternative(token.children or [])
    return {"type": "media", "attrs": {**attrs, **({"alt": alt} if alt else {}), **pairs}}


def _alternative(tokens: "Sequence[Any]") -> str:
    """An image's text without its marks."""
    return allowed("".join(" " if "break" in token.type else token.content for token in tokens))


def _refuse(directive: Directive, expected: str) -> NoReturn:
    raise ContentError(f"Line {directive.line}: `:{directive.name}` is not as expected: {expected}.")


def _atom(directive: Directive) -> Node:
    if directive.name == "ref":
        return reference(directive)
    if directive.name == "macro":
        return macro(directive, "inlineExtension")
    kind, attrs = _ATOMS[directive.name](directive)
    try:
        further, _ = read_attributes(kind, directive.pairs)
    except KeyError as error:
        _refuse(directive, f"of attributes only {', '.join(keys_of(kind))}; not {error}")
    return {"type": kind, "attrs": {**attrs, **further}}


def _status(directive: Directive) -> tuple[str, dict[str, Any]]:
    if not directive.label:
        _refuse(directive, "`:status[WORDS]{color}`")
    return "status", {"text": directive.label, "color": directive.main or "neutral"}


def _mention(directive: Directive) -> tuple[str, dict[str, Any]]:
    if not directive.main:
        _refuse(directive, "`:mention[Name]{account id}`")
    named = {"text": f"@{directive.label}"} if directive.label else {}
    return "mention", {"id": directive.main, **named}


def _date(directive: Directive) -> tuple[str, dict[str, Any]]:
    label = directive.label or ""
    try:
        day = date.fromisoformat(label)
    except ValueError:
        if not label or not label.isdecimal():
            _refuse(directive, "`:date[2026-01-31]`")
        return "date", {"timestamp": label}
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return "date", {"timestamp": directive.main or str(int(midnight.timestamp()) * 1000)}


def _emoji(directive: Directive) -> tuple[str, dict[str, Any]]:
    if not directive.main:
        _refuse(directive, "`:emoji[sign]{name}`")
    short = directive.main if directive.main == "::" else f":{directive.main.strip(':')}:"
    attrs: dict[str, Any] = {"shortName": short}
    if directive.label:
        attrs |= {"id": directive.pairs.get("id") or emoji_id(directive.label), "text": directive.label}
    return "emoji", attrs


def _placeholder(directive: Directive) -> tuple[str, dict[str, Any]]:
    return "placeholder", {"text": directive.label or ""}


def _file(directive: Directive) -> tuple[str, dict[str, Any]]:
    if not directive.main:
        _refuse(directive, "`:file[name]{id collection=...}`")
    named = {"alt": directive.label} if directive.label else {}
    return "mediaInline", {"id": directive.main, "collection": "", "type": "file", **named}


_ATOMS: Mapping[str, Callable[[Directive], tuple[str, dict[str, Any]]]] = {
    "status": _status,
    "mention": _mention,
    "date": _date,
    "emoji": _emoji,
    "placeholder": _placeholder,
    "file": _file,
}

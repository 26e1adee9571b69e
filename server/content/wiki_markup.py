"""Jira's wiki markup, as its older payloads and webhooks carry texts, as ADF and as Markdown.

Every text is read; what is not markup stays in it as words.
"""

import re
from collections.abc import Mapping

from server.content.conversions import adf_to_markdown
from server.content.wiki_blocks import read_blocks
from server.content.wiki_inlines import Node

_MACRO = re.compile(r"(?<!\\)\{(?P<kind>code|noformat|adf|quote|panel)(?::(?P<parameters>[^{}\n]*))?\}")
_RAW = {"code", "noformat", "adf"}
_PANELS = {"#deebff": "info", "#eae6ff": "note", "#e3fcef": "success", "#fffae6": "warning", "#ffebe6": "error"}
_LANGUAGES = {"none": "", "actionscript3": "actionscript", "c#": "csharp"}


def wiki_to_markdown(text: str, names: Mapping[str, str] | None = None) -> str:
    """`names` has what people are called, by their account ids."""
    return adf_to_markdown(wiki_to_adf(text, names))


def wiki_to_adf(text: str, names: Mapping[str, str] | None = None) -> Node:
    return {"type": "doc", "version": 1, "content": _Reader(names or {}).read(text)}


class _Reader:
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._levels: list[list[Node]] = [[]]
        self._opened: list[tuple[str, str]] = []

    def read(self, text: str) -> list[Node]:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        last = {kind: text.rfind(f"{{{kind}}}") for kind in (*_RAW, "quote", "panel")}
        at = read = line = 0
        while match := _MACRO.search(text, at):
            kind, at = match["kind"], match.end()
            line = max(line, text.rfind("\n", line, match.start()) + 1)
            is_open = any(kind == opened for opened, _ in self._opened)
            if text.startswith("|", line) or (not is_open and last[kind] < at):
                continue  # a table's lines are read as such; and what nothing closes is text
            self._words(text[read : match.start()])
            if kind in _RAW:
                end = text.index(f"{{{kind}}}", at)
                self._levels[-1].append(_code(kind, match["parameters"] or "", text[at:end]))
                at = end + len(kind) + 2
            elif is_open:
                self._leave(kind)
            else:
                self._opened.append((kind, match["parameters"] or ""))
                self._levels.append([])
            read = at
        self._words(text[read:])
        while self._opened:
            self._leave(self._opened[-1][0])
        return self._levels[0]

    def _words(self, text: str) -> None:
        self._levels[-1].extend(read_blocks(text, self._names))

    def _leave(self, kind: str) -> None:
        """The end of a quotation or a panel, and of what was left open in it."""
        opened = ""
        while opened != kind:
            opened, parameters = self._opened.pop()
            inner = self._levels.pop() or [{"type": "paragraph"}]
            made = {"type": "blockquote", "content": inner} if opened == "quote" else _panel(parameters, inner)
            self._levels[-1].append(made)


def _parameters(text: str) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in text.split("|"))}


def _panel(parameters: str, inner: list[Node]) -> Node:
    told = _parameters(parameters)
    title: list[Node] = []
    if told.get("title"):
        title = [
            {"type": "paragraph", "content": [{"type": "text", "text": told["title"], "marks": [{"type": "strong"}]}]}
        ]
    kind = _PANELS.get(told.get("bgColor", "").lower(), "info")
    return {"type": "panel", "attrs": {"panelType": kind}, "content": [*title, *inner]}


def _code(kind: str, parameters: str, text: str) -> Node:
    first = parameters.split("|", maxsplit=1)[0].strip().lower()
    language = "json" if kind == "adf" else _parameters(parameters).get("language", "" if "=" in first else first)
    node: Node = {"type": "codeBlock", "attrs": {"language": _LANGUAGES.get(language, language)}}
    text = text.removeprefix("\n").removesuffix("\n")
    return {**node, "content": [{"type": "text", "text": text}]} if text else node

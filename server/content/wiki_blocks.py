"""Lines of Jira's wiki markup as ADF's blocks: headings, lists, tables, quotations, rules, paragraphs."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from server.content.wiki_inlines import IMAGE, LINK, MONO, RAW, Node, read_inlines

_HEADING = re.compile(r"[ \t]*h([1-6])\.(?:[ \t]+|$)(.*)")
_RULE = re.compile(r"[ \t]*-{4,}[ \t]*\Z")
_QUOTE = re.compile(r"[ \t]*bq\.[ \t]+(.*)")
_ITEM = re.compile(r"[ \t]*([*#]+|-{1,2}|[*#]+-)[ \t]+(\S.*)")
_CELL = re.compile(rf"\\.|{MONO}|{RAW}|{LINK}|{IMAGE}|\|\|?|[^\\|\[{{!]+|.", re.DOTALL)
_CELL_KINDS = {"|": "tableCell", "||": "tableHeader"}
_DEEPEST = 10

ItemLine: TypeAlias = tuple[str, str]


def read_blocks(text: str, names: Mapping[str, str]) -> list[Node]:
    reader = _Blocks(names)
    for line in text.split("\n"):
        reader.add(line)
    return reader.end()


class _Blocks:
    """Lines gather until they are known to be a whole paragraph, list or table."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._blocks: list[Node] = []
        self._words: list[str] = []
        self._items: list[ItemLine] = []
        self._rows: list[list[str]] = []

    def add(self, line: str) -> None:
        if not line.strip():
            self._flush()
        elif line.lstrip().startswith("|"):
            self._row(line.strip())
        elif self._rows and not self._rows[-1][-1].endswith("|"):
            self._rows[-1].append(line.strip())
        elif match := _ITEM.fullmatch(line):
            self._flush(keep_items=True)
            self._items.append((match[1][:_DEEPEST], match[2].rstrip()))
        elif not self._special(line):
            self._plain(line.strip())

    def _special(self, line: str) -> bool:
        """Blocks of one line."""
        if _RULE.fullmatch(line):
            self._flush()
            self._blocks.append({"type": "rule"})
        elif match := _HEADING.fullmatch(line):
            self._flush()
            content = [_flat(node) for node in read_inlines(match[2].strip(), self._names)]
            self._blocks.append({"type": "heading", "attrs": {"level": int(match[1])}, "content": content})
        elif match := _QUOTE.fullmatch(line):
            self._flush()
            self._blocks.append({"type": "blockquote", "content": self._paragraphs(match[1].strip())})
        else:
            return False
        return True

    def _plain(self, line: str) -> None:
        if self._items:
            prefix, text = self._items[-1]
            self._items[-1] = prefix, f"{text}\n{line}"
            return
        if self._rows:
            self._flush()
        self._words.append(line)

    def _row(self, line: str) -> None:
        if not self._rows:
            self._flush()
        self._rows.append([line])

    def _flush(self, *, keep_items: bool = False) -> None:
        if self._words:
            self._blocks += self._paragraphs("\n".join(self._words))
            self._words = []
        if self._rows:
            rows = [self._cells("\n".join(lines)) for lines in self._rows]
            self._blocks.append({"type": "table", "content": [row for row in rows if row["content"]]})
            self._rows = []
        if self._items and not keep_items:
            self._blocks += self._lists(self._items, 0)
            self._items = []

    def end(self) -> list[Node]:
        self._flush()
        return self._blocks

    def _paragraphs(self, text: str) -> list[Node]:
        """Words and the images among them, which are blocks of their own."""
        found: list[Node] = []
        run: list[Node] = []
        for node in read_inlines(text, self._names):
            if node["type"] == "mediaSingle":
                found += [*_paragraph(run), node]
                run = []
            else:
                run.append(node)
        return [*found, *_paragraph(run)]

    def _lists(self, items: Sequence[ItemLine], depth: int) -> list[Node]:
        lists: list[Node] = []
        at = 0
        while at < len(items):
            sign = items[at][0][depth]
            end = next((n for n in range(at, len(items)) if items[n][0][depth] != sign), len(items))
            kind = "orderedList" if sign == "#" else "bulletList"
            lists.append({"type": kind, "content": self._list_items(items[at:end], depth)})
            at = end
        return lists

    def _list_items(self, items: Sequence[ItemLine], depth: int) -> list[Node]:
        found: list[Node] = []
        at = 0
        while at < len(items):
            blocks: list[Node] = []
            if len(items[at][0]) == depth + 1:
                blocks = self._paragraphs(items[at][1])
                at += 1
            end = next((n for n in range(at, len(items)) if len(items[n][0]) == depth + 1), len(items))
            blocks += self._lists(items[at:end], depth + 1)
            found.append({"type": "listItem", "content": blocks or [{"type": "paragraph"}]})
            at = end
        return found

    def _cells(self, row: str) -> Node:
        cells: list[tuple[str, list[str]]] = []
        for match in _CELL.finditer(row):
            piece = match.group()
            if kind := _CELL_KINDS.get(piece):
                cells.append((kind, []))
            elif cells:
                cells[-1][1].append(piece)
        if cells and not "".join(cells[-1][1]).strip():
            cells.pop()  # the last sign closes the row
        content = [{"type": kind, "content": self._cell("".join(parts))} for kind, parts in cells]
        return {"type": "tableRow", "content": content}

    def _cell(self, text: str) -> list[Node]:
        return read_blocks(text.strip(), self._names) or [{"type": "paragraph"}]


def _paragraph(nodes: list[Node]) -> list[Node]:
    while nodes and nodes[-1]["type"] == "hardBreak":
        nodes.pop()
    while nodes and nodes[0]["type"] == "hardBreak":
        del nodes[0]
    nodes = _trimmed(nodes)
    return [{"type": "paragraph", "content": nodes}] if nodes else []


def _trimmed(nodes: list[Node]) -> list[Node]:
    """Without the blanks that an image stood behind or in front of."""
    if nodes and nodes[0]["type"] == "text":
        nodes = [{**nodes[0], "text": nodes[0]["text"].lstrip()}, *nodes[1:]]
    if nodes and nodes[-1]["type"] == "text":
        nodes = [*nodes[:-1], {**nodes[-1], "text": nodes[-1]["text"].rstrip()}]
    return [node for node in nodes if node.get("text") != ""]


def _flat(node: Node) -> Node:
    """A heading holds no images and no breaks."""
    if node["type"] == "mediaSingle":
        return {"type": "text", "text": node["content"][0]["attrs"]["alt"]}
    return {"type": "text", "text": " "} if node["type"] == "hardBreak" else node

"""Nodes as compact Markdown, with the notation for what plain Markdown cannot say."""

from collections.abc import Callable, Mapping, Sequence

from server.content.escaping import code_block, language_of
from server.content.line_printing import References, name_of, print_line
from server.content.notation import (
    FORMS,
    MACROS,
    PANELS,
    Node,
    attributes,
    braces_of,
    children,
    is_opaque,
    label_of,
    macro_pairs,
    macro_title,
    pairs_of,
    said,
    shown,
)

LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
LINES = frozenset(
    {"text", "hardBreak", "mention", "emoji", "status", "date", "placeholder", "inlineCard", "media", "mediaInline"}
    | {"inlineExtension"}
)
BLANK = "\\"
_PARTS = frozenset(
    {"listItem", "taskItem", "blockTaskItem", "decisionItem", "tableRow", "tableCell", "tableHeader", "layoutColumn"}
)
"""What stands only in a block of its kind."""
_HIGHEST_NUMBER = 999_999_999


def print_nodes(nodes: Sequence[Node], references: References) -> str:
    return _Printer(references).blocks(nodes)


def print_chunks(nodes: Sequence[Node], references: References) -> list[str]:
    """Each block's Markdown; joined by blank lines they are the text."""
    return _Printer(references).chunks(nodes)


def print_node(node: Node, references: References) -> str:
    """One node by itself, items, rows and cells included."""
    return _Printer(references).node(node)


class _Printer:
    def __init__(self, references: References) -> None:
        self._references = references

    def chunks(self, nodes: Sequence[Node], *, bullet: str = "") -> list[str]:
        """Each block's text. Lists beside each other differ in their bullets, and one that begins an item from it."""
        found: list[str] = []
        previous: Node | None = None
        alternate = False
        for node in nodes:
            if node["type"] in LINES:
                found.append(self._loose(node))
                previous = node
                continue
            alternate = bullet == "-" and not found if previous is None else _joins(previous, node) and not alternate
            found.append(self._block(node, alternate=alternate))
            previous = node
        return found

    def blocks(self, nodes: Sequence[Node], *, in_item: bool = False, bullet: str = "") -> str:
        chunks = self.chunks(nodes, bullet=bullet)
        if not in_item:
            return "\n\n".join(chunks)
        parts: list[str] = []
        for index, chunk in enumerate(chunks):
            if index:
                parts.append("\n" if _follows_closely(nodes[index - 1], nodes[index]) else "\n\n")
            parts.append(chunk)
        return "".join(parts)

    def node(self, node: Node) -> str:
        kind = node["type"]
        if kind in LINES:
            return print_line([node], self._references)
        if kind in {"listItem", "blockTaskItem", "tableRow", "layoutColumn", "tableCell", "tableHeader"}:
            return f"{kind}{braces_of(said(shown(node).get('width', '')), pairs_of(node))}{self._inner(node)}"
        if kind in {"taskItem", "decisionItem", "caption"}:
            return f"{kind}{shown(node)}{self.line(node)}"
        return self._block(node, alternate=False)

    def _inner(self, node: Node) -> str:
        return "\n\n".join(self.node(child) for child in children(node))

    def _loose(self, node: Node) -> str:
        """A run of words where blocks are expected."""
        return print_line([node], self._references) or BLANK

    def _block(self, node: Node, *, alternate: bool) -> str:
        kind = node["type"]
        if is_opaque(node):
            return self._opaque(node)
        if kind in LISTS:
            return self._list(node, alternate=alternate)
        printer = _BLOCKS.get(kind)
        return printer(self, node) if printer else self._directive(node)

    def line(self, node: Node, *, one_line: bool = False) -> str:
        return print_line(children(node), self._references, one_line=one_line)

    def _opaque(self, node: Node) -> str:
        number = self._references.get(id(node), 0)
        if node["type"] == "ref":
            number = node["attrs"]["number"]
        head = f"ref{label_of(name_of(node))}{{{number}}}"
        content = node.get("content")
        if not content or any(child["type"] in _PARTS for child in content):
            return f"::{head}"
        return f":::{head}\n{self.blocks(content)}\n:::"

    def paragraph(self, node: Node) -> str:
        braces = braces_of("", pairs_of(node)) if node.get("marks") else ""
        words = self.line(node) or BLANK
        return f"{braces} {words}" if braces else words

    def heading(self, node: Node) -> str:
        level = shown(node).get("level")
        level = int(level) if isinstance(level, int | float) and 1 <= level <= 6 else 1
        braces = braces_of("", pairs_of(node)) if node.get("marks") else ""
        words = self.line(node, one_line=True)
        words = f"{words[:-1]}\\#" if words.endswith("#") else words
        return " ".join(part for part in ("#" * level, braces, words) if part)

    def code(self, node: Node) -> str:
        text = "".join(str(child.get("text", "")) for child in children(node))
        language = str(shown(node).get("language") or "")
        braces = braces_of("", pairs_of(node))
        word = language_of(language)
        if word != language:
            braces = braces_of("", {"language": language, **pairs_of(node)})
            word = ""
        return code_block(text, word, braces)

    def quote(self, node: Node) -> str:
        return _prefixed("> ", self._content(node)) if node.get("content") else ">"

    def _content(self, node: Node) -> str:
        """The blocks inside; a single blank paragraph is nothing."""
        content = children(node)
        return "" if len(content) == 1 and is_blank(content[0]) else self.blocks(content)

    def rule(self, _: Node) -> str:
        return "---"

    def _list(self, node: Node, *, alternate: bool) -> str:
        bullet = "*" if alternate else "-"
        items = children(node)
        if not items:
            return self._directive(node)
        if node["type"] == "orderedList":
            order = shown(node).get("order")
            first = int(order) if isinstance(order, int | float) and 0 <= order <= _HIGHEST_NUMBER - len(items) else 1
            dot = ")" if alternate else "."
            return "\n".join(self._item(f"{number}{dot} ", item) for number, item in enumerate(items, first))
        if node["type"] == "taskList":
            return "\n".join(self._tasks(node, bullet))
        if node["type"] == "decisionList":
            return "\n".join(self._decision(item, bullet) for item in items)
        return "\n".join(self._item(f"{bullet} ", item) for item in items)

    def _item(self, marker: str, item: Node) -> str:
        content = children(item)
        if len(content) == 1 and is_blank(content[0]):
            content = ()
        text = self.blocks(content, in_item=True, bullet=marker[:1])
        if content and content[0]["type"] == "rule":
            text = f"___{text[3:]}"  # `- ---` is a rule, not an item that holds one
        indent = " " * len(marker)
        return marker + _prefixed(indent, text)[len(indent) :] if text else marker.rstrip()

    def _tasks(self, node: Node, bullet: str) -> list[str]:
        lines: list[str] = []
        beside = False
        for child in children(node):
            if child["type"] == "taskList":
                other = "*" if beside else "-"
                lines += [_prefixed("  ", line) for line in self._tasks(child, other)]
                beside = not beside
                continue
            beside = False
            box = "[x]" if shown(child).get("state") == "DONE" else "[ ]"
            if child["type"] == "blockTaskItem":
                content = children(child)
                apart = " " if content and content[0]["type"] == "paragraph" else "\n\n"
                words = f"{box} {{blocks=yes}}{apart}{self.blocks(content)}"
                lines.append(_prefixed("  ", f"{bullet} {words}")[2:])
            else:
                words = self.line(child)
                lines.append(_prefixed("  ", f"{bullet} {box} {words}".rstrip(" "))[2:])
        return lines

    def _decision(self, item: Node, bullet: str) -> str:
        braces = braces_of("", pairs_of(item))
        words = " ".join(part for part in (f"{bullet} <>", braces, self.line(item)) if part)
        return _prefixed("  ", words)[2:]

    def _directive(self, node: Node) -> str:
        form = FORMS.get(node["type"])
        if form is None:
            return self._opaque(node)
        attrs: Mapping[str, object] = attributes(node)
        title = attrs.get(form.label) if form.label else None
        main = attrs.get(form.main) if form.main else None
        head = f"{form.name}{label_of(str(title)) if title else ''}"
        return self._around(node, f"{head}{braces_of('' if main is None else said(main), pairs_of(node))}")

    def _around(self, node: Node, head: str) -> str:
        if "content" not in node and node["type"] not in {"expand", "nestedExpand", "panel"}:
            return f"::{head}"
        inner = self._content(node)
        return f":::{head}\n{inner}\n:::" if inner else f":::{head}\n:::"

    def panel(self, node: Node) -> str:
        kind = str(shown(node).get("panelType") or "")
        name = kind if kind in PANELS else "panel"
        return self._around(node, f"{name}{braces_of('', pairs_of(node))}")

    def macro(self, node: Node) -> str:
        title = macro_title(node)
        head = f"macro{label_of(title) if title else ''}"
        return self._around(node, f"{head}{braces_of(node['attrs']['extensionKey'], macro_pairs(node))}")

    def layout(self, node: Node) -> str:
        lines = [f":::layout{braces_of('', pairs_of(node))}"]
        for column in children(node):
            width = shown(column).get("width")
            lines.append(f"::column{braces_of('' if width is None else said(width), pairs_of(column))}")
            inner = self._content(column)
            lines += [inner] if inner else []
        return "\n".join([*lines, ":::"])

    def files(self, node: Node) -> str:
        words = "\n".join(print_line([media], self._references) for media in children(node))
        return f":::files\n{words}\n:::"

    def picture(self, node: Node) -> str:
        """An image on a line of its own; with a caption or a link of its own, a figure."""
        media, *captions = node["content"]
        words = print_line([media], self._references)
        braces = braces_of("", pairs_of(node))
        if not captions and not braces:
            return words
        inner = "\n\n".join([words, *(self.line(caption) or BLANK for caption in captions)])
        return f":::figure{braces}\n{inner}\n:::"

    def caption(self, node: Node) -> str:
        return self.line(node) or BLANK

    def table(self, node: Node) -> str:
        braces = braces_of("", pairs_of(node))
        if (pipes := self._pipes(node)) is None:
            return self._big_table(node, braces)
        return f":::table{braces}\n{pipes}\n:::" if braces else pipes

    def _pipes(self, node: Node) -> str | None:
        """The table in Markdown's own form, where all that it holds has a place there."""
        rows = [children(row) for row in children(node)]
        width = len(rows[0]) if rows else 0
        if not width or any(len(row) != width or not all(map(_is_plain_cell, row)) for row in rows):
            return None
        headed = all(cell["type"] == "tableHeader" for cell in rows[0])
        lines = [[self._cell(cell, headed=headed and not number) for cell in row] for number, row in enumerate(rows)]
        if headed and not any(lines[0]):
            return None
        head, body = (lines[0], lines[1:]) if headed else ([""] * width, lines)
        return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * width, *body))

    def _cell(self, cell: Node, *, headed: bool) -> str:
        header = cell["type"] == "tableHeader" and not headed
        braces = braces_of("h" if header else "", pairs_of(cell))
        content = children(cell)
        words = self.line(content[0], one_line=True) if content else ""
        return " ".join(part for part in (braces, words) if part).replace("|", "\\|")

    def _big_table(self, node: Node, braces: str) -> str:
        lines = [f":::table{braces}"]
        for row in children(node):
            lines.append("::row")
            for cell in children(row):
                lines.append(f"::cell{braces_of('h' if cell['type'] == 'tableHeader' else '', pairs_of(cell))}")
                inner = self._content(cell)
                lines += [inner] if inner else []
        return "\n".join([*lines, ":::"])


def is_blank(node: Node) -> bool:
    return node["type"] == "paragraph" and not node.get("content") and not node.get("marks")


def _is_plain_cell(cell: Node) -> bool:
    """A cell that is one line: a paragraph without marks of its own."""
    content = children(cell)
    return cell["type"] in {"tableCell", "tableHeader"} and (
        not content or (len(content) == 1 and content[0]["type"] == "paragraph" and not content[0].get("marks"))
    )


def _joins(previous: Node | None, node: Node) -> bool:
    """Whether two lists would read back as one."""
    if previous is None or previous["type"] not in LISTS or node["type"] not in LISTS:
        return False
    return (previous["type"] == "orderedList") == (node["type"] == "orderedList")


def _follows_closely(previous: Node, node: Node) -> bool:
    """A list right under its item's words; CommonMark takes it as one only if it begins at 1 and with a word."""
    if previous["type"] != "paragraph" or not previous.get("content") or node["type"] not in LISTS:
        return False
    items = children(node)
    if node["type"] not in {"bulletList", "orderedList"}:
        return bool(items) and items[0]["type"] != "taskList"
    first = items[0].get("content") if items else None
    worded = bool(first) and first[0]["type"] == "paragraph" and bool(first[0].get("content"))
    return worded and shown(node).get("order", 1) == 1


def _prefixed(prefix: str, text: str) -> str:
    bare = prefix.rstrip()
    return "\n".join(prefix + line if line else bare for line in text.split("\n"))


_BLOCKS: dict[str, Callable[[_Printer, Node], str]] = {
    "paragraph": _Printer.paragraph,
    "heading": _Printer.heading,
    "codeBlock": _Printer.code,
    "blockquote": _Printer.quote,
    "rule": _Printer.rule,
    "panel": _Printer.panel,
    "layoutSection": _Printer.layout,
    "mediaGroup": _Printer.files,
    "mediaSingle": _Printer.picture,
    "caption": _Printer.caption,
    "table": _Printer.table,
    **dict.fromkeys(MACROS, _Printer.macro),
}

"""Documents as compact Markdown."""

from collections.abc import Sequence

from server.content.document import (
    Block,
    Blocks,
    CodeBlock,
    Heading,
    Inlines,
    List,
    Paragraph,
    Quote,
    Rule,
    Table,
    TaskList,
)
from server.content.escaping import code_block
from server.content.inline_printing import print_inlines
from server.content.inlines import box

_HIGHEST_NUMBER = 999_999_999


def print_markdown(blocks: Sequence[Block], *, in_item: bool = False) -> str:
    parts: list[str] = []
    previous: Block | None = None
    alternate = False
    for block in blocks:
        alternate = not alternate if _joins(previous, block) else False
        if parts:
            parts.append("\n" if in_item and _follows_closely(previous, block) else "\n\n")
        if isinstance(block, List | TaskList):
            parts.append(_print_list(block, alternate=alternate))
        else:
            parts.append(_print_block(block))
        previous = block
    return "".join(parts)


def _joins(previous: Block | None, block: Block) -> bool:
    """Whether two lists would read back as one."""
    if not isinstance(previous, List | TaskList) or not isinstance(block, List | TaskList):
        return False
    return _is_numbered(previous) == _is_numbered(block)


def _is_numbered(block: List | TaskList) -> bool:
    return isinstance(block, List) and block.start is not None


def _follows_closely(previous: Block | None, block: Block) -> bool:
    """A list right under its item's words; CommonMark takes it as one only if it begins at 1 and with a word."""
    if not isinstance(previous, Paragraph) or not isinstance(block, List | TaskList):
        return False
    if isinstance(block, TaskList):
        return True
    return block.start in {None, 1} and bool(block.items[0]) and isinstance(block.items[0][0], Paragraph)


def _print_block(block: Paragraph | Heading | CodeBlock | Quote | Table | Rule) -> str:
    match block:
        case Paragraph(inlines):
            return print_inlines(inlines)
        case Heading(level, inlines):
            return f"{'#' * level} {_print_title(inlines)}".rstrip()
        case CodeBlock(language, text):
            return code_block(text, language)
        case Quote(blocks):
            return _prefixed("> ", print_markdown(blocks))
        case Table():
            return _print_table(block)
        case Rule():
            return "---"


def _print_title(inlines: Inlines) -> str:
    text = print_inlines(inlines, one_line=True)
    return f"{text[:-1]}\\#" if text.endswith("#") else text


def _prefixed(prefix: str, text: str) -> str:
    bare = prefix.rstrip()
    return "\n".join(prefix + line if line else bare for line in text.split("\n"))


def _print_list(block: List | TaskList, *, alternate: bool) -> str:
    bullet = "*" if alternate else "-"
    if isinstance(block, TaskList):
        return "\n".join(_print_item(f"{bullet} {box(task)}", task.blocks, width=2) for task in block.items)
    if block.start is None:
        return "\n".join(_print_item(f"{bullet} ", item) for item in block.items)
    first = block.start if 0 <= block.start <= _HIGHEST_NUMBER - len(block.items) else 1
    dot = ")" if alternate else "."
    return "\n".join(_print_item(f"{number}{dot} ", item) for number, item in enumerate(block.items, first))


def _print_item(marker: str, blocks: Blocks, *, width: int = 0) -> str:
    text = print_markdown(blocks, in_item=True)
    if blocks and isinstance(blocks[0], Rule):
        text = f"___{text[3:]}"  # `- ---` is a rule, not an item that holds one
    indent = " " * (width or len(marker))
    if width and blocks and not isinstance(blocks[0], Paragraph):
        return f"{marker.rstrip()}\n{_prefixed(indent, text)}"  # behind its box a list would be words
    return (marker + _prefixed(indent, text)[len(indent) :]).rstrip(" ") if text else marker.rstrip()


def _print_table(block: Table) -> str:
    width = len(block.header or block.rows[0])
    rows = [[print_inlines(cell, one_line=True).replace("|", "\\|") for cell in row] for row in block.rows]
    header = [print_inlines(cell, one_line=True).replace("|", "\\|") for cell in block.header or ((),) * width]
    lines = [header, ["---"] * width, *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

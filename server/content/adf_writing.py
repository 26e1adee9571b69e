"""Documents as ADF that Atlassian's schema takes."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

from server.content.document import (
    CODE,
    EM,
    STRIKE,
    STRONG,
    Block,
    Blocks,
    Break,
    Card,
    CodeBlock,
    Heading,
    Image,
    Inline,
    Inlines,
    Link,
    List,
    Paragraph,
    Quote,
    Rule,
    Table,
    Task,
    TaskList,
    Text,
    led_by,
)
from server.content.inlines import box, flattened, plain, tidy

Node: TypeAlias = dict[str, Any]
_Mark: TypeAlias = dict[str, Any]

_MARKS = {EM: "em", STRONG: "strong", STRIKE: "strike", CODE: "code"}
_EXTERNAL = ("https://", "http://")


def write_adf(blocks: Blocks) -> Node:
    return {"version": 1, "type": "doc", "content": _AdfWriter().blocks(blocks, "doc")}


class _AdfWriter:
    def __init__(self) -> None:
        self._tasks = 0

    def blocks(self, blocks: Sequence[Block], parent: str) -> list[Node]:
        return [node for block in blocks for node in self._block(block, parent)]

    def _block(self, block: Block, parent: str) -> list[Node]:
        match block:
            case Paragraph(inlines):
                return list(_paragraphs(inlines))
            case CodeBlock():
                return [_code_block(block)]
            case List(start, items):
                return [self._list(start, items)]
            case TaskList():
                return [self._task_list(block, parent)]
            case _ if parent == "doc":
                return [self._top_level(block)]
            case _:
                return self.blocks(block.blocks, parent) if isinstance(block, Quote) else _as_lines(block)

    def _top_level(self, block: Heading | Quote | Table | Rule) -> Node:
        """What ADF takes only outside lists and quotations."""
        match block:
            case Heading(level, inlines):
                return {
                    "type": "heading",
                    "attrs": {"level": level},
                    "content": _inline_nodes(_without_images(inlines)),
                }
            case Quote(inner):
                return {"type": "blockquote", "content": self.blocks(inner, "blockquote") or [_empty()]}
            case Table(header, rows):
                head = [_row("tableHeader", header)] if header else []
                return {"type": "table", "content": [*head, *(_row("tableCell", row) for row in rows)]}
            case Rule():
                return {"type": "rule"}

    def _list(self, start: int | None, items: Sequence[Blocks]) -> Node:
        content = [{"type": "listItem", "content": self.blocks(item, "listItem") or [_empty()]} for item in items]
        if start is None:
            return {"type": "bulletList", "content": content}
        return {"type": "orderedList", "attrs": {"order": start}, "content": content}

    def _task_list(self, block: TaskList, parent: str) -> Node:
        if parent == "blockquote" or not _is_plain(block):
            return self._list(None, [led_by([Text(box(task))], task.blocks) for task in block.items])
        return {"type": "taskList", "attrs": {"localId": self._identity("list")}, "content": list(self._items(block))}

    def _items(self, block: TaskList) -> Iterator[Node]:
        for task in block.items:
            inlines, nested = _split(task)
            identity = self._identity(plain(inlines))
            state = "DONE" if task.done else "TODO"
            content = _inline_nodes(_without_images(inlines))
            yield {"type": "taskItem", "attrs": {"localId": identity, "state": state}, "content": content}
            for inner in nested:
                yield self._task_list(inner, "taskList")

    def _identity(self, text: str) -> str:
        """Atlassian ties a task to its localId: the same Markdown always gives the same one."""
        self._tasks += 1
        digest = sha256(f"{self._tasks}\0{text}".encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def _split(task: Task) -> tuple[Inlines, list[TaskList]]:
    inlines = task.blocks[0].inlines if task.blocks and isinstance(task.blocks[0], Paragraph) else ()
    return inlines, [block for block in task.blocks if isinstance(block, TaskList)]


def _is_plain(block: TaskList) -> bool:
    """A task of ADF holds one line and tasks under it, nothing else."""
    for task in block.items:
        inlines, nested = _split(task)
        if len(task.blocks) != len(nested) + bool(inlines) or not all(map(_is_plain, nested)):
            return False
    return True


def _empty() -> Node:
    return {"type": "paragraph", "content": []}


def _as_lines(block: Heading | Table | Rule) -> list[Node]:
    return list(_paragraphs(flattened((block,))))


def _code_block(block: CodeBlock) -> Node:
    node: Node = {"type": "codeBlock", "attrs": {"language": block.language} if block.language else {}}
    node["content"] = [{"type": "text", "text": block.text}] if block.text else []
    return node


def _row(kind: str, cells: Sequence[Inlines]) -> Node:
    content: list[Node] = [
        {"type": kind, "attrs": {}, "content": list(_paragraphs(cell)) or [_empty()]} for cell in cells
    ]
    return {"type": "tableRow", "content": content}


def _paragraphs(inlines: Inlines) -> Iterator[Node]:
    """A paragraph of ADF holds no external image: it is split where one stands."""
    line: list[Inline] = []
    for item in inlines:
        if isinstance(item, Image) and item.source.startswith(_EXTERNAL):
            yield from _paragraph(line)
            line = []
            yield _picture(item)
        else:
            line.append(item)
    yield from _paragraph(line)


def _paragraph(line: Sequence[Inline]) -> Iterator[Node]:
    if inlines := tidy(_without_images(line)):
        yield {"type": "paragraph", "content": _inline_nodes(inlines)}


def _without_images(inlines: Sequence[Inline]) -> Inlines:
    return tidy([_as_words(item) if isinstance(item, Image) else item for item in inlines])


def _as_words(image: Image) -> Inline:
    """An image where ADF takes none: a link to it, or its Markdown when it is not an address."""
    if image.source.startswith(_EXTERNAL):
        return Text(image.alt or image.source, 0, image.link or Link(image.source))
    return Text(f"![{image.alt}]({image.source})", 0, image.link)


def _picture(image: Image) -> Node:
    attrs = {"type": "external", "url": image.source, **({"alt": image.alt} if image.alt else {})}
    node: Node = {"type": "media", "attrs": attrs}
    if image.link:
        node["marks"] = _marks(image)
    return {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [node]}


def _inline_nodes(inlines: Inlines) -> list[Node]:
    return [_inline_node(item) for item in inlines]


def _inline_node(item: Inline) -> Node:
    match item:
        case Break():
            return {"type": "hardBreak"}
        case Card(url):
            return {"type": "inlineCard", "attrs": {"url": url}}
        case Image():
            return {"type": "text", "text": item.alt or item.source}
        case Text(text):
            marks = _marks(item)
            return {"type": "text", "text": text, "marks": marks} if marks else {"type": "text", "text": text}


def _marks(item: Text | Image) -> list[_Mark]:
    marks: list[_Mark] = []
    if item.link:
        title = {"title": item.link.title} if item.link.title else {}
        marks.append({"type": "link", "attrs": {"href": item.link.href, **title}})
    if item.marks & CODE:
        return [*marks, {"type": "code"}]  # the schema allows code no mark but a link
    return [*marks, *({"type": name} for mark, name in _MARKS.items() if item.marks & mark)]

"""Documents as Confluence's storage format."""

from collections.abc import Sequence

from server.content.addresses import ATTACHMENT, PAGE, read_file_address, read_page_address
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
)
from server.content.inlines import events

_TAGS = {STRONG: "strong", EM: "em", STRIKE: "del"}
_BODY, _BODY_END = "<ac:link-body>", "</ac:link-body></ac:link>"


def write_storage(blocks: Blocks) -> str:
    return _StorageWriter().blocks(blocks)


class _StorageWriter:
    def __init__(self) -> None:
        self._tasks = 0

    def blocks(self, blocks: Sequence[Block]) -> str:
        return "".join(map(self._block, blocks))

    def _block(self, block: Block) -> str:
        match block:
            case List():
                return self._list(block)
            case TaskList(items):
                return f"<ac:task-list>{''.join(map(self._task, items))}</ac:task-list>"
            case Quote(inner):
                return f"<blockquote>{self.blocks(inner)}</blockquote>"
            case _:
                return _leaf(block)

    def _list(self, block: List) -> str:
        inner = "".join(f"<li>{self.blocks(item)}</li>" for item in block.items)
        if block.start is None:
            return f"<ul>{inner}</ul>"
        return f"<ol>{inner}</ol>" if block.start == 1 else f'<ol start="{block.start}">{inner}</ol>'

    def _task(self, task: Task) -> str:
        self._tasks += 1
        number, status = self._tasks, "complete" if task.done else "incomplete"
        first = task.blocks[0] if task.blocks else None
        line = _inlines(first.inlines) if isinstance(first, Paragraph) else ""
        rest = self.blocks(task.blocks[1:] if isinstance(first, Paragraph) else task.blocks)
        return (
            f"<ac:task><ac:task-id>{number}</ac:task-id><ac:task-status>{status}</ac:task-status>"
            f"<ac:task-body>{line}{rest}</ac:task-body></ac:task>"
        )


def _leaf(block: Paragraph | Heading | CodeBlock | Rule | Table) -> str:
    match block:
        case Paragraph(inlines):
            return f"<p>{_inlines(inlines)}</p>"
        case Heading(level, inlines):
            return f"<h{level}>{_inlines(inlines)}</h{level}>"
        case CodeBlock():
            return _code_block(block)
        case Rule():
            return "<hr />"
        case Table(header, rows):
            head = _row("th", header) if header else ""
            return f"<table><tbody>{head}{''.join(_row('td', row) for row in rows)}</tbody></table>"


def _row(tag: str, cells: Sequence[Inlines]) -> str:
    return f"<tr>{''.join(f'<{tag}><p>{_inlines(cell)}</p></{tag}>' for cell in cells)}</tr>"


def _code_block(block: CodeBlock) -> str:
    language = f'<ac:parameter ac:name="language">{_text(block.language)}</ac:parameter>' if block.language else ""
    return (
        f'<ac:structured-macro ac:name="code" ac:schema-version="1">{language}'
        f"<ac:plain-text-body>{_cdata(block.text)}</ac:plain-text-body></ac:structured-macro>"
    )


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _inlines(inlines: Inlines) -> str:
    parts: list[str] = []
    for event in events(inlines):
        if event[0] == "item":
            parts.append(_item(event[1]))
        elif isinstance(event[1], Link):
            _add_link_edge(parts, event[1], opens=event[0] == "open")
        else:
            parts.append(f"<{'/' if event[0] == 'close' else ''}{_TAGS[event[1]]}>")
    return "".join(parts)


def _add_link_edge(parts: list[str], link: Link, *, opens: bool) -> None:
    own = "" if opens else _own_name(link)
    if own and parts[-1] == own and parts[-2].endswith(_BODY):
        # Without a body Confluence shows the page's title, and keeps it up to date.
        parts[-2:] = [parts[-2].removesuffix(_BODY), "</ac:link>"]
    else:
        parts.append(_link_start(link) if opens else _link_end(link))


def _item(item: Inline) -> str:
    match item:
        case Text(text, marks):
            return f"<code>{_text(text)}</code>" if marks & CODE else _text(text)
        case Break():
            return "<br />"
        case Card(url) if url.startswith(PAGE):
            return _page_card(url)
        case Card(url):
            return f'<a href="{_attribute(url)}" data-card-appearance="inline">{_text(url)}</a>'
        case Image(alt, source):
            named = alt == read_file_address(source)
            described = f' ac:alt="{_attribute(alt)}"' if alt and not named else ""
            return f"<ac:image{described}>{_resource(source)}</ac:image>"


def _page_card(url: str) -> str:
    link = _link_start(Link(url)).replace("<ac:link", '<ac:link ac:card-appearance="inline"', 1)
    return f"{link}{_text(read_page_address(url)[0])}{_BODY_END}"


def _resource(address: str) -> str:
    if address.startswith(ATTACHMENT):
        return f'<ri:attachment ri:filename="{_attribute(read_file_address(address))}" />'
    return f'<ri:url ri:value="{_attribute(address)}" />'


def _link_start(link: Link) -> str:
    if link.href.startswith(PAGE):
        title, space, anchor = read_page_address(link.href)
        key = f' ri:space-key="{_attribute(space)}"' if space else ""
        page = f'<ri:page{key} ri:content-title="{_attribute(title)}" />'
        return f"<ac:link{_anchor(anchor)}>{page}{_BODY}"
    if link.href.startswith(ATTACHMENT):
        return f"<ac:link>{_resource(link.href)}{_BODY}"
    if link.href.startswith("#"):
        return f"<ac:link{_anchor(read_page_address(link.href)[2])}>{_BODY}"
    title = f' title="{_attribute(link.title)}"' if link.title else ""
    return f'<a href="{_attribute(link.href)}"{title}>'


def _own_name(link: Link) -> str:
    if link.href.startswith(PAGE):
        return _text(read_page_address(link.href)[0])
    if link.href.startswith("#"):
        return _text(read_page_address(link.href)[2])
    return _text(read_file_address(link.href)) if link.href.startswith(ATTACHMENT) else ""


def _anchor(name: str) -> str:
    return f' ac:anchor="{_attribute(name)}"' if name else ""


def _link_end(link: Link) -> str:
    return _BODY_END if link.href.startswith((PAGE, ATTACHMENT, "#")) else "</a>"


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(text: str) -> str:
    return _text(text).replace('"', "&quot;").replace("\n", " ")

"""Nodes as ADF that Atlassian's schema takes: what may stand where, and what each must have.

A node of the base document is never touched, whatever the schema says of it: it is its author's.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

from server.content.list_parsing import joined, led_by
from server.content.notation import Node, attributes, children, marks_of
from server.content.plain_words import as_lines, words_of

_EXTERNAL = ("https://", "http://")
_ITEM = frozenset(
    {"paragraph", "bulletList", "orderedList", "taskList", "mediaSingle", "codeBlock", "extension"},
)
_INNER = _ITEM | {"heading", "blockCard", "mediaGroup", "decisionList", "rule"}
_NESTED = (_INNER - {"blockCard"}) | {"panel", "blockquote"}
_BODY = _INNER | {"panel", "blockquote", "table", "embedCard"}
_COLUMN = _BODY | {"expand", "bodiedExtension"}
ALLOWED: dict[str, frozenset[str]] = {
    "doc": _COLUMN | {"layoutSection", "syncBlock", "bodiedSyncBlock"},
    "listItem": _ITEM,
    "blockquote": (_ITEM - {"taskList"}) | {"mediaGroup"},
    "panel": _INNER,
    "expand": _BODY | {"nestedExpand"},
    "nestedExpand": _NESTED,
    "tableCell": (_BODY - {"table"}) | {"nestedExpand"},
    "tableHeader": (_BODY - {"table"}) | {"nestedExpand"},
    "layoutColumn": _COLUMN,
    "bodiedExtension": _BODY,
    "bodiedSyncBlock": (_COLUMN - {"bodiedExtension", "extension"}) | {"layoutSection"},
    "blockTaskItem": frozenset({"paragraph", "extension"}),
}
_ALIGNED = frozenset({"doc", "tableCell", "tableHeader", "layoutColumn", "bodiedSyncBlock"})
_BLOCK_MARKS: dict[str, Callable[[str, str], bool]] = {
    "alignment": lambda kind, parent: kind in {"paragraph", "heading"} and parent in _ALIGNED,
    "indentation": lambda kind, parent: (
        kind in {"paragraph", "heading"}
        and parent in _ALIGNED
        and not (kind == "paragraph" and parent.startswith("table"))
    ),
    "fontSize": lambda kind, parent: kind == "paragraph" and parent != "blockquote",
    "breakout": lambda kind, parent: (
        kind in {"codeBlock", "expand", "layoutSection", "syncBlock", "bodiedSyncBlock"} and parent == "doc"
    ),
}
_TEXT_MARKS = frozenset(
    {"link", "em", "strong", "strike", "subsup", "underline", "textColor", "annotation", "backgroundColor"}
)
_CODE_MARKS = frozenset({"code", "link", "annotation"})
_PICTURE_MARKS = frozenset({"link", "annotation", "border", "dataConsumer"})
_REQUIRED: dict[str, dict[str, Any]] = {
    "mediaSingle": {"layout": "center"},
    "embedCard": {"layout": "center"},
    "nestedExpand": {},
}
_IDENTIFIED = frozenset(
    {"taskList", "taskItem", "blockTaskItem", "decisionList", "decisionItem", "bodiedSyncBlock"}
) | {"syncBlock"}
_STORAGE_ONLY = frozenset({("panel", "title"), ("codeBlock", "title"), ("table", "caption")})
Kept: TypeAlias = Collection[int]


def fit_adf(blocks: Iterable[Node], kept: Kept = (), upon: Kept = ()) -> list[Node]:
    """The blocks of a document. `kept` are the identities of the nodes that stay as they are; `upon`, of those that
    were built upon such, and so have what they need."""
    return _Fitter(kept, upon).blocks(blocks, "doc")


def shape_adf(blocks: Sequence[Node], kept: Kept) -> list[Node]:
    """The blocks as a document would hold them, yet without what each must have."""
    return _Fitter(kept, complete=False).blocks(blocks, "doc")


class _Fitter:
    def __init__(self, kept: Kept, upon: Kept = (), *, complete: bool = True) -> None:
        self._kept = kept
        self._upon = upon
        self._completes = complete
        self._identities = 0

    def blocks(self, blocks: Iterable[Node], parent: str) -> list[Node]:
        return [node for block in blocks for node in self._block(block, parent)]

    def _block(self, block: Node, parent: str) -> Iterator[Node]:
        if id(block) in self._kept:
            yield block
            return
        for node in _split(block):
            if id(node) in self._kept:
                yield node
            else:
                yield from self._placed(node, parent)

    def _placed(self, node: Node, parent: str) -> Iterator[Node]:
        kind = node["type"]
        if kind == "expand" and parent in {"expand", "tableCell", "tableHeader"}:
            node, kind = {**node, "type": "nestedExpand"}, "nestedExpand"
        allowed = ALLOWED.get(parent)
        if allowed is None or kind in allowed or kind not in _COLUMN | ALLOWED["doc"] | {"nestedExpand"}:
            fitted = self._fitted(node, parent)
            yield from [fitted] if fitted is not None else self.blocks(_as_list(node), parent)
        elif kind in {"blockquote", "panel", "expand", "nestedExpand", "bodiedExtension", "bodiedSyncBlock"}:
            yield from self.blocks(node["content"], parent)
        elif kind == "layoutSection":
            yield from self.blocks([block for column in node["content"] for block in column["content"]], parent)
        elif kind == "taskList":
            yield from self.blocks(_as_list(node), parent)
        else:
            yield from self.blocks([_paragraph(line) for line in as_lines(node)], parent)

    def _fitted(self, node: Node, parent: str) -> Node | None:
        kind = node["type"]
        content: list[Node] | None = node.get("content")
        fitted: Node = {**node, "type": kind}
        if kind == "taskList":
            if (tasks := self._tasks(content or [])) is None:
                return None
            fitted["content"] = tasks
        elif kind in {"paragraph", "heading", "caption", "taskItem", "decisionItem"}:
            fitted["content"] = self._line(content or [])
        elif kind in {"mediaSingle", "mediaGroup"}:
            fitted["content"] = [self._picture(child) for child in content or []]
        elif kind == "layoutSection":
            fitted["content"] = self._columns(content or [], two=self._completes and id(node) not in self._upon)
        elif kind != "codeBlock" and content is not None:
            fitted["content"] = self.blocks(content, kind) or ([] if kind == "tableRow" else [_paragraph([])])
        if self._completes and id(node) not in self._upon:
            self._complete(fitted, parent)
        return fitted

    def _complete(self, node: Node, parent: str) -> None:
        kind = node["type"]
        marks = [mark for mark in marks_of(node) if _takes(mark["type"], kind, parent)]
        node.pop("marks", None)
        if marks:
            node["marks"] = marks
        attrs = {**_REQUIRED.get(kind, {}), **attributes(node)}
        attrs = {name: value for name, value in attrs.items() if (kind, name) not in _STORAGE_ONLY}
        if kind in _IDENTIFIED and not attrs.get("localId"):
            attrs["localId"] = self._identity(words_of(node))
        if attrs or kind in _REQUIRED or kind in {"tableCell", "tableHeader"}:
            node["attrs"] = attrs

    def _identity(self, text: str) -> str:
        """Atlassian ties a task to its localId: the same Markdown always gives the same one."""
        self._identities += 1
        digest = sha256(f"{self._identities}\0{text}".encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"

    def _tasks(self, items: Sequence[Node]) -> list[Node] | None:
        """A task of ADF holds one line, or paragraphs; nothing else."""
        found: list[Node] = []
        for item in _hoisted(items):
            if id(item) in self._kept:
                found.append(item)
                continue
            if item["type"] == "blockTaskItem" and not _is_plain(item):
                return None
            if item["type"] not in {"taskItem", "blockTaskItem", "taskList"}:
                return None
            if (fitted := self._fitted(item, "taskList")) is None:
                return None
            found.append(fitted)
        return found

    def _columns(self, columns: Sequence[Node], *, two: bool) -> list[Node]:
        count = min(len(columns), 3)
        found: list[Node] = []
        for number, column in enumerate(columns):
            if id(column) in self._kept:
                found.append(column)
                continue
            attrs = {"width": round(100 / count, 2), **attributes(column)}
            content = self.blocks(column["content"], "layoutColumn") or [_paragraph([])]
            if number < 3:
                found.append({**column, "attrs": attrs, "content": content})
            else:
                found[-1] = {**found[-1], "content": [*found[-1]["content"], *content]}
        if len(found) == 1 and two:
            found.append({"type": "layoutColumn", "attrs": {"width": 50}, "content": [_paragraph([])]})
        return found

    def _line(self, nodes: Sequence[Node]) -> list[Node]:
        return joined([node for each in nodes for node in self._inline(each)], self._kept)

    def _inline(self, node: Node) -> Iterator[Node]:
        if id(node) in self._kept:
            yield node
        elif node["type"] == "media":
            yield from _picture_words(node)
        elif node["type"] == "text":
            yield from _fit_text(node)
        else:
            allowed = {"mediaInline": _PICTURE_MARKS}.get(node["type"], frozenset[str]())
            yield _with_marks(node, allowed)

    def _picture(self, node: Node) -> Node:
        if id(node) in self._kept:
            return node
        if node["type"] == "media":
            return _with_marks(node, _PICTURE_MARKS)
        fitted = self._fitted(node, "mediaSingle")
        return node if fitted is None else fitted


def _is_plain(task: Node) -> bool:
    return all(child["type"] in ALLOWED["blockTaskItem"] for child in children(task))


def _hoisted(items: Sequence[Node]) -> Iterator[Node]:
    """The tasks below a task stand behind it in ADF."""
    for item in items:
        lists = [child for child in children(item) if child["type"] == "taskList"]
        if item["type"] != "blockTaskItem" or not lists:
            yield item
            continue
        yield {**item, "content": [child for child in item["content"] if child["type"] != "taskList"]}
        yield from lists


def _takes(mark: str, kind: str, parent: str) -> bool:
    allowed = _BLOCK_MARKS.get(mark)
    return allowed is None or allowed(kind, parent)


def _with_marks(node: Node, allowed: Collection[str]) -> Node:
    marks = [mark for mark in marks_of(node) if mark["type"] in allowed]
    bare = {name: value for name, value in node.items() if name != "marks"}
    return {**bare, "marks": marks} if marks else bare


def _fit_text(node: Node) -> Iterator[Node]:
    """The schema allows code no mark but a link and a comment."""
    if not node["text"]:
        return
    marks = node.get("marks")
    if not marks:
        yield node
    elif any(mark["type"] == "code" for mark in marks):
        yield _with_marks(node, _CODE_MARKS)
    else:
        yield _with_marks(node, _TEXT_MARKS)


def _paragraph(content: list[Node]) -> Node:
    return {"type": "paragraph", "content": content}


def _as_list(tasks: Node) -> list[Node]:
    """A list of tasks where ADF takes none: bullets with the boxes as text."""
    items: list[Node] = []
    for child in tasks["content"]:
        if child["type"] == "taskList":
            items = items or [{"type": "listItem", "content": []}]
            items[-1]["content"].extend(_as_list(child))
            continue
        done = attributes(child).get("state") == "DONE"
        content = children(child)
        blocks = content if child["type"] == "blockTaskItem" else [_paragraph(list(content))] if content else []
        items.append({"type": "listItem", "content": list(led_by("[x]" if done else "[ ]", blocks))})
    return [{"type": "bulletList", "content": items}]


def _split(block: Node) -> Iterator[Node]:
    """A paragraph of ADF holds no image: it is split where one stands."""
    if block["type"] != "paragraph" or not any(child["type"] == "media" for child in children(block)):
        yield block
        return
    line: list[Node] = []
    for child in block["content"]:
        if child["type"] == "media" and _is_picture(child):
            yield from _line_apart(line)
            line = []
            yield {"type": "mediaSingle", "content": [child]}
        else:
            line.append(child)
    yield from _line_apart(line)


def _line_apart(line: list[Node]) -> Iterator[Node]:
    if any(child["type"] != "text" or child["text"].strip() for child in line):
        first, last = line[0], line[-1]
        if first["type"] == "text":
            line[0] = {**first, "text": first["text"].lstrip()}
        if last["type"] == "text":
            line[-1] = {**line[-1], "text": line[-1]["text"].rstrip()}
        yield _paragraph([child for child in line if child.get("text") != ""])


def _is_picture(media: Node) -> bool:
    attrs = attributes(media)
    return attrs.get("type") != "external" or str(attrs.get("url", "")).startswith(_EXTERNAL)


def _picture_words(media: Node) -> Iterator[Node]:
    """An image where ADF takes none: a link to it, or its Markdown when it is not an address."""
    attrs = attributes(media)
    alt, source = str(attrs.get("alt", "")), str(attrs.get("url") or f"media:{attrs.get('id', '')}")
    marks = [mark for mark in marks_of(media) if mark["type"] in _TEXT_MARKS]
    if not source.startswith(_EXTERNAL):
        yield {"type": "text", "text": f"![{alt}]({source})", **({"marks": marks} if marks else {})}
        return
    linked = any(mark["type"] == "link" for mark in marks)
    found = marks if linked else [{"type": "link", "attrs": {"href": source}}, *marks]
    yield {"type": "text", "text": alt or source, "marks": found}

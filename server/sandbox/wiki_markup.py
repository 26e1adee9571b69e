"""ADF as the wiki markup of Jira's older API and of its webhooks."""

from collections.abc import Callable
from datetime import UTC, datetime

from server.sandbox.adf import as_dict, as_list, leaf_text
from server.sandbox.records import Json

MARKS = {"strong": "*", "em": "_", "strike": "-", "underline": "+"}
PANELS = {"info": "info", "note": "note", "warning": "warning", "error": "warning", "success": "tip"}


def markup(doc: Json) -> str:
    return "\n\n".join(_block(as_dict(node)) for node in as_list(doc.get("content"))).strip()


def _marked(node: Json) -> str:
    text = leaf_text(node)
    for mark in as_list(node.get("marks")):
        kind, attrs = as_dict(mark).get("type", ""), as_dict(as_dict(mark).get("attrs"))
        if kind == "link":
            text = f"[{text}|{attrs.get('href', '')}]"
        elif kind == "code":
            text = f"{{{{{text}}}}}"
        elif kind in MARKS:
            text = f"{MARKS[kind]}{text}{MARKS[kind]}"
    return text


def _day(milliseconds: object) -> str:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1_000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _inline(node: Json) -> str:
    attrs = as_dict(node.get("attrs"))
    match node.get("type"):
        case "text":
            return _marked(node)
        case "mention":
            return f"[~accountid:{attrs.get('id', '')}]"
        case "date":
            return _day(attrs.get("timestamp"))
        case "inlineCard":
            return f"[{attrs.get('url', '')}]"
        case _:
            return leaf_text(node)


def _line(node: Json) -> str:
    return "".join(_inline(as_dict(child)) for child in as_list(node.get("content")))


def _items(node: Json, bullet: str) -> str:
    """A list, with the bullets of the lists around it before its own."""
    lines: list[str] = []
    for item in as_list(node.get("content")):
        for child in map(as_dict, as_list(as_dict(item).get("content"))):
            nested = _BULLETS.get(str(child.get("type")))
            lines.append(_items(child, bullet + nested) if nested else f"{bullet} {_block(child)}")
    return "\n".join(lines)


def _table(node: Json) -> str:
    rows: list[str] = []
    for row in as_list(node.get("content")):
        cells = [as_dict(cell) for cell in as_list(as_dict(row).get("content"))]
        bars = ["||" if cell.get("type") == "tableHeader" else "|" for cell in cells]
        texts = [" ".join(_blocks(cell).split()) or " " for cell in cells]
        end = bars[-1] if bars else ""
        rows.append("".join(f"{bar}{text}" for bar, text in zip(bars, texts, strict=True)) + end)
    return "\n".join(rows)


def _blocks(node: Json) -> str:
    return "\n".join(_block(as_dict(child)) for child in as_list(node.get("content")))


def _panel(node: Json) -> str:
    kind = PANELS.get(str(as_dict(node.get("attrs")).get("panelType")), "panel")
    return f"{{{kind}}}\n{_blocks(node)}\n{{{kind}}}"


def _code(node: Json) -> str:
    language = as_dict(node.get("attrs")).get("language")
    return f"{{code{f':{language}' if language else ''}}}\n{_line(node)}\n{{code}}"


_BULLETS = {"bulletList": "*", "orderedList": "#"}
_BLOCKS: dict[str, Callable[[Json], str]] = {
    "paragraph": _line,
    "heading": lambda node: f"h{as_dict(node.get('attrs')).get('level', 1)}. {_line(node)}",
    "bulletList": lambda node: _items(node, "*"),
    "orderedList": lambda node: _items(node, "#"),
    "codeBlock": _code,
    "blockquote": lambda node: f"{{quote}}\n{_blocks(node)}\n{{quote}}",
    "panel": _panel,
    "rule": lambda _: "----",
    "table": _table,
    "taskItem": _line,
    "decisionItem": _line,
}


def _block(node: Json) -> str:
    made = _BLOCKS.get(str(node.get("type")))
    if made:
        return made(node)
    return _blocks(node) if node.get("content") else leaf_text(node)

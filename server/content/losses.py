"""What a rewrite from Markdown would lose, collected while a document is read."""

from collections.abc import Callable
from itertools import zip_longest

from server.content.document import Block, Blocks, List, Paragraph, Quote, Table, TaskList
from server.content.errors import ContentError
from server.content.inlines import flattened, plain

_EXCERPT = 60


class Losses:
    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def note(self, kind: str, example: str = "") -> None:
        kind = kind if len(kind) <= _EXCERPT else _short(kind)
        name = f"{kind} {_short(example)}" if example else kind
        self._counts[name] = self._counts.get(name, 0) + 1

    def report(self) -> list[str]:
        return [name if count == 1 else f"{name} ({count})" for name, count in self._counts.items()]


def unnamed_losses(blocks: Blocks, again: Callable[[], Blocks]) -> list[str]:
    """The net under the named losses: what reads differently after the journey through Markdown."""
    try:
        returned = again()
    except ContentError as error:
        return [f"structure that Markdown cannot hold: {error}"]
    for before, after in zip_longest(blocks, returned):
        if before != after or repr(before) != repr(after):  # named tuples of different names may be equal
            return [f"formatting of {_excerpt(after if before is None else before)}"]
    return []


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _EXCERPT else f"{flat[:_EXCERPT].rstrip()}…"


def _excerpt(block: Block | None) -> str:
    text = plain(flattened((block,))) if block is not None else ""
    kind = _KINDS.get(type(block), "text")
    return f'{kind} "{_short(text)}"'


_KINDS: dict[type, str] = {Paragraph: "paragraph", List: "list", TaskList: "list", Table: "table", Quote: "quotation"}

"""What a reader of a page can select: its text, paragraph by paragraph."""

from server.content.storage_tree import Element, Words, parse_storage

_MARKS = {"a", "b", "big", "code", "del", "em", "i", "ins", "s", "small", "span", "strike", "strong", "sub", "sup", "u"}
_INLINE = frozenset(_MARKS | {"ac:inline-comment-marker", "ac:link", "ac:link-body"})
_SILENT = frozenset(
    {"ac:parameter", "ac:plain-text-body", "ac:plain-text-link-body", "ac:task-id", "ac:task-uuid", "ac:task-status"}
)


def storage_paragraphs(storage: str) -> list[str]:
    """Raises ContentError."""
    parts: list[str] = []
    _walk(parse_storage(storage).page, parts)
    return [paragraph for paragraph in "".join(parts).split("\0") if paragraph.strip()]


def _walk(element: Element, parts: list[str]) -> None:
    for child in element.children:
        if isinstance(child, Words):
            parts.append(child.text)
        elif child.name not in _SILENT:
            ends = "" if child.name in _INLINE else "\0"
            parts.append(ends)
            _walk(child, parts)
            parts.append(ends)

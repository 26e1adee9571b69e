"""Where a page says something: what an inline comment is anchored to."""

from server.content import storage_paragraphs

AROUND = 25  # characters


def passages(storage: str, selection: str) -> list[str]:
    """The surroundings of each occurrence, in their order."""
    found: list[str] = []
    for paragraph in storage_paragraphs(storage):
        at = paragraph.find(selection)
        while at >= 0:
            end = at + len(selection)
            found.append(" ".join(paragraph[max(0, at - AROUND) : end + AROUND].split()))
            at = paragraph.find(selection, end)
    return found

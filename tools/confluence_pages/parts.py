"""What is shown of a page that is long: its outline, a section, or a slice."""

from server.content import outline, read_slice, section

Part = dict[str, str]  # the fields of a page that say what is shown of it: its body, and what was cut


def outlined(body: str) -> Part:
    """The headings with the size of what stands below each."""
    headings = outline(body)
    lines = [f"{'  ' * (each.level - 1)}- {each.title} ({each.size:,} bytes)" for each in headings]
    shown = "\n".join(lines) or "This page has no headings."
    cut = f"Only the outline of {len(body.encode()):,} bytes. Read a part with section."
    return {"body": shown, "cut": cut}


def part_of(body: str, heading: str | None, start: int, most: int) -> Part:
    """At most so many bytes from `start` on, between blocks. Raises ContentError on a heading that is not there."""
    text = section(body, heading) if heading else body
    shown = read_slice(text, most, start)
    notes = [f"Only the section `{heading}`." if heading else "", shown.note]
    return {"body": shown.text, "cut": " ".join(note for note in notes if note)}

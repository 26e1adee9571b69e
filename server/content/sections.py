"""A Markdown text by its headings: its outline, one section of it, and edits of one section.

What an edit does not name stays byte for byte. A heading is named by its words, by a path such as `Setup > Linux`, or,
where several are equal, with its number among them.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple, NoReturn, TypeAlias

from server.content.errors import ContentError
from server.content.near import excerpt, folded, near, quoted
from server.content.source_blocks import Block, Source, size_of

Part: TypeAlias = Literal["section", "content", "text"]
"""All of a section, all below its heading, or only what stands before its first subheading."""


class Section(NamedTuple):
    """Lines are counted from 1; sizes are bytes of UTF-8, the section's with all its subsections."""

    level: int
    title: str
    path: tuple[str, ...]
    line: int
    lines: int
    size: int
    text_size: int

    @property
    def place(self) -> str:
        return f'line {self.line}: "{" > ".join(excerpt(title, 40) for title in self.path)}"'


class _Span(NamedTuple):
    """A section's lines, from 0: its heading, its own text up to the first subheading, its end."""

    heading: Block
    path: tuple[str, ...]
    body: int
    text_end: int
    end: int


def outline(markdown: str) -> list[Section]:
    source = Source(markdown)
    sizes = list(accumulate(map(size_of, source.lines), initial=0))
    return [_section(span, sizes) for span in _spans(source)]


def section(markdown: str, heading: str, number: int | None = None) -> str:
    """The section with its heading and its subsections."""
    source = Source(markdown)
    span = _found(source, heading, number)
    return source.part(span.heading.start, span.end).rstrip()


def replace_section(
    markdown: str, heading: str, text: str, *, part: Part = "content", number: int | None = None
) -> str:
    """The section with another text; an empty one deletes.

    `part` is what the text takes the place of: what stands below the heading, subsections included ("content"); the
    heading too ("section"); or only what stands before the first subheading ("text").
    """
    source = Source(markdown)
    span = _found(source, heading, number)
    new = Source(check_whole(text))
    if part == "section":
        _check_begins_with_heading(new, span)
        return spliced(source, span.heading.start, span.end, text)
    start, text = span.body, _without_heading(new, span.heading)
    headings = list(_headings(Source(text).blocks))
    _check_levels(headings, span)
    if part == "text":
        if headings:
            _refuse_subsections(headings, span)
        return spliced(source, start, span.text_end, text)
    if span.text_end < span.end and not headings:
        _refuse_loss(source, span)
    return spliced(source, start, span.end, text)


def append(markdown: str, text: str, heading: str | None = None, *, number: int | None = None) -> str:
    """The text with more at its end, or at the end of a section: before its subsections, unless it is one itself."""
    source, new = Source(markdown), Source(_given(text))
    if heading is None:
        return spliced(source, len(source.lines), len(source.lines), text)
    span = _found(source, heading, number)
    headings = list(_headings(new.blocks))
    _check_levels(headings, span)
    begins_section = bool(headings) and headings[0].start == new.blocks[0].start
    at = span.end if begins_section else span.text_end
    return spliced(source, at, at, text)


def insert(
    markdown: str, text: str, *, heading: str, where: Literal["before", "after"] = "after", number: int | None = None
) -> str:
    """The text with more before or after a whole section."""
    source = Source(markdown)
    _given(text)
    span = _found(source, heading, number)
    at = span.heading.start if where == "before" else span.end
    return spliced(source, at, at, text)


def spliced(source: Source, start: int, end: int, text: str) -> str:
    """The source with this text, as blocks of its own, in place of some lines; blank lines around these stay."""
    end = source.end(start, end)
    while start < end and source.is_blank(start):
        start += 1
    while start == end and start > 0 and source.is_blank(start - 1):
        start, end = start - 1, end - 1  # put in right behind what is there
    before, after = source.text[: source.starts[start]], source.text[source.starts[end] :]
    last_end = "\n" if source.text.endswith("\n") else ""
    if not text.strip():
        after = after.lstrip("\r\n")
        return before + after if after else before.rstrip("\r\n") + last_end
    gap = "\n" if start and not source.is_blank(start - 1) and start - 1 not in source.openings else ""
    if before and not before.endswith(("\n", "\r")):
        gap = "\n\n"
    ends_there = end == len(source.lines) or source.is_blank(end) or end in source.closings
    follows = "\n" if ends_there else "\n\n"
    return before + gap + text.strip("\r\n") + (follows if after else last_end) + after


def check_whole(text: str) -> str:
    """The text itself, if it leaves nothing open that would swallow what follows it."""
    source = Source(text)
    if (fence := source.open_fence()) is not None:
        raise ContentError(
            f"Line {fence + 1} of the text opens a code block that nothing closes: end it with the same signs."
        )
    if source.alone:
        line = source.alone[0]
        raise ContentError(
            f'Line {line + 1} of the text, "{excerpt(source.lines[line])}", has no partner: a container is opened by a '
            "line such as `:::panel` and closed by `:::`, both at the start of their lines."
        )
    return text


def _given(text: str) -> str:
    if not text.strip():
        raise ContentError("There is no text to put in; pass the Markdown that is to be added.")
    return check_whole(text)


def _without_heading(new: Source, heading: Block) -> str:
    """An agent that passes back what it read passes the heading too."""
    first = new.blocks[0] if new.blocks else None
    if first and first.kind == "heading" and (first.level, first.title) == (heading.level, heading.title):
        return new.text[new.starts[first.end] :]
    return new.text


def _headings(blocks: Sequence[Block]) -> Iterator[Block]:
    return (block for block in blocks if block.kind == "heading")


def _check_begins_with_heading(new: Source, span: _Span) -> None:
    if new.blocks and new.blocks[0].kind != "heading":
        raise ContentError(
            f'The text begins without a heading, and that of "{excerpt(span.heading.title)}" would be lost: begin with '
            "one, or replace the content alone."
        )


def _check_levels(headings: Sequence[Block], span: _Span) -> None:
    for block in headings:
        if block.level <= span.heading.level:
            raise ContentError(
                f'The heading "{excerpt(block.title)}" of level {block.level} would end the section '
                f'"{excerpt(span.heading.title)}", which has level {span.heading.level}: write it with '
                f"{'#' * min(6, span.heading.level + 1)}, insert it after the section, or replace the whole section."
            )


def _refuse_subsections(headings: Sequence[Block], span: _Span) -> NoReturn:
    raise ContentError(
        f"The text has subsections ({quoted([block.title for block in headings])}), and those of "
        f'"{excerpt(span.heading.title)}" would stay: leave them out, or replace the content with them.'
    )


def _refuse_loss(source: Source, span: _Span) -> NoReturn:
    inside = [other for other in _spans(source) if span.body <= other.heading.start < span.end]
    names = quoted([other.heading.title for other in inside])
    raise ContentError(
        f'"{excerpt(span.heading.title)}" has subsections that this would delete: {names}. Pass part="text" to keep '
        'them, put them into the text, or pass part="section" with a new heading to replace them all.'
    )


def _section(span: _Span, sizes: Sequence[int]) -> Section:
    start = span.heading.start
    size, text_size = sizes[span.end] - sizes[start], sizes[span.text_end] - sizes[start]
    heading = span.heading
    return Section(heading.level, heading.title, span.path, start + 1, span.end - start, size, text_size)


def _spans(source: Source) -> list[_Span]:
    return list(_spans_in(source.blocks, len(source.lines), ()))


def _spans_in(blocks: Sequence[Block], end: int, outer: tuple[str, ...]) -> Iterator[_Span]:
    """The sections of one run of blocks; those of a container end with it, and lie below the heading before it."""
    ends = _ends(blocks, end)
    above: list[Block] = []
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            while above and above[-1].level >= block.level:
                above.pop()
            above.append(block)
            path = (*outer, *(each.title for each in above))
            yield _Span(block, path, block.end, ends[number][0], ends[number][1])
        elif block.inner:
            closing = block.end if block.kind == "part" else block.end - 1
            yield from _spans_in(block.inner, closing, (*outer, *(each.title for each in above)))


def _ends(blocks: Sequence[Block], end: int) -> list[tuple[int, int]]:
    """Of each heading, where the next one begins, and where the next one that is no subheading does."""
    ends = [(end, end)] * len(blocks)
    pending: list[tuple[int, int]] = [(end, 0)]  # headings further down: where, and of which level
    for number in range(len(blocks) - 1, -1, -1):
        block = blocks[number]
        if block.kind == "heading":
            following = pending[-1][0]
            while pending[-1][1] > block.level:
                pending.pop()
            ends[number] = following, pending[-1][0]
            pending.append((block.start, block.level))
    return ends


def _found(source: Source, heading: str, number: int | None) -> _Span:
    spans = _spans(source)
    found = _matching(spans, heading)
    if not found:
        _refuse_missing(spans, heading)
    if number is not None:
        if 1 <= number <= len(found):
            return found[number - 1]
        raise ContentError(f'"{excerpt(heading)}" is there {_times(len(found))}; there is no number {number}.')
    if len(found) > 1:
        places = "; ".join(
            f'number {n}, line {span.heading.start + 1}, "{excerpt(" > ".join(span.path))}"'
            for n, span in enumerate(found[:8], 1)
        )
        raise ContentError(
            f'{len(found)} headings are called "{excerpt(heading)}": {places}. Pass the number or a path.'
        )
    return found[0]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _matching(spans: Sequence[_Span], heading: str) -> list[_Span]:
    words = heading.strip().lstrip("#")
    level = len(heading.strip()) - len(words) if words.startswith(" ") else 0
    wanted = words.strip() if level else heading.strip()
    fit = [span for span in spans if not level or span.heading.level == level]
    for same in (str.strip, folded):
        if found := [span for span in fit if same(span.heading.title) == same(wanted)]:
            return found
    path = [folded(step) for step in wanted.split(">")]
    return [span for span in fit if len(path) > 1 and _leads_to(path, span)]


def _leads_to(path: Sequence[str], span: _Span) -> bool:
    """Whether the path ends here and names, in order, some of what lies above."""
    steps = iter([folded(title) for title in span.path])
    return path[-1] == folded(span.heading.title) and all(step in steps for step in path)


def _refuse_missing(spans: Sequence[_Span], heading: str) -> NoReturn:
    titles = [span.heading.title for span in spans]
    if not titles:
        raise ContentError(f'There is no heading "{excerpt(heading)}": the text has no headings at all.')
    alike = near(heading.rsplit(">", maxsplit=1)[-1], titles)
    hint = f"Did you mean {quoted(alike)}?" if alike else f"It has {quoted(titles)}."
    raise ContentError(f'There is no heading "{excerpt(heading)}". {hint} The outline has them all.')

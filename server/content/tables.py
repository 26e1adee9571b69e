"""Small edits of the tables of a Markdown text: one cell, one row more, one row less. All other characters stay."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from server.content.errors import ContentError
from server.content.near import excerpt, folded, near, quoted
from server.content.source_blocks import Source, plain_title

Place: TypeAlias = str | int
"""A row or a column: by its words, or by its number counted from 1, the header row not included."""

_OUTSIDE = re.compile(r"(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*")
_PIPE = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_LINE_ENDS = re.compile(r"\s*(?:\r\n|\r|\n)\s*")
_SHOWN = 8


class _Row(NamedTuple):
    """A line of a table: where it begins in the text, what stands before it, its cells as places in the line."""

    place: int
    line: str
    outside: str
    cells: tuple[tuple[int, int], ...]

    def texts(self) -> list[str]:
        return [plain_title(self.line[start:end].replace("\\|", "|")) for start, end in self.cells]


class _Table(NamedTuple):
    number: int
    line: int
    header: _Row
    rows: tuple[_Row, ...]

    @property
    def name(self) -> str:
        return f'table {self.number} in line {self.line} ("{excerpt(" | ".join(self.header.texts()))}")'


def set_cell(markdown: str, row: Place, column: Place, value: str, *, table: int | None = None) -> str:
    found = _table(Source(markdown), table, row, column)
    at, where = _row(found, row), _column(found, column)
    if where < len(at.cells):
        start, end = at.cells[where]
        line = f"{at.line[:start]} {_written(value)} {at.line[end:]}"
        if end == len(at.line.rstrip()):  # the last cell of a line that ends without a sign
            line = line.rstrip() if value.strip() else f"{line.rstrip()} |"
    else:
        empty = [""] * (where - len(at.cells))
        texts = [at.line[start:end].strip() for start, end in at.cells]
        line = at.outside + _line([*texts, *empty, _written(value)])
    return markdown[: at.place] + line + markdown[at.place + len(at.line) :]


def add_row(
    markdown: str, cells: Mapping[str, str] | Sequence[str], *, after: Place | None = None, table: int | None = None
) -> str:
    """The text with a row more, its cells in order or by the columns' names; at the end, or after another row."""
    names = list(cells) if isinstance(cells, Mapping) else []
    found = _table(Source(markdown), table, after, names[0] if names else None)
    width = len(found.header.cells)
    values = [""] * width
    for place, value in cells.items() if isinstance(cells, Mapping) else enumerate(cells, 1):
        values[_column(found, place)] = _written(value)
    last = found.rows[-1] if found.rows else None
    before = _row(found, after) if after is not None else last
    end = before.place + len(before.line) if before else _end_of_delimiters(markdown, found)
    outside = re.sub(r"[-*+\d.)]", " ", found.header.outside)
    return f"{markdown[:end]}\n{outside}{_line(values)}{markdown[end:]}"


def delete_row(markdown: str, row: Place, *, table: int | None = None) -> str:
    found = _table(Source(markdown), table, row, None)
    at = _row(found, row)
    start = markdown.rfind("\n", 0, at.place)  # with the end of the line before: the last line of a text has none
    return markdown[:start].removesuffix("\r") + markdown[at.place + len(at.line) :]


def _end_of_delimiters(markdown: str, table: _Table) -> int:
    start = markdown.index("\n", table.header.place) + 1
    end = markdown.find("\n", start)
    return len(markdown.rstrip("\r")) if end < 0 else end - (markdown[end - 1] == "\r")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _written(value: str) -> str:
    """A value as what one line of a table can hold."""
    text = _LINE_ENDS.sub("<br>", value.strip())
    return _PIPE.sub(r"\1\\|", text)


def _table(source: Source, number: int | None, row: Place | None, column: Place | None) -> _Table:
    """The table with this number; without one, the only one that has such a row and such a column."""
    tables = [_read(source, n, start, end) for n, (start, end) in enumerate(source.tables, 1)]
    if not tables:
        raise ContentError("There is no table in this text; write one into a section instead.")
    if number is not None:
        if 1 <= number <= len(tables):
            return tables[number - 1]
        raise ContentError(f"There is no table {number}. There are {_names(tables)}.")
    fit = [table for table in tables if _has(table, row, column)] if len(tables) > 1 else tables
    if len(fit) != 1:
        how_many = "Several tables have" if fit else "No table has"
        raise ContentError(f"{how_many} such a row and column. Pass the number of one: {_names(fit or tables)}.")
    return fit[0]


def _names(tables: Sequence[_Table]) -> str:
    more = f" and {len(tables) - _SHOWN} more" if len(tables) > _SHOWN else ""
    return "; ".join(table.name for table in tables[:_SHOWN]) + more


def _has(table: _Table, row: Place | None, column: Place | None) -> bool:
    has_column = column is None or bool(_columns(table, column))
    return has_column and (row is None or bool(_rows(table, row)))


def _read(source: Source, number: int, start: int, end: int) -> _Table:
    header, _, *rows = [_read_row(source.starts[line], source.lines[line]) for line in range(start, end)]
    return _Table(number, start + 1, header, tuple(rows))


def _read_row(place: int, line: str) -> _Row:
    line = line.rstrip("\r\n")
    match = _OUTSIDE.match(line)
    first = match.end() if match else 0
    last = len(line.rstrip())
    pipes = [pipe.end() for pipe in _PIPE.finditer(line, first)]
    if pipes and pipes[0] == first + 1:
        first = pipes.pop(0)
    cells: list[tuple[int, int]] = []
    for pipe in pipes:
        cells.append((first, pipe - 1))
        first = pipe
    if first < last:
        cells.append((first, last))
    return _Row(place, line, line[: match.end()] if match else "", tuple(cells))


def _rows(table: _Table, wanted: Place) -> list[_Row]:
    """Rows by number, or by their first cell, else by any cell, else by words that a cell holds."""
    if isinstance(wanted, int):
        return [table.rows[wanted - 1]] if 1 <= wanted <= len(table.rows) else []
    form = folded(plain_title(wanted))
    texts = [[folded(text) for text in row.texts()] for row in table.rows]
    tests = (
        [cells[:1] == [form] for cells in texts],
        [form in cells for cells in texts],
        [bool(form) and any(form in cell for cell in cells) for cells in texts],
    )
    for test in tests:
        if any(test):
            return [row for row, fits in zip(table.rows, test, strict=True) if fits]
    return []


def _row(table: _Table, wanted: Place) -> _Row:
    found = _rows(table, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        numbers = [str(n) for n, row in enumerate(table.rows, 1) if row in found]
        more = ", …" if len(numbers) > _SHOWN else ""
        raise ContentError(
            f'{len(found)} rows of {table.name} have "{excerpt(str(wanted))}": {", ".join(numbers[:_SHOWN])}{more}. '
            "Pass the number of one."
        )
    raise ContentError(_missing_row(table, wanted))


def _missing_row(table: _Table, wanted: Place) -> str:
    if isinstance(wanted, int):
        return f"There is no row {wanted} in {table.name}: its rows are 1 to {len(table.rows)}."
    firsts = [text for row in table.rows for text in row.texts()[:1]]
    alike = near(wanted, [text for row in table.rows for text in row.texts()])
    hint = f"Did you mean {quoted(alike)}?" if alike else f"Its rows begin with {quoted(firsts)}."
    return f'There is no row "{excerpt(wanted)}" in {table.name}. {hint}'


def _columns(table: _Table, wanted: Place) -> list[int]:
    names = [folded(text) for text in table.header.texts()]
    if isinstance(wanted, int):
        return [wanted - 1] if 1 <= wanted <= len(names) else []
    return [n for n, name in enumerate(names) if name == folded(plain_title(wanted))]


def _column(table: _Table, wanted: Place) -> int:
    found = _columns(table, wanted)
    if len(found) == 1:
        return found[0]
    names = table.header.texts()
    if found:
        raise ContentError(f'{len(found)} columns of {table.name} are called "{excerpt(str(wanted))}": pass a number.')
    raise ContentError(
        f"There is no column {wanted if isinstance(wanted, int) else f'''{quoted([wanted])}'''} in {table.name}: "
        f"its columns are 1 to {len(names)}: {quoted(names)}."
    )

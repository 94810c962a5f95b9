"""Reader of tables as people send them: CSV of any dialect, or a workbook.

Spreadsheets separate cells by commas, semicolons or tabs, write `sep=;` on the first line, and
leave titles above the header and empty rows and columns around the table. A file is read as one
table, which has the required columns.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from ewarn.errors import InputError, RecordRejected
from ewarn.files.decoding import decoded
from ewarn.files.records import Record, TableLine, csv_lines, header_of, record_of
from ewarn.files.values import shown
from ewarn.files.workbook import is_workbook, read_workbook

MOST_ROWS = 200_000  # of a workbook
MOST_COLUMNS = 200  # of a workbook
SECONDS = 30.0  # the time limit for reading a workbook
_HEADER_WITHIN = 20  # the header is among so many lines that are not blank
_LOOKED_AT = 200_000  # characters that are searched for the separator that gives a header
_DELIMITERS = (",", ";", "\t", "|")
_STATED = re.compile(r'"?sep=(.)"?[\t,; ]*(?:\r\n|\r|\n|$)', re.IGNORECASE)

Layouts = Sequence[Iterable[str]]


@dataclass
class Table:
    """A table with its columns, named in lower case with `_` for blanks, and its records.

    `records` can be iterated once. `notes` are complete after that.
    """

    columns: tuple[str, ...]
    header_line: int
    notes: list[str]
    _header: tuple[str, ...]
    _lines: Iterator[TableLine]
    _nameless: dict[int, int] = field(default_factory=dict)

    @property
    def records(self) -> Iterator[Record]:
        """The records after the header, without blank rows."""
        number = 0
        for line in self._lines:
            if not line.is_blank:
                number += 1
                yield record_of(self._fitted(line), self._header)
        if not number:
            self.notes.append(f"There are no rows below the header on line {self.header_line}.")
        if self._nameless:
            said = ", ".join(
                f"column {column} (line {line})" for column, line in sorted(self._nameless.items())
            )
            self.notes.append(f"Columns without a name are ignored: {said}.")

    def _fitted(self, line: TableLine) -> TableLine:
        """Return the line with as many cells as the header, as far as nothing is lost by it.

        Extra cells are removed if they are empty. Missing cells are added if their columns have
        no name.
        """
        width = len(self._header)
        if len(line.cells) == width == len(self.columns):
            return line
        cells = list(line.cells)
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if line.fault is None and len(cells) < width and not any(self._header[len(cells) :]):
            cells += [""] * (width - len(cells))
        for column, (name, cell) in enumerate(zip(self._header, cells, strict=False), start=1):
            if not name and cell.strip():
                self._nameless.setdefault(column, line.number)
        return TableLine(line.number, cells, line.fault)


def read_table(
    body: bytes,
    layouts: Layouts,
    *,
    most_rows: int = MOST_ROWS,
    most_columns: int = MOST_COLUMNS,
    seconds: float = SECONDS,
) -> Table:
    """Read the table of a file, whose header is the first line with all columns of a layout.

    If no line has them, the first line that is not blank is the header, and the caller reports
    the columns that it lacks.

    Args:
        layouts: For each accepted layout, the columns that it requires.
        most_rows: The highest number of rows of a workbook.
        most_columns: The number of columns of a workbook that are read.
        seconds: The time limit for reading a workbook.

    Raises:
        RecordRejected: If the file cannot be read.
    """
    notes: list[str] = []
    others = ""
    if is_workbook(body):
        lines, others = _workbook(body, most_rows, most_columns, seconds)
        notes += [f"Only the first sheet is read, not {others}."] if others else []
    else:
        text, guess = decoded(body)
        notes += [guess] if guess else []
        lines = _csv(text, layouts, notes)
    top = _top(lines)
    index = _header_index(top, layouts)
    if others and index is None:
        raise RecordRejected(
            "The first sheet has no header with the required columns, and only the first is read: "
            f"move the sheet with the rows to the front ({others})."
        )
    if not top:
        raise RecordRejected("The file is empty: see that it was saved whole, and send it again.")
    header = top[index or 0]
    names = header_of(
        TableLine(header.number, [column_name(name) for name in header.cells], header.fault)
    )
    if index:
        notes.append(_passed_over(top[:index], names, header.number))
    rest = chain(top[(index or 0) + 1 :], lines)
    return Table(tuple(filter(None, names)), header.number, notes, names, rest)


def column_name(name: str) -> str:
    """Return the normalised name of a column: lower case, with `_` for blanks and hyphens."""
    return "_".join(name.lower().replace("-", " ").replace("_", " ").split())


def _workbook(
    body: bytes, most_rows: int, most_columns: int, seconds: float
) -> tuple[Iterator[TableLine], str]:
    """Return the lines of the first sheet that is not hidden, and the names of the other sheets."""
    try:
        book = read_workbook(body, most_rows=most_rows, most_columns=most_columns, seconds=seconds)
    except InputError as error:
        raise RecordRejected(str(error)) from None
    others = [f"{shown(name)}{' (hidden)' * (name in book.hidden)}" for name in book.sheets[1:]]
    return (TableLine(*row) for row in book.rows), ", ".join(others)


def _csv(text: str, layouts: Layouts, notes: list[str]) -> Iterator[TableLine]:
    """Return the lines of a CSV text, split at the separator that fits it.

    This is the separator that a `sep=` line states, else the one that gives a header, else the
    most frequent one on the first line.
    """
    stated = _STATED.match(text)
    if stated is not None:
        rest = io.StringIO(text[stated.end() :], newline="")
        return csv_lines(rest, stated[1], first=2)
    begin = text[:_LOOKED_AT]
    for delimiter in _DELIMITERS:
        top = _top(_lines(begin, delimiter))
        index = _header_index(top, layouts)
        # `a,b,c;;` is one cell with commas in it and two empty cells after it.
        if index is not None and not top[index].cells[-1].endswith(";"):
            return _lines(text, delimiter)
    for delimiter in _DELIMITERS:
        if _header_index(_top(_within_cells(_lines(begin, delimiter))), layouts) is not None:
            notes.append("Each line is in one cell: it is read as separated by commas.")
            return _within_cells(_lines(text, delimiter))
    return _lines(text, max(_DELIMITERS, key=text.lstrip().partition("\n")[0].count))


def _lines(text: str, delimiter: str) -> Iterator[TableLine]:
    return csv_lines(io.StringIO(text, newline=""), delimiter)


def _within_cells(lines: Iterator[TableLine]) -> Iterator[TableLine]:
    """Yield lines that a spreadsheet saved as one cell each, split at the commas in that cell."""
    for line in lines:
        if line.fault is not None or line.is_blank:
            yield line
        elif any(cell.strip() for cell in line.cells[1:]):
            yield TableLine(line.number, (), "it is not in one cell, as the other lines are")
        else:
            inner = next(csv_lines([line.cells[0]]), line)
            yield TableLine(line.number, inner.cells, inner.fault)


def _top(lines: Iterator[TableLine]) -> list[TableLine]:
    return list(islice((line for line in lines if not line.is_blank), _HEADER_WITHIN))


def _header_index(top: Sequence[TableLine], layouts: Layouts) -> int | None:
    for index, line in enumerate(top):
        names = {column_name(name) for name in line.cells}
        if any(names.issuperset(layout) for layout in layouts):
            return index
    return None


def _passed_over(above: Sequence[TableLine], names: Sequence[str], header_line: int) -> str:
    """Return the remark on the lines above the header.

    Raises:
        RecordRejected: If one of them is a row of the table: the header must be above its rows.
    """
    for line in above:
        filled = sum(bool(cell.strip()) for cell in line.cells)
        if 2 * filled > sum(map(bool, names)):
            raise RecordRejected(
                f"The header is on line {header_line}, below a row on line {line.number}: "
                "move the header to the top."
            )
    said = ", ".join(str(line.number) for line in above)
    return f"What is above the header is skipped: line {said}."

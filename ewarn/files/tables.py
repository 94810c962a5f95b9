"""Tables as people send them: CSV of any make, or a workbook, as records by column.

Spreadsheets separate by commas, semicolons or tabs, write `sep=;` above all, keep titles over the
header and empty rows and columns around the table. A file is read as the one table that has the
columns asked for.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from ewarn.errors import InputError, RecordRejected
from ewarn.files.decoding import decoded
from ewarn.files.records import Line, Record, csv_lines, header_of, record_of
from ewarn.files.workbook import is_workbook, workbook_rows

MOST_ROWS = 200_000  # of a workbook
MOST_COLUMNS = 200  # of a workbook
SECONDS = 30.0  # to read a workbook
_HEADER_WITHIN = 20  # lines that are not blank
_LOOKED_AT = 200_000  # characters, to find which separator gives a header
_DELIMITERS = (",", ";", "\t", "|")
_STATED = re.compile(r'"?sep=(.)"?[\t,; ]*(?:\r\n|\r|\n|$)', re.IGNORECASE)

Layouts = Sequence[Iterable[str]]


@dataclass
class Table:
    """The columns of a table, in small letters with `_` for blanks, and its records.

    `records` can be gone through once. `notes` are whole when it was.
    """

    columns: tuple[str, ...]
    header_line: int
    notes: list[str]
    _header: tuple[str, ...]
    _lines: Iterator[Line]
    _nameless: dict[int, int] = field(default_factory=dict)

    @property
    def records(self) -> Iterator[Record]:
        """Every record after the header; blank rows are passed over."""
        for line in self._lines:
            if not line.is_blank:
                yield record_of(self._fitted(line), self._header)
        if self._nameless:
            said = ", ".join(
                f"column {column} (line {line})" for column, line in sorted(self._nameless.items())
            )
            self.notes.append(f"Columns without a name are ignored: {said}.")

    def _fitted(self, line: Line) -> Line:
        """The line with as many cells as the header, where those too many are empty, or those
        that lack have no name.
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
        return Line(line.number, cells, line.fault)


def read_table(
    body: bytes,
    layouts: Layouts,
    *,
    most_rows: int = MOST_ROWS,
    most_columns: int = MOST_COLUMNS,
    seconds: float = SECONDS,
) -> Table:
    """The table of a file: its header is the first line with all the columns of a layout.

    Where there is none, the first line that is not blank is taken for it: the caller says what it
    lacks. The bounds are those of a workbook. Raises RecordRejected where the file cannot be read.
    """
    notes: list[str] = []
    if is_workbook(body):
        lines = _workbook(body, most_rows, most_columns, seconds)
    else:
        text, guess = decoded(body)
        notes += [guess] if guess else []
        lines = _csv(text, layouts)
    top = _top(lines)
    if not top:
        raise RecordRejected("The file is empty: see that it was saved whole, and send it again.")
    index = _header_index(top, layouts)
    header = top[index or 0]
    names = header_of(
        Line(header.number, [column_name(name) for name in header.cells], header.fault)
    )
    if index:
        notes.append(_passed_over(top[:index], names, header.number))
    rest = chain(top[(index or 0) + 1 :], lines)
    return Table(tuple(filter(None, names)), header.number, notes, names, rest)


def column_name(name: str) -> str:
    """A name as columns are known by: in small letters, with `_` for blanks and hyphens."""
    return "_".join(name.lower().replace("-", " ").replace("_", " ").split())


def _workbook(body: bytes, most_rows: int, most_columns: int, seconds: float) -> Iterator[Line]:
    try:
        for number, cells in workbook_rows(
            body, most_rows=most_rows, most_columns=most_columns, seconds=seconds
        ):
            yield Line(number, cells)
    except InputError as error:
        raise RecordRejected(str(error)) from None


def _csv(text: str, layouts: Layouts) -> Iterator[Line]:
    """Lines by the separator that is stated, or gives a header, or stands most on the first."""
    stated = _STATED.match(text)
    if stated is not None:
        rest = io.StringIO(text[stated.end() :], newline="")
        return csv_lines(rest, stated[1], first=2)
    begin = text.lstrip().partition("\n")[0]
    likely = max(_DELIMITERS, key=begin.count)
    for delimiter in _DELIMITERS:
        top = _top(csv_lines(io.StringIO(text[:_LOOKED_AT], newline=""), delimiter))
        if _header_index(top, layouts) is not None:
            likely = delimiter
            break
    return csv_lines(io.StringIO(text, newline=""), likely)


def _top(lines: Iterator[Line]) -> list[Line]:
    return list(islice((line for line in lines if not line.is_blank), _HEADER_WITHIN))


def _header_index(top: Sequence[Line], layouts: Layouts) -> int | None:
    for index, line in enumerate(top):
        names = {column_name(name) for name in line.cells}
        if any(names.issuperset(layout) for layout in layouts):
            return index
    return None


def _passed_over(above: Sequence[Line], names: Sequence[str], header_line: int) -> str:
    """The remark on what stands above the header; raises RecordRejected where it is a row."""
    for line in above:
        filled = sum(bool(cell.strip()) for cell in line.cells)
        if 2 * filled > sum(map(bool, names)):
            raise RecordRejected(
                f"The header stands on line {header_line}, below a row on line {line.number}: "
                "move the header to the top."
            )
    said = ", ".join(str(line.number) for line in above)
    return f"What stands above the header is passed over: line {said}."

"""Reader of CSV records that knows the physical line where each record begins.

A record that cannot be read is returned with its fault, and reading continues with the next one.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ewarn.errors import RecordRejected
from ewarn.frames.spreadsheet_escape import unescape_formula

MAX_FIELD = 100_000  # characters
MAX_COLUMNS = 2_000
_SHOWN = 60  # characters of a column name that an error message shows
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")  # NUL, and bytes that are not UTF-8
_TEXT_OF_EXCEL = re.compile(r'="([^"]*)"')  # written so that Excel does not read it as a number
_NUL = "a NUL character, which no text has: export the file again"
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f"))  # left behind by copy and paste


@dataclass(frozen=True, slots=True)
class TableLine:
    """The cells of one line of a table, or the `fault` because of which it cannot be read."""

    number: int
    cells: Sequence[str]
    fault: str | None = None

    @property
    def is_blank(self) -> bool:
        """Whether the line is empty or holds separators only."""
        return self.fault is None and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Record:
    """The stripped and unescaped cells of a record, or the `fault` that makes it unreadable."""

    line: int
    cells: dict[str, str]
    fault: str | None = None


def csv_lines(lines: Iterable[str], delimiter: str = ",", *, first: int = 1) -> Iterator[TableLine]:
    """Yield the lines of a CSV text that are not empty.

    Args:
        first: The number of the first physical line of `lines` in its file.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + first
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield TableLine(number, (), _fault_of(error, reader.line_num + first - 1))
            continue
        if cells:
            yield TableLine(number, cells)


def read_lines(
    lines: Iterable[str], columns: tuple[str, ...] | None = None
) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Return the column names and an iterator of the records, which need not fit into memory.

    Args:
        columns: The names of the columns, if the file has no header.

    Raises:
        RecordRejected: If the header cannot be read.
    """
    found = csv_lines(lines)
    header = header_of(next(found, TableLine(1, ()))) if columns is None else columns
    return header, (record_of(line, header) for line in found)


def header_of(line: TableLine) -> tuple[str, ...]:
    """Return the trimmed names of the columns.

    Raises:
        RecordRejected: If they cannot be read, are too many, or a name is given twice.
    """
    if line.fault is not None:
        raise RecordRejected(f"The header on line {line.number} cannot be read: {line.fault}.")
    header = tuple(name.translate(_INVISIBLE).strip() for name in line.cells)
    if "\x00" in "".join(header):
        raise RecordRejected(f"Line {line.number} holds {_NUL}, as CSV UTF-8.")
    if _UNREADABLE.search("".join(header)):
        raise RecordRejected(
            f"Line {line.number} is not text in UTF-8, UTF-16 or Windows-1252: save the file as "
            "CSV UTF-8."
        )
    if len(header) > MAX_COLUMNS:
        raise RecordRejected(
            f"The header on line {line.number} has {len(header)} columns, {MAX_COLUMNS} are the "
            "most: is it the right file?"
        )
    twice = [name for name, number in sorted(Counter(header).items()) if name and number > 1]
    if twice:
        raise RecordRejected(
            f"The header on line {line.number} names {', '.join(map(_short, twice))} twice: keep "
            "one column of each."
        )
    return header


def _short(name: str) -> str:
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"


def record_of(line: TableLine, header: tuple[str, ...]) -> Record:
    """Return the cells of a line by column name, without the columns that have no name."""
    if line.fault is not None:
        return Record(line.number, {}, line.fault)
    if len(line.cells) != len(header):
        found, wanted = len(line.cells), len(header)
        return Record(line.number, {}, f"it has {found} cells where the header has {wanted}")
    cells = {
        name: _text_of(cell.strip()) for name, cell in zip(header, line.cells, strict=True) if name
    }
    fault = None
    if _UNREADABLE.search("".join(cells.values())):
        column = next(name for name, cell in cells.items() if _UNREADABLE.search(cell))
        said = _NUL if "\x00" in cells[column] else "bytes that are not UTF-8 text"
        fault = f"{column} holds {said}"
    longest = max(cells, key=lambda name: len(cells[name]), default=None)
    if longest is not None and len(cells[longest]) > MAX_FIELD:
        fault = f"{longest} is longer than {MAX_FIELD} characters"
    return Record(line.number, {} if fault else cells, fault)


def _text_of(cell: str) -> str:
    """Return a cell without the escaping that a spreadsheet or this service added."""
    text = _TEXT_OF_EXCEL.fullmatch(cell)
    return unescape_formula(cell) if text is None else text[1].strip()


def _fault_of(error: csv.Error, last_line: int) -> str:
    if "unexpected end of data" in str(error):
        return f"a quote opened in it is never closed, up to the end of the file (line {last_line})"
    if "field larger" in str(error):
        return f"a field is longer than {MAX_FIELD} characters"
    return f"its quotes do not match ({error})"

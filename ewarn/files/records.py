"""Records of a CSV file with the physical line where each begins.

A record that cannot be read is told as such, and the ones after it go on.
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
_SHOWN = 60  # characters of a name
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")  # NUL, and bytes that are not UTF-8
_TEXT_OF_EXCEL = re.compile(r'="([^"]*)"')  # how a text is kept from being taken for a number
_NUL = "a NUL character, which no text has: export the file again"
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f"))  # that copying leaves behind


@dataclass(frozen=True, slots=True)
class TableLine:
    """What stands on one line of a table, cell by cell, or the `fault` for which it cannot be
    read."""

    number: int
    cells: Sequence[str]
    fault: str | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands on it: an empty line, or separators alone."""
        return self.fault is None and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Record:
    """Cells of a record, by column, stripped and unescaped; or the `fault` for which it cannot
    be read."""

    line: int
    cells: dict[str, str]
    fault: str | None = None


def csv_lines(lines: Iterable[str], delimiter: str = ",", *, first: int = 1) -> Iterator[TableLine]:
    """Lines of a CSV text, each with the number of its first physical line; empty ones are passed
    over.
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
    """Column names and records of lines that need not fit memory; `columns` are the names where
    the file has no header. Raises RecordRejected.
    """
    found = csv_lines(lines)
    header = header_of(next(found, TableLine(1, ()))) if columns is None else columns
    return header, (record_of(line, header) for line in found)


def header_of(line: TableLine) -> tuple[str, ...]:
    """The names of the columns, trimmed; raises RecordRejected where they cannot be read."""
    if line.fault is not None:
        raise RecordRejected(f"The header on line {line.number} cannot be read: {line.fault}.")
    header = tuple(name.translate(_INVISIBLE).strip() for name in line.cells)
    if "\x00" in "".join(header):
        raise RecordRejected(f"Line {line.number} holds {_NUL}, as CSV UTF-8.")
    if _UNREADABLE.search("".join(header)):
        raise RecordRejected(
            f"Line {line.number} is no text of UTF-8, UTF-16 or Windows-1252: save the file as "
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
    """The cells of a line by the names of their columns; those without a name are left out."""
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
    """A cell without what a spreadsheet, or we, put around it."""
    text = _TEXT_OF_EXCEL.fullmatch(cell)
    return unescape_formula(cell) if text is None else text[1].strip()


def _fault_of(error: csv.Error, last_line: int) -> str:
    if "unexpected end of data" in str(error):
        return f"a quote opened in it is never closed, up to the end of the file (line {last_line})"
    if "field larger" in str(error):
        return f"a field is longer than {MAX_FIELD} characters"
    return f"its quotes do not match ({error})"

"""Records of a CSV file with the physical line where each begins.

A record that cannot be read is told as such, and the ones after it go on.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ewarn.errors import RecordRejected
from ewarn.frames.guarded import unguarded

if TYPE_CHECKING:
    from _csv import Reader

MAX_FIELD = 100_000  # characters
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")  # NUL, and bytes that are not UTF-8


@dataclass(frozen=True, slots=True)
class Record:
    """Cells of a record, by column, stripped and unguarded; or the `fault` for which it cannot
    be read."""

    line: int
    cells: dict[str, str]
    fault: str | None = None


def as_utf8(body: bytes) -> bytes:
    """`body` in UTF-8: as it is, or re-coded where it is Latin-1 as Windows writes it."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace").encode()
    return body


def read_header(body: bytes) -> tuple[str, ...]:
    """Column names of the first line; raises RecordRejected where they cannot be read."""
    return _header(_open(body))


def read_records(body: bytes) -> Iterator[Record]:
    """Every record after the header; blank lines are passed over. Raises RecordRejected."""
    reader = _open(body)
    return _records_of(reader, _header(reader))


def read_lines(
    lines: Iterable[str], columns: tuple[str, ...] | None = None
) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Column names and records of lines that need not fit memory; `columns` are the names where
    the file has no header. Raises RecordRejected.
    """
    reader = csv.reader(lines, strict=True)
    header = _header(reader) if columns is None else columns
    return header, _records_of(reader, header)


def _records_of(reader: "Reader", header: tuple[str, ...]) -> Iterator[Record]:
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(line, {}, _fault_of(error, reader.line_num))
            continue
        if row:
            yield _record(line, header, row)


def _open(body: bytes) -> "Reader":
    # Bytes that are no UTF-8 are carried along as surrogates, so that only their record fails.
    text = body.decode("utf-8-sig", errors="surrogateescape")
    return csv.reader(io.StringIO(text, newline=""), strict=True)


def _header(reader: "Reader") -> tuple[str, ...]:
    try:
        header = tuple(name.strip() for name in next(reader, []))
    except csv.Error as error:
        raise RecordRejected(f"The header on line 1 cannot be read: {error}.") from error
    if _UNREADABLE.search("".join(header)):
        raise RecordRejected("The header on line 1 is not UTF-8 text: save the file as UTF-8 CSV.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise RecordRejected(f"The header names {', '.join(twice)} twice: keep one column of each.")
    return header


def _record(line: int, header: tuple[str, ...], row: list[str]) -> Record:
    if len(row) != len(header):
        return Record(line, {}, f"it has {len(row)} cells where the header has {len(header)}")
    cells = {name: unguarded(cell.strip()) for name, cell in zip(header, row, strict=True)}
    if _UNREADABLE.search("".join(row)):
        column = next(name for name, cell in cells.items() if _UNREADABLE.search(cell))
        return Record(line, {}, f"{column} holds bytes that are not UTF-8 text")
    longest = max(cells, key=lambda name: len(cells[name]))
    if len(cells[longest]) > MAX_FIELD:
        return Record(line, {}, f"{longest} is longer than {MAX_FIELD} characters")
    return Record(line, cells)


def _fault_of(error: csv.Error, last_line: int) -> str:
    if "unexpected end of data" in str(error):
        return f"a quote opened in it is never closed, up to the end of the file (line {last_line})"
    if "field larger" in str(error):
        return f"a field is longer than {MAX_FIELD} characters"
    return f"its quotes do not match ({error})"

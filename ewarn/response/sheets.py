"""Tables as people send them, CSV or XLSX, as rows of texts by column.

What could harm is refused before it is unpacked: bombs, files past their size. A formula counts as
the value that was last worked out for it, XML entities are not followed.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from ewarn.errors import InputError
from ewarn.frames.guarded import unguarded

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 50 * 1024 * 1024
MOST_MEMBERS = 500  # of a workbook: sheets, styles, pictures
MOST_ROWS = 20_000
MOST_COLUMNS = 100
_ZIP = b"PK\x03\x04"
# What openpyxl and the readers below it raise for files that are damaged or no workbooks.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    SyntaxError,  # XML's own
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line or row of the file it begins on (the header has 1), and its cells by name
    of column. Cells are trimmed texts; days are written YYYY-MM-DD."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a table, in small letters with `_` for spaces, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_sheet(body: bytes) -> Sheet:
    """The table in a CSV text, or in the first sheet of an XLSX workbook.

    Raises InputError where the file is neither, or larger than a list of recommendations can be.
    """
    if len(body) > MOST_BYTES:
        raise InputError(f"the file is larger than {MOST_BYTES >> 20} MiB; split it")
    lines = _workbook(body) if body.startswith(_ZIP) else _text(body)
    found = list(islice(lines, MOST_ROWS + 2))
    if not found or not any(found[0][1]):
        raise InputError("the file is empty: its first line must name the columns")
    if len(found) > MOST_ROWS + 1:
        raise InputError(f"the file has more than {MOST_ROWS} rows; split it")
    columns = tuple(_column(name) for name in found[0][1])
    named = [name for name in columns if name]
    if len(named) != len(set(named)):
        raise InputError("two columns of the file have the same name; remove one")
    rows = (Row(line, _cells(columns, cells)) for line, cells in found[1:] if any(cells))
    return Sheet(tuple(named), tuple(rows))


def _column(name: str) -> str:
    return "_".join(name.lower().replace("-", " ").replace("_", " ").split())


def _cells(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {name: text for name, text in zip(columns, cells, strict=False) if name}


def _text(body: bytes) -> Iterator[tuple[int, list[str]]]:
    if b"\x00" in body:
        raise InputError("the file is neither CSV text nor an XLSX workbook")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")  # as Excel writes it on Windows
    header = text.partition("\n")[0]
    # Spreadsheets set up in French separate by semicolons.
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield line, [unguarded(cell.strip()) for cell in cells[:MOST_COLUMNS]]
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"line {line} of the file is not CSV ({error})") from None


def _workbook(body: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        _check(body)
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a file may claim any size
        rows: Iterable[Sequence[Any]] = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        for number, cells in enumerate(rows, start=1):
            yield number, [unguarded(_plain(cell)) for cell in cells]
    except _BROKEN:
        raise InputError("the file cannot be read as an XLSX workbook; save it anew") from None


def _check(body: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        raise InputError(
            f"the workbook would unpack to {unpacked} bytes in {len(members)} parts: too many"
        )


def _plain(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[: len("YYYY-MM-DD")]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()

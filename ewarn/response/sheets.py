"""Tables as people send them, CSV or XLSX, as rows of texts by column.

A workbook is read in a process of its own (`ewarn.files.workbook`). A formula counts as the value
that was last worked out for it.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ewarn.errors import InputError
from ewarn.files.workbook import is_workbook, workbook_rows
from ewarn.frames.guarded import unguarded

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 100


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
    lines = _workbook(body) if is_workbook(body) else _text(body)
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
    rows = workbook_rows(body, most_rows=MOST_ROWS + 1, most_columns=MOST_COLUMNS)
    for number, cells in rows:
        yield number, [unguarded(cell) for cell in cells]

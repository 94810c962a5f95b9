"""Workbooks (XLSX) for people: a sheet with the rows, and one that says what they are."""

import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE as ILLEGAL

from api.formats.document import PIECE, Document, Record
from ewarn.frames.spreadsheet_escape import escape_formula

ROWS = 1_048_576  # of a sheet, the header included
_LONGEST = 32_767  # characters of a cell


def write(document: Document, records: Iterable[Record]) -> Iterator[bytes]:
    """Yield a workbook. It is put together on disk, because its table of contents is at its end.

    Rows that do not fit on a sheet are on further sheets. Moments are in UTC, without a zone.
    """
    with tempfile.TemporaryFile() as file:
        _fill(file, document, records)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _fill(file: IO[bytes], document: Document, records: Iterable[Record]) -> None:
    book = Workbook(write_only=True)
    try:
        sheet, rows = _sheet(book, document)
        for record in records:
            if rows == ROWS:
                sheet, rows = _sheet(book, document)
            sheet.append([_cell(value) for value in document.row(record)])
            rows += 1
        about = book.create_sheet("about")
        for line in document.said().items():
            about.append([_cell(value) for value in line])
    finally:
        book.save(file)  # in any case, because this deletes the files of openpyxl


def _sheet(book: Workbook, document: Document) -> tuple[Any, int]:
    """Return a new sheet with its header, and the number of rows of the header."""
    number = len(book.worksheets) + 1
    sheet = book.create_sheet(document.name if number == 1 else f"{document.name} {number}")
    head = [document.names, document.tags] if document.hxl else [document.names]
    sheet.freeze_panes = f"A{len(head) + 1}"
    for line in head:
        sheet.append(line)
    return sheet, len(head)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, str):
        return escape_formula(ILLEGAL.sub(" ", value))[:_LONGEST]
    return value

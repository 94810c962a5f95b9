"""Workbooks (XLSX, XLS, ODS) as rows of texts, read in a process of their own.

A workbook of some kilobytes can unpack to gigabytes, or keep its reader busy for ever: no check of
its parts foresees every way. So a process with little memory and little time reads it, and nothing
but rows of texts comes back.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from threading import BoundedSemaphore

from ewarn.errors import InputError
from ewarn.files import workbook_process

MOST_BYTES = 20 * 1024 * 1024
SECONDS = 1.5  # for a small workbook; a large one that an operator imports may have more
_BEFORE_2007 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVE = b"PK\x03\x04"
_PARTS = (b"[Content_Types].xml", b"content.xml")  # of Office and of LibreOffice
_AT_ONCE = BoundedSemaphore(2)  # processes, whatever number of files is sent at once


def is_workbook(body: bytes) -> bool:
    """Whether a file is an archive that names the parts of a workbook, or Excel's before 2007."""
    is_archive = body.startswith(_ARCHIVE) and any(part in body for part in _PARTS)
    return is_archive or body.startswith(_BEFORE_2007)


@dataclass(frozen=True, slots=True)
class Workbook:
    """The first sheet that is not hidden, the others that hold anything, those of them that are
    hidden, and the rows of the first."""

    sheets: list[str]
    hidden: frozenset[str]
    rows: Iterator[tuple[int, list[str]]]


def read_workbook(
    body: bytes, *, most_rows: int, most_columns: int, seconds: float = SECONDS
) -> Workbook:
    """Rows that are not empty, of the first sheet that is not hidden: the number in the sheet, and
    its cells.

    Cells are trimmed texts: numbers as short as they can be, days as YYYY-MM-DD, moments as
    YYYY-MM-DD HH:MM:SS; a formula is the value last worked out for it. In an XLSX file one
    that failed is its error (`#DIV/0!`), and one not worked out is `#FORMULA!`. Raises
    InputError where the file is no workbook, has more than `most_rows` rows, or needs more memory
    or time than it may.
    """
    if len(body) > MOST_BYTES:
        raise InputError(f"the workbook is larger than {MOST_BYTES >> 20} MiB; save it as CSV")
    command = [sys.executable, "-I", "-m", workbook_process.__name__, str(most_rows)]
    try:
        with _AT_ONCE:
            done = subprocess.run(  # noqa: S603  # our own module; the file goes in by a pipe
                [*command, str(most_columns)],
                input=body,
                capture_output=True,
                timeout=seconds,
                env={},
                check=False,
            )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"the workbook takes more than {seconds:g} seconds to read; save it as CSV"
        ) from None
    if done.returncode == workbook_process.REFUSED:
        raise InputError(done.stderr.decode())
    if done.returncode != 0:
        raise InputError(
            "the workbook cannot be read, or needs more memory than it may; save it as CSV"
        )
    first, *rows = done.stdout.splitlines()
    sheets = json.loads(first)
    hidden = frozenset(name for name, is_hidden in sheets if is_hidden)
    names = [name for name, _ in sheets]
    return Workbook(names, hidden, (tuple(json.loads(row)) for row in rows))

"""Reader of workbooks (XLSX, XLS, ODS) that runs in a separate, limited process.

A workbook of a few kilobytes can unpack to gigabytes or keep its reader busy for ever, and no check
of its parts can foresee all such cases. So a process with little memory and little time reads it,
and returns nothing but rows of texts.
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
SECONDS = 1.5  # for a small workbook; the import by an operator allows more for a large one
_BEFORE_2007 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVE = b"PK\x03\x04"
_PARTS = (b"[Content_Types].xml", b"content.xml")  # written by Office and by LibreOffice
_AT_ONCE = BoundedSemaphore(2)  # processes at a time, however many files are sent


def is_workbook(body: bytes) -> bool:
    """Return whether a file is a workbook: an archive with the parts of one, or an old XLS file."""
    is_archive = body.startswith(_ARCHIVE) and any(part in body for part in _PARTS)
    return is_archive or body.startswith(_BEFORE_2007)


@dataclass(frozen=True, slots=True)
class Workbook:
    """The content of a workbook as far as it is read.

    `sheets` names the sheet that is read, which is the first visible one, and then the other
    sheets that hold anything. `hidden` names those of them that are hidden. `rows` are the rows of
    the sheet that is read, each with its number.
    """

    sheets: list[str]
    hidden: frozenset[str]
    rows: Iterator[tuple[int, list[str]]]


def read_workbook(
    body: bytes, *, most_rows: int, most_columns: int, seconds: float = SECONDS
) -> Workbook:
    """Read the rows that are not empty of the first visible sheet: row number and cells.

    Cells are trimmed texts: numbers as short as possible, days as YYYY-MM-DD, moments as
    YYYY-MM-DD HH:MM:SS, and a formula as its last calculated value. In an XLSX file a formula that
    failed is its error (`#DIV/0!`), and one that was never calculated is `#FORMULA!`.

    Raises:
        InputError: If the file is not a workbook, has more than `most_rows` rows, or needs more
            memory or time than is allowed.
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

"""The process that reads one workbook: from standard input to a line of JSON with the names of the
sheets that hold anything, and one for each row of the first.

It lives for one file, and its system ends it where it wants more than it may.
"""

import io
import json
import resource
import sys
import zlib
from datetime import date, datetime, time
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineWorkbook

from ewarn.files import workbook_parts

REFUSED = 3  # the exit code that comes with a sentence on standard error
_MEMORY = 128 * 1024 * 1024  # bytes of address space; Python itself takes some 20 MiB of them
_TIME = 60  # seconds of work, should nobody wait for it any more
_MOST_TEXT = 16 * 1024 * 1024  # characters of all cells
_LONGEST = 32_767  # characters of a cell: what Excel itself can hold


def main() -> int:
    """Reads the workbook; the exit code."""
    most_rows, most_columns = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_TIME, _TIME))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        body = sys.stdin.buffer.read()
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        parts = workbook_parts.sheet_parts(body)
        print(json.dumps(_names(book, body, parts)))
        sheet = book.get_sheet_by_index(0)
        if sheet.end is not None and sheet.end[0] >= most_rows:
            return _refuse(f"the workbook has more than {most_rows} rows; split it")
        lacking = workbook_parts.valueless(body, parts[0]) if parts else {}
        size = 0
        for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
            texts = [_text(cell) for cell in cells[:most_columns]]
            if not any(texts):
                continue  # formulas alone, filled down in advance, are no row
            for column, error in lacking.get(number, {}).items():
                if column <= most_columns:
                    texts += [""] * (column - len(texts))
                    texts[column - 1] = texts[column - 1] or error
            size += sum(map(len, texts))
            print(json.dumps([number, texts]))
            if size > _MOST_TEXT:
                return _refuse("the workbook holds more text than a list can; split it")
    except (CalamineError, IndexError, KeyError, ValueError, BadZipFile, zlib.error):
        return _refuse("the file cannot be read as a workbook; save it anew, or as CSV")
    return 0


def _names(book: CalamineWorkbook, body: bytes, parts: list[str]) -> list[str]:
    """Names of the first sheet and of those after it that hold anything, as far as can be known."""
    names = book.sheet_names
    if len(parts) != len(names):
        return names
    held = [workbook_parts.holds_cells(body, part) for part in parts[1:]]
    return [*names[:1], *(name for name, holds in zip(names[1:], held, strict=True) if holds)]


def _refuse(reason: str) -> int:
    sys.stderr.write(reason)
    return REFUSED


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        is_day = cell.time() == time()
        return cell.date().isoformat() if is_day else cell.isoformat(" ", "seconds")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)[:_LONGEST].strip()


if __name__ == "__main__":
    sys.exit(main())

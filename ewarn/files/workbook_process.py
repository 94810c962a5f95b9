"""The process that reads one workbook from standard input and prints JSON lines.

The first line holds the names of the sheets that hold anything. Each further line is one row of
the first sheet that is not hidden. The process reads one file, and the operating system ends it if
it needs more memory or time than it may.
"""

import io
import json
import resource
import sys
import zlib
from datetime import date, datetime, time
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineWorkbook, SheetMetadata, SheetVisibleEnum

from ewarn.files import workbook_parts

REFUSED = 3  # the exit code that comes with a sentence on standard error
_MEMORY = 128 * 1024 * 1024  # bytes of address space, of which Python itself uses some 20 MiB
_TIME = 60  # seconds of work, in case its parent process no longer waits for it
_MOST_TEXT = 16 * 1024 * 1024  # characters of all cells
_LONGEST = 32_767  # characters of a cell: what Excel itself can hold


def main() -> int:
    """Read the workbook and return the exit code."""
    most_rows, most_columns = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_TIME, _TIME))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        body = sys.stdin.buffer.read()
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        parts = workbook_parts.sheet_parts(body)
        read = _first_visible(book)
        print(json.dumps(_names(book, body, parts, read)))
        sheet = book.get_sheet_by_index(read)
        if sheet.end is not None and sheet.end[0] >= most_rows:
            return _refuse(f"the workbook has more than {most_rows} rows; split it")
        lacking = workbook_parts.valueless(body, parts[read]) if parts else {}
        size = 0
        for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
            texts = [_text(cell) for cell in cells[:most_columns]]
            if not any(texts):
                continue  # a line of formulas alone, filled down in advance, is not a row
            for column, error in lacking.get(number, {}).items():
                if column <= most_columns:
                    texts += [""] * (column - len(texts))
                    texts[column - 1] = texts[column - 1] or error
            size += sum(map(len, texts))
            print(json.dumps([number, texts]))
            if size > _MOST_TEXT:
                return _refuse("the workbook holds more text than a list can; split it")
    except (CalamineError, IndexError, KeyError, ValueError, BadZipFile, zlib.error):
        return _refuse("the file cannot be read as a workbook; save it again, or as CSV")
    return 0


def _first_visible(book: CalamineWorkbook) -> int:
    """Return the position of the sheet to read: the first visible one, or 0 if all are hidden."""
    sheets = enumerate(book.sheets_metadata)
    return next((place for place, sheet in sheets if _is_visible(sheet)), 0)


def _is_visible(sheet: SheetMetadata) -> bool:
    return bool(sheet.visible == SheetVisibleEnum.Visible)


def _names(
    book: CalamineWorkbook, body: bytes, parts: list[str], read: int
) -> list[tuple[str, bool]]:
    """Return the name of each sheet that matters, and whether it is hidden.

    The sheet that is read comes first, then the others that hold anything. If that is not known,
    all others are named.
    """
    sheets = [(sheet.name, not _is_visible(sheet)) for sheet in book.sheets_metadata]
    if len(parts) == len(sheets):
        held = [workbook_parts.holds_cells(body, part) for part in parts]
    else:
        held = [True] * len(sheets)
    others = [item for place, item in enumerate(sheets) if held[place] and place != read]
    return [*sheets[read : read + 1], *others]


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

"""What the reader of workbooks does not tell of an XLSX file: cells without a value, other sheets.

A formula that failed, or that no program has worked out yet, is no empty cell. Parts are read piece
by piece; only the process of one workbook does this.
"""

import io
import re
import zipfile
from collections.abc import Iterator

FORMULA = "#FORMULA!"  # stands for one that nobody has worked out
_PIECE = 1024 * 1024
_LONGEST_CELL = 4096  # bytes, of a cell without a value
_FIRST_CELL_WITHIN = 65_536  # bytes of a part
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?\br:id=\"([^\"]+)\"")
_RELATION = re.compile(rb"<Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(rb"\b(Id|Target)=\"([^\"]*)\"")
_CELL = re.compile(rb"<c\s")
_VALUELESS = re.compile(
    rb"<c\s(?=[^>]*?\br=\"([A-Z]{1,3})(\d{1,7})\")(?:"
    rb"[^>]*?\bt=\"e\"[^>]*>(?:(?!</c>).){0,2000}?<v>(#[^<]{1,12})</v>"
    rb"|(?![^>]*\bt=\"(?!n\"))[^>]*(?<!/)><f\b(?:[^>]*/>|[^>]*>[^<]{0,2000}</f>)(?:<v\s*/>|<v></v>)?</c>)",
    re.DOTALL,
)


def sheet_parts(body: bytes) -> list[str]:
    """Names of the parts of the sheets, in their order; none where it is no XLSX file."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            book = archive.read("xl/workbook.xml")
            relations = archive.read("xl/_rels/workbook.xml.rels")
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        return []
    targets = {}
    for tag in _RELATION.findall(relations):
        found = dict(_ATTRIBUTE.findall(tag))
        targets[found.get(b"Id")] = found.get(b"Target", b"").decode(errors="replace")
    wanted = [targets.get(id_, "") for id_ in _SHEET.findall(book)]
    return [name[1:] if name.startswith("/") else f"xl/{name}" for name in wanted]


def holds_cells(body: bytes, part: str) -> bool:
    """Whether any cell stands in a sheet."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open(part) as file:
        return _CELL.search(file.read(_FIRST_CELL_WITHIN)) is not None


def valueless(body: bytes, part: str) -> dict[int, dict[int, str]]:
    """Cells of a sheet without a value, by row and column from 1: the error that each shows."""
    found: dict[int, dict[int, str]] = {}
    for piece in _pieces(body, part):
        for match in _VALUELESS.finditer(piece):
            row, column = int(match[2]), _column(match[1])
            found.setdefault(row, {})[column] = match[3].decode() if match[3] else FORMULA
    return found


def _pieces(body: bytes, part: str) -> Iterator[bytes]:
    """A part in pieces that overlap by more than a cell."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open(part) as file:
        kept = b""
        while piece := file.read(_PIECE):
            yield kept + piece
            kept = piece[-_LONGEST_CELL:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number

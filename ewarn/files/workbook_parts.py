"""Facts about an XLSX file that the workbook library does not report.

These are the formulas without a value, and which sheets hold anything. A formula that failed, or
that no program has calculated yet, is not an empty cell. Parts are read piece by piece. Only the
process that reads one workbook uses this module.
"""

import io
import re
import zipfile
from collections.abc import Iterator

FORMULA = "#FORMULA!"  # stands for a formula that no program has calculated
_PIECE = 1024 * 1024
_LONGEST_CELL = 4096  # bytes of a cell without a value
_FIRST_CELL_WITHIN = 65_536  # bytes of a part that are searched for a first cell
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
    """Return the names of the sheets' parts in the order of the sheets; [] if not an XLSX file."""
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
    """Return whether a sheet has any cell."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open(part) as file:
        return _CELL.search(file.read(_FIRST_CELL_WITHIN)) is not None


def valueless(body: bytes, part: str) -> dict[int, dict[int, str]]:
    """Return the error text of each cell without a value, by row and column (from 1)."""
    found: dict[int, dict[int, str]] = {}
    for piece in _pieces(body, part):
        for match in _VALUELESS.finditer(piece):
            row, column = int(match[2]), _column(match[1])
            found.setdefault(row, {})[column] = match[3].decode() if match[3] else FORMULA
    return found


def _pieces(body: bytes, part: str) -> Iterator[bytes]:
    """Yield a part in pieces that overlap by more than the length of a cell."""
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

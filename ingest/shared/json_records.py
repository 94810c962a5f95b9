"""Reader of JSON from providers: documents that may be damaged, and records as cells of text.

With cells of text the same parsers (`csv_cells`) serve CSV and JSON. Numbers written as `3`, `3.0`
and `"3"` are read in the same way, and an absent value is an empty cell.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from ewarn.errors import RecordRejected
from ingest.shared.csv_cells import Cells

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # databases refuse NUL; the others mean nothing
_MOST_CHARACTERS = 1_000  # of a cell: a longer one is not an id, name, number or day
_LARGEST_EXACT = 2**53  # a larger float does not identify one whole number


def read_json(body: bytes) -> tuple[Any, tuple[str, ...]]:
    """Return a JSON document and remarks on it.

    Bytes that are not UTF-8 are read as Latin-1, which never fails, and a remark says so.

    Raises:
        RecordRejected: If it is not JSON, or is cut off.
    """
    body = body.removeprefix(_BYTE_ORDER_MARK)
    notes: tuple[str, ...] = ()
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        body = body.decode("latin-1").encode("utf-8")
        notes = ("It is not UTF-8 and was read as Latin-1: names may be misspelt.",)
    try:
        return orjson.loads(body), notes
    except orjson.JSONDecodeError as error:
        raise RecordRejected(f"It is not JSON, or broke off ({error}): fetch it again.") from error


def cells_of(record: Mapping[str, Any], wanted: Iterable[str]) -> Cells:
    """Return the wanted fields of a record as text, "" for absent ones.

    Raises:
        RecordRejected: If a field is too long or not a single value.
    """
    return {name: _text(name, record.get(name)) for name in wanted}


def whole_number(value: object) -> int | None:
    """Return a whole number of at least 0, also written as text, or None for anything else."""
    if isinstance(value, str) and len(value) <= 18 and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return None


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        if len(value) > _MOST_CHARACTERS:
            raise RecordRejected(f"{name} is longer than {_MOST_CHARACTERS} characters")
        return _CONTROL.sub(" ", value).strip()
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT:
        return str(int(value))
    if isinstance(value, int | float):  # also true and false
        return str(value).lower()
    raise RecordRejected(f"{name} is not one value")

"""JSON as providers send it: documents that may be damaged, and records as cells of text.

Cells let one set of readers (`csv_cells`) serve CSV and JSON: numbers that one provider writes
as `3`, `3.0` and `"3"` read alike, and an absent value is an empty cell.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from ewarn.errors import RecordRejected
from ingest.shared.csv_cells import Cells

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # databases refuse NUL; the rest says nothing
_MOST_CHARACTERS = 1_000  # of one cell: what is longer is no id, name, number or day
_LARGEST_EXACT = 2**53  # a float beyond it no longer tells one whole number from the next


def read_json(body: bytes) -> tuple[Any, tuple[str, ...]]:
    """A JSON document and what must be remarked of it; raises RecordRejected.

    Bytes that are not UTF-8 are read as Latin-1, which never fails, and the remark says so.
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
    """The wanted fields of a record as text, empty where absent; raises RecordRejected."""
    return {name: _text(name, record.get(name)) for name in wanted}


def whole_number(value: object) -> int | None:
    """A whole number not below zero, also written as text; None for anything else."""
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

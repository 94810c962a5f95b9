"""Parsers of the cells of an event-exchange row.

Each raises RecordRejected with one sentence if a cell is wrong.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from ewarn.domain.position import holds_position
from ewarn.domain.source import PROTECTED
from ewarn.errors import RecordRejected
from ewarn.files.values import check_identifier, day_of, shown, whole_number_of

MAX_ID = 200

_SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")
_TAG = re.compile(r"[a-z0-9][a-z0-9:_.-]{0,59}")
_RANGE = re.compile(r"([^-–]+?)\s*[-–]\s*([^-–]+)")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d*)?(?:[eE][+-]?\d+)?")

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")
Cells = Mapping[str, str]


class Skipped(Exception):
    """Raised for a valid record that is not used; its text is the reason under which it counts."""


def required(cells: Cells, column: str) -> str:
    """Return a cell that must not be empty."""
    value = cells.get(column, "")
    if not value:
        raise RecordRejected(f"{column} is empty")
    return value


def source(cells: Cells, expected: str | None) -> str:
    """Return the name of the source, without blanks and colons: signal names are made with it."""
    value = required(cells, "source")
    if not _SOURCE.fullmatch(value):
        raise RecordRejected(
            f"source {shown(value)} is not a name of up to 50 small letters a to z, digits, '-', "
            "'_' and '.'"
        )
    if value in PROTECTED:
        raise RecordRejected(
            f"source {value} is protected: its reports come through its own form, never in a file"
        )
    if expected is not None and value != expected:
        raise RecordRejected(f"source is {shown(value)} where {expected!r} is expected")
    return value


def identifier(cells: Cells, column: str = "source_event_id") -> str:
    """Return the publisher's id of the event."""
    value = required(cells, column)
    if len(value) > MAX_ID:
        raise RecordRejected(f"{column} {shown(value)} is longer than {MAX_ID} characters")
    if holds_position(value):
        raise RecordRejected(f"{column} holds a position: give the event another id")
    _read(check_identifier, value, column)
    return value


def choice(cells: Cells, column: str, choices: type[Choice], default: Choice | None) -> Choice:
    """Return a member of an enumeration, or the default (if there is one) for an empty cell."""
    value = cells.get(column, "")
    if not value and default is not None:
        return default
    try:
        return choices(value.lower())
    except ValueError:
        listed = ", ".join(choices)
        raise RecordRejected(f"{column} {shown(value)} is not one of {listed}") from None


def day(cells: Cells, column: str) -> date | None:
    """Return a calendar day from 1900 to 2100, or None if the cell is empty."""
    value = cells.get(column, "")
    if not value:
        return None
    return _read(day_of, value, column)


def count(cells: Cells, column: str) -> int | None:
    """Return a whole number, also written `12.0` or `1 234`, or None if the cell is empty."""
    value = cells.get(column, "")
    return _read(whole_number_of, value, column) if value else None


def counts(cells: Cells, name: str) -> tuple[int | None, int | None]:
    """Return `<name>_low` and `<name>_high`, where low ≤ high if both are known."""
    low, high = count(cells, f"{name}_low"), count(cells, f"{name}_high")
    if low is not None and high is not None and low > high:
        raise RecordRejected(f"{name}_low {low} is greater than {name}_high {high}")
    return low, high


def participants(cells: Cells) -> tuple[int | None, int | None]:
    """Return the lowest and highest number of participants.

    If both bounds are empty, they come from `participants`: `120`, `100-999`, `>10000` or `<50`.
    """
    low, high = counts(cells, "participants")
    value = cells.get("participants", "")
    if not value or low is not None or high is not None:
        return low, high
    if value[0] in "<>":
        bound = _read(whole_number_of, value[1:].lstrip("=").strip(), "participants")
        return (bound, None) if value[0] == ">" else (None, bound)
    pair = _RANGE.fullmatch(value)
    if pair is None or _NUMBER.fullmatch(value):  # `1e-09` is one number
        exact = _read(whole_number_of, value, "participants")
        return exact, exact
    return counts({"participants_low": pair[1], "participants_high": pair[2]}, "participants")


def position(cells: Cells) -> tuple[float, float] | None:
    """Return latitude and longitude in degrees, or None if both cells are empty."""
    latitude, longitude = cells.get("latitude", ""), cells.get("longitude", "")
    if not latitude and not longitude:
        return None
    if not (latitude and longitude):
        raise RecordRejected("latitude and longitude must both be given, or neither")
    return _degrees(latitude, "latitude", 90), _degrees(longitude, "longitude", 180)


def flag(cells: Cells, column: str) -> bool:
    """Return whether a cell is `true` or `false` (also 1 and 0, yes and no); empty is false."""
    value = cells.get(column, "").lower()
    if value in ("true", "1", "yes"):
        return True
    if value in ("", "false", "0", "no"):
        return False
    raise RecordRejected(f"{column} {shown(value)} is not true or false")


def tags(cells: Cells) -> str:
    """Return the distinct tags in order, joined by `;`.

    Tags have lower-case letters a to z only. A tag that only looks like `planned` could publish an
    announced assembly, so a tag that is written otherwise is refused.
    """
    parts = {part.strip() for part in cells.get("tags", "").split(";")} - {""}
    for part in sorted(parts):
        if not _TAG.fullmatch(part):
            raise RecordRejected(
                f"tag {shown(part)} is not of small letters a to z, digits, ':', '_', '.' and '-'; "
                "several tags are separated by ';'"
            )
        if "planned" in part and part != "planned":
            raise RecordRejected(f"tag {shown(part)}: what is announced is tagged 'planned' alone")
    return ";".join(sorted(parts))


def _read(read: Callable[[str], Value], value: str, column: str) -> Value:
    """Parse a value, and name its column in the error."""
    try:
        return read(value)
    except ValueError as error:
        raise RecordRejected(f"{column} {error}") from None


def _degrees(value: str, column: str, limit: int) -> float:
    """Return degrees; a comma is a decimal comma, because degrees have no thousands."""
    number = value.replace("−", "-")
    degrees = float(number.replace(",", ".")) if _NUMBER.fullmatch(number) else float("nan")
    if not -limit <= degrees <= limit:
        raise RecordRejected(f"{column} is not a number from -{limit} to {limit}")
    return degrees

"""An event as a source knows it at a moment: content, times, and when two contents are equal."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ewarn.domain.kinds import EventKind
from ewarn.domain.time import week_of


class DatePrecision(StrEnum):
    """How exactly the day of an event is known."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class LocationPrecision(StrEnum):
    """How exactly the place of an event is known."""

    PLACE = "place"
    ADMIN1 = "admin1"
    COUNTRY = "country"


# The hash covers everything that a publisher reports of an event, in one fixed order.
CONTENT_FIELDS = (
    "kind",
    "occurred_on",
    "ended_on",
    "date_precision",
    "country",
    "region",
    "place",
    "latitude",
    "longitude",
    "location_precision",
    "participants_low",
    "participants_high",
    "fatalities_low",
    "fatalities_high",
    "injured",
    "arrests",
    "tags",
    "summary",
    "source_url",
)
_JSON = json.JSONEncoder(ensure_ascii=False)
TOMBSTONE_HASH = hashlib.sha256(b"deleted").hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """One version of an event. `version` is its rank at read time, from 1."""

    source: str
    source_event_id: str
    version: int
    kind: EventKind
    occurred_on: date
    ended_on: date
    date_precision: DatePrecision
    country: str
    region: str
    place: str | None
    latitude: float | None
    longitude: float | None
    location_precision: LocationPrecision
    participants_low: int | None
    participants_high: int | None
    fatalities_low: int | None
    fatalities_high: int | None
    injured: int | None
    arrests: int | None
    tags: tuple[str, ...]
    summary: str | None
    source_url: str | None
    deleted: bool
    known_at: datetime
    known_at_estimated: bool
    recorded_at: datetime


def content_hashes(columns: Mapping[str, Sequence[Any]], deleted: Sequence[bool]) -> list[str]:
    """Return the SHA-256 (hex) of the content of each row; all tombstones have the same hash.

    The hash is of the compact JSON list of a row's values. Stored hashes depend on every byte of
    it.

    Args:
        columns: Plain values (str, int, finite float, None, date), each column of one type, under
            the names of `CONTENT_FIELDS`; other names are ignored.
    """
    rows = zip(*(_json_texts(columns[name]) for name in CONTENT_FIELDS), strict=True)
    return [
        TOMBSTONE_HASH if is_deleted else hashlib.sha256(f"[{','.join(row)}]".encode()).hexdigest()
        for is_deleted, row in zip(deleted, rows, strict=True)
    ]


def _json_texts(values: Sequence[Any]) -> Iterator[str]:
    """Return each value of a column as JSON, computed once for equal values."""
    distinct = set(values)
    if any(isinstance(value, float) for value in distinct):  # 0.0 and -0.0 are equal, not as text
        return ("null" if value is None else repr(value) for value in values)
    texts: dict[Any, str] = {
        value: f'"{value}"' if isinstance(value, date) else _JSON.encode(value)
        for value in distinct
    }
    return map(texts.__getitem__, values)


def counted_weeks(occurred_on: date, ended_on: date, precision: DatePrecision) -> tuple[date, date]:
    """Return the first and last ISO week (Mondays) that a window must hold to count an event.

    A day-precise event counts once, in the week in which it began. A week- or month-precise one may
    have happened anywhere in its span, so it counts only in windows that hold the whole span.
    """
    first = week_of(occurred_on)
    return (first, first) if precision is DatePrecision.DAY else (first, week_of(ended_on))

"""An event as a source knows it at a moment: content, times, and what makes two contents equal."""

import hashlib
import json
from collections.abc import Mapping
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


# What is hashed: everything a publisher says of an event, in one fixed order.
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


def content_hash(content: Mapping[str, Any], *, deleted: bool = False) -> str:
    """SHA-256 (hex) of the content fields; a tombstone hashes alike whatever it carries.

    `content` holds plain values (str, int, float, None, date) under the names of
    `CONTENT_FIELDS`; other names are ignored.
    """
    if deleted:
        return TOMBSTONE_HASH
    values = [content.get(name) for name in CONTENT_FIELDS]
    text = json.dumps(values, default=str, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def counted_weeks(occurred_on: date, ended_on: date, precision: DatePrecision) -> tuple[date, date]:
    """First and last ISO week (Mondays) that an event must lie in to be counted.

    A day-precise event counts once, in the week it began. A week- or month-precise one may have
    happened anywhere in its span, so it counts only in windows that hold the whole span.
    """
    first = week_of(occurred_on)
    return (first, first) if precision is DatePrecision.DAY else (first, week_of(ended_on))

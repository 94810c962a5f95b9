"""Events, each in the version that a source gave it."""

from datetime import date, datetime

from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.egress.shapes import Shape, shown


class EventRecord(Shape):
    """One version of an event. Counts are null where unknown: unknown is not zero."""

    source: str = shown("invented")
    source_event_id: str = shown("e1")
    version: int = shown(1)
    kind: EventKind = shown("protest")
    occurred_on: date = shown("2020-01-06")
    ended_on: date = shown("2020-01-06")
    date_precision: DatePrecision = shown("day")
    known_at: datetime = shown("2020-01-07T00:00:00+00:00")
    known_at_estimated: bool = shown(True)
    recorded_at: datetime = shown("2020-01-07T06:00:00+00:00")
    country: str = shown("TGO")
    region: str = shown("TG-M")
    place: str | None = shown("Lomé")
    latitude: float | None = shown(6.13)
    longitude: float | None = shown(1.22)
    location_precision: LocationPrecision = shown("place")
    participants_low: int | None = shown(100)
    participants_high: int | None = shown(999)
    fatalities_low: int | None = shown(None)
    fatalities_high: int | None = shown(None)
    injured: int | None = shown(None)
    arrests: int | None = shown(None)
    tags: list[str] = shown([])
    summary: str | None = shown("An invented march")
    source_url: str | None = shown("news.example.org")
    deleted: bool = shown(False)

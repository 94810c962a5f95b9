"""Events, each in the version that a source reported."""

from datetime import date, datetime
from typing import Annotated

from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.egress.definition.shapes import Shape, shown
from ewarn.egress.definition.tables import Column, InTables, joined, subdivision


class EventRecord(Shape):
    """One version of an event. Counts are null where unknown: unknown is not zero."""

    source: str = shown("gdelt", hxl="#meta+source")
    source_event_id: str = shown(
        "1234567890", "The id that the source gave to the event.", hxl="#event+id"
    )
    version: int = shown(
        1,
        "Number of the version: 1 is the first that was known. A correction or "
        "deletion is a new one.",
        ge=1,
    )
    kind: EventKind = shown("protest", hxl="#event+type")
    occurred_on: date = shown("2017-08-07", "The day it happened, or began.", hxl="#date+start")
    ended_on: date = shown(
        "2017-08-07", "Its last day; the same day if it lasted one.", hxl="#date+end"
    )
    date_precision: DatePrecision = shown(
        "day",
        "How exactly the days are known.",
    )
    known_at: datetime = shown(
        "2017-08-08T00:00:00+00:00", "When its publisher made this version knowable."
    )
    known_at_estimated: bool = shown(
        True, "Whether `known_at` is an estimate: the day after the event."
    )
    recorded_at: datetime = shown("2017-08-08T06:00:00+00:00")
    country: str = shown("TGO", hxl="#country+code")
    region: Annotated[str, InTables(Column("admin1", str, subdivision, "#adm1+code"))] = shown(
        "TG-M", hxl="#loc+code"
    )
    place: str | None = shown(
        "Lomé", "Name of the town or place.", hxl="#loc+name", null="if the source names none"
    )
    latitude: float | None = shown(6.13, hxl="#geo+lat")
    longitude: float | None = shown(1.22, hxl="#geo+lon")
    location_precision: LocationPrecision = shown(
        "place",
        "How exactly the place is known. Only for `place` are the coordinates those of a place.",
    )
    participants_low: int | None = shown(
        100,
        "Least number of participants.",
        hxl="#population+participants+min",
        null="if it is not known",
        ge=0,
    )
    participants_high: int | None = shown(
        999,
        "Greatest number of participants.",
        hxl="#population+participants+max",
        null="if it is not known",
        ge=0,
    )
    fatalities_low: int | None = shown(
        0,
        "Least number of people killed.",
        hxl="#affected+killed+min",
        null="if it is not known",
        ge=0,
    )
    fatalities_high: int | None = shown(
        2,
        "Greatest number of people killed.",
        hxl="#affected+killed+max",
        null="if it is not known",
        ge=0,
    )
    injured: int | None = shown(3, hxl="#affected+injured")
    arrests: int | None = shown(4, hxl="#affected+detained")
    tags: Annotated[list[str], InTables(joined("tags", "tags"))] = shown(
        ["response:dispersal"], "Short marks, such as `response:shooting`."
    )
    summary: str | None = shown(
        "An invented march", hxl="#event+description", null="if there is none"
    )
    source_url: str | None = shown(
        "news.example.org",
        "Address of the report, or its site alone.",
        hxl="#meta+url",
        null="if there is none",
    )
    deleted: bool = shown(False, "Whether the source took the event back.")

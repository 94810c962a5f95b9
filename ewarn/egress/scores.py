"""Scores, their drivers and the sources they rest on."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from ewarn.domain.region import Level
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.egress.definition.shapes import Shape, shown
from ewarn.egress.definition.tables import Column, InTables, joined, numbered, subdivision
from ewarn.egress.events import EventRecord


class DriverRecord(Shape):
    """What moved a score: events of one signal in some weeks (Mondays, both included).

    `contribution` is on the logit scale, null for a detector's score.
    """

    signal: str = shown("gdelt:force")
    words: str = shown("3 × force against demonstrators, since 3 Jul ↑")
    first_week: date = shown("2017-07-03")
    last_week: date = shown("2017-07-31")
    contribution: float | None = shown(
        0.8, "What it adds to the score, on the logit scale.", null="for the score of a detector"
    )
    count: int = shown(3, "Number of events.", ge=0)
    event_ids: list[str] = shown(
        ["1234567890"], "Ids of the events, as the source gave them.", default_factory=list
    )
    events: list[EventRecord] = shown([], "The events themselves.", default_factory=list)


def _last_day(record: Mapping[str, Any]) -> date | None:
    """Return the last day that a score is about."""
    if record["origin"] is None:
        return None
    origin: date = record["origin"]
    return origin + timedelta(weeks=record["horizon_weeks"], days=-1)


class FootingRecord(Shape):
    """A source that a score rests on, in its state then."""

    source: str = shown("gdelt")
    health: Health = shown("ok")
    completeness: float = shown(
        1.0, "Share of the data of the source that had arrived.", ge=0, le=1
    )


class ScoreRecord(Shape):
    """A score. `low` and `high` bound 90%; on an uncalibrated basis there is no probability.

    If reports are known to come late, `expected`, `upper` and `observed` are about what should have
    arrived by now. A region that was asked for and has no score is a row too, with `id` and all
    fields of the score null: `notice` says why.

    An `interim` score replaces that of its Monday until the next Monday: it also reads the week so
    far, as known at `as_of`, and exists only where it is higher.
    """

    id: str | None = shown("1", hxl="#meta+id", null="if the region has no score")
    region: Annotated[str, InTables(Column("admin1", str, subdivision, "#adm1+code"))] = shown(
        "TGO", hxl="#loc+code"
    )
    region_name: str = shown("Togo", hxl="#loc+name")
    country: str = shown("TGO", hxl="#country+code")
    level: Level = shown("country", hxl="#loc+type")
    target: Target = shown("force", hxl="#crisis+type")
    horizon_weeks: int | None = shown(4, hxl="#meta+weeks", null="if the region has no score")
    origin: Annotated[date | None, InTables(Column("last_day", date, _last_day, "#date+end"))] = (
        shown("2017-08-07", hxl="#date+start")
    )
    model: str | None = shown("ensemble@1+1a2b3c4d", hxl="#meta+model")
    basis: Basis | None = shown("calibrated")
    band: Band | None = shown("elevated", hxl="#severity")
    severity: Band | None = shown(
        "elevated",
        "Its level on the ladder of alerts: the band or, without a probability, how far a detector "
        "found the last week beyond its bound.",
        hxl="#severity+detector",
        null="if the region has no score",
    )
    probability: float | None = shown(0.12, hxl="#indicator+risk+num")
    low: float | None = shown(0.07, hxl="#indicator+risk+low+num", null="without a probability")
    high: float | None = shown(0.2, hxl="#indicator+risk+high+num", null="without a probability")
    expected: float | None = shown(0.4)
    upper: float | None = shown(2.0)
    observed: int | None = shown(1)
    unit: Literal["events", "points"] = shown(
        "events",
        "Unit of `observed`, `expected` and `upper`: events, or points that weigh "
        "acts by severity.",
    )
    exceeds_bound: bool | None = shown(
        False, "Whether a detector found the last week unusual.", null="if no detector looked at it"
    )
    false_discovery: float | None = shown(0.4)
    relative_risk: float | None = shown(3.4)
    completeness: float = shown(1.0)
    sources: Annotated[
        list[FootingRecord],
        InTables(
            joined("source", "sources", "source", hxl="#meta+source"),
            joined("health", "sources", "health", hxl="#status+source"),
        ),
    ] = Field(description="Sources that it rests on, in their state then.")
    drivers: Annotated[
        list[DriverRecord],
        numbered("driver", "drivers", "words", first=3, hxl="#description+driver"),
    ] = Field(description="What moved the score most, the strongest first.")
    members: dict[str, float] = shown(
        {"base-rate": 0.02}, "Probability that each member of the ensemble gives, by name."
    )
    as_of: datetime | None = shown("2017-08-07T00:00:00+00:00", null="if the region has no score")
    interim: bool = shown(
        False,
        "Whether it was made between two Mondays. It replaces the score of its "
        "Monday, and only where it is higher.",
    )
    recorded_at: datetime | None = shown(
        "2017-08-07T00:05:00+00:00", null="if the region has no score"
    )
    notice: str = shown("", hxl="#meta+notice")
    is_observed: bool = shown(True)
    unobserved_since: datetime | None = shown(
        None,
        "Since when no source observes the country, for a region without a score.",
        null="if no source ever did, or there is a score",
    )

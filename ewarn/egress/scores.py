"""Scores, what moved them and what they rest on."""

from datetime import date, datetime
from typing import Literal

from ewarn.domain.region import Level
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.egress.events import EventRecord
from ewarn.egress.shapes import Shape, shown


class DriverRecord(Shape):
    """What moved a score: events of one signal in some weeks (Mondays, both included).

    `contribution` is on the logit scale, null for a detector's score.
    """

    signal: str = shown("invented:force")
    words: str = shown("3 × force against demonstrators, since 2 Dec ↑")
    first_week: date = shown("2019-12-02")
    last_week: date = shown("2019-12-30")
    contribution: float | None = shown(0.8)
    count: int = shown(3)
    event_ids: list[str] = shown(["e1"], default_factory=list)
    events: list[EventRecord] = shown([], default_factory=list)


class FootingRecord(Shape):
    """A source a score rests on, as it was then."""

    source: str = shown("invented")
    health: Health = shown("ok")
    completeness: float = shown(1.0)


class ScoreRecord(Shape):
    """A score. `low` and `high` bound 90%; on an uncalibrated basis there is no probability.

    `expected` and `upper` are what a detector expects of the target's own series in the last
    observed week, and its bound for it; `observed` is what was seen, null where nobody looked. All
    three are in `unit`: events, or points where acts weigh by how grave they are (escalation).
    Where reports are known to come late, they are of what should be in by now.
    `is_observed` is false where nobody observed the last week. A region that was asked for and
    has no score is a row too, with `id` and all that a score says null: `notice` says why, and
    `unobserved_since` since when (null: no source ever observed its country).
    `false_discovery` is the share of weeks in which chance alone would bring such an alarm, where
    nothing is unusual anywhere (Benjamini & Hochberg), null where the week or bound is unknown.
    `relative_risk` is how many times the mean probability of the quiet regions of its level this
    one is: those of which the source knows no lethal event (no force at all, if it does not count
    the dead) in half a year. Null where the region is not quiet, fewer than fifty are, or no
    probability is claimed, and on scores made before this field was.
    An `interim` score stands in for that of its Monday until the next one: it reads the week so far
    as well, as known at `as_of`, and is only there where it is higher.
    """

    id: str | None = shown("1")
    region: str = shown("TGO")
    region_name: str = shown("Togo")
    country: str = shown("TGO")
    level: Level = shown("country")
    target: Target = shown("force")
    horizon_weeks: int | None = shown(4)
    origin: date | None = shown("2020-01-06")
    model: str | None = shown(
        "invented@1+1a2b3c4d",
        description="Name, version and, after a plus sign, the hash of its parameters.",
    )
    basis: Basis | None = shown("calibrated")
    band: Band | None = shown("elevated")
    probability: float | None = shown(0.12)
    low: float | None = shown(0.07)
    high: float | None = shown(0.2)
    expected: float | None = shown(0.4)
    upper: float | None = shown(2.0)
    observed: int | None = shown(1)
    unit: Literal["events", "points"] = shown("events")
    exceeds_bound: bool | None = shown(False)
    false_discovery: float | None = shown(0.4)
    relative_risk: float | None = shown(3.4)
    completeness: float = shown(1.0)
    sources: list[FootingRecord]
    drivers: list[DriverRecord] = shown([])
    members: dict[str, float] = shown({"base-rate": 0.02})
    as_of: datetime | None = shown("2020-01-06T00:00:00+00:00")
    interim: bool = shown(False)
    recorded_at: datetime | None = shown("2020-01-06T00:05:00+00:00")
    notice: str = shown("")
    is_observed: bool = shown(True)
    unobserved_since: datetime | None = shown(None)

"""Wire shapes of what is polled: events, scores and alerts."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ewarn.domain.alert import AlertState, Assessment, ChangeKind
from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Level
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target


def example(**values: Any) -> ConfigDict:
    """A closed shape with one example; the examples are invented."""
    return ConfigDict(extra="forbid", json_schema_extra={"example": values})


class Listed(BaseModel):
    """What every list has besides its items."""

    model_config = ConfigDict(extra="forbid")

    next: str | None = Field(description="Address of the next page; null on the last.")
    as_of: datetime | None = Field(description="The moment since which the answer holds.")
    notice: str = Field(description="What must be said with these items; empty if nothing.")


class UnwellRecord(BaseModel):
    """A source that is not well. `since` is the time of the newest thing read of it, null where
    nothing ever was."""

    model_config = example(source="invented", health="silent", since="2020-01-06T00:00:00+00:00")

    source: str
    health: Health
    since: datetime | None


class OfSources(Listed):
    """What every list has that rests on sources: also one that is empty."""

    unwell: list[UnwellRecord] = Field(
        description="Sources that are not well; `notice` says the same in words."
    )


class EventRecord(BaseModel):
    """One version of an event. Counts are null where unknown: unknown is not zero."""

    model_config = example(
        source="invented",
        source_event_id="e1",
        version=1,
        kind="protest",
        occurred_on="2020-01-06",
        ended_on="2020-01-06",
        date_precision="day",
        known_at="2020-01-07T00:00:00+00:00",
        known_at_estimated=True,
        recorded_at="2020-01-07T06:00:00+00:00",
        country="TGO",
        region="TG-M",
        place="Lomé",
        latitude=6.13,
        longitude=1.22,
        location_precision="place",
        participants_low=100,
        participants_high=999,
        fatalities_low=None,
        fatalities_high=None,
        injured=None,
        arrests=None,
        tags=[],
        summary="An invented march",
        source_url="news.example.org",
        deleted=False,
    )

    source: str
    source_event_id: str
    version: int
    kind: EventKind
    occurred_on: date
    ended_on: date
    date_precision: DatePrecision
    known_at: datetime
    known_at_estimated: bool
    recorded_at: datetime
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
    tags: list[str]
    summary: str | None
    source_url: str | None
    deleted: bool


class VersionList(Listed):
    """Versions of an event, or what others say of it."""

    items: list[EventRecord]


class EventList(OfSources):
    """A page of events."""

    items: list[EventRecord]


class DriverRecord(BaseModel):
    """What moved a score: events of one signal in some weeks (Mondays, both included).

    `contribution` is on the logit scale, null for a detector's score.
    """

    model_config = example(
        signal="invented:force",
        words="3 × force against demonstrators, since 2 Dec ↑",
        first_week="2019-12-02",
        last_week="2019-12-30",
        contribution=0.8,
        count=3,
    )

    signal: str
    words: str
    first_week: date
    last_week: date
    contribution: float | None
    count: int
    event_ids: list[str] = Field(default_factory=list)
    events: list[EventRecord] = Field(default_factory=list)


class DriverList(Listed):
    """The drivers of a score."""

    items: list[DriverRecord]


class FootingRecord(BaseModel):
    """A source a score rests on, as it was then."""

    model_config = example(source="invented", health="ok", completeness=1.0)

    source: str
    health: Health
    completeness: float


class ScoreRecord(BaseModel):
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

    model_config = example(
        id="1",
        region="TGO",
        region_name="Togo",
        country="TGO",
        level="country",
        target="force",
        horizon_weeks=4,
        origin="2020-01-06",
        model="invented@1+1a2b3c4d",
        basis="calibrated",
        band="elevated",
        probability=0.12,
        low=0.07,
        high=0.2,
        expected=0.4,
        upper=2.0,
        observed=1,
        unit="events",
        exceeds_bound=False,
        false_discovery=0.4,
        relative_risk=3.4,
        completeness=1.0,
        sources=[{"source": "invented", "health": "ok", "completeness": 1.0}],
        drivers=[],
        members={"base-rate": 0.02},
        as_of="2020-01-06T00:00:00+00:00",
        interim=False,
        recorded_at="2020-01-06T00:05:00+00:00",
        notice="",
        is_observed=True,
        unobserved_since=None,
    )

    id: str | None
    region: str
    region_name: str
    country: str
    level: Level
    target: Target
    horizon_weeks: int | None
    origin: date | None
    model: str | None = Field(
        description="Name, version and, after a plus sign, the hash of its parameters."
    )
    basis: Basis | None
    band: Band | None
    probability: float | None
    low: float | None
    high: float | None
    expected: float | None
    upper: float | None
    observed: int | None
    unit: Literal["events", "points"]
    exceeds_bound: bool | None
    false_discovery: float | None
    relative_risk: float | None
    completeness: float
    sources: list[FootingRecord]
    drivers: list[DriverRecord]
    members: dict[str, float]
    as_of: datetime | None
    interim: bool
    recorded_at: datetime | None
    notice: str
    is_observed: bool
    unobserved_since: datetime | None


class ScoreList(OfSources):
    """A page of scores."""

    items: list[ScoreRecord]


class AlertRecord(BaseModel):
    """An alert as it stood. `stale`: its data stopped, and it is kept open for that. `corrected`:
    on today's data it would not have opened. `situation`: nothing renewed it for half a year.
    `warned_on` and `warned_at` are the origin and the probability of its last warning. One that is
    closed without a day was withdrawn."""

    model_config = example(
        id="a1",
        rule="force-country",
        region="TGO",
        region_name="Togo",
        country="TGO",
        level="country",
        target="force",
        horizon_weeks=4,
        state="open",
        band="high",
        highest="high",
        probability=0.21,
        opened_on="2020-01-06",
        closed_on=None,
        last_origin="2020-01-06",
        score_id="1",
        stale=False,
        corrected=False,
        situation=False,
        warned_on="2020-01-06",
        warned_at=0.21,
        acknowledged_by=None,
        assessment=None,
        notice="",
    )

    id: str
    rule: str
    region: str
    region_name: str
    country: str
    level: Level
    target: Target
    horizon_weeks: int
    state: AlertState
    band: Band
    highest: Band
    probability: float | None
    opened_on: date | None
    closed_on: date | None
    last_origin: date
    score_id: str
    stale: bool
    corrected: bool
    situation: bool
    warned_on: date | None
    warned_at: float | None
    acknowledged_by: str | None
    assessment: Assessment | None
    notice: str


class AlertList(OfSources):
    """A page of alerts."""

    items: list[AlertRecord]


class AlertEventRecord(BaseModel):
    """One change of an alert; its hash covers the change before it. `rule_hash` names the text of
    the rule it was made under (`/v1/rules/{hash}`)."""

    model_config = example(
        sequence=1,
        alert_id="a1",
        kind="opened",
        at="2020-01-06T00:05:00+00:00",
        actor="ewarn",
        reason="21% is at or above 16%",
        band="high",
        probability=0.21,
        score_id="1",
        rule_hash="c4" * 32,
        hash="9f" * 32,
    )

    sequence: int
    alert_id: str
    kind: ChangeKind
    at: datetime
    actor: str
    reason: str
    band: Band
    probability: float | None
    score_id: str
    rule_hash: str
    hash: str


class HeldBackRecord(BaseModel):
    """A change that was not told when it was made. Where `office`, `channel` and `tier` are null
    nobody was told; else it waits for those, `until` that moment. Of a silence it says until when;
    `/v1/silences` says whose it is, where the key covers it."""

    model_config = example(
        at="2020-01-06T00:05:00+00:00",
        change="opened",
        why="silence",
        reason="a silence covered it until 9 Jan 2020, 00:00 UTC",
        until="2020-01-09T00:00:00+00:00",
        office=None,
        channel=None,
        tier=None,
    )

    at: datetime
    change: str
    why: str
    reason: str
    until: datetime | None
    office: str | None
    channel: str | None
    tier: int | None


class AlertWithTimeline(AlertRecord):
    """An alert with every change it went through, what was held back of them, and the sources of
    its country that are not well."""

    held_back: list[HeldBackRecord]

    unwell: list[UnwellRecord]
    timeline: list[AlertEventRecord]

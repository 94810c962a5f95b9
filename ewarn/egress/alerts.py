"""Alerts, every change of them, and the silences that hold their news back."""

from datetime import date, datetime
from typing import Annotated

from ewarn.domain.alert import AlertState, Assessment, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Target
from ewarn.egress.shapes import NOT_IN_TABLES, Shape, shown


class UnwellRecord(Shape):
    """A source that is not well. `since` is the time of the newest thing read of it, null where
    nothing ever was."""

    source: str = shown("invented")
    health: Health = shown("silent")
    since: datetime | None = shown("2020-01-06T00:00:00+00:00")


class AlertRecord(Shape):
    """An alert as it stood. `stale`: its data stopped, and it is kept open for that. `corrected`:
    on today's data it would not have opened. `situation`: nothing renewed it for half a year.
    `warned_on` and `warned_at` are the origin and the probability of its last warning. One that is
    closed without a day was withdrawn."""

    id: str = shown("a1")
    rule: str = shown("force-country")
    region: str = shown("TGO")
    region_name: str = shown("Togo")
    country: str = shown("TGO")
    level: Level = shown("country")
    target: Target = shown("force")
    horizon_weeks: int = shown(4)
    state: AlertState = shown("open")
    band: Band = shown("high")
    highest: Band = shown("high")
    probability: float | None = shown(0.21)
    opened_on: date | None = shown("2020-01-06")
    closed_on: date | None = shown(None)
    last_origin: date = shown("2020-01-06")
    score_id: Annotated[str, NOT_IN_TABLES] = shown("1")
    stale: bool = shown(False)
    corrected: bool = shown(False)
    situation: bool = shown(False)
    warned_on: date | None = shown("2020-01-06")
    warned_at: float | None = shown(0.21)
    acknowledged_by: str | None = shown(None)
    assessment: Assessment | None = shown(None)
    notice: str = shown("")


class AlertEventRecord(Shape):
    """One change of an alert; its hash covers the change before it. `rule_hash` names the text of
    the rule it was made under (`/v1/rules/{hash}`)."""

    sequence: int = shown(1)
    alert_id: str = shown("a1")
    kind: ChangeKind = shown("opened")
    at: datetime = shown("2020-01-06T00:05:00+00:00")
    actor: str = shown("ewarn")
    reason: str = shown("21% is at or above 16%")
    band: Band = shown("high")
    probability: float | None = shown(0.21)
    score_id: str = shown("1")
    rule_hash: str = shown("c4" * 32)
    hash: str = shown("9f" * 32)


class HeldBackRecord(Shape):
    """A change that was not told when it was made. Where `office`, `channel` and `tier` are null
    nobody was told; else it waits for those, `until` that moment. Of a silence it says until when;
    `/v1/silences` says whose it is, where the key covers it."""

    at: datetime = shown("2020-01-06T00:05:00+00:00")
    change: str = shown("opened")
    why: str = shown("silence")
    reason: str = shown("a silence covered it until 9 Jan 2020, 00:00 UTC")
    until: datetime | None = shown("2020-01-09T00:00:00+00:00")
    office: str | None = shown(None)
    channel: str | None = shown(None)
    tier: int | None = shown(None)


class AlertWithTimeline(AlertRecord):
    """An alert with every change it went through, what was held back of them, and the sources of
    its country that are not well."""

    days_open: int | None = shown(
        14,
        description="Whole days from the day it opened to the one it closed, or else to the one "
        "asked for. Null before it opened, and where it was withdrawn.",
    )
    held_back: list[HeldBackRecord]
    unwell: list[UnwellRecord]
    timeline: list[AlertEventRecord]


class SilenceRecord(Shape):
    """A silence: alerts are recorded all the same, and told when it is over if they still stand.

    What the key does not cover is left out; `reason` is withheld where something was.
    """

    id: str = shown("s1")
    author: str = shown("Dakar")
    reason: str = shown("The source is being repaired.")
    starts_at: datetime = shown("2020-03-02T12:00:00+00:00")
    ends_at: datetime = shown("2020-03-09T00:00:00+00:00")
    countries: list[str] = shown(["TGO"])
    regions: list[str] = shown([])
    targets: list[Target] = shown([])
    rules: list[str] = shown([])
    ended_at: datetime | None = shown(None)
    ended_by: str | None = shown(None)
    in_force: bool = shown(True)

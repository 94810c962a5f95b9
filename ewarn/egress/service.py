"""What the service says of itself: its sources, its models and how it stands."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from ewarn.domain.region import Level
from ewarn.domain.source import Health
from ewarn.domain.target import Basis, Target
from ewarn.egress.shapes import Shape, shown


class OutageRecord(Shape):
    """A region from which nearly nothing comes any more, of any kind: no calm."""

    region: str = shown("TG-M")
    until: date = shown("2020-01-05", description="Last of the three days looked at.")
    records: int = shown(3, description="Records of all kinds that came in these days.")
    expected: float = shown(60.0, description="What was to be expected from the weeks before.")


class BaselineRecord(Shape):
    """How many weeks of the last year a source has observed, and what can be seen by it."""

    weeks_read: int = shown(12)
    weeks_wanted: int = shown(52)
    read_from: date = shown(
        "2018-12-17", description="The day from which on its past should be read."
    )
    is_whole: bool = shown(False)
    words: str = shown("12 of 52 weeks of its past were read: ...")


class SourceRecord(Shape):
    """A source. Its terms are null where it is known from imported files only."""

    source: str = shown("invented")
    health: Health = shown("ok")
    reason: str = shown("12 events")
    last_success_at: datetime | None = shown("2020-01-06T00:00:00+00:00")
    last_event_on: date | None = shown(
        "2020-01-05",
        description="The latest day that has come of its events that this key may read.",
    )
    cadence_hours: float | None = shown(
        None,
        description="How often something new is expected, learned from the source's own history.",
    )
    unread: int = shown(0, description="Payloads that could not be read so far.")
    outages: list[OutageRecord] = Field(
        description="Regions of this key whose whole volume has dropped."
    )
    completeness: str = shown("observed in 100% of the last 12 weeks, over 1 country")
    baseline: BaselineRecord | None = Field(
        description="How much of its past was read; null where its past cannot be read."
    )
    outcomes: str | None = shown(
        None,
        description="How many matured outcomes of another source its models can learn from, in "
        "words, as of now; null where it tells its own, or may not be learned from.",
    )
    attribution: str | None = shown("Invented for the tests")
    licence: str | None = shown("CC0-1.0")
    redistribute: bool | None = shown(True)
    train: bool | None = shown(True)
    url: str | None = shown("https://example.org/")


class Queued(Shape):
    """When a source will be read."""

    source: str = shown("kobo")
    reads_at: datetime = shown("2020-01-06T12:01:00+00:00")


class ModelCard(Shape):
    """What a model was fitted on, how well it did, where it is weak."""

    model: str = shown("ensemble@1+1a2b3c4d")
    target: Target = shown("force")
    level: Level | None = shown("country", default=None)
    horizon_weeks: int | None = shown(4, default=None)
    horizon_months: int | None = shown(
        None, default=None, description="Of a model that forecasts months."
    )
    basis: Basis | None = shown("calibrated", default=None)
    created_on: date | None = shown("2020-01-06", default=None)
    as_of: datetime | None = shown("2020-01-06T00:00:00+00:00", default=None)
    data: str | None = shown("Invented for the tests", default=None)
    licence: str | None = shown("CC0-1.0", default=None)
    label_source: str | None = shown("invented", default=None)
    signals: list[str] = shown(["invented:force"], default_factory=list)
    features: list[str] = shown(["force"], default_factory=list)
    members: list[str] = shown(["base-rate"], default_factory=list)
    fitted_on: dict[str, Any] = shown(
        {"rows": 2000, "positives": 40},
        default_factory=dict,
        description="Rows, outcomes and days of the data that it learned from.",
    )
    development: dict[str, Any] = shown(
        {"origins": "weekly, 1998-2004, fitted before each year"},
        default_factory=dict,
        description="How it did on years it had not learned from.",
    )
    weaknesses: list[str] = shown(["It is an example."], default_factory=list)


class ServiceStatus(Shape):
    """How the service stands. In a replay the clock stands at a past day."""

    version: str = shown("0.1.0")
    clock: datetime = shown("2020-01-06T00:00:00+00:00")
    mode: str = shown("live", description="`live` or `replay`.")
    newest_origin: date | None = shown("2020-01-06")
    rules_broken: bool = shown(
        False,
        description="Whether the files of rules cannot be used: the last good ones stay in force.",
    )
    outbox: dict[str, int] = shown({"delivered": 3}, description="Notifications by state.")


class Probe(Shape):
    """A probe's answer."""

    status: str = shown("ok")


class PageConfig(Shape):
    """What the page at / needs before it can ask anything."""

    version: str = shown("0.1.0")
    is_replay: bool = shown(False)
    day: date = shown("2020-01-06", description="The clock's day: none later can be asked for.")
    replay_day: date | None = shown(None)
    key: str | None = shown(None)
    cuts: dict[str, dict[str, dict[str, float]]] = shown({"force": {"country": {"guarded": 0.02}}})

"""What the service reports about itself: its sources, its models and its state."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from ewarn.domain.region import Level
from ewarn.domain.source import Health
from ewarn.domain.target import Basis, Target
from ewarn.egress.definition.shapes import Shape, shown


class OutageRecord(Shape):
    """A region from which hardly any records of any kind come any more; that is not calm."""

    region: str = shown("TG-M")
    until: date = shown("2017-08-06", "The last of the three days compared.")
    records: int = shown(3, "Records of all kinds that came in these days.", ge=0)
    expected: float = shown(60.0, "Records expected from the weeks before.", ge=0)


class BaselineRecord(Shape):
    """How many weeks of the last year a source has observed, and what can be detected with them."""

    weeks_read: int = shown(12, "Weeks of the last year that it has observed.", ge=0)
    weeks_wanted: int = shown(52, "Weeks of it that are wanted.", ge=0)
    read_from: date = shown("2016-07-18", "The day from which its past should be read.")
    is_whole: bool = shown(False, "Whether all of these weeks were read.")
    words: str = shown("12 of 52 weeks of its past were read.")


class WeekOfEventsRecord(Shape):
    """The number of events of a source in a week, in the countries of the key."""

    week: date = shown("2017-07-31", "Monday of the week.")
    count: int | None = shown(
        12, "Number of its events.", null="if the source did not observe the week", ge=0
    )


class SourceRecord(Shape):
    """A source. Its terms are null if it is known from imported files only."""

    source: str = shown("gdelt")
    health: Health = shown("ok")
    reason: str = shown("12 events")
    last_success_at: datetime | None = shown(
        "2017-08-07T00:00:00+00:00",
        "When it was last read without an error.",
        null="if it never was",
    )
    last_event_on: date | None = shown(
        "2017-08-06",
        "The latest day, not in the future, of its events that this key may read.",
        null="if there are none",
    )
    cadence_hours: float | None = shown(
        0.25,
        "Hours in which something new is expected, learned from its own history.",
        null="if that is not known yet",
        ge=0,
    )
    unread: int = shown(0, "Payloads that could not be read so far.", ge=0)
    refused_rows: int = shown(
        0, "Rows of the last 12 weeks that were refused because they could not be read.", ge=0
    )
    events_by_week: list[WeekOfEventsRecord] = Field(
        description="Its events in each of the last 12 whole weeks, the oldest first, in countries "
        "of the key. Empty if its terms do not allow to pass counts on.",
    )
    outages: list[OutageRecord] = Field(
        description="Regions of this key whose whole volume has dropped.",
    )
    completeness: str = shown(
        "observed in 100% of the last 12 weeks, over 1 country",
        "How much of the last weeks was observed, in words.",
    )
    baseline: BaselineRecord | None = Field(
        description="How much of its past was read. Null if its past cannot be read.",
    )
    outcomes: str | None = shown(
        None,
        "How many matured outcomes of another source its models can learn from, "
        "in words, as of now.",
        null="if it has its own, or nothing may be learned from it",
    )
    attribution: str | None = shown(
        "The GDELT Project (https://www.gdeltproject.org)",
        "How the source must be cited.",
        null="if it is known from imported files only",
    )
    licence: str | None = shown(
        "free for any use with citation", null="if it is known from imported files only"
    )
    redistribute: bool | None = shown(
        True, "Whether its rows may be passed on.", null="if it is known from imported files only"
    )
    train: bool | None = shown(
        True, "Whether models may learn from it.", null="if it is known from imported files only"
    )
    url: str | None = shown(
        "https://www.gdeltproject.org",
        "Address of its publisher.",
        null="if it is known from imported files only",
    )


class Queued(Shape):
    """When a source will be read."""

    source: str = shown("kobo")
    reads_at: datetime = shown("2017-08-07T12:01:00+00:00", "When the source will be read.")


class ModelCard(Shape):
    """What a model was fitted on, how well it did, and its weaknesses."""

    model: str = shown("ensemble@1+1a2b3c4d")
    source: str | None = shown(
        "gdelt", "Source that it scores.", null="if it is of no source", default=None
    )
    target: Target = shown("force")
    level: Level | None = shown("country", null="for both", default=None)
    horizon_weeks: int | None = shown(4, null="if it forecasts months", default=None)
    horizon_months: int | None = shown(
        None, "Months that it forecasts.", null="if it predicts weeks", default=None, ge=1
    )
    basis: Basis | None = shown("calibrated", null="if it gives no probability", default=None)
    created_on: date | None = shown(
        "2017-08-07", "The day it was fitted.", null="if it is not fitted", default=None
    )
    as_of: datetime | None = shown(
        "2017-08-07T00:00:00+00:00",
        "The moment whose knowledge it was fitted on.",
        null="if it is not fitted",
        default=None,
    )
    data: str | None = shown(
        "Mass Mobilization, 1993-2013",
        "Data that it was fitted on.",
        null="if it is not fitted",
        default=None,
    )
    licence: str | None = shown("CC0-1.0", default=None)
    label_source: str | None = shown(
        "mass-mobilization",
        "Source of the outcomes it learned from.",
        null="if it learned from none",
        default=None,
    )
    signals: list[str] = shown(["gdelt:force"], "Signals that it reads.", default_factory=list)
    features: list[str] = shown(["force"], "What it computes from them.", default_factory=list)
    members: list[str] = shown(
        ["base-rate"], "Names of the models of an ensemble.", default_factory=list
    )
    fitted_on: dict[str, Any] = shown(
        {"rows": 2000, "positives": 40},
        "Rows, outcomes and days of the data that it was fitted on.",
        default_factory=dict,
    )
    development: dict[str, Any] = shown(
        {"origins": "weekly, 1998-2004, fitted before each year"},
        "How it did on years that it was not fitted on.",
        default_factory=dict,
    )
    weaknesses: list[str] = shown(
        ["It knows nothing of what was not reported."],
        "What it is not good at, in words.",
        default_factory=list,
    )


class ServiceStatus(Shape):
    """The state of the service. In a replay the clock is at a past day."""

    version: str = shown("0.1.0", "Version of the service.")
    clock: datetime = shown(
        "2017-08-07T00:00:00+00:00", "The time of the service. In a replay it is a past day."
    )
    mode: Literal["live", "replay"] = shown("replay", "Whether it replays the past.")
    newest_origin: date | None = shown(
        "2017-08-07", "The newest Monday that was scored.", null="if none was"
    )
    rules_broken: bool = shown(
        False, "Whether the files of rules have errors: the last good rules stay in force."
    )
    outbox: dict[str, int] = shown({"delivered": 3}, "Number of messages, by state.")


class Probe(Shape):
    """The answer to a probe."""

    status: Literal["ok"] = shown("ok", "All is well.")

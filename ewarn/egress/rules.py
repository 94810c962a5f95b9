"""Rules, and what they would do with a score."""

from datetime import date, datetime

from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.target import Band, Target
from ewarn.egress.shapes import Shape, shown


class QuietRecord(Shape):
    """What a rule listens to in a region that was quiet for half a year: a probability of `times`
    the mean of all quiet regions, also without a rise; again after `again_after` weeks."""

    times: float = shown(5.0)
    again_after: int = shown(13)


class RiseRecord(Shape):
    """A rise that a rule listens to: `floor` or more, and `factor` times the lowest of the last
    `weeks`; again after `again_after` weeks, or at `again_factor` times the last warning."""

    floor: float = shown(0.02)
    factor: float = shown(1.6)
    weeks: int = shown(4)
    again_after: int = shown(6)
    again_factor: float = shown(1.5)
    quiet: QuietRecord | None = shown(None)


class RuleRecord(Shape):
    """A rule in force. One with a `budget` has a threshold for each source; a detector's has none.
    `hash` names its text, which every change of an alert under it carries."""

    id: str = shown("force-country")
    target: Target = shown("force")
    level: Level = shown("country")
    horizon_weeks: int = shown(4)
    raise_at: float | None = shown(None)
    close_below: float | None = shown(0.015)
    thresholds: dict[str, float] = shown({})
    hold_for: int = shown(1)
    keep_for: int = shown(4)
    cool_down: int = shown(8)
    detector: bool = shown(False)
    false_discovery: float | None = shown(None)
    sources: list[str] = shown([])
    without_probability: bool = shown(False)
    budget: float | None = shown(None)
    acknowledge_within_hours: float | None = shown(None)
    offices: list[str] = shown(["*"])
    playbook: str | None = shown("deployment")
    rise: RiseRecord | None
    hash: str = shown("c4" * 32)


class RuleVersionRecord(Shape):
    """What a rule said, word for word, and when it was first in force."""

    hash: str = shown("c4" * 32)
    rule: str = shown("force-country")
    text: str = shown("id: force-country\ntarget: force\nlevel: country\nhorizon_weeks: 4\n")
    recorded_at: datetime = shown("2020-01-06T00:05:00+00:00")


class SilenceAbove(Shape):
    """A silence that would hold the news back."""

    id: str = shown("s1")
    author: str = shown("Dakar")
    reason: str = shown("The source is being repaired.")
    until: datetime = shown("2020-03-09T00:00:00+00:00")


class Hearing(Shape):
    """Who would be told: an office, or a subscription of the asking key."""

    office: str | None = shown("dakar")
    subscription: str | None = shown(None)
    channel: str = shown("log")
    tier: int = shown(1)
    leaves_at: datetime = shown("2020-03-02T12:00:00+00:00")


class DryRunChange(Shape):
    """A change that would be made. `not_told` says why nobody would hear of it."""

    change: ChangeKind = shown("opened")
    alert: str = shown("alert-1")
    state: AlertState = shown("open")
    band: Band = shown("critical")
    reason: str = shown("probability 0.120 at or above 0.05 for 1 week")
    urgent: bool = shown(True)
    not_told: str | None = shown(None)
    silences: list[SilenceAbove] = shown([])
    country_alert: str | None = shown(None)
    source_ill: str | None = shown(None)
    told: list[Hearing]


class DryRunRule(Shape):
    """What one rule would do. `alert` is the one that stands now."""

    rule: str = shown("force-admin1")
    hash: str = shown("c4" * 32)
    matches: bool = shown(True)
    why_not: list[str] = shown([])
    alert: str | None = shown(None)
    changes: list[DryRunChange]


class DryRun(Shape):
    """What the rules in force would do with a score that was supposed. Nothing was stored."""

    region: str = shown("TG-M")
    origin: date = shown("2020-03-02")
    at: datetime = shown("2020-03-02T12:00:00+00:00")
    band: Band = shown("critical")
    rules: list[DryRunRule]

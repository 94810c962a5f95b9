"""Rules, and what they would do with a score."""

from datetime import date, datetime

from pydantic import Field

from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.target import Band, Target
from ewarn.egress.definition.shapes import Shape, shown


class QuietRecord(Shape):
    """The condition of a rule in a region that was quiet for half a year, even without a rise."""

    times: float = shown(
        5.0, "The probability must be so many times the mean of all quiet regions.", ge=0
    )
    again_after: int = shown(13)


class RiseRecord(Shape):
    """The rise that a rule warns of."""

    floor: float = shown(0.02, "Least probability.", ge=0, le=1)
    factor: float = shown(
        1.6, "The probability must be so many times the lowest of the last `weeks`.", ge=0
    )
    weeks: int = shown(4, "Number of weeks looked back.", ge=1)
    again_after: int = shown(6)
    again_factor: float = shown(
        1.5, "It warns again earlier at so many times the probability of the last warning.", ge=0
    )
    quiet: QuietRecord | None = Field(
        description="The condition in regions that were quiet for half a year. "
        "Null if they are treated as others."
    )


class RuleRecord(Shape):
    """A rule in force.

    A rule with a `budget` has a threshold for each source; a detector's rule has none.
    """

    id: str = shown("force-country")
    target: Target = shown("force")
    level: Level = shown("country")
    horizon_weeks: int = shown(4)
    raise_at: float | None = shown(
        0.03,
        "An alert opens at this probability.",
        null="if the rule has another condition",
        ge=0,
        le=1,
    )
    close_below: float | None = shown(
        0.015,
        "An alert closes below this probability.",
        null="if the rule has another condition",
        ge=0,
        le=1,
    )
    thresholds: dict[str, float] = shown(
        {"gdelt": 0.03},
        "Probabilities at which an alert opens, by source, for a rule with a `budget`.",
    )
    hold_for: int = shown(
        1, "Weeks in a row for which the condition must hold before an alert opens.", ge=0
    )
    keep_for: int = shown(
        4, "Weeks in a row below the closing threshold before an alert closes.", ge=0
    )
    cool_down: int = shown(
        8, "Weeks after a close in which only a higher level opens it again.", ge=0
    )
    detector: bool = shown(
        False, "Whether it uses the bound of a detector in place of a probability."
    )
    false_discovery: float | None = shown(
        None,
        "Share of the alarms of this rule that may be mistaken.",
        null="if it uses the bound alone",
        ge=0,
        le=1,
    )
    sources: list[str] = shown(
        ["gdelt"], "Names of the sources that it reads; empty if it reads all."
    )
    without_probability: bool = shown(False, "Whether it ignores scores that have a probability.")
    budget: float | None = shown(
        0.5,
        "False alarms of a country and year that are accepted. The thresholds follow from it.",
        null="if the thresholds are fixed",
        ge=0,
    )
    acknowledge_within_hours: float | None = shown(
        24.0,
        "Hours after which an alert that nobody acknowledged goes to the next tier.",
        null="if it never does",
        ge=0,
    )
    offices: list[str] = shown(["*"], "Ids of the offices that are notified; `*` stands for all.")
    playbook: str | None = shown("deployment")
    rise: RiseRecord | None = Field(
        description="The rise of the probability that it warns of. Null if it warns of a "
        "level alone."
    )
    condition: str | None = shown(
        None,
        "What a rule of an installed package asks of a score, in words.",
        null="for a rule of this service",
    )
    hash: str = shown("c4" * 32)


class RuleVersionRecord(Shape):
    """The exact text of a rule, and when it was first in force."""

    hash: str = shown("c4" * 32)
    rule: str = shown("force-country")
    text: str = shown(
        "id: force-country\ntarget: force\nlevel: country\nhorizon_weeks: 4\n",
        "The text of the rule, as YAML.",
    )
    recorded_at: datetime = shown("2017-08-07T00:05:00+00:00", "When it was first in force.")


class SilenceAbove(Shape):
    """A silence that would suppress the notifications."""

    id: str = shown("silence-0123456789abcdef")
    author: str = shown("Dakar")
    reason: str = shown(
        "The source is being repaired.",
        "Why, in words. It is withheld if the key covers only a part of the silence.",
    )
    until: datetime = shown("2017-10-09T00:00:00+00:00", "When the silence ends.")


class PossibleRecipient(Shape):
    """A recipient that would be notified: an office, or a subscription of the asking key."""

    office: str | None = shown("dakar", null="for a subscription")
    subscription: str | None = shown(None, null="for an office")
    channel: str = shown("log")
    tier: int = shown(1)
    leaves_at: datetime = shown(
        "2017-10-02T12:00:00+00:00",
        "When the message would leave, unless another one to the same address leaves first.",
    )


class DryRunChange(Shape):
    """A change that would be made. `suppression` says why nobody would be notified of it."""

    change: ChangeKind = shown("opened", "What would happen to the alert.")
    alert: str = shown("alert-fedcba9876543210", "Id of the alert. A new one would get this id.")
    state: AlertState = shown("open")
    band: Band = shown("critical")
    reason: str = shown("probability 0.120 at or above 0.05 for 1 week")
    urgent: bool = shown(True, "Whether the message would wait for no digest and no quiet hours.")
    suppression: str | None = shown(
        None, "Why nobody would be notified, in words.", null="if somebody would"
    )
    silences: list[SilenceAbove] = Field(
        description="Silences that would suppress the notification."
    )
    country_alert: str | None = shown(
        "alert-0123456789abcdef",
        "Id of the alert of the whole country with whose news this one would travel.",
        null="if there is none",
    )
    unhealthy_source: str | None = shown(
        None, "Name of the source of the score, if it is not healthy.", null="if it is"
    )
    recipients: list[PossibleRecipient] = Field(
        description="Who would be notified; addresses are never shown."
    )


class DryRunRule(Shape):
    """What one rule would do. `alert` is the one that is open now."""

    rule: str = shown("force-admin1")
    hash: str = shown("c4" * 32)
    matches: bool = shown(True, "Whether the score meets all conditions of the rule.")
    unmet: list[str] = shown([], "Conditions of the rule that are not met, in words.")
    alert: str | None = shown(
        "alert-fedcba9876543210",
        "Id of the alert of this rule and region that is not closed.",
        null="if there is none",
    )
    changes: list[DryRunChange] = Field(description="Changes that the rule would make.")


class DryRun(Shape):
    """What the rules in force would do with a hypothetical score. Nothing is stored."""

    region: str = shown("TG-M")
    origin: date = shown("2017-10-02")
    at: datetime = shown("2017-10-02T12:00:00+00:00", "The time of the decision.")
    band: Band = shown("critical")
    rules: list[DryRunRule] = Field(description="What each rule in force would do.")

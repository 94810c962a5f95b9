"""Rules, what they would do with a score, and what they would have done with past scores."""

from datetime import date, datetime

from pydantic import ConfigDict, Field

from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.target import Band, Target
from ewarn.egress.definition.shapes import Shape, example_of, shown

_TEXT = "id: force-country\ntarget: force\nlevel: country\nhorizon_weeks: 4\n"


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
    text: str = shown(
        _TEXT, "The text of the rule, as YAML, with those of its offices that the key may see."
    )
    hash: str = shown("c4" * 32)


class RuleVersionRecord(Shape):
    """The exact text of a rule, and when it was first in force."""

    hash: str = shown("c4" * 32)
    rule: str = shown("force-country")
    text: str = shown(_TEXT, "The text of the rule, as YAML.")
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


class LeadDaysRecord(Shape):
    """Days from the opening of alerts to the first event that was warned of.

    Each is an interval, because it is only known that the event came within a score's horizon.
    """

    median: list[float] = shown([7.0, 35.0], "The median.", min_length=2, max_length=2)
    least: list[int] = shown([0, 28], "The shortest.", min_length=2, max_length=2)
    most: list[int] = shown([14, 42], "The longest.", min_length=2, max_length=2)


class RulesTallyRecord(Shape):
    """What rules would have done in a span of days."""

    alerts: int = shown(43, "Alerts that would have opened.", ge=0)
    a_month: float = shown(3.6, "Alerts of a month.", ge=0)
    raises: int = shown(51, "Times that an open alert would have warned again.", ge=0)
    closes: int = shown(38, "Alerts that would have closed.", ge=0)
    true: int = shown(12, "Alerts after which it happened.", ge=0)
    false: int = shown(21, "Alerts after which it did not happen.", ge=0)
    not_judged: int = shown(10, "Alerts of which it is not known yet, or was not observed.", ge=0)
    false_a_year: float | None = shown(
        26.1, "False alarms of a year.", null="if no outcome can be known yet", ge=0
    )
    lead_days: LeadDaysRecord | None = Field(
        description="How early the alerts came. Null if none was true."
    )


class RuleTallyRecord(RulesTallyRecord):
    """What one rule would have done."""

    budget: float | None = shown(
        12.0, "False alarms of a year that the rule accepts.", null="if it has no budget", ge=0
    )
    budget_used: float | None = shown(
        0.75, "Share of the budget that was used.", null="if that is not known", ge=0
    )


class RulesOutlookRecord(RulesTallyRecord):
    """What a set of rules would have done: in total, by rule and by region."""

    rules: dict[str, RuleTallyRecord] = shown(
        {"force-country": example_of(RuleTallyRecord)}, "The same of each rule, by its id."
    )
    regions: dict[str, RulesTallyRecord] = shown(
        {"TGO": example_of(RulesTallyRecord)}, "The same of each region with an alert, by its code."
    )


class TrialAlert(Shape):
    """An alert that would have opened."""

    rule: str = shown("force-admin1")
    region: str = shown("TG-M")
    target: Target = shown("force")
    opened_on: date = shown("2017-08-21")
    closed_on: date | None = shown("2017-11-06")


class TrialAlertPair(TrialAlert):
    """An alert that both sets of rules would have opened, on different days."""

    in_force_opened_on: date = shown(
        "2017-09-04", "The Monday at which the rules in force would have opened it."
    )


class TrialDifference(Shape):
    """How the alerts of the rules that were tried differ from those of the rules in force."""

    only_tried: list[TrialAlert] = Field(
        description="Alerts that only the rules tried would have opened."
    )
    only_in_force: list[TrialAlert] = Field(
        description="Alerts that only the rules in force would have opened."
    )
    earlier: list[TrialAlertPair] = Field(
        description="Alerts that the rules tried would have opened earlier."
    )
    later: list[TrialAlertPair] = Field(
        description="Alerts that the rules tried would have opened later."
    )


class FigureRecord(Shape):
    """A figure with its 90% interval over countries."""

    value: float | None = shown(0.5, "The figure.", null="if there is nothing to count")
    low: float | None = shown(
        0.3, "Lower bound of the 90% interval of `value`.", null="if there are too few countries"
    )
    high: float | None = shown(
        0.7, "Upper bound of the 90% interval of `value`.", null="if there are too few countries"
    )


class EmergenciesRecord(Shape):
    """Emergencies of one kind, and how many people were notified of in time."""

    number: int = shown(8, "Number of emergencies.", ge=0)
    told_before: FigureRecord = Field(
        description="Share of them with a message in the 8 weeks before they began."
    )
    told_by_next_run: FigureRecord = Field(
        description="Share of them with a message by the next Monday after they began."
    )


class MessagesRecord(Shape):
    """What messages of rules would have been worth to their recipients."""

    messages: int = shown(94, "Number of messages.", ge=0)
    messages_per_country_year: FigureRecord = Field(description="Messages of a country and year.")
    for_nothing_per_country_year: FigureRecord = Field(
        description="Messages of a country and year with no lethal force in the 8 weeks after them "
        "or in the week before."
    )
    onset: EmergenciesRecord = Field(description="Lethal force where there was none for long.")
    surge: EmergenciesRecord = Field(description="More lethal force than before.")
    median_lead_weeks: float | None = shown(
        2.0, "Median of the weeks from a message to the emergency.", null="if there was none", ge=0
    )


class MessageTableRecord(Shape):
    """The worth of the messages on the scores of one purpose."""

    source: str = shown("gdelt")
    target: Target = shown("force")
    level: Level = shown("country")
    horizon_weeks: int = shown(4)
    outcomes: str = shown(
        "", "Source of the outcomes, if it is another than that of the scores; else empty."
    )
    rows: dict[str, MessagesRecord] = shown(
        {"the rules tried": example_of(MessagesRecord)},
        "Figures of the rules tried, of the rules in force, and of simple rules to compare with, "
        "by their names.",
    )


class RuleTrialRecord(Shape):
    """What rules would have done with past scores, beside the rules in force.

    Both begin without open alerts. Outcomes of few alerts say little.
    """

    model_config = ConfigDict(populate_by_name=True)

    first: date = shown("2017-01-02", "The first Monday that was tried.", alias="from")
    last: date = shown("2017-12-25", "The last Monday that was tried.", alias="to")
    origins: int = shown(52, "Number of origins.", ge=0)
    tried: RulesOutlookRecord = Field(description="What the rules of the request would have done.")
    in_force: RulesOutlookRecord = Field(description="What the rules in force would have done.")
    messages: list[MessageTableRecord] = Field(
        description="What the messages on lethal force would have been worth, by source, level and "
        "horizon."
    )
    difference: TrialDifference = Field(
        description="Alerts that only one of the two would have opened, or on another day."
    )

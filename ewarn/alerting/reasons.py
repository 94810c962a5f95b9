"""Why an alert changed, in words. Plain English; messages to people are rendered elsewhere."""

from ewarn.alerting.rises import has_risen
from ewarn.alerting.severity import severity
from ewarn.domain.rule import COMPARED, NEVER, Rule
from ewarn.domain.score import Score
from ewarn.domain.target import Band
from ewarn.domain.time import WEEK

_SMALLEST_SHARE = 1e-6
_THREE_DIGITS_FROM = 1e-3  # three digits of a smaller one would be written with an exponent


def seen(score: Score) -> str:
    """What was seen last week, in the unit of the target's own series: `1 event`, `12 points`."""
    unit = score.target.unit
    return f"{score.observed} {unit.removesuffix('s') if score.observed == 1 else unit}"


def share(value: float) -> str:
    """A share in words that people read: never `1.8e-44`."""
    if value < _SMALLEST_SHARE:
        return "less than one in a million"
    return f"{value:.3g}" if value >= _THREE_DIGITS_FROM else f"{value:.6f}".rstrip("0")


def _level(score: Score) -> str:
    if score.probability is None:
        return f"{seen(score)} {_when(score)}, {_compared_with(score)}"
    return f"probability {score.probability:.3f}"


def _compared_with(score: Score) -> str:
    """The bound; what was expected where the count is unusual and yet below it."""
    if score.is_above_expected_alone:
        return f"where {score.expected:.1f} were expected"
    return f"bound {score.upper:.1f}"


def _when(score: Score) -> str:
    if score.interim:
        return "in the week so far"
    is_last = score.judged_week == score.origin - WEEK
    return "last week" if is_last else f"in the week of {score.judged_week}"


def percent(value: float) -> str:
    """A share as a percentage that people read: `4.4%`."""
    least = 100 * _SMALLEST_SHARE
    return f"less than {least:.4f}%" if value < _SMALLEST_SHARE else f"{share(100 * value)}%"


def by_chance(value: float) -> str:
    """How often such an alarm comes where nothing is unusual: Benjamini & Hochberg bound that, and
    not how many of the alarms that come are mistaken."""
    return f"chance alone brings such an alarm in {percent(value)} of weeks"


def _periods(number: int) -> str:
    return "1 week" if number == 1 else f"{number} weeks"


def pending_reason(rule: Rule, score: Score) -> str:
    """Why an alert waits before it opens."""
    return f"{_level(score)} meets rule {rule.id}; it must hold for {_periods(rule.hold_for)}"


def opening_reason(rule: Rule, score: Score) -> str:
    """Why an alert opened."""
    if rule.false_discovery is not None:
        chance, held = by_chance(score.false_discovery or 0.0), _periods(rule.hold_for)
        allowed = percent(rule.false_discovery)
        return f"{_level(score)}: {chance}, within the rule's {allowed} for {held}"
    if rule.detector:
        return f"{_level(score)}: above the detector's bound for {_periods(rule.hold_for)}"
    threshold = rule.raises_at(score.source)
    return f"{_level(score)} at or above {threshold:g} for {_periods(rule.hold_for)}"


def reason_of_news(rule: Rule, score: Score) -> str:
    """Why a score is news to a rule that listens to rises: from what to what it rose, or that it
    is high in a quiet region."""
    assert rule.rise is not None  # it listens to rises
    if not has_risen(rule, score):
        return (
            f"{_level(score)}: {score.source} knows of no such force here in half a year, and the "
            f"risk is {score.relative_risk:.1f} {COMPARED}"
        )
    weeks, lowest = rule.rise.weeks, rule.rise.lowest(score.before)
    if not any(each is not None for each in score.before[:weeks]):
        return f"{_level(score)}, and nothing is known of the {_periods(weeks)} before"
    return f"{_level(score)}, up from {lowest:.3f}, the lowest of the last {_periods(weeks)}"


def raising_reason(score: Score, before: Band) -> str:
    """Why an alert went up."""
    return f"{_level(score)}: {before.value} became {severity(score).value}"


def lowering_reason(score: Score, before: Band) -> str:
    """Why an alert went down."""
    return f"{_level(score)}: {before.value} fell to {severity(score).value}"


def correcting_reason(rule: Rule, then: Score, today: Score) -> str:
    """Why an alert would not have opened on what is known today of the weeks before it."""
    now, before = _compared(rule, today), _compared(rule, then)
    return f"on today's data it would not have opened: {now} instead of {before}{_from(rule, then)}"


def reinstating_reason(rule: Rule, today: Score) -> str:
    """Why an alert that was corrected would have opened after all."""
    return (
        f"on today's data it would have opened after all: "
        f"{_compared(rule, today)}{_from(rule, today)}"
    )


def _compared(rule: Rule, score: Score) -> str:
    """What a rule looks at in a score."""
    if rule.false_discovery is not None:
        return f"alarms by chance in {percent(score.false_discovery or 0.0)} of weeks"
    if rule.detector:
        return f"{seen(score)}, bound {score.upper:.1f},"
    return f"probability {score.probability:.3f}"


def _from(rule: Rule, score: Score) -> str:
    if rule.detector:
        return ""
    if rule.rise is not None and rule.raises_at(score.source) >= NEVER:
        quiet = rule.rise.quiet
        where_quiet = (
            ""
            if quiet is None
            else f", in a quiet region from {quiet.times:g} times the mean of such"
        )
        return f", and a rise counts from {rule.rise.floor:g}{where_quiet}"
    return f", raised from {rule.raises_at(score.source):g}"


def closing_reason(rule: Rule, score: Score) -> str:
    """Why an alert closed."""
    if rule.false_discovery is not None:
        chance, kept = by_chance(score.false_discovery or 0.0), _periods(rule.keep_for)
        allowed = percent(rule.false_discovery)
        return f"{_level(score)}: {chance}, above the rule's {allowed} for {kept}"
    if rule.detector:
        return f"{_level(score)}: within the detector's bound for {_periods(rule.keep_for)}"
    return (
        f"{_level(score)}: below {rule.closes_below(score.source):g} for {_periods(rule.keep_for)}"
    )

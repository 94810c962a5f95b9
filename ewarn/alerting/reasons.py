"""The reasons of changes of alerts, in English as they are stored. Messages translate them."""

from ewarn.alerting.rises import has_risen
from ewarn.alerting.severity import severity
from ewarn.domain.rule import NEVER, Rule
from ewarn.domain.score import Score
from ewarn.domain.target import Band
from ewarn.domain.time import WEEK
from ewarn.languages import alert_reasons

_SMALLEST_SHARE = 1e-6
_THREE_DIGITS_FROM = 1e-3  # three digits of a smaller share would be written with an exponent

# The template of a whole reason comes first, then its parts: a stored reason is parsed from the
# outside to the inside.


def seen(score: Score) -> str:
    """Return last week's count in the unit of the target's series: `1 event`, `12 points`."""
    counted = alert_reasons.POINTS if score.target.unit == "points" else alert_reasons.EVENTS
    return counted(count=score.observed)


def share(value: float) -> str:
    """Return a share as people read it: never `1.8e-44`."""
    if value < _SMALLEST_SHARE:
        return "less than one in a million"
    return f"{value:.3g}" if value >= _THREE_DIGITS_FROM else f"{value:.6f}".rstrip("0")


def _level(score: Score) -> str:
    if score.probability is None:
        return _seen_when(score)
    return alert_reasons.PROBABILITY(probability=f"{score.probability:.3f}")


def _compared_with(score: Score) -> str:
    """Return the bound, or the expected count if the count is unusual and still below the bound."""
    if score.is_above_expected_alone:
        return alert_reasons.EXPECTED(expected=f"{score.expected:.1f}")
    return alert_reasons.BOUND(bound=f"{score.upper:.1f}")


def _seen_when(score: Score) -> str:
    compared = _compared_with(score)
    if score.interim:
        return alert_reasons.THIS_WEEK(seen=seen(score), compared=compared)
    if score.judged_week == score.origin - WEEK:
        return alert_reasons.LAST_WEEK(seen=seen(score), compared=compared)
    return alert_reasons.EARLIER(seen=seen(score), week=score.judged_week, compared=compared)


def percent(value: float) -> str:
    """Return a share as a percentage that people read: `4.4%`."""
    least = 100 * _SMALLEST_SHARE
    if value < _SMALLEST_SHARE:
        return alert_reasons.LESS_THAN(number=f"{least:.4f}")
    return alert_reasons.PERCENT(number=share(100 * value))


def by_chance(value: float) -> str:
    """Return how often such an alarm comes where nothing is unusual.

    Benjamini & Hochberg bound that, and not how many of the alarms that come are mistaken.
    """
    return alert_reasons.BY_CHANCE(share=percent(value))


def _periods(number: int) -> str:
    return alert_reasons.PERIODS(count=number)


def pending_reason(rule: Rule, score: Score) -> str:
    """Return why an alert waits before it opens."""
    return alert_reasons.MUST_HOLD(
        level=_level(score), rule=rule.id, periods=_periods(rule.hold_for)
    )


def opening_reason(rule: Rule, score: Score) -> str:
    """Return why an alert opened."""
    level, periods = _level(score), _periods(rule.hold_for)
    if rule.condition is not None:
        return alert_reasons.MEETS(level=level, words=rule.condition.words, periods=periods)
    if rule.false_discovery is not None:
        chance, allowed = by_chance(score.false_discovery or 0.0), percent(rule.false_discovery)
        return alert_reasons.SELDOM_BY_CHANCE(
            level=level, chance=chance, allowed=allowed, periods=periods
        )
    if rule.detector:
        return alert_reasons.ABOVE_BOUND(level=level, periods=periods)
    threshold = f"{rule.raises_at(score.source):g}"
    return alert_reasons.AT_OR_ABOVE(level=level, threshold=threshold, periods=periods)


def reason_of_news(rule: Rule, score: Score) -> str:
    """Return why a rule on rises warns of a score: it rose, or it is high in a quiet region."""
    assert rule.rise is not None  # callers ask only about rules on rises
    level, periods = _level(score), _periods(rule.rise.weeks)
    if not has_risen(rule, score):
        return alert_reasons.HIGH_IN_QUIET(
            level=level, source=score.source, times=f"{score.relative_risk:.1f}"
        )
    if not any(each is not None for each in score.before[: rule.rise.weeks]):
        return alert_reasons.UP_FROM_UNKNOWN(level=level, periods=periods)
    lowest = f"{rule.rise.lowest(score.before):.3f}"
    return alert_reasons.UP_FROM(level=level, lowest=lowest, periods=periods)


def raising_reason(score: Score, before: Band) -> str:
    """Return why an alert went up."""
    now = severity(score).value
    return alert_reasons.BECAME(level=_level(score), lower_band=before.value, higher_band=now)


def lowering_reason(score: Score, before: Band) -> str:
    """Return why an alert went down."""
    now = severity(score).value
    return alert_reasons.FELL(level=_level(score), higher_band=before.value, lower_band=now)


def correcting_reason(rule: Rule, then: Score, today: Score) -> str:
    """Return why an alert would not have opened on what is known today of the weeks before it."""
    return alert_reasons.NOT_OPENED_TODAY(
        today=_compared_value(rule, today), then=_value_and_threshold(rule, then)
    )


def reinstating_reason(rule: Rule, today: Score) -> str:
    """Return why an alert that was corrected would have opened after all."""
    return alert_reasons.OPENED_TODAY(today=_value_and_threshold(rule, today))


def _compared_value(rule: Rule, score: Score) -> str:
    """Return the value of a score that a rule compares."""
    if rule.false_discovery is not None:
        return alert_reasons.ALARMS_BY_CHANCE(share=percent(score.false_discovery or 0.0))
    if rule.detector:
        return alert_reasons.COUNT_AND_BOUND(seen=seen(score), bound=f"{score.upper:.1f}")
    return alert_reasons.PROBABILITY(probability=f"{score.probability:.3f}")


def _value_and_threshold(rule: Rule, score: Score) -> str:
    """Return the value of a score that a rule compares, and the value from which it counts."""
    compared = _compared_value(rule, score)
    if rule.detector or rule.condition is not None:
        return compared
    if rule.rise is None or rule.raises_at(score.source) < NEVER:
        return alert_reasons.RAISED_FROM(
            compared=compared, threshold=f"{rule.raises_at(score.source):g}"
        )
    floor, quiet = f"{rule.rise.floor:g}", rule.rise.quiet
    if quiet is None:
        return alert_reasons.RISE_FROM(compared=compared, floor=floor)
    return alert_reasons.RISE_FROM_QUIET(compared=compared, floor=floor, times=f"{quiet.times:g}")


def closing_reason(rule: Rule, score: Score) -> str:
    """Return why an alert closed."""
    level, periods = _level(score), _periods(rule.keep_for)
    if rule.condition is not None:
        return alert_reasons.MEETS_NO_LONGER(
            level=level, words=rule.condition.words, periods=periods
        )
    if rule.false_discovery is not None:
        chance, allowed = by_chance(score.false_discovery or 0.0), percent(rule.false_discovery)
        return alert_reasons.OFTEN_BY_CHANCE(
            level=level, chance=chance, allowed=allowed, periods=periods
        )
    if rule.detector:
        return alert_reasons.WITHIN_BOUND(level=level, periods=periods)
    threshold = f"{rule.closes_below(score.source):g}"
    return alert_reasons.BELOW(level=level, threshold=threshold, periods=periods)

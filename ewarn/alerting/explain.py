"""Explain why a rule would not open an alert on a score. Pure; `decide` makes the decisions."""

from collections.abc import Iterator

from ewarn.alerting.conditions import (
    applies_to,
    cools_until,
    has_better,
    is_above,
    is_cooling,
    is_known,
    names_source,
)
from ewarn.alerting.reasons import by_chance, percent, seen, share
from ewarn.alerting.rises import is_news, why_no_rise
from ewarn.domain.alert import Alert, AlertState
from ewarn.domain.rule import NEVER, Rule
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK
from ewarn.languages import rule_reasons

_EXPONENTS_BELOW = 1e-4  # smaller numbers would be written with an exponent


def unmet(rule: Rule, score: Score, alert: Alert | None, closed: Alert | None) -> list[str]:
    """Return every reason why a score would not open an alert under a rule, nor keep one open.

    Args:
        alert: The last alert of the rule and region, in any state.
        closed: The last alert of the rule and region that closed.

    Returns:
        Sentences; empty if the score would open an alert or keep it open.
    """
    if not applies_to(rule, score):
        return list(_scope_mismatches(rule, score))
    if is_news(rule, score, _last_that_counts(alert, closed)):
        return list(_seen_already(score, alert))
    if not is_above(rule, score):
        return list(_conditions_not_met(rule, score, _last_that_counts(alert, closed)))
    return list(_kept_closed(rule, score, alert, closed))


def _scope_mismatches(rule: Rule, score: Score) -> Iterator[str]:
    for other, own, its in (
        (rule_reasons.OTHER_TARGET, rule.target.value, score.target.value),
        (rule_reasons.OTHER_LEVEL, rule.level.value, score.level.value),
        (rule_reasons.OTHER_HORIZON, rule.horizon_weeks, score.horizon_weeks),
    ):
        if own != its:
            yield other(own=own, its=its)
    if not rule.detector and not score.basis.may_fire:
        yield rule_reasons.OTHER_BASIS(basis=score.basis)
    if not names_source(rule, score):
        listed = ", ".join(rule.sources)
        yield (
            rule_reasons.OTHER_SOURCES(sources=listed, source=score.source)
            if score.source
            else rule_reasons.NO_SOURCE(sources=listed)
        )


def _last_that_counts(alert: Alert | None, closed: Alert | None) -> Alert | None:
    return closed if alert is None or alert.state is AlertState.CLOSED else alert


def _conditions_not_met(rule: Rule, score: Score, alert: Alert | None) -> Iterator[str]:
    if rule.rise is None or rule.raises_at(score.source) < NEVER:
        yield _threshold_not_met(rule, score)
    if rule.rise is not None:
        yield why_no_rise(rule.rise, score, alert)


def _threshold_not_met(rule: Rule, score: Score) -> str:
    if has_better(rule, score):
        return rule_reasons.HAS_PROBABILITY()
    if rule.condition is not None and is_known(rule, score):
        return rule_reasons.NOT_MET(words=rule.condition.words)
    if rule.false_discovery is not None:
        return _often_by_chance(rule.false_discovery, score)
    if rule.detector:
        return _within_bound(score)
    if rule.budget is not None and score.source not in dict(rule.thresholds):
        if not score.source:
            return rule_reasons.NO_THRESHOLD_UNNAMED()
        return rule_reasons.NO_THRESHOLD(source=score.source)
    return _below(rule.raises_at(score.source), score)


def _often_by_chance(allowed: float, score: Score) -> str:
    if score.false_discovery is None:
        return rule_reasons.CHANCE_UNKNOWN()
    return rule_reasons.OFTEN_BY_CHANCE(
        chance=by_chance(score.false_discovery), allowed=percent(allowed)
    )


def _within_bound(score: Score) -> str:
    if score.observed is None or score.upper is None:
        return rule_reasons.BOUND_UNKNOWN()
    is_one = score.observed == 1
    within = rule_reasons.ONE_WITHIN_BOUND if is_one else rule_reasons.WITHIN_BOUND
    return within(seen=seen(score), bound=f"{score.upper:g}")


def _below(threshold: float, score: Score) -> str:
    if score.probability is None:
        return rule_reasons.NO_PROBABILITY(threshold=f"{threshold:g}")
    exact = score.probability >= _EXPONENTS_BELOW
    return rule_reasons.BELOW(
        probability=f"{score.probability:g}" if exact else share(score.probability),
        short=share(threshold - score.probability),
        threshold=f"{threshold:g}",
    )


def _seen_already(score: Score, alert: Alert | None) -> Iterator[str]:
    if alert is not None and alert.last_origin >= score.origin:
        following = alert.last_origin + WEEK
        yield rule_reasons.SEEN_ALREADY(
            alert=alert.id, origin=alert.last_origin, following=following
        )


def _kept_closed(
    rule: Rule, score: Score, alert: Alert | None, closed: Alert | None
) -> Iterator[str]:
    yield from _seen_already(score, alert)
    is_over = alert is None or alert.state is AlertState.CLOSED
    if is_over and closed is not None and is_cooling(rule, score, closed):
        until = cools_until(rule, closed)
        yield rule_reasons.COOLS_DOWN(until=until, band=closed.highest.value)
    counted = alert.periods_above if alert is not None and alert.state is AlertState.PENDING else 0
    more = rule.hold_for - counted - 1
    if (is_over or counted) and more > 0:
        yield rule_reasons.MUST_HOLD(count=more)

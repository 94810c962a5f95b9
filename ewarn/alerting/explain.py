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
    for name, own, its in (
        ("target", rule.target.value, score.target.value),
        ("level", rule.level.value, score.level.value),
        ("horizon", f"{rule.horizon_weeks} weeks", f"{score.horizon_weeks} weeks"),
    ):
        if own != its:
            yield f"it is for another {name}: {own}, not {its}"
    if not rule.detector and not score.basis.may_fire:
        yield f"the score is {score.basis}, and only a detector's rule may fire on such a basis"
    if not names_source(rule, score):
        where = score.source or "a source that is not named"
        yield f"it is for other sources: {', '.join(rule.sources)}, not {where}"


def _last_that_counts(alert: Alert | None, closed: Alert | None) -> Alert | None:
    return closed if alert is None or alert.state is AlertState.CLOSED else alert


def _conditions_not_met(rule: Rule, score: Score, alert: Alert | None) -> Iterator[str]:
    if rule.rise is None or rule.raises_at(score.source) < NEVER:
        yield _threshold_not_met(rule, score)
    if rule.rise is not None:
        yield why_no_rise(rule.rise, score, alert)


def _threshold_not_met(rule: Rule, score: Score) -> str:
    if has_better(rule, score):
        return "it is for scores without a probability, and this one has one"
    if rule.condition is not None and is_known(rule, score):
        return f"the score is not {rule.condition.words}"
    if rule.false_discovery is not None:
        if score.false_discovery is None:
            return "how often chance alone brings such an alarm is not known"
        allowed = percent(rule.false_discovery)
        return f"{by_chance(score.false_discovery)}, and the rule allows {allowed}"
    if rule.detector:
        if score.observed is None or score.upper is None:
            return "the last week, or the detector's bound for it, is not known"
        verb = "does" if score.observed == 1 else "do"
        return f"{seen(score)} {verb} not exceed the detector's bound, {score.upper:g}"
    if rule.budget is not None and score.source not in dict(rule.thresholds):
        where = score.source or "a source that is not named"
        return f"its budget gives it no threshold on {where}"
    at = rule.raises_at(score.source)
    if score.probability is None:
        return f"the score has no probability to compare with {at:g}"
    short = at - score.probability
    exact = score.probability >= _EXPONENTS_BELOW
    probability = f"{score.probability:g}" if exact else share(score.probability)
    return f"{probability} lies {share(short)} below {at:g}, at which it raises"


def _seen_already(score: Score, alert: Alert | None) -> Iterator[str]:
    if alert is not None and alert.last_origin >= score.origin:
        following = alert.last_origin + WEEK
        yield (
            f"its alert {alert.id} has seen the scores of {alert.last_origin}, and looks again at "
            f"those of {following}"
        )


def _kept_closed(
    rule: Rule, score: Score, alert: Alert | None, closed: Alert | None
) -> Iterator[str]:
    yield from _seen_already(score, alert)
    is_over = alert is None or alert.state is AlertState.CLOSED
    if is_over and closed is not None and is_cooling(rule, score, closed):
        until = cools_until(rule, closed)
        yield f"it cools down until {until}, unless the band rises above {closed.highest.value}"
    counted = alert.periods_above if alert is not None and alert.state is AlertState.PENDING else 0
    more = rule.hold_for - counted - 1
    if (is_over or counted) and more > 0:
        yield f"it must hold for {more} more week{'' if more == 1 else 's'} before it opens"

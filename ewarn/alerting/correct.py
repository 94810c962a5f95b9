"""Whether an alert would have opened on what is known today of the weeks before it. Pure."""

from dataclasses import replace
from datetime import datetime

from ewarn.alerting.conditions import applies_to, is_above, is_known
from ewarn.alerting.reasons import correcting_reason, reinstating_reason
from ewarn.alerting.rises import may_be_news
from ewarn.domain.alert import Alert, Change, ChangeKind
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score


def corrected(alert: Alert, rule: Rule, then: Score, today: Score, now: datetime) -> Change | None:
    """Return the correction of an alert, or its reversal.

    A correction never closes the alert. Missing data correct nothing. If the rule was changed so
    that it would not open on `then` either, nothing is corrected.

    Args:
        then: The score that opened the alert.
        today: The score of the same model and origin, computed on today's data.

    Returns:
        The change, or None if nothing is new.
    """
    if not (applies_to(rule, then) and _would_open(rule, then) and _is_known(rule, today)):
        return None
    today = _compared_as_then(then, today)
    holds = _would_open(rule, today)
    if holds is not alert.corrected:
        return None
    if holds:
        after = replace(alert, corrected=False)
        return Change(ChangeKind.REINSTATED, after, now, reinstating_reason(rule, today))
    after = replace(alert, corrected=True)
    return Change(ChangeKind.CORRECTED, after, now, correcting_reason(rule, then, today))


def _compared_as_then(then: Score, today: Score) -> Score:
    """Return today's score, compared with the same mean of quiet regions as the opening score was.

    What is known today of other regions must not correct the alert.
    """
    if then.relative_risk is None or today.relative_risk is None or not then.probability:
        return replace(today, relative_risk=None)
    times = then.relative_risk * (today.probability or 0.0) / then.probability
    return replace(today, relative_risk=times)


def _would_open(rule: Rule, score: Score) -> bool:
    """Return whether a score meets the raising condition or is high enough to count as a rise.

    The earlier scores that a rise starts from are not computed again.
    """
    return is_above(rule, score) or may_be_news(rule, score)


def _is_known(rule: Rule, score: Score) -> bool:
    """Return whether a rule applies to a score, and the values that it compares are known."""
    return applies_to(rule, score) and is_known(rule, score)

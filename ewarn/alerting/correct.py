"""Whether an alert would have opened on what is known today of the weeks before it. Pure."""

from dataclasses import replace
from datetime import datetime

from ewarn.alerting.conditions import concerns, is_above
from ewarn.alerting.reasons import correcting_reason, reinstating_reason
from ewarn.alerting.rises import may_be_news
from ewarn.domain.alert import Alert, Change, ChangeKind
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score


def corrected(alert: Alert, rule: Rule, then: Score, today: Score, now: datetime) -> Change | None:
    """The correction of an alert, or its reversal; None where there is nothing new to say.

    `then` is the score that opened it, `today` the same model's of the same origin on today's data.
    It never closes the alert. Nothing is said where the rule as it is now would not have opened it
    on `then` either (the rule became another one), and nothing where `today` does not tell: silence
    takes no alarm back.
    """
    if not (concerns(rule, then) and _would_open(rule, then) and _tells(rule, today)):
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
    """Today's score, compared with the same mean of quiet regions as the one that opened the alert:
    what is known today of other regions takes no alarm back."""
    if then.relative_risk is None or today.relative_risk is None or not then.probability:
        return replace(today, relative_risk=None)
    times = then.relative_risk * (today.probability or 0.0) / then.probability
    return replace(today, relative_risk=times)


def _would_open(rule: Rule, score: Score) -> bool:
    """Whether a score meets the raising condition, or is high enough to count as a rise: from what
    it rose is not worked out again."""
    return is_above(rule, score) or may_be_news(rule, score)


def _tells(rule: Rule, score: Score) -> bool:
    """Whether what a rule looks at is known."""
    if not concerns(rule, score):
        return False
    if rule.false_discovery is not None:
        return score.false_discovery is not None
    if rule.detector:
        return score.observed is not None and score.upper is not None
    return score.probability is not None

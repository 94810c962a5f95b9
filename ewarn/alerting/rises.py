"""Warnings of rises of a probability, and of high ones in quiet regions. Pure.

They are news whether or not an alert is open already.
"""

from dataclasses import replace

from ewarn.alerting.severity import severity
from ewarn.domain.alert import Alert, ChangeKind
from ewarn.domain.rule import Rise, Rule
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK
from ewarn.languages import rule_reasons


def is_news(rule: Rule, score: Score, alert: Alert | None) -> bool:
    """Return whether a score is worth a warning under a rule on rises, after earlier warnings.

    Args:
        alert: The last alert of the rule and region, closed or not, with its last warning.
    """
    if rule.rise is None:
        return False
    last = _last_warning(score, alert)
    return rule.rise.is_news(score.probability, score.before, last, score.relative_risk)


def may_be_news(rule: Rule, score: Score) -> bool:
    """Return whether a score is high enough for a rule on rises, whatever it was before."""
    return rule.rise is not None and rule.rise.counts(score.probability, score.relative_risk)


def has_risen(rule: Rule, score: Score) -> bool:
    """Return whether a score rose above those before it.

    A score that is news and did not rise is high in a quiet region.
    """
    return rule.rise is not None and rule.rise.is_met(score.probability, score.before)


def kind_of_news(rule: Rule, score: Score, alert: Alert) -> ChangeKind:
    """Return how a warning changes an open alert.

    It surges if the score rose or has a level that the alert never had; else it remains.
    """
    is_higher = severity(score).rank > alert.highest.rank
    return ChangeKind.SURGED if is_higher or has_risen(rule, score) else ChangeKind.REMAINED


def warned(alert: Alert, score: Score) -> Alert:
    """Return the alert after it warned of a score; it is then no standing situation."""
    day = score.as_of.date() if score.interim else score.origin
    return replace(alert, warned_on=day, warned_at=score.probability, situation=False)


def why_no_rise(rise: Rise, score: Score, alert: Alert | None) -> str:
    """Explain why a score is no rise that is worth a warning, after the warnings of `alert`."""
    probability = score.probability
    if probability is None:
        return rule_reasons.NOTHING_TO_RISE()
    if probability < rise.floor:
        return rule_reasons.BELOW_FLOOR(probability=f"{probability:g}", floor=f"{rise.floor:g}")
    rises = rise.is_met(probability, score.before)
    weeks_ago, level = _last_warning(score, alert) or (0, 0.0)
    times = score.relative_risk
    if rise.quiet is not None and times is not None:
        if times < rise.quiet.times:
            least = f"{rise.quiet.times:g}"
            return rule_reasons.LOW_IN_QUIET(times=f"{times:.3g}", least=least)
        if not rises:
            return rule_reasons.WARNED_IN_QUIET(
                level=f"{level:g}", weeks=weeks_ago, after=rise.quiet.again_after
            )
    if not rises:
        return rule_reasons.NO_RISE(
            probability=f"{probability:g}",
            factor=f"{rise.factor:g}",
            lowest=f"{rise.lowest(score.before):g}",
            weeks=rise.weeks,
        )
    return rule_reasons.WARNED(
        level=f"{level:g}",
        weeks=weeks_ago,
        after=rise.again_after,
        higher=f"{rise.again_factor * level:g}",
    )


def _last_warning(score: Score, alert: Alert | None) -> tuple[int, float] | None:
    """Return how many weeks before a score the last warning was, and of which probability."""
    if alert is None or alert.warned_on is None or alert.warned_at is None:
        return None
    return max((score.origin - alert.warned_on) // WEEK, 0), alert.warned_at

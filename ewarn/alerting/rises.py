"""Rises of a probability: news whatever the level was before, and whatever stands already. Pure."""

from dataclasses import replace

from ewarn.domain.alert import Alert
from ewarn.domain.rule import Rise, Rule
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK


def is_rise(rule: Rule, score: Score, alert: Alert | None) -> bool:
    """Whether a score is a rise that is worth a warning, after those of `alert`: the last one of
    the rule and region, closed or not."""
    if rule.rise is None:
        return False
    return rule.rise.is_news(score.probability, score.before, _last_warning(score, alert))


def warned(alert: Alert, score: Score) -> Alert:
    """The alert after it warned of a score: news again, and no standing situation."""
    day = score.as_of.date() if score.interim else score.origin
    return replace(alert, warned_on=day, warned_at=score.probability, situation=False)


def why_no_rise(rise: Rise, score: Score, alert: Alert | None) -> str:
    """Why a score is no rise that is worth a warning, after those of `alert`."""
    probability = score.probability
    if probability is None:
        return "the score has no probability that could rise"
    if probability < rise.floor:
        return f"{probability:g} lies below {rise.floor:g}, at which a rise begins to count"
    if not rise.is_met(probability, score.before):
        return (
            f"{probability:g} is less than {rise.factor:g} times {rise.lowest(score.before):g}, "
            f"the lowest of the {rise.weeks} weeks before"
        )
    weeks_ago, level = _last_warning(score, alert) or (0, 0.0)
    return (
        f"it warned of {level:g} {weeks_ago} weeks ago: it does so again after "
        f"{rise.again_after} weeks, or at {rise.again_factor * level:g}"
    )


def _last_warning(score: Score, alert: Alert | None) -> tuple[int, float] | None:
    """How many weeks before a score the last warning was, and of which probability."""
    if alert is None or alert.warned_on is None or alert.warned_at is None:
        return None
    return max((score.origin - alert.warned_on) // WEEK, 0), alert.warned_at

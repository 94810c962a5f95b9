"""Rises of a probability, and high ones in quiet regions: news whatever stands already. Pure."""

from dataclasses import replace

from ewarn.alerting.severity import severity
from ewarn.domain.alert import Alert, ChangeKind
from ewarn.domain.rule import Rise, Rule
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK


def is_news(rule: Rule, score: Score, alert: Alert | None) -> bool:
    """Whether a score is worth a warning, as its rule listens to rises, after the warnings of
    `alert`: the last one of the rule and region, closed or not."""
    if rule.rise is None:
        return False
    last = _last_warning(score, alert)
    return rule.rise.is_news(score.probability, score.before, last, score.relative_risk)


def may_be_news(rule: Rule, score: Score) -> bool:
    """Whether a score is high enough to be news to a rule on rises, whatever it was before."""
    return rule.rise is not None and rule.rise.counts(score.probability, score.relative_risk)


def has_risen(rule: Rule, score: Score) -> bool:
    """Whether a score rose above those before it. What is news and did not rise is high in a quiet
    region."""
    return rule.rise is not None and rule.rise.is_met(score.probability, score.before)


def kind_of_news(rule: Rule, score: Score, alert: Alert) -> ChangeKind:
    """What becomes of a standing alert by news that its rule listens to: it surges by a rise, and
    by a level that it never had, else it remains."""
    is_higher = severity(score).rank > alert.highest.rank
    return ChangeKind.SURGED if is_higher or has_risen(rule, score) else ChangeKind.REMAINED


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
    weeks_ago, level = _last_warning(score, alert) or (0, 0.0)
    times = score.relative_risk
    if rise.quiet is not None and times is not None:
        if times < rise.quiet.times:
            return (
                f"it was quiet there for half a year, and the probability is {times:.3g} times the "
                f"mean of such regions: there it counts from {rise.quiet.times:g} times"
            )
        if not rise.is_met(probability, score.before):
            return (
                f"it warned of {level:g} {weeks_ago} weeks ago: it does so again after "
                f"{rise.quiet.again_after} weeks, or with a rise"
            )
    if not rise.is_met(probability, score.before):
        return (
            f"{probability:g} is less than {rise.factor:g} times {rise.lowest(score.before):g}, "
            f"the lowest of the {rise.weeks} weeks before"
        )
    return (
        f"it warned of {level:g} {weeks_ago} weeks ago: it does so again after "
        f"{rise.again_after} weeks, or at {rise.again_factor * level:g}"
    )


def _last_warning(score: Score, alert: Alert | None) -> tuple[int, float] | None:
    """How many weeks before a score the last warning was, and of which probability."""
    if alert is None or alert.warned_on is None or alert.warned_at is None:
        return None
    return max((score.origin - alert.warned_on) // WEEK, 0), alert.warned_at

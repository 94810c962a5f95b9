"""What a rule asks of a score: whether it meets its conditions. Pure."""

from datetime import date

from ewarn.alerting.severity import severity
from ewarn.domain.alert import Alert
from ewarn.domain.region import Level
from ewarn.domain.rule import NEVER, Rule
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK, week_of


def speaks_of(rule: Rule, item: Score | Alert) -> bool:
    """Whether a score or an alert is of the rule's target, level and horizon."""
    level = Level.COUNTRY if item.region == item.country else Level.ADMIN1
    return (rule.target, rule.level, rule.horizon_weeks) == (
        item.target,
        level,
        item.horizon_weeks,
    )


def concerns(rule: Rule, score: Score) -> bool:
    """Whether a rule listens to a score: a probability that was never calibrated must not fire
    anything; a bound may."""
    if not speaks_of(rule, score):
        return False
    return names_source(rule, score) if rule.detector else score.basis.may_fire


def names_source(rule: Rule, score: Score) -> bool:
    """Whether a rule listens to the source of a score."""
    return not rule.sources or score.source in rule.sources


def has_better(rule: Rule, score: Score) -> bool:
    """Whether a score has a probability that a rule leaves to the others: one that may fire. Such a
    score opens and raises nothing; that its week is usual closes an alert all the same."""
    return rule.without_probability and score.probability is not None and score.basis.may_fire


def is_above(rule: Rule, score: Score) -> bool:
    """Whether a score meets a rule's raising condition."""
    if has_better(rule, score):
        return False
    if rule.false_discovery is not None:
        return score.is_discovery(rule.false_discovery)
    if rule.detector:
        return score.exceeds_bound
    return score.probability is not None and score.probability >= rule.raises_at(score.source)


def is_below(rule: Rule, score: Score) -> bool:
    """Whether a score meets a rule's closing condition: silence never does."""
    if rule.false_discovery is not None:
        known = score.false_discovery is not None
        return known and not score.is_discovery(rule.false_discovery)
    if rule.detector:
        known = score.observed is not None and score.upper is not None
        return known and not score.exceeds_bound
    return score.probability is not None and score.probability < rule.closes_below(score.source)


def is_blind(score: Score) -> bool:
    """Whether the last week was not observed: the score then rests on what was known before."""
    return score.observed is None


def speaks_of_rises_alone(rule: Rule, score: Score) -> bool:
    """Whether no level of a score is news to the rule, and a rise alone is."""
    return rule.rise is not None and rule.raises_at(score.source) >= NEVER


def is_cooling(rule: Rule, score: Score, last: Alert) -> bool:
    """A cool-down keeps an alert shut, unless the score is higher than it ever was."""
    until = cools_until(rule, last)
    return until is not None and score.origin < until and severity(score).rank <= last.highest.rank


def cools_until(rule: Rule, last: Alert) -> date | None:
    """The first origin after the cool-down of an alert that closed; None if it has none."""
    # Who closes one by hand does so on any day: weeks are counted from the Monday before it.
    return None if last.closed_on is None else week_of(last.closed_on) + rule.cool_down * WEEK


def may_open(rule: Rule, score: Score, last: Alert | None) -> bool:
    """Whether a score opens an alert, or begins to, after the last one that closed."""
    return is_above(rule, score) and (last is None or not is_cooling(rule, score, last))

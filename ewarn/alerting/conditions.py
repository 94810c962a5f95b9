"""The conditions of a rule, and whether a score meets them. Pure."""

from dataclasses import replace
from datetime import date

from ewarn.alerting.severity import severity
from ewarn.domain.alert import Alert
from ewarn.domain.region import Level
from ewarn.domain.rule import NEVER, Rule
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK, week_of


def is_in_scope(rule: Rule, item: Score | Alert) -> bool:
    """Return whether a score or an alert has the rule's target, level and horizon."""
    level = Level.COUNTRY if item.region == item.country else Level.ADMIN1
    return (rule.target, rule.level, rule.horizon_weeks) == (
        item.target,
        level,
        item.horizon_weeks,
    )


def applies_to(rule: Rule, score: Score) -> bool:
    """Return whether a rule may act on a score.

    A probability that was never calibrated must not raise an alert; a detector's bound may.
    """
    if not is_in_scope(rule, score):
        return False
    return names_source(rule, score) if rule.detector else score.basis.may_fire


def names_source(rule: Rule, score: Score) -> bool:
    """Return whether a rule reads the source of a score."""
    return not rule.sources or score.source in rule.sources


def has_better(rule: Rule, score: Score) -> bool:
    """Return whether a score has a probability that may fire, which the rule leaves to other rules.

    Such a score opens and raises nothing. If its week is usual, it still closes an alert.
    """
    return rule.without_probability and score.probability is not None and score.basis.may_fire


def is_known(rule: Rule, score: Score) -> bool:
    """Return whether the values that a rule compares are known."""
    if rule.false_discovery is not None:
        return score.false_discovery is not None
    if rule.detector:
        return score.observed is not None and score.upper is not None
    return score.probability is not None


def is_above(rule: Rule, score: Score) -> bool:
    """Return whether a score meets a rule's raising condition."""
    if has_better(rule, score):
        return False
    if rule.condition is not None:
        return is_known(rule, score) and rule.condition.is_above(_usable(score))
    if rule.false_discovery is not None:
        return score.is_discovery(rule.false_discovery)
    if rule.detector:
        return score.exceeds_bound
    return score.probability is not None and score.probability >= rule.raises_at(score.source)


def is_below(rule: Rule, score: Score) -> bool:
    """Return whether a score meets a rule's closing condition; missing data never do."""
    if not is_known(rule, score):
        return False
    if rule.condition is not None:
        return rule.condition.is_below(_usable(score))
    if rule.false_discovery is not None:
        return not score.is_discovery(rule.false_discovery)
    if rule.detector:
        return not score.exceeds_bound
    return score.probability is not None and score.probability < rule.closes_below(score.source)


def _usable(score: Score) -> Score:
    """Return a score as a condition gets it: without a probability that may not fire a rule."""
    if score.basis.may_fire:
        return score
    return replace(score, probability=None, low=None, high=None, members=(), before=())


def is_unobserved(score: Score) -> bool:
    """Return whether the last week was not observed: the score then rests on earlier weeks."""
    return score.observed is None


def warns_of_rises_only(rule: Rule, score: Score) -> bool:
    """Return whether a rule warns only of rises of a score, never of its level."""
    return rule.rise is not None and rule.raises_at(score.source) >= NEVER


def is_cooling(rule: Rule, score: Score, last: Alert) -> bool:
    """Return whether a cool-down keeps an alert closed.

    A score higher than the closed alert ever was ends the cool-down.
    """
    until = cools_until(rule, last)
    return until is not None and score.origin < until and severity(score).rank <= last.highest.rank


def cools_until(rule: Rule, last: Alert) -> date | None:
    """Return the first origin after the cool-down of a closed alert, or None if it never closed."""
    # A person can close an alert on any day: weeks are counted from the Monday before it.
    return None if last.closed_on is None else week_of(last.closed_on) + rule.cool_down * WEEK


def may_open(rule: Rule, score: Score, last: Alert | None) -> bool:
    """Return whether a score opens an alert, or begins to, after the last one that closed."""
    return is_above(rule, score) and (last is None or not is_cooling(rule, score, last))

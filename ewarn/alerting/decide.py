"""From scores to changes of alerts. Pure: the same inputs always give the same changes."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from ewarn.alerting.reasons import (
    closing_reason,
    lowering_reason,
    opening_reason,
    pending_reason,
    raising_reason,
    surging_reason,
)
from ewarn.alerting.rises import is_rise, warned
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.rule import NEVER, Rule
from ewarn.domain.score import Score
from ewarn.domain.target import Basis
from ewarn.domain.time import WEEK


def decide(
    scores: Iterable[Score], alerts: Iterable[Alert], rules: Sequence[Rule], now: datetime
) -> list[Change]:
    """What the scores of one origin change: alerts whose rule is gone are withdrawn; then, in the
    order of rules and regions, what scores do.

    `alerts` are those that stand (not closed) and, of each (rule, region), the last one that was
    withdrawn and the last one that closed. An alert that already saw the scores' origin is left
    alone, so deciding twice changes nothing.
    """
    known = last_of_each(alerts)
    gone = {alert.id: _withdrawn(alert, now) for alert in ruleless(known, rules)}
    known = [gone[alert.id].alert if alert.id in gone else alert for alert in known]
    standing = {(alert.rule, alert.region): alert for alert in known}
    # One that was withdrawn does not end the cool-down of the one before it.
    closed = {(alert.rule, alert.region): alert for alert in known if alert.closed_on is not None}
    made = list(scores)
    return [*gone.values()] + [
        change
        for rule in rules
        for score in _counted(rule, made)
        for change in _step(
            rule,
            score,
            standing.get((rule.id, score.region)),
            closed.get((rule.id, score.region)),
            now,
        )
    ]


def last_of_each(alerts: Iterable[Alert]) -> list[Alert]:
    """Alerts, those that count last: the last of a rule and region is the one it has now."""
    # An alert that stands comes after any closed one, whatever their origins.
    return sorted(
        alerts, key=lambda alert: (alert.state is not AlertState.CLOSED, alert.last_origin)
    )


def ruleless(alerts: Iterable[Alert], rules: Sequence[Rule]) -> list[Alert]:
    """Alerts that are not closed, and that no rule speaks of any more: no score can end them."""
    by_id = {rule.id: rule for rule in rules}
    return [
        alert
        for alert in alerts
        if alert.state is not AlertState.CLOSED
        and ((rule := by_id.get(alert.rule)) is None or not _speaks_of(rule, alert))
    ]


def _withdrawn(alert: Alert, now: datetime) -> Change:
    # Without the day of a close, which would begin a cool-down: that a rule was taken away says
    # nothing of the region, and it may have been a mistake.
    after = replace(alert, state=AlertState.CLOSED, stale=False)
    reason = f"the rule {alert.rule} is gone: the level did not fall, but nothing watches it now"
    return Change(ChangeKind.WITHDRAWN, after, now, reason)


def _counted(rule: Rule, scores: Iterable[Score]) -> list[Score]:
    """The score of each region that counts for a rule, by region: the gravest, where several
    sources are scored."""
    gravest: dict[str, Score] = {}
    for score in scores:
        if concerns(rule, score):
            other = gravest.setdefault(score.region, score)
            gravest[score.region] = max(other, score, key=lambda each: _gravity(rule, each))
    return [gravest[region] for region in sorted(gravest)]


def _gravity(rule: Rule, score: Score) -> tuple[float, ...]:
    above, below = is_above(rule, score), is_below(rule, score)
    return (above, not below, score.band.rank, score.probability or 0.0, not is_blind(score))


def _speaks_of(rule: Rule, item: Score | Alert) -> bool:
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
    return _speaks_of(rule, score) and (rule.detector or score.basis is not Basis.UNCALIBRATED)


def _step(
    rule: Rule, score: Score, alert: Alert | None, closed: Alert | None, now: datetime
) -> Iterator[Change]:
    if alert is not None and alert.last_origin >= score.origin:
        return
    if alert is None or alert.state is AlertState.CLOSED:
        yield from _from_nothing(rule, score, closed, now)
    elif alert.state is AlertState.PENDING:
        yield _from_pending(rule, score, alert, now)
    else:
        yield from _from_open(rule, score, alert, now)


def is_above(rule: Rule, score: Score) -> bool:
    """Whether a score meets a rule's raising condition."""
    if rule.false_discovery is not None:
        return score.is_discovery(rule.false_discovery)
    if rule.detector:
        return score.exceeds_bound
    return score.probability is not None and score.probability >= rule.raises_at(score.source)


def is_below(rule: Rule, score: Score) -> bool:
    """Whether a score meets a rule's closing condition: silence never does."""
    if rule.false_discovery is not None:
        return score.false_discovery is not None and not is_above(rule, score)
    if rule.detector:
        known = score.observed is not None and score.upper is not None
        return known and not score.exceeds_bound
    return score.probability is not None and score.probability < rule.closes_below(score.source)


def is_blind(score: Score) -> bool:
    """Whether the last week was not observed: the score then rests on what was known before."""
    return score.observed is None


def _from_nothing(rule: Rule, score: Score, last: Alert | None, now: datetime) -> Iterator[Change]:
    rises = is_rise(rule, score, last)
    if not rises and not _may_open(rule, score, last):
        return
    alert = Alert(
        id=alert_id(rule, score.region, score.origin),
        rule=rule.id,
        region=score.region,
        country=score.country,
        target=score.target,
        horizon_weeks=score.horizon_weeks,
        state=AlertState.PENDING,
        band=score.band,
        highest=score.band,
        probability=score.probability,
        opened_on=None,
        closed_on=None,
        last_origin=score.origin,
        score_id=score.id,
        periods_above=1,
    )
    if rises or rule.hold_for <= 1:
        yield _opened(rule, score, alert, now, rises=rises)
    else:
        yield Change(ChangeKind.PENDING, alert, now, pending_reason(rule, score))


def _may_open(rule: Rule, score: Score, last: Alert | None) -> bool:
    return is_above(rule, score) and (last is None or not is_cooling(rule, score, last))


def is_cooling(rule: Rule, score: Score, last: Alert) -> bool:
    """A cool-down keeps an alert shut, unless the score is higher than it ever was."""
    until = cools_until(rule, last)
    return until is not None and score.origin < until and score.band.rank <= last.highest.rank


def cools_until(rule: Rule, last: Alert) -> date | None:
    """The first origin after the cool-down of an alert that closed; None if it has none."""
    return None if last.closed_on is None else last.closed_on + rule.cool_down * WEEK


def _from_pending(rule: Rule, score: Score, alert: Alert, now: datetime) -> Change:
    seen = replace(
        alert,
        band=score.band,
        highest=max(score.band, alert.highest, key=lambda band: band.rank),
        probability=score.probability,
        last_origin=score.origin,
        score_id=score.id,
    )
    rises = is_rise(rule, score, alert)
    if not rises and not is_above(rule, score):
        gone = replace(seen, state=AlertState.CLOSED, periods_above=0)
        reason = "did not hold: fell below the raising threshold before it opened"
        return Change(ChangeKind.WITHDRAWN, gone, now, reason)
    held = replace(seen, periods_above=alert.periods_above + 1)
    if rises or held.periods_above >= rule.hold_for:
        return _opened(rule, score, held, now, rises=rises)
    return Change(None, held, now, pending_reason(rule, score))


def _opened(rule: Rule, score: Score, alert: Alert, now: datetime, *, rises: bool) -> Change:
    opened = replace(
        warned(alert, score),
        state=AlertState.OPEN,
        opened_on=score.origin,
        stale=is_blind(score),
        waiting_since=now,
    )
    reason = surging_reason(rule, score) if rises else opening_reason(rule, score)
    return Change(ChangeKind.OPENED, opened, now, reason)


def _from_open(rule: Rule, score: Score, alert: Alert, now: datetime) -> Iterator[Change]:
    after = _advanced(rule, score, alert, now)
    changes = [
        Change(kind, after, now, why) for kind, why in _differences(rule, score, alert, after)
    ]
    yield from changes or [Change(None, after, now, "seen, nothing to say")]


def _advanced(rule: Rule, score: Score, alert: Alert, now: datetime) -> Alert:
    """The alert after it saw a score. What was not observed lowers nothing and closes nothing."""
    after = replace(alert, last_origin=score.origin, score_id=score.id, stale=is_blind(score))
    surges = is_rise(rule, score, alert)
    if surges:
        after = _asked_again(warned(after, score), now)
    is_lower = score.band.rank < alert.band.rank
    if is_blind(score) and (is_lower or score.band is alert.band):
        return replace(after, probability=score.probability) if surges else after
    is_higher = score.band.rank > alert.highest.rank and not _speaks_of_rises_alone(rule, score)
    if is_higher and not surges:
        # Whoever acknowledged it knew of a lower level: somebody must look again.
        after = warned(after, score)
        after = after if alert.state is AlertState.OPEN else _asked_again(after, now)
    lower = alert.periods_lower + 1 if is_lower else 0
    falls = lower >= rule.keep_for  # the band rises at once and falls late
    after = replace(
        after,
        band=score.band if falls or not is_lower else alert.band,
        highest=max(score.band, alert.highest, key=lambda band: band.rank),
        probability=score.probability,
        periods_below=alert.periods_below + 1 if is_below(rule, score) else 0,
        periods_lower=0 if falls else lower,
    )
    if is_blind(score) or after.periods_below < rule.keep_for:
        return after
    return replace(after, state=AlertState.CLOSED, closed_on=score.origin)


def _speaks_of_rises_alone(rule: Rule, score: Score) -> bool:
    return rule.rise is not None and rule.raises_at(score.source) >= NEVER


def _asked_again(alert: Alert, now: datetime) -> Alert:
    """An alert that somebody must acknowledge, from the first tier on."""
    told = alert.told if alert.state is AlertState.OPEN else None
    return replace(alert, state=AlertState.OPEN, tier=1, waiting_since=now, told=told)


def _differences(
    rule: Rule, score: Score, before: Alert, after: Alert
) -> Iterator[tuple[ChangeKind, str]]:
    """What a step changed, with the reason of each change."""
    if after.stale and not before.stale:
        reason = "its data stopped: the last week was not observed, so it stays open"
        yield ChangeKind.WENT_STALE, reason
    if before.stale and not after.stale:
        yield ChangeKind.RECOVERED, "its data came back"
    if is_rise(rule, score, before):
        yield ChangeKind.SURGED, surging_reason(rule, score)
    elif after.band.rank > before.band.rank:
        yield ChangeKind.RAISED, raising_reason(score, before.band)
    if after.band.rank < before.band.rank:
        yield ChangeKind.LOWERED, lowering_reason(score, before.band)
    if after.state is AlertState.CLOSED:
        yield ChangeKind.CLOSED, closing_reason(rule, score)


def alert_id(rule: Rule, region: str, origin: date) -> str:
    """The id of the alert a rule would open for a region at an origin: always the same one."""
    text = f"{rule.id}|{region}|{origin.isoformat()}"
    return f"alert-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

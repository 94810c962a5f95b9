"""From scores to changes of alerts. Pure: the same inputs always give the same changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ewarn.alerting.conditions import (
    concerns,
    is_above,
    is_below,
    is_blind,
    may_open,
    speaks_of,
    speaks_of_rises_alone,
)
from ewarn.alerting.interim import between
from ewarn.alerting.opening import asked_again, new_alert, opened, warned_anew
from ewarn.alerting.reasons import (
    closing_reason,
    lowering_reason,
    pending_reason,
    raising_reason,
    reason_of_news,
)
from ewarn.alerting.rises import is_news, kind_of_news, warned
from ewarn.alerting.severity import severity
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.target import Band
from ewarn.languages import alert_reasons

Alerts = Mapping[tuple[str, str], Alert]  # by rule and region


def decide(
    scores: Iterable[Score],
    alerts: Iterable[Alert],
    rules: Sequence[Rule],
    now: datetime,
    *,
    readers: str = "",
) -> list[Change]:
    """What the scores of one origin change: alerts whose rule is gone are withdrawn; then, in the
    order of rules and regions, what scores do.

    Scores and alerts are all for the same `readers`: what everybody may read never rests on what
    only the holders of a licence may. `alerts` are those that stand (not closed) and, of each
    (rule, region), the last one that was withdrawn and the last one that closed. Interim scores,
    and those of an origin that an alert saw already, can warn and do nothing else, so deciding
    twice changes nothing.
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
        for score in _counted(rule, made, standing, closed)
        for change in _step(
            rule,
            score,
            standing.get((rule.id, score.region)),
            closed.get((rule.id, score.region)),
            now,
            readers,
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
        and ((rule := by_id.get(alert.rule)) is None or not speaks_of(rule, alert))
    ]


def _withdrawn(alert: Alert, now: datetime) -> Change:
    # Without the day of a close, which would begin a cool-down: that a rule was taken away says
    # nothing of the region, and it may have been a mistake.
    after = replace(alert, state=AlertState.CLOSED, stale=False)
    return Change(ChangeKind.WITHDRAWN, after, now, alert_reasons.RULE_GONE(rule=alert.rule))


def shut(alerts: Iterable[Alert], now: datetime) -> list[Change]:
    """Alerts that are not closed, whose licence the operator no longer states: they end."""
    return [
        Change(
            ChangeKind.WITHDRAWN,
            replace(alert, state=AlertState.CLOSED, stale=False),
            now,
            alert_reasons.LICENCE_GONE(licence=alert.readers),
        )
        for alert in alerts
        if alert.state is not AlertState.CLOSED
    ]


def _counted(rule: Rule, scores: Iterable[Score], last: Alerts, closed: Alerts) -> list[Score]:
    """The score of each region that counts for a rule, by region.

    Where several sources are scored that is the gravest; where no alert stands, the gravest of
    those that would open one, if any would.
    """
    found: dict[str, list[Score]] = {}
    for score in scores:
        if concerns(rule, score):
            found.setdefault(score.region, []).append(score)
    counted = []
    for region in sorted(found):
        alert = last.get((rule.id, region))
        opening: list[Score] = []
        if alert is None or alert.state is AlertState.CLOSED:
            before = closed.get((rule.id, region))
            opening = [
                score
                for score in found[region]
                if is_news(rule, score, before) or may_open(rule, score, before)
            ]
        counted.append(max(opening or found[region], key=lambda each: _gravity(rule, each)))
    return counted


def _gravity(rule: Rule, score: Score) -> tuple[float, ...]:
    above, below = is_above(rule, score), is_below(rule, score)
    return (above, not below, severity(score).rank, score.probability or 0.0, not is_blind(score))


def _step(
    rule: Rule,
    score: Score,
    alert: Alert | None,
    closed: Alert | None,
    now: datetime,
    readers: str,
) -> Iterator[Change]:
    if score.interim or (alert is not None and alert.last_origin >= score.origin):
        yield from between(rule, score, alert, closed, now, readers)
    elif alert is None or alert.state is AlertState.CLOSED:
        yield from _from_nothing(rule, score, closed, now, readers)
    elif alert.state is AlertState.PENDING:
        yield _from_pending(rule, score, alert, now)
    else:
        yield from _from_open(rule, score, alert, now)


def _from_nothing(
    rule: Rule, score: Score, last: Alert | None, now: datetime, readers: str
) -> Iterator[Change]:
    rises = is_news(rule, score, last)
    if not rises and not may_open(rule, score, last):
        return
    alert = new_alert(rule, score, readers)
    if rises or rule.hold_for <= 1:
        yield opened(rule, score, alert, now, rises=rises)
    else:
        yield Change(ChangeKind.PENDING, alert, now, pending_reason(rule, score))


def _from_pending(rule: Rule, score: Score, alert: Alert, now: datetime) -> Change:
    seen = replace(
        alert,
        band=severity(score),
        highest=max(severity(score), alert.highest, key=lambda band: band.rank),
        probability=score.probability,
        last_origin=score.origin,
        score_id=score.id,
    )
    rises = is_news(rule, score, alert)
    if not rises and not is_above(rule, score):
        gone = replace(seen, state=AlertState.CLOSED, periods_above=0)
        return Change(ChangeKind.WITHDRAWN, gone, now, alert_reasons.DID_NOT_HOLD())
    held = replace(seen, periods_above=alert.periods_above + 1)
    if rises or held.periods_above >= rule.hold_for:
        return opened(rule, score, held, now, rises=rises)
    return Change(None, held, now, pending_reason(rule, score))


def _from_open(rule: Rule, score: Score, alert: Alert, now: datetime) -> Iterator[Change]:
    after = _advanced(rule, score, alert, now)
    changes = [
        Change(kind, after, now, why) for kind, why in _differences(rule, score, alert, after)
    ]
    yield from changes or [Change(None, after, now, "seen, nothing to say")]


def _advanced(rule: Rule, score: Score, alert: Alert, now: datetime) -> Alert:
    """The alert after it saw a score. What was not observed lowers nothing and closes nothing."""
    after = replace(alert, last_origin=score.origin, score_id=score.id, stale=is_blind(score))
    surges = is_news(rule, score, alert)
    if surges:
        after = warned_anew(rule, score, after, now)
    level = _level(score, alert)
    is_lower = level.rank < alert.band.rank
    if is_blind(score) and (is_lower or level is alert.band):
        return replace(after, probability=score.probability) if surges else after
    is_higher = level.rank > alert.highest.rank and not speaks_of_rises_alone(rule, score)
    if is_higher and not surges:
        # Whoever acknowledged it knew of a lower level: somebody must look again.
        after = warned(after, score)
        after = after if alert.state is AlertState.OPEN else asked_again(after, now)
    lower = alert.periods_lower + 1 if is_lower else 0
    falls = lower >= rule.keep_for  # the band rises at once and falls late
    after = replace(
        after,
        band=level if falls or not is_lower else alert.band,
        highest=max(level, alert.highest, key=lambda band: band.rank),
        probability=score.probability,
        periods_below=alert.periods_below + 1 if is_below(rule, score) else 0,
        periods_lower=0 if falls else lower,
    )
    if is_blind(score) or after.periods_below < rule.keep_for:
        return after
    return replace(after, state=AlertState.CLOSED, closed_on=score.origin)


def _level(score: Score, alert: Alert) -> Band:
    """The level of a score; the alert's own where the score cannot say, which lowers nothing."""
    level = severity(score)
    return alert.band if level is Band.UNCALIBRATED else level


def _differences(
    rule: Rule, score: Score, before: Alert, after: Alert
) -> Iterator[tuple[ChangeKind, str]]:
    """What a step changed, with the reason of each change."""
    if after.stale and not before.stale:
        yield ChangeKind.WENT_STALE, alert_reasons.DATA_STOPPED()
    if before.stale and not after.stale:
        yield ChangeKind.RECOVERED, alert_reasons.DATA_BACK()
    if is_news(rule, score, before):
        yield kind_of_news(rule, score, before), reason_of_news(rule, score)
    elif after.band.rank > before.band.rank:
        yield ChangeKind.RAISED, raising_reason(score, before.band)
    if after.band.rank < before.band.rank:
        yield ChangeKind.LOWERED, lowering_reason(score, before.band)
    if after.state is AlertState.CLOSED:
        yield ChangeKind.CLOSED, closing_reason(rule, score)

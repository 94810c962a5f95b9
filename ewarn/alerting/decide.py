"""Decide how scores change alerts. Pure: the same inputs always give the same changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ewarn.alerting.conditions import (
    applies_to,
    is_above,
    is_below,
    is_in_scope,
    is_unobserved,
    may_open,
    warns_of_rises_only,
)
from ewarn.alerting.interim import interim_changes
from ewarn.alerting.opening import new_alert, opened, request_acknowledgement, warned_again
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
    """Return how the scores of one origin change alerts.

    First, alerts without a rule are withdrawn. Then the scores are applied, in the order of rules
    and regions. Interim scores, and scores of an origin that an alert has seen already, can warn
    and do nothing else. So deciding twice changes nothing.

    Args:
        scores: Scores for one kind of `readers`: what everybody may read never rests on licensed
            data.
        alerts: For the same readers, the alerts that are not closed, and for each rule and region
            the alert that was last withdrawn and the one that last closed.
        readers: The licence that readers must carry; empty for everybody.
    """
    known = last_of_each(alerts)
    withdrawn = {alert.id: _withdrawn(alert, now) for alert in ruleless(known, rules)}
    known = [withdrawn[alert.id].alert if alert.id in withdrawn else alert for alert in known]
    standing = {(alert.rule, alert.region): alert for alert in known}
    # A withdrawn alert does not end the cool-down of the alert before it.
    closed = {(alert.rule, alert.region): alert for alert in known if alert.closed_on is not None}
    made = list(scores)
    return [*withdrawn.values()] + [
        change
        for rule in rules
        for score in _decisive_scores(rule, made, standing, closed)
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
    """Return alerts so that the current one of each rule and region comes last."""
    # An alert that is not closed comes after any closed one, whatever their origins.
    return sorted(
        alerts, key=lambda alert: (alert.state is not AlertState.CLOSED, alert.last_origin)
    )


def ruleless(alerts: Iterable[Alert], rules: Sequence[Rule]) -> list[Alert]:
    """Return the alerts that are not closed and have no rule any more: no score can close them."""
    by_id = {rule.id: rule for rule in rules}
    return [
        alert
        for alert in alerts
        if alert.state is not AlertState.CLOSED
        and ((rule := by_id.get(alert.rule)) is None or not is_in_scope(rule, alert))
    ]


def _withdrawn(alert: Alert, now: datetime) -> Change:
    # The alert gets no closing day, which would begin a cool-down: that a rule was removed says
    # nothing about the region, and the removal may have been a mistake.
    after = replace(alert, state=AlertState.CLOSED, stale=False)
    return Change(ChangeKind.WITHDRAWN, after, now, alert_reasons.RULE_GONE(rule=alert.rule))


def withdraw_unlicensed(alerts: Iterable[Alert], now: datetime) -> list[Change]:
    """Withdraw alerts that are not closed and whose licence the operator no longer states."""
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


def _decisive_scores(
    rule: Rule, scores: Iterable[Score], last: Alerts, closed: Alerts
) -> list[Score]:
    """Return the score of each region that counts for a rule, sorted by region.

    If several sources have a score, the most severe one counts. If no alert is open, the most
    severe one of those that would open an alert counts, if there is any.
    """
    found: dict[str, list[Score]] = {}
    for score in scores:
        if applies_to(rule, score):
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
        counted.append(max(opening or found[region], key=lambda each: _severity_order(rule, each)))
    return counted


def _severity_order(rule: Rule, score: Score) -> tuple[float, ...]:
    above, below = is_above(rule, score), is_below(rule, score)
    return (
        above,
        not below,
        severity(score).rank,
        score.probability or 0.0,
        not is_unobserved(score),
    )


def _step(
    rule: Rule,
    score: Score,
    alert: Alert | None,
    closed: Alert | None,
    now: datetime,
    readers: str,
) -> Iterator[Change]:
    if score.interim or (alert is not None and alert.last_origin >= score.origin):
        yield from interim_changes(rule, score, alert, closed, now, readers)
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
        closed = replace(seen, state=AlertState.CLOSED, periods_above=0)
        return Change(ChangeKind.WITHDRAWN, closed, now, alert_reasons.DID_NOT_HOLD())
    counted = replace(seen, periods_above=alert.periods_above + 1)
    if rises or counted.periods_above >= rule.hold_for:
        return opened(rule, score, counted, now, rises=rises)
    return Change(None, counted, now, pending_reason(rule, score))


def _from_open(rule: Rule, score: Score, alert: Alert, now: datetime) -> Iterator[Change]:
    after = _advanced(rule, score, alert, now)
    changes = [
        Change(kind, after, now, why) for kind, why in _differences(rule, score, alert, after)
    ]
    yield from changes or [Change(None, after, now, "seen, nothing to say")]


def _advanced(rule: Rule, score: Score, alert: Alert, now: datetime) -> Alert:
    """Return an alert after it saw a score.

    A week that was not observed lowers nothing and closes nothing.
    """
    after = replace(alert, last_origin=score.origin, score_id=score.id, stale=is_unobserved(score))
    surges = is_news(rule, score, alert)
    if surges:
        after = warned_again(rule, score, after, now)
    level = _level(score, alert)
    is_lower = level.rank < alert.band.rank
    if is_unobserved(score) and (is_lower or level is alert.band):
        return replace(after, probability=score.probability) if surges else after
    is_higher = level.rank > alert.highest.rank and not warns_of_rises_only(rule, score)
    if is_higher and not surges:
        # The person who acknowledged it knew of a lower level, so somebody must look again.
        after = warned(after, score)
        after = after if alert.state is AlertState.OPEN else request_acknowledgement(after, now)
    lower = alert.periods_lower + 1 if is_lower else 0
    falls = lower >= rule.keep_for  # the band rises at once, and falls after `keep_for` periods
    after = replace(
        after,
        band=level if falls or not is_lower else alert.band,
        highest=max(level, alert.highest, key=lambda band: band.rank),
        probability=score.probability,
        periods_below=alert.periods_below + 1 if is_below(rule, score) else 0,
        periods_lower=0 if falls else lower,
    )
    if is_unobserved(score) or after.periods_below < rule.keep_for:
        return after
    return replace(after, state=AlertState.CLOSED, closed_on=score.origin)


def _level(score: Score, alert: Alert) -> Band:
    """Return the level of a score, or the alert's own level if the score has none."""
    level = severity(score)
    return alert.band if level is Band.UNCALIBRATED else level


def _differences(
    rule: Rule, score: Score, before: Alert, after: Alert
) -> Iterator[tuple[ChangeKind, str]]:
    """Yield the kinds of changes that a step made, each with its reason."""
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

"""How a score changes alerts between two Mondays: it can warn, and do nothing else. Pure.

This holds for interim scores, which read half a week, and for a Monday's score that was computed
again after the rules had seen it: it may have risen since, and no week is counted twice.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ewarn.alerting.conditions import may_open, warns_of_rises_only
from ewarn.alerting.opening import new_alert, opened, request_acknowledgement, warned_again
from ewarn.alerting.reasons import raising_reason, reason_of_news
from ewarn.alerting.rises import is_news, kind_of_news, warned
from ewarn.alerting.severity import severity
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score


def interim_changes(
    rule: Rule,
    score: Score,
    alert: Alert | None,
    closed: Alert | None,
    now: datetime,
    readers: str = "",
) -> Iterator[Change]:
    """Yield the warning that a score gives about a region whose Monday's score was seen already.

    An alert that must hold for several weeks is not begun, lowered or closed.

    Args:
        alert: The last alert of the rule and region, in any state.
        closed: The last alert of the rule and region that closed.
    """
    if alert is None or alert.state is AlertState.CLOSED:
        if alert is None or alert.last_origin < score.origin or _is_news(rule, score, alert):
            yield from _opens(rule, score, closed, now, readers)
    elif alert.state is AlertState.PENDING:
        if is_news(rule, score, alert):
            yield opened(rule, score, _as_high(alert, score), now, rises=True)
    else:
        yield from _rises(rule, score, alert, now)


def _opens(
    rule: Rule, score: Score, closed: Alert | None, now: datetime, readers: str
) -> Iterator[Change]:
    rises = is_news(rule, score, closed)
    if rises or (rule.hold_for <= 1 and may_open(rule, score, closed)):
        yield opened(rule, score, new_alert(rule, score, readers), now, rises=rises)


def _is_news(rule: Rule, score: Score, ended: Alert) -> bool:
    """Return whether a score says more than an alert that ended in the same week."""
    return is_news(rule, score, ended) or severity(score).rank > ended.highest.rank


def _rises(rule: Rule, score: Score, alert: Alert, now: datetime) -> Iterator[Change]:
    surges = is_news(rule, score, alert)
    level = severity(score)
    if not surges and level.rank <= alert.band.rank:
        return
    before = warned_again(rule, score, alert, now) if surges else alert
    after = replace(_as_high(before, score), periods_below=0, periods_lower=0)
    if surges:
        kind = kind_of_news(rule, score, alert)
        yield Change(kind, after, now, reason_of_news(rule, score))
        return
    if level.rank > alert.highest.rank and not warns_of_rises_only(rule, score):
        after = warned(after, score)
        after = after if alert.state is AlertState.OPEN else request_acknowledgement(after, now)
    yield Change(ChangeKind.RAISED, after, now, raising_reason(score, alert.band))


def _as_high(alert: Alert, score: Score) -> Alert:
    """Return the alert raised to the level of a score, if that is higher than its own."""
    return replace(
        alert,
        band=max(alert.band, severity(score), key=lambda band: band.rank),
        highest=max(alert.highest, severity(score), key=lambda band: band.rank),
        probability=score.probability,
        score_id=score.id,
    )

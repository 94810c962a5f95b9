"""What a score changes between two Mondays: it can warn, and nothing else. Pure.

So it is with interim scores, which read half a week, and with a Monday's score that was made again
after rules had seen it: it may have risen since, and no week is counted twice.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ewarn.alerting.conditions import may_open, speaks_of_rises_alone
from ewarn.alerting.opening import asked_again, new_alert, opened, warned_anew
from ewarn.alerting.reasons import raising_reason, reason_of_news
from ewarn.alerting.rises import is_news, kind_of_news, warned
from ewarn.alerting.severity import severity
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score


def between(
    rule: Rule,
    score: Score,
    alert: Alert | None,
    closed: Alert | None,
    now: datetime,
    readers: str = "",
) -> Iterator[Change]:
    """The warning that a score gives of a region whose Monday was seen, if it gives one.

    `alert` is the last one of the rule and region, `closed` the last one that closed. An alert that
    must be met for several weeks is not begun, lowered or closed.
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
    """Whether a score says more than an alert that ended in this very week."""
    return is_news(rule, score, ended) or severity(score).rank > ended.highest.rank


def _rises(rule: Rule, score: Score, alert: Alert, now: datetime) -> Iterator[Change]:
    surges = is_news(rule, score, alert)
    level = severity(score)
    if not surges and level.rank <= alert.band.rank:
        return
    before = warned_anew(rule, score, alert, now) if surges else alert
    after = replace(_as_high(before, score), periods_below=0, periods_lower=0)
    if surges:
        kind = kind_of_news(rule, score, alert)
        yield Change(kind, after, now, reason_of_news(rule, score))
        return
    if level.rank > alert.highest.rank and not speaks_of_rises_alone(rule, score):
        after = warned(after, score)
        after = after if alert.state is AlertState.OPEN else asked_again(after, now)
    yield Change(ChangeKind.RAISED, after, now, raising_reason(score, alert.band))


def _as_high(alert: Alert, score: Score) -> Alert:
    """The alert at the level of a score, if that is higher than its own."""
    return replace(
        alert,
        band=max(alert.band, severity(score), key=lambda band: band.rank),
        highest=max(alert.highest, severity(score), key=lambda band: band.rank),
        probability=score.probability,
        score_id=score.id,
    )

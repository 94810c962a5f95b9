"""How an alert begins, and how it asks for an acknowledgement. Pure."""

import hashlib
from dataclasses import replace
from datetime import datetime

from ewarn.alerting.conditions import is_unobserved
from ewarn.alerting.reasons import opening_reason, reason_of_news
from ewarn.alerting.rises import kind_of_news, warned
from ewarn.alerting.severity import severity
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score


def new_alert(rule: Rule, score: Score, readers: str = "") -> Alert:
    """Return the alert that a score begins for some readers, before it opens."""
    level = severity(score)
    return Alert(
        id=alert_id(rule, score, readers),
        rule=rule.id,
        region=score.region,
        country=score.country,
        target=score.target,
        horizon_weeks=score.horizon_weeks,
        state=AlertState.PENDING,
        band=level,
        highest=level,
        probability=score.probability,
        opened_on=None,
        closed_on=None,
        last_origin=score.origin,
        score_id=score.id,
        periods_above=1,
        readers=readers,
    )


def opened(rule: Rule, score: Score, alert: Alert, now: datetime, *, rises: bool) -> Change:
    """Return the opening of an alert, on its score's origin or on the day of an interim score."""
    after = replace(
        warned(alert, score),
        state=AlertState.OPEN,
        opened_on=score.as_of.date() if score.interim else score.origin,
        stale=is_unobserved(score),
        waiting_since=now,
    )
    reason = reason_of_news(rule, score) if rises else opening_reason(rule, score)
    return Change(ChangeKind.OPENED, after, now, reason)


def warned_again(rule: Rule, score: Score, alert: Alert, now: datetime) -> Alert:
    """Return an open alert after a new warning.

    An alert that surges must be acknowledged again; one that remains need not be.
    """
    surges = kind_of_news(rule, score, alert) is ChangeKind.SURGED
    after = warned(alert, score)
    return request_acknowledgement(after, now) if surges else after


def request_acknowledgement(alert: Alert, now: datetime) -> Alert:
    """Return an alert that somebody must acknowledge, starting with the first tier."""
    told = alert.told if alert.state is AlertState.OPEN else None
    return replace(alert, state=AlertState.OPEN, tier=1, waiting_since=now, told=told)


def alert_id(rule: Rule, score: Score, readers: str = "") -> str:
    """Return the id of the alert that a rule opens on a score for some readers; always the same."""
    moment = score.as_of if score.interim else score.origin
    text = f"{rule.id}|{score.region}|{moment.isoformat()}" + (f"|{readers}" if readers else "")
    return f"alert-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

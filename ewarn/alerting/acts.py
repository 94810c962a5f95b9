"""What people do to an alert: pure functions from an alert to the change that they make."""

from dataclasses import replace
from datetime import datetime

from ewarn.domain.alert import Alert, AlertState, Assessment, Change, ChangeKind
from ewarn.domain.time import require_utc
from ewarn.errors import UsageError
from ewarn.languages import alert_reasons


def acknowledge(alert: Alert, actor: str, at: datetime, note: str = "") -> Change:
    """Somebody has seen it and acts: nobody else needs to be woken.

    Raises UsageError where the alert is not open, or was acknowledged before.
    """
    if alert.state is AlertState.ACKNOWLEDGED:
        raise UsageError(f"{alert.id} was acknowledged before, by {alert.acknowledged_by}")
    _require_standing(alert, "acknowledged")
    after = replace(
        alert,
        state=AlertState.ACKNOWLEDGED,
        acknowledged_by=actor,
        waiting_since=None,
        heard_on=max(filter(None, (alert.heard_on, alert.warned_on)), default=None),
    )
    return Change(ChangeKind.ACKNOWLEDGED, after, at, note or "seen", actor)


def assess(alert: Alert, finding: Assessment, actor: str, at: datetime, comment: str) -> Change:
    """What an alert proved to be. May be said again: the last word counts, all are kept.

    Raises UsageError where it never opened, or no comment says why.
    """
    if alert.opened_on is None:
        raise UsageError(f"{alert.id} never opened: there is nothing to assess")
    if not comment.strip():
        raise UsageError("an assessment needs a comment that says what it rests on")
    after = replace(alert, assessment=finding)
    return Change(ChangeKind.ASSESSED, after, at, f"{finding}: {comment.strip()}", actor)


def close(alert: Alert, actor: str, at: datetime, reason: str) -> Change:
    """End an alert by hand, on that day; its cool-down begins with the week of it.

    Raises UsageError where it does not stand, or no reason is given.
    """
    _require_standing(alert, "closed")
    if not reason.strip():
        raise UsageError("closing an alert by hand needs a reason")
    closed_on = max(require_utc(at).date(), alert.last_origin)
    after = replace(alert, state=AlertState.CLOSED, closed_on=closed_on, stale=False)
    return Change(
        ChangeKind.CLOSED, after, at, alert_reasons.CLOSED_BY_HAND(words=reason.strip()), actor
    )


def _require_standing(alert: Alert, what: str) -> None:
    if not alert.is_standing:
        raise UsageError(f"{alert.id} is {alert.state}: only an open alert can be {what}")

"""What people do to an alert: pure functions from an alert to the change that they make."""

from dataclasses import replace
from datetime import datetime

from ewarn.domain.alert import Alert, AlertState, Assessment, Change, ChangeKind
from ewarn.domain.time import require_utc
from ewarn.errors import UsageError
from ewarn.languages import alert_reasons


def acknowledge(alert: Alert, actor: str, at: datetime, reason: str = "") -> Change:
    """Acknowledge an alert: somebody has seen it and acts, so nobody else needs to be notified.

    Raises:
        UsageError: The alert is not open, or was acknowledged before.
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
    return Change(ChangeKind.ACKNOWLEDGED, after, at, reason or "seen", actor)


def assess(alert: Alert, finding: Assessment, actor: str, at: datetime, reason: str) -> Change:
    """Record what an alert proved to be.

    An alert can be assessed again: the last assessment counts, and all are stored.

    Raises:
        UsageError: The alert never opened, or it is given no reason.
    """
    if alert.opened_on is None:
        raise UsageError(f"{alert.id} never opened: there is nothing to assess")
    if not reason.strip():
        raise UsageError("an assessment needs a reason that says what it is based on")
    after = replace(alert, assessment=finding)
    return Change(ChangeKind.ASSESSED, after, at, f"{finding}: {reason.strip()}", actor)


def close(alert: Alert, actor: str, at: datetime, reason: str) -> Change:
    """Close an alert by hand, on that day; its cool-down begins with the week of that day.

    Raises:
        UsageError: The alert is not open or acknowledged, or no reason is given.
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

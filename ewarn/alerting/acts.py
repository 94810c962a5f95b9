"""What people do to an alert: pure functions from an alert to the change that they make."""

from dataclasses import replace
from datetime import datetime

from ewarn.domain.alert import Alert, AlertState, Assessment, Change, ChangeKind
from ewarn.domain.time import require_utc
from ewarn.errors import UsageError
from ewarn.languages import alert_reasons, refused_acts
from ewarn.languages.sentences import Sentence


def acknowledge(alert: Alert, actor: str, at: datetime, reason: str = "") -> Change:
    """Acknowledge an alert: somebody has seen it and acts, so nobody else needs to be notified.

    Raises:
        UsageError: The alert is not open, or was acknowledged before.
    """
    if alert.state is AlertState.ACKNOWLEDGED:
        raise UsageError(
            refused_acts.ACKNOWLEDGED_BEFORE(alert=alert.id, name=alert.acknowledged_by)
        )
    _require_standing(alert, refused_acts.NOT_OPEN_TO_ACKNOWLEDGE)
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
        raise UsageError(refused_acts.NEVER_OPENED(alert=alert.id))
    if not reason.strip():
        raise UsageError(refused_acts.ASSESSED_WITHOUT_REASON())
    after = replace(alert, assessment=finding)
    return Change(ChangeKind.ASSESSED, after, at, f"{finding}: {reason.strip()}", actor)


def close(alert: Alert, actor: str, at: datetime, reason: str) -> Change:
    """Close an alert by hand, on that day; its cool-down begins with the week of that day.

    Raises:
        UsageError: The alert is not open or acknowledged, or no reason is given.
    """
    _require_standing(alert, refused_acts.NOT_OPEN_TO_CLOSE)
    if not reason.strip():
        raise UsageError(refused_acts.CLOSED_WITHOUT_REASON())
    closed_on = max(require_utc(at).date(), alert.last_origin)
    after = replace(alert, state=AlertState.CLOSED, closed_on=closed_on, stale=False)
    return Change(
        ChangeKind.CLOSED, after, at, alert_reasons.CLOSED_BY_HAND(words=reason.strip()), actor
    )


def _require_standing(alert: Alert, otherwise: Sentence) -> None:
    if not alert.is_standing:
        raise UsageError(otherwise(alert=alert.id, state=alert.state))

"""Find changes of which the recipients of an alert were not notified."""

from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from ewarn.domain.alert import AlertEvent, ChangeKind
from ewarn.store.alerts import alerts
from ewarn.store.tables.alerts import alert_event
from ewarn.store.tables.delivery import notification

# Changes that a later notification of the alert's level does not make up for.
_KINDS = (
    ChangeKind.CLOSED.value,
    ChangeKind.WITHDRAWN.value,
    ChangeKind.CORRECTED.value,
    ChangeKind.REINSTATED.value,
)


def without_notification(connection: Connection, since: datetime) -> list[AlertEvent]:
    """Return ends and corrections of alerts, since a moment, that nobody was notified of.

    For each alert with an earlier notification, this is the last such change if no notification of
    the alert was created at or after it.
    """
    event = alert_event
    last = (
        select(func.max(event.c.sequence))
        .where(event.c.kind.in_(_KINDS), event.c.at >= since)
        .group_by(event.c.alert_id)
    )
    of_it = notification.c.thread == event.c.alert_id
    rows = connection.execute(
        select(event)
        .where(
            event.c.sequence.in_(last),
            exists().where(of_it),
            ~exists().where(of_it, notification.c.created_at >= event.c.at),
        )
        .order_by(event.c.sequence)
    )
    return [alerts.event_of(row) for row in rows]

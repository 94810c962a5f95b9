"""Changes that those who heard of an alert were not told of, because something held them back."""

from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from ewarn.domain.alert import AlertEvent, ChangeKind
from ewarn.store.alerts import alerts
from ewarn.store.tables.alerts import alert_event
from ewarn.store.tables.delivery import notice

# What is not made up for by telling the level at which an alert stands.
_KINDS = (
    ChangeKind.CLOSED.value,
    ChangeKind.WITHDRAWN.value,
    ChangeKind.CORRECTED.value,
    ChangeKind.REINSTATED.value,
)


def untold(connection: Connection, since: datetime) -> list[AlertEvent]:
    """Of each alert that anybody was told of, the last end or correction since a moment, if nobody
    was told anything of the alert from then on."""
    event = alert_event
    last = (
        select(func.max(event.c.sequence))
        .where(event.c.kind.in_(_KINDS), event.c.at >= since)
        .group_by(event.c.alert_id)
    )
    of_it = notice.c.thread == event.c.alert_id
    rows = connection.execute(
        select(event)
        .where(
            event.c.sequence.in_(last),
            exists().where(of_it),
            ~exists().where(of_it, notice.c.created_at >= event.c.at),
        )
        .order_by(event.c.sequence)
    )
    return [alerts.event_of(row) for row in rows]

"""Store the changes of which nobody was notified when they happened, and why."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select

from ewarn.domain.suppression import SuppressedChange, SuppressionReason
from ewarn.store.tables.alerts import suppressed_change as table


def record(connection: Connection, held: Collection[SuppressedChange]) -> None:
    """Store suppressed changes."""
    if held:
        connection.execute(insert(table), [asdict(each) for each in held])


def of_alert(connection: Connection, alert_id: str, moment: datetime) -> list[SuppressedChange]:
    """Return the suppressed changes of an alert up to a moment, the oldest first."""
    rows = connection.execute(
        select(table)
        .where(table.c.alert_id == alert_id, table.c.at <= moment)
        .order_by(table.c.sequence)
    )
    return [
        SuppressedChange(
            row.alert_id, row.at, row.kind, SuppressionReason(row.why), row.about, row.until
        )
        for row in rows
    ]

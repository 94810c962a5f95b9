"""Changes that nobody was told of when they were made, and why."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select

from ewarn.domain.hold import HeldBack, Why
from ewarn.store.tables.alerts import held_back as table


def record(connection: Connection, held: Collection[HeldBack]) -> None:
    """Write down what was held back."""
    if held:
        connection.execute(insert(table), [asdict(each) for each in held])


def of_alert(connection: Connection, alert_id: str, moment: datetime) -> list[HeldBack]:
    """What was held back of an alert up to a moment, oldest first."""
    rows = connection.execute(
        select(table)
        .where(table.c.alert_id == alert_id, table.c.at <= moment)
        .order_by(table.c.sequence)
    )
    return [
        HeldBack(row.alert_id, row.at, row.kind, Why(row.why), row.about, row.until) for row in rows
    ]

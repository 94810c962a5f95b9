"""Changes of alerts in the order in which they were recorded, for those who follow them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from ewarn.domain.alert import Alert, AlertEvent
from ewarn.store.alerts.alerts import AlertFilter, alert_of, event_of
from ewarn.store.tables.alerts import alert as table
from ewarn.store.tables.alerts import alert_event

PART = 200  # changes that are read at a time
MOST_CHANGES = 2_000  # that are looked at for the newest ones


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A change of an alert that was recorded.

    Attributes:
        alert: The alert after the change.
        readers: The licence that its readers must carry now; empty if none is needed.
    """

    event: AlertEvent
    alert: Alert
    readers: str

    def is_wanted(self, wanted: AlertFilter) -> bool:
        """Return whether a filter selects it. An alert that never opened is shown to nobody."""
        may_read = wanted.readers is None or self.readers in wanted.readers
        return self.alert.opened_on is not None and may_read and wanted.matches(self.alert)


def newest_sequence(connection: Connection, moment: datetime) -> int:
    """Return the sequence of the newest change up to a moment; 0 if there is none."""
    query = select(alert_event.c.sequence).where(alert_event.c.at <= moment)
    newest_first = query.order_by(alert_event.c.sequence.desc()).limit(1)
    return int(connection.execute(newest_first).scalar() or 0)


def after(connection: Connection, sequence: int, limit: int) -> list[RecordedChange]:
    """Return the first changes after one, the oldest first."""
    query = _changes().where(alert_event.c.sequence > sequence)
    return _recorded(connection.execute(query.order_by(alert_event.c.sequence).limit(limit)).all())


def newest(
    connection: Connection, wanted: AlertFilter, moment: datetime, limit: int
) -> list[RecordedChange]:
    """Return the newest changes up to a moment that a filter selects, the newest first.

    They are looked for among the newest `MOST_CHANGES` in the filter's places, rules and licences,
    so that this takes the same time however many changes are stored.
    """
    query = _changes().where(alert_event.c.at <= moment)
    for column, values in (
        (table.c.country, wanted.countries),
        (table.c.region, wanted.regions),
        (table.c.rule, wanted.rules),
        (table.c.readers, wanted.readers),
    ):
        if values:
            query = query.where(column.in_(values))
    query = query.order_by(alert_event.c.sequence.desc()).limit(PART)
    found: list[RecordedChange] = []
    part, looked_at = _recorded(connection.execute(query).all()), 0
    while part and len(found) < limit and looked_at < MOST_CHANGES:
        found += [each for each in part if each.is_wanted(wanted)]
        looked_at += len(part)
        beyond = query.where(alert_event.c.sequence < part[-1].event.sequence)
        part = _recorded(connection.execute(beyond).all())
    return found[:limit]


def _changes() -> Select[Any]:
    return select(alert_event, table.c.readers).join(table, table.c.id == alert_event.c.alert_id)


def _recorded(rows: Sequence[Row[Any]]) -> list[RecordedChange]:
    return [RecordedChange(event_of(row), alert_of(row.after), row.readers) for row in rows]

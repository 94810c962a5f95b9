"""Changes of the health of sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from ewarn.domain.source import Health
from ewarn.store.tables.intake import health_change as table

_NEWEST = select(func.max(table.c.sequence)).group_by(table.c.source)
_LAST = select(table).where(table.c.sequence.in_(_NEWEST))
# Every list asks this, and to build it takes longer than to run it.
_BY = table.c.at <= bindparam("by", type_=table.c.at.type)
_LAST_BY = select(table).where(table.c.sequence.in_(_NEWEST.where(_BY)))


@dataclass(frozen=True, slots=True)
class HealthChange:
    """A change of a source to another health, with its time and reason."""

    source: str
    health: Health
    reason: str
    at: datetime


def add(connection: Connection, change: HealthChange) -> None:
    """Store a change."""
    connection.execute(
        insert(table).values(
            source=change.source, health=change.health.value, reason=change.reason, at=change.at
        )
    )


def last_changes(connection: Connection, by: datetime | None = None) -> dict[str, HealthChange]:
    """Return the last change of each source, up to a moment or, if None, up to now."""
    rows = connection.execute(_LAST) if by is None else connection.execute(_LAST_BY, {"by": by})
    return {change.source: change for change in map(_change, rows)}


def of_source(connection: Connection, source: str) -> Sequence[HealthChange]:
    """Return all changes of a source, oldest first."""
    rows = connection.execute(
        select(table).where(table.c.source == source).order_by(table.c.sequence)
    )
    return [_change(row) for row in rows]


def _change(row: object) -> HealthChange:
    values = row._asdict()  # type: ignore[attr-defined]
    return HealthChange(values["source"], Health(values["health"]), values["reason"], values["at"])

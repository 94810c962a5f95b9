"""Turns in the health of sources: each time it became another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from ewarn.domain.source import Health
from ewarn.store.tables.intake import source_turn as table


@dataclass(frozen=True, slots=True)
class Turn:
    """The health that a source turned to, when, and why."""

    source: str
    health: Health
    reason: str
    at: datetime


def add(connection: Connection, turn: Turn) -> None:
    """Write a turn down."""
    connection.execute(
        insert(table).values(
            source=turn.source, health=turn.health.value, reason=turn.reason, at=turn.at
        )
    )


def last_turns(connection: Connection, by: datetime | None = None) -> dict[str, Turn]:
    """The last turn of each source, up to a moment (None: now)."""
    newest = select(func.max(table.c.sequence)).group_by(table.c.source)
    if by is not None:
        newest = newest.where(table.c.at <= by)
    rows = connection.execute(select(table).where(table.c.sequence.in_(newest)))
    return {turn.source: turn for turn in map(_turn, rows)}


def of_source(connection: Connection, source: str) -> Sequence[Turn]:
    """All turns of a source, oldest first."""
    rows = connection.execute(
        select(table).where(table.c.source == source).order_by(table.c.sequence)
    )
    return [_turn(row) for row in rows]


def _turn(row: object) -> Turn:
    values = row._asdict()  # type: ignore[attr-defined]
    return Turn(values["source"], Health(values["health"]), values["reason"], values["at"])

"""Scorecards of monthly forecasts: metrics by step and over all steps, added when they change."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ewarn.store.database.cuts import Cut
from ewarn.store.tables.forecasts import forecast_scorecard as table


@dataclass(frozen=True, slots=True)
class ForecastScorecardRow:
    """How well the forecasts of a model did `step` months ahead.

    Attributes:
        step: Months ahead; 0 for all steps together.
        figures: The metrics by name.
        as_of: The knowledge time of the outcomes.
    """

    source: str
    model: str
    step: int
    figures: Mapping[str, Any]
    as_of: datetime
    recorded_at: datetime


def add(connection: Connection, row: ForecastScorecardRow) -> None:
    """Store one row."""
    connection.execute(insert(table).values(asdict(row)))


def newest(
    connection: Connection, cut: Cut, *, without: Collection[str] = ()
) -> list[ForecastScorecardRow]:
    """Return the last row of each source, model and step under a cut, `without` some sources."""
    keys = table.c.source, table.c.model, table.c.step
    last = (
        select(func.max(table.c.id))
        .where(*cut.clauses(table, known="as_of"), table.c.source.not_in(without))
        .group_by(*keys)
    )
    columns = [column for column in table.c if column.name != "id"]
    query = select(*columns).where(table.c.id.in_(last)).order_by(*keys)
    return [ForecastScorecardRow(**row) for row in connection.execute(query).mappings()]

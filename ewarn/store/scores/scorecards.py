"""Scorecards: metrics of past scores by month and over all months, added when they change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.store.database.cuts import Cut
from ewarn.store.tables.scores import scorecard as table

_PURPOSE = ("source", "target", "level", "horizon_weeks")


@dataclass(frozen=True, slots=True)
class ScorecardRow:
    """How well the scores of a model did in one month, or in all months.

    Attributes:
        month: The month of the origins (`YYYY-MM`); empty for all.
        figures: The metrics by name.
        as_of: The knowledge time of the outcomes.
    """

    model: str
    purpose: Purpose
    month: str
    figures: Mapping[str, Any]
    as_of: datetime
    recorded_at: datetime


def add(connection: Connection, row: ScorecardRow) -> None:
    """Store one row."""
    values = {
        "model": row.model,
        "source": row.purpose.source,
        "target": row.purpose.target.value,
        "level": row.purpose.level.value,
        "horizon_weeks": row.purpose.horizon_weeks,
        "month": row.month,
        "figures": dict(row.figures),
        "as_of": row.as_of,
        "recorded_at": row.recorded_at,
    }
    connection.execute(insert(table).values(values))


def newest(
    connection: Connection,
    cut: Cut,
    model: str,
    *,
    sources: Sequence[str] = (),
    targets: Sequence[Target] = (),
    level: Level | None = None,
) -> list[ScorecardRow]:
    """Return the last row of each purpose and month of a model under a cut, all months first.

    Empty sequences and None mean no condition.
    """
    clauses = [table.c.model == model, *cut.clauses(table, known="as_of")]
    if sources:
        clauses.append(table.c.source.in_(sources))
    if targets:
        clauses.append(table.c.target.in_([target.value for target in targets]))
    if level is not None:
        clauses.append(table.c.level == level.value)
    keys = [table.c[name] for name in (*_PURPOSE, "month")]
    last = select(func.max(table.c.id)).where(*clauses).group_by(*keys)
    rows = connection.execute(select(table).where(table.c.id.in_(last)).order_by(*keys))
    return [
        ScorecardRow(
            model=row.model,
            purpose=Purpose(row.source, Target(row.target), Level(row.level), row.horizon_weeks),
            month=row.month,
            figures=row.figures,
            as_of=row.as_of,
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]

"""The newest origins and runs by source, and the source and target of stored scores."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from ewarn.domain.target import Basis
from ewarn.store.database.cuts import Cut
from ewarn.store.database.id_lists import among
from ewarn.store.scores.scores import latest_runs
from ewarn.store.tables.scores import score as table
from ewarn.store.tables.scores import score_run

_COLUMNS = (
    score_run.c.source,
    table.c.region,
    table.c.target,
    table.c.horizon_weeks,
    table.c.basis,
)


@dataclass(frozen=True, slots=True)
class ScoredTarget:
    """What a score is about. `is_probability` says whether rules may use it as a probability."""

    source: str
    region: str
    target: str
    horizon_weeks: int
    is_probability: bool


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last final run of a source, with the number of its scores."""

    source: str
    origin: date
    recorded_at: datetime
    scores: int


def last_runs(connection: Connection, cut: Cut) -> list[LastRun]:
    """Return the last final run of each source under a cut, by the name of the source."""
    run = score_run.c
    columns = (run.source, run.origin, run.recorded_at)
    query = (
        select(*columns, func.count(table.c.id))
        .outerjoin(table, table.c.run_id == run.id)
        .where(run.id.in_(latest_runs(connection, cut).values()))
        .group_by(run.id, *columns)
        .order_by(run.source)
    )
    return [LastRun(*row) for row in connection.execute(query)]


def newest_origins(connection: Connection, cut: Cut) -> dict[str, date]:
    """Return the newest origin of each source that was scored under a cut."""
    query = select(score_run.c.source, func.max(score_run.c.origin).label("origin"))
    of_cut = query.where(*cut.clauses(score_run, known="as_of")).group_by(score_run.c.source)
    return {row.source: row.origin for row in connection.execute(of_cut)}


def scored_as(connection: Connection, score_ids: Collection[str]) -> dict[str, ScoredTarget]:
    """Return what some scores are about, by their ids."""
    query = select(table.c.id, *_COLUMNS).join(score_run, score_run.c.id == table.c.run_id)
    rows = connection.execute(query.where(table.c.id.in_(sorted(map(int, score_ids)))))
    return {str(id_): _scored(row) for id_, *row in rows}


def scored_in(
    connection: Connection, runs: Collection[int], regions: Collection[str]
) -> set[ScoredTarget]:
    """Return what some runs scored in some regions."""
    query = select(*_COLUMNS).join(score_run, score_run.c.id == table.c.run_id)
    chosen = (table.c.run_id.in_(runs), among(table.c.region, sorted(regions)))
    return {_scored(row) for row in connection.execute(query.where(*chosen))}


def _scored(row: Any) -> ScoredTarget:
    source, region, target, horizon, basis = row
    return ScoredTarget(source, region, target, horizon, basis != Basis.UNCALIBRATED.value)

"""Monthly forecasts of deaths: written in runs, read under both cuts. Rows never change."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select

from ewarn.store.database import locks
from ewarn.store.database.cuts import Cut
from ewarn.store.tables.forecasts import forecast as table
from ewarn.store.tables.forecasts import forecast_run

PastYear = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class ForecastRun:
    """All forecasts that a model made at one moment, starting from the newest known month.

    Attributes:
        known_month: The newest known month, as its first day.
        inputs: The hash of everything that the forecasts were computed from.
        past_year: Deaths of each country in the last twelve months as they were known, oldest
            first; None for a month that was not observed. Baseline forecasts of the same moment use
            them.
    """

    source: str
    model: str
    known_month: date
    inputs: str
    past_year: PastYear
    as_of: datetime
    recorded_at: datetime
    id: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """A probability distribution of the deaths of a country in a month.

    Attributes:
        step: Months after the newest known month.
        month: The first day of the month.
        expected_log: Expected log(1 + deaths).
        low: Lower bound of nine outcomes in ten; None if unknown.
        high: Upper bound of nine outcomes in ten; None if unknown.
        quantiles: Numbers of deaths of equal probability mass, ascending.
    """

    country: str
    step: int
    month: date
    expected_log: float
    low: float | None
    high: float | None
    quantiles: tuple[float, ...]
    id: int = 0
    run_id: int = 0

    @property
    def mean(self) -> float:
        """The expected number of deaths."""
        return math.fsum(self.quantiles) / len(self.quantiles)

    def quantile(self, level: float) -> float:
        """Return the least number of deaths whose cumulative probability reaches a level."""
        return self.quantiles[max(math.ceil(level * len(self.quantiles) - 1e-9), 1) - 1]

    def at_least(self, deaths: int) -> float:
        """Return the probability of at least so many deaths."""
        return sum(value >= deaths for value in self.quantiles) / len(self.quantiles)


@dataclass(frozen=True, slots=True)
class ForecastFilter:
    """Conditions on forecasts; empty tuples mean no condition. Months are their first days."""

    countries: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    months: tuple[date, ...] = ()


def newest_run(connection: Connection, source: str) -> ForecastRun | None:
    """Return the run of a source that was stored last, or None."""
    query = select(forecast_run).where(forecast_run.c.source == source)
    row = connection.execute(query.order_by(forecast_run.c.id.desc()).limit(1)).first()
    return None if row is None else _run(row)


def add(
    connection: Connection,
    run: ForecastRun,
    made: Sequence[Forecast],
    before: ForecastRun | None,
) -> int | None:
    """Store a run, if the newest run of its source is still `before`.

    Args:
        before: The run that was the newest when the forecasts were computed; None if there was
            none.

    Returns:
        The id of the run, or None if another run was stored meanwhile. Nothing is written then.
    """
    locks.hold(connection, forecast_run)
    newest = newest_run(connection, run.source)
    if (newest and newest.id) != (before and before.id):
        return None
    columns = [column.name for column in forecast_run.c if column.name != "id"]
    values = {name: getattr(run, name) for name in columns}
    stored = connection.execute(insert(forecast_run).values(values).returning(forecast_run.c.id))
    run_id = int(stored.scalar_one())
    names = [column.name for column in table.c if column.name not in ("id", "run_id")]
    rows = [{name: getattr(item, name) for name in names} | {"run_id": run_id} for item in made]
    if rows:
        connection.execute(insert(table), rows)
    return run_id


def latest_runs(
    connection: Connection, cut: Cut, *, without: Collection[str] = ()
) -> dict[str, ForecastRun]:
    """Return the last run of each source under a cut, `without` some sources."""
    last = select(func.max(forecast_run.c.id)).where(
        *cut.clauses(forecast_run, known="as_of"), forecast_run.c.source.not_in(without)
    )
    chosen = forecast_run.c.id.in_(last.group_by(forecast_run.c.source))
    rows = connection.execute(select(forecast_run).where(chosen))
    return {row.source: _run(row) for row in rows}


def last_of_each_month(connection: Connection, source: str, model: str) -> list[ForecastRun]:
    """Return the last run of a model for each `known_month`, oldest first."""
    mine = forecast_run.c.source == source, forecast_run.c.model == model
    last = select(func.max(forecast_run.c.id)).where(*mine).group_by(forecast_run.c.known_month)
    chosen = select(forecast_run).where(forecast_run.c.id.in_(last))
    rows = connection.execute(chosen.order_by(forecast_run.c.known_month))
    return [_run(row) for row in rows]


def of_runs(
    connection: Connection,
    runs: Collection[int],
    wanted: ForecastFilter,
    *,
    after: int | None = None,
    limit: int | None = None,
) -> list[Forecast]:
    """Return forecasts of some runs in the order in which they were stored.

    Args:
        after: The id of the last forecast of the previous page; None for the first page.
        limit: The largest number of forecasts; None for all.
    """
    clauses: list[ColumnElement[bool]] = [table.c.run_id.in_(runs)]
    for column, values in (
        (table.c.country, wanted.countries),
        (table.c.step, wanted.steps),
        (table.c.month, wanted.months),
    ):
        if values:
            clauses.append(column.in_(values))
    if after is not None:
        clauses.append(table.c.id > after)
    query = select(table).where(*clauses).order_by(table.c.id).limit(limit)
    return [
        Forecast(**{**row, "quantiles": tuple(row["quantiles"])})
        for row in connection.execute(query).mappings()
    ]


def countries_of(connection: Connection, runs: Collection[int]) -> set[str]:
    """Return the countries that some runs forecast."""
    query = select(table.c.country).where(table.c.run_id.in_(runs)).distinct()
    return set(connection.execute(query).scalars())


def _run(row: Any) -> ForecastRun:
    return ForecastRun(**row._mapping)

"""How good past forecasts of deaths were, by the months that have become known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from ewarn.frames.country_months import CountryMonths, MonthlyForecast
from ewarn.frames.predictions import FloatArray
from ewarn.ports import Forecaster
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import forecast_scorecards, forecasts
from ewarn.store.scores.forecast_scorecards import ForecastScorecardRow
from ewarn.store.scores.forecasts import Forecast, ForecastFilter, ForecastRun

ALL_STEPS = 0
DIGITS = 6

# By model and score, an array (steps, countries) for each run.
_Scores = dict[tuple[str, str], list[FloatArray]]


def changed_scorecards(
    connection: Connection, by: Forecaster, run: ForecastRun, months: CountryMonths
) -> list[ForecastScorecardRow]:
    """Return the rows of a model's scorecard that are new or have changed.

    For each newest month the last run counts: no run knew the months that it forecast. Outcomes are
    those known at the moment of `run`, so the figures of recent months may still change.
    """
    past = forecasts.last_of_each_month(connection, run.source, run.model)
    scores: _Scores = {}
    for each in past:
        made = forecasts.of_runs(connection, [each.id], ForecastFilter())
        outcomes = _outcomes(made, each, months)
        if np.isnan(outcomes).all():
            continue
        past_year = _past_year(each)
        found = by.scores(past_year, _forecast(made, past_year.countries), outcomes)
        for model, its in found.items():
            for score, values in its.items():
                scores.setdefault((model, score), []).append(values)
    if not scores:
        return []
    known = forecast_scorecards.newest(connection, Cut())
    last = {
        row.step: row.figures for row in known if (row.source, row.model) == (run.source, run.model)
    }
    steps = range(max(values.shape[0] for each in scores.values() for values in each) + 1)
    rows = [
        ForecastScorecardRow(
            run.source, run.model, step, _figures(scores, step), run.as_of, run.recorded_at
        )
        for step in steps
    ]
    return [row for row in rows if row.figures["rows"] and row.figures != last.get(row.step)]


def _forecast(made: Sequence[Forecast], countries: tuple[str, ...]) -> MonthlyForecast:
    """Return a stored run as the forecast that was made."""
    column = {country: index for index, country in enumerate(countries)}
    steps = max(item.step for item in made)
    quantiles = np.full((steps, len(countries), len(made[0].quantiles)), np.nan)
    point, low, high = np.full((3, steps, len(countries)), np.nan)
    for item in made:
        at = item.step - 1, column[item.country]
        quantiles[at], point[at] = item.quantiles, item.expected_log
        if item.low is not None:
            low[at], high[at] = item.low, np.inf if item.high is None else item.high
    return MonthlyForecast(countries, quantiles, point, low, high)


def _outcomes(made: Sequence[Forecast], run: ForecastRun, months: CountryMonths) -> FloatArray:
    """Return the outcomes of a run, (steps, countries), NaN if not known."""
    row = {name: index for index, name in enumerate(months.names)}
    column = {country: index for index, country in enumerate(months.countries)}
    found = np.full((max(item.step for item in made), len(run.past_year)), np.nan)
    here = {country: index for index, country in enumerate(run.past_year)}
    for item in made:
        month = f"{item.month:%Y-%m}"
        if month in row and item.country in column:
            count = months.counts[row[month], column[item.country]]
            found[item.step - 1, here[item.country]] = count
    return found


def _past_year(run: ForecastRun) -> CountryMonths:
    counts = np.array([*run.past_year.values()], dtype=float).T
    names = tuple(f"{run.known_month}-{number}" for number in range(len(counts)))
    return CountryMonths(tuple(run.past_year), names, counts)


def _figures(scores: _Scores, step: int) -> dict[str, Any]:
    """Return the means over all rows of a step, by model and score."""
    found: dict[str, dict[str, float]] = {}
    rows = 0
    for (model, score), runs in scores.items():
        every = np.concatenate([_of_step(values, step).ravel() for values in runs])
        seen = every[~np.isnan(every)]
        rows = max(rows, len(seen))
        if len(seen):
            found.setdefault(model, {})[score] = round(float(seen.mean()), DIGITS)
    months = sum(1 for values in scores[next(iter(scores))] if _is_seen(values, step))
    return {"forecasts": months, "rows": rows, "models": found}


def _of_step(values: FloatArray, step: int) -> FloatArray:
    return values if step == ALL_STEPS else values[[step - 1]]


def _is_seen(values: FloatArray, step: int) -> bool:
    return bool((~np.isnan(_of_step(values, step))).any())

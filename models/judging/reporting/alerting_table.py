"""The table of alerts: recall of onsets, lead, false alarms and precision, at every threshold.

Scores, alarms of rules, onsets and country-years all count only in the weeks in which a region was
scored.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.time import WEEKS_PER_YEAR
from ewarn.frames.predictions import FloatArray
from models.judging.backtest.scored import Scored
from models.judging.measures.bootstrap import LEAST_COUNTRIES, Draws, estimate, finite
from models.judging.measures.episodes import (
    BEARABLE,
    EpisodeCounts,
    Episodes,
    tally,
    thresholds_of,
)

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
CURVE_POINTS = 80
CURVE_RATE = 2.0  # the curve ends at so many false alarms a country-year


@dataclass(frozen=True)
class ByCountry:
    """Counts of each country, float64.

    `alerts`, `hits` and `false` are (thresholds, countries), `leads` is (thresholds, countries,
    weeks), `onsets` and `years` are (countries,).
    """

    alerts: FloatArray
    hits: FloatArray
    false: FloatArray
    leads: FloatArray
    onsets: FloatArray
    years: FloatArray

    def figures(self, point: int, draws: Draws) -> dict[str, Any]:
        """Return the figures of one threshold, with intervals if there are enough countries."""
        enough = np.count_nonzero(self.years) >= LEAST_COUNTRIES
        weights = draws.with_all if enough else draws.all_once
        hits, false = weights @ self.hits[point], weights @ self.false[point]
        with np.errstate(invalid="ignore", divide="ignore"):
            recall = hits / (weights @ self.onsets)
            precision = hits / (hits + false)
            rate = false / (weights @ self.years)
        return {
            "recall": estimate(recall),
            "median_lead_days": estimate(_median_days(weights @ self.leads[point])),
            "false_alarms_per_country_year": estimate(rate),
            "precision": estimate(precision),
            "alerts": int(self.alerts[point].sum()),
            "hits": int(self.hits[point].sum()),
            "false_alarms": int(self.false[point].sum()),
        }

    @property
    def rates(self) -> FloatArray:
        """False alarms per country-year at each threshold."""
        return np.asarray(self.false.sum(axis=1) / max(self.years.sum(), 1e-9))

    @property
    def recalls(self) -> FloatArray:
        """Recall of onsets at each threshold."""
        return np.asarray(self.hits.sum(axis=1) / max(self.onsets.sum(), 1.0))

    def best_within(self, rate: float) -> int | None:
        """Return the threshold with the best recall among those with at most `rate` false alarms.

        It is given as an index, or None if every threshold has a higher rate.
        """
        fine = np.flatnonzero(self.rates <= rate)
        return int(fine[np.argmax(self.recalls[fine])]) if len(fine) else None


def alert_table(scored: Scored, truth: Episodes, first: int, draws: Draws) -> dict[str, Any]:
    """Return the table of alerts as plain values.

    It holds a curve for each model and its point at 0.2 false alarms a country-year. For each rule
    it holds its one point, and the recall of each model with no more false alarms.

    Args:
        truth: Episodes at the test's origins.
        first: Week number of the first origin.
    """
    weeks = len(truth.onset)
    asked = ~np.isnan(grid_of(scored, np.ones(len(scored.week)), first, weeks))
    truth = replace(truth, onset=foreseeable(truth.onset, asked))
    country = country_of(scored)
    years = _years(scored)
    models: dict[str, Any] = {}
    curves: dict[str, ByCountry] = {}
    for name, column in scored.columns.items():
        grid = grid_of(scored, column, first, weeks)
        levels = thresholds_of(grid)
        curves[name] = _by_country(tally(grid, levels, truth), truth, country, years)
        models[name] = _model(curves[name], levels, draws)
    rules: dict[str, Any] = {}
    for name, alarms in scored.alarms.items():
        heard = np.where(asked, alarms, np.nan)
        point = _by_country(tally(heard, [0.5], truth), truth, country, years)
        rules[name] = point.figures(0, draws) | {
            "recall_of_models_at_no_more_false_alarms": {
                model: _recall_within(curve, float(point.rates[0]))
                for model, curve in curves.items()
            }
        }
    return {
        "onsets": int(truth.onset.sum()),
        "country_years": finite(years.sum()),
        "bearable": BEARABLE,
        "models": models,
        "rules": rules,
    }


def grid_of(scored: Scored, values: FloatArray, first: int, weeks: int) -> FloatArray:
    """Return values (rows,) as a grid (origins, regions), NaN where nothing was scored.

    The origins are the test's `weeks` from week number `first` on. There may be no row for the
    first or the last of them.
    """
    grid = np.full((weeks, len(scored.regions)), np.nan)
    grid[scored.week - first, scored.region] = values
    return grid


def foreseeable(onset: Mask, asked: Mask) -> Mask:
    """Return the onsets that a model could foresee, bool (origins, regions) like the arguments.

    The region must have been scored in the week of the onset and in the week before. Otherwise no
    alert could be a week old.
    """
    before = np.vstack([np.zeros_like(asked[:1]), asked[:-1]])
    return np.asarray(onset & asked & before)


def _model(curve: ByCountry, levels: FloatArray, draws: Draws) -> dict[str, Any]:
    best = curve.best_within(BEARABLE)
    at = None if best is None else {"threshold": float(levels[best])} | curve.figures(best, draws)
    order = np.argsort(curve.rates, kind="stable")
    order = order[curve.rates[order] <= CURVE_RATE]
    last = max(len(order) - 1, 0)
    shown = np.unique(np.linspace(0, last, CURVE_POINTS).astype(int))
    points = [
        {
            "threshold": float(levels[i]),
            "false_alarms_per_country_year": float(curve.rates[i]),
            "recall": float(curve.recalls[i]),
        }
        for i in order[shown[: len(order)]]
    ]
    return {"at_bearable": at, "curve": points}


def _recall_within(curve: ByCountry, rate: float) -> float | None:
    best = curve.best_within(rate)
    return None if best is None else float(curve.recalls[best])


def _by_country(
    found: EpisodeCounts, truth: Episodes, country: Index, years: FloatArray
) -> ByCountry:
    def summed(values: npt.NDArray[Any]) -> FloatArray:
        total = np.zeros((len(years), *np.moveaxis(values, 1, 0).shape[1:]))
        np.add.at(total, country, np.moveaxis(values, 1, 0).astype(np.float64))
        return np.moveaxis(total, 0, 1)

    onsets = np.zeros(len(years))
    np.add.at(onsets, country, truth.onset.sum(axis=0).astype(np.float64))
    return ByCountry(
        alerts=summed(found.alerts),
        hits=summed(found.hits),
        false=summed(found.false),
        leads=summed(found.leads),
        onsets=onsets,
        years=years,
    )


def country_of(scored: Scored) -> Index:
    """Return the position of each region's country, 0 for regions that were never scored."""
    country = np.zeros(len(scored.regions), dtype=np.int64)
    country[scored.region] = scored.country
    return country


def _years(scored: Scored) -> FloatArray:
    """Return the years in which each country was scored, however many of its regions were."""
    pairs = np.unique(np.stack([scored.week, scored.country]), axis=1)
    return np.bincount(pairs[1], minlength=len(scored.countries)) / WEEKS_PER_YEAR


def _median_days(leads: FloatArray) -> FloatArray:
    """Return the median lead in days of each draw, from counts by whole weeks (draws, weeks)."""
    total = np.cumsum(leads, axis=1)
    half = total[:, -1:] / 2
    lower, upper = (total < half).sum(axis=1), (total <= half).sum(axis=1)
    return np.where(total[:, -1] > 0, 7 * (lower + upper) / 2, np.nan)

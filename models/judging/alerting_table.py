"""The table of alerts: recall of onsets, lead, false alarms and precision, at every threshold.

All of it is about the weeks in which a region was asked: scores, the alarms of rules, onsets and
country-years.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.time import WEEKS_PER_YEAR
from ewarn.frames.predictions import FloatArray
from models.judging.bootstrap import LEAST_COUNTRIES, Draws, estimate, finite
from models.judging.episodes import (
    BEARABLE,
    EpisodeCounts,
    Episodes,
    tally,
    thresholds_of,
)
from models.judging.scored import Scored

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
CURVE_POINTS = 80
CURVE_RATE = 2.0  # beyond so many false alarms a country-year nobody looks


@dataclass(frozen=True)
class ByCountry:
    """Numbers of each country, float64 (thresholds, countries) and (countries,)."""

    alerts: FloatArray
    hits: FloatArray
    false: FloatArray
    leads: FloatArray
    onsets: FloatArray
    years: FloatArray

    def figures(self, point: int, draws: Draws) -> dict[str, Any]:
        """Figures of one threshold with their intervals over draws of countries, if enough."""
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
        """The threshold with the best recall among those that cost at most `rate`."""
        fine = np.flatnonzero(self.rates <= rate)
        return int(fine[np.argmax(self.recalls[fine])]) if len(fine) else None


def alert_table(scored: Scored, truth: Episodes, first: int, draws: Draws) -> dict[str, Any]:
    """For each model its curve and its point at 0.2 false alarms a country-year; for each rule
    its one point, and the recall of each model that costs no more. `truth` covers the test's
    origins, the first of which is numbered `first`.
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
    """Values (rows,) laid out as (origins, regions), NaN where nothing was asked.

    The origins are the test's `weeks` from that numbered `first` on: nothing may have been asked
    at the first of them, or at the last.
    """
    grid = np.full((weeks, len(scored.regions)), np.nan)
    grid[scored.week - first, scored.region] = values
    return grid


def foreseeable(onset: Mask, asked: Mask) -> Mask:
    """The onsets that count, of those told and asked about, bool (origins, regions) each: the
    region was asked in the onset's week and in the week before, or no alert could be a week old.
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
    """Country of each region, by position; regions that were never asked lie in the first."""
    country = np.zeros(len(scored.regions), dtype=np.int64)
    country[scored.region] = scored.country
    return country


def _years(scored: Scored) -> FloatArray:
    """Years that each country was asked about, however many of its regions were."""
    pairs = np.unique(np.stack([scored.week, scored.country]), axis=1)
    return np.bincount(pairs[1], minlength=len(scored.countries)) / WEEKS_PER_YEAR


def _median_days(leads: FloatArray) -> FloatArray:
    """Median lead in days of each draw, of counts by whole weeks (draws, weeks)."""
    total = np.cumsum(leads, axis=1)
    half = total[:, -1:] / 2
    lower, upper = (total < half).sum(axis=1), (total <= half).sum(axis=1)
    return np.where(total[:, -1] > 0, 7 * (lower + upper) / 2, np.nan)

"""The served forecast of monthly deaths: its fit, its intervals, its scores and its card."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ewarn.frames.country_months import CountryMonths, MonthlyForecast
from ewarn.frames.predictions import FloatArray
from models.fatalities.conformal import BinConditional
from models.fatalities.country_months import lags
from models.fatalities.fatalities import FIRST_ORIGIN, STEPS, Fatalities
from models.fatalities.fatality_baselines import conflictology, half_last, last_poisson
from models.fatalities.fatality_members import MEMBERS, TREES
from models.numeric.crps import crps, levels
from models.numeric.intervals import LEVEL

CALIBRATED_ON = 24  # intervals are fitted on the newest origins of so many months
SEED = 1
CRPS, LOG_CRPS, LOG_SQUARED = "crps", "log_crps", "log_squared_error"
COVERED, COVERED_BY_QUANTILES = "coverage", "coverage_of_quantiles"

_CARD: Mapping[str, Any] = {
    "target": "fatalities",
    "level": "country",
    "horizon_months": STEPS,
    "data": "UCDP GED and UCDP Candidate: deaths of organised violence by country and month, the "
    "best estimate, of the events this service has read",
    "licence": "CC BY 4.0",
    "label_source": "ucdp",
    "signals": ["deaths of organised violence in the country's own past 36 months"],
    "members": list(MEMBERS),
    "fitted_on": "all months that were known, anew for every forecast",
    "development": {
        "command": "python -m benchmarks.run fatalities",
        "rows": "174 countries, targets 2015-2024, 1 to 6 months ahead, months as revised since, "
        "refitted each December; choices were made on months up to 2014",
        "crps": {"fatalities": 43.1445, "conflictology-12": 45.3478, "last-poisson": 71.5837},
        "log_crps": {"fatalities": 0.1791, "conflictology-12": 0.1887, "last-poisson": 0.2664},
        "log_squared_error": {"fatalities": 0.4195, "half-last": 0.4507},
        "coverage_by_deaths": {
            "0": 0.882,
            "1-9": 0.923,
            "10-99": 0.918,
            "100-999": 0.935,
            "1000 and more": 0.795,
        },
    },
    "weaknesses": [
        "It sees past deaths only: no election, no talks, no crisis that has not killed yet.",
        "The newest months rest on first releases, which later ones correct, often upwards. The "
        "figures above were measured on corrected months: live ones will be worse.",
        "It forecasts the months after the newest one published, three to seven weeks after that "
        "ended: one step ahead is mostly over when it is told.",
        "Its 90% intervals fell short where a thousand died or more (0.795), and nothing is "
        "promised when the world changes.",
        "It counts deaths in conflict as UCDP defines it: where nobody died nothing is said of "
        "peace, and force against demonstrators is mostly no part of it.",
    ],
}


class FatalityForecaster:
    """Forecaster that is fitted on what is known and forecasts six months with 90% intervals.

    Implements `ewarn.ports.Forecaster`.
    """

    name = Fatalities.name
    version = Fatalities.version
    source = "ucdp"
    least_months = FIRST_ORIGIN + STEPS + 6

    def __init__(self, trees: int = TREES) -> None:
        self.trees = trees

    def forecast(self, months: CountryMonths) -> MonthlyForecast:
        """Return distributions of the six months after the last one.

        They have intervals if at least 48 months are known.

        Raises:
            InputError: There are too few months or countries to fit on.
        """
        made = self._fitted(months).predict(months)
        if len(months.names) < self.least_months + CALIBRATED_ON:
            return made
        low, high = self._intervals(months, made.point)
        return replace(made, low=low, high=high)

    def _fitted(self, months: CountryMonths) -> Fatalities:
        return Fatalities(SEED, self.trees).fit(months)

    def _intervals(self, months: CountryMonths, point: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return least and greatest count of 90% intervals, (steps, countries) each.

        They are fitted on the distances between outcomes and the forecasts at the last origins.
        These forecasts are by a model that was fitted before the first of these origins.
        """
        last = len(months.names)
        first = last - CALIBRATED_ON
        model = self._fitted(months.until(first))
        past = [model.predict(months.until(origin)).point for origin in range(first, last)]
        bounds = []
        for step in range(STEPS):
            origins = range(CALIBRATED_ON - step)  # those whose outcome is known
            points = np.concatenate([past[origin][step] for origin in origins])
            outcomes = np.concatenate([months.counts[first + origin + step] for origin in origins])
            known = ~np.isnan(points) & ~np.isnan(outcomes)
            learned = BinConditional().fit(points[known], outcomes[known])
            low, high = np.full((2, point.shape[1]), np.nan)
            told = ~np.isnan(point[step])
            low[told], high[told] = learned.interval(point[step][told])
            bounds.append((low, high))
        return np.stack([low for low, _ in bounds]), np.stack([high for _, high in bounds])

    def scores(
        self, past_year: CountryMonths, made: MonthlyForecast, outcomes: FloatArray
    ) -> dict[str, dict[str, FloatArray]]:
        """Return scores of a forecast and of simple forecasts from the same past.

        Args:
            past_year: The last twelve months as they were known.
            made: The forecast.
            outcomes: The counts that followed (steps, countries), NaN where unknown.

        Returns:
            Scores (steps, countries) by model and name of the score, NaN where there is nothing to
            score. Less is better, except for coverage, which should be 0.9.
        """
        logs = np.log1p(outcomes)
        last = np.log1p(lags(past_year.counts, 1)[:, 0])
        year, calm = conflictology(past_year, SEED), last_poisson(past_year)
        steps = range(len(outcomes))
        return {
            self.name: _of_atoms([made.quantiles[step] for step in steps], outcomes)
            | {LOG_SQUARED: (made.point - logs) ** 2}
            | _coverage(made, outcomes),
            "conflictology-12": _of_atoms([year for _ in steps], outcomes),
            "last-poisson": _of_atoms([calm for _ in steps], outcomes),
            "half-last": {LOG_SQUARED: (half_last(past_year) - logs) ** 2},
            "no-change": {LOG_SQUARED: (last - logs) ** 2},
        }

    def card(self) -> dict[str, Any]:
        """Return what a reader must know about it, with the figures of `benchmarks/history`."""
        return {"model": f"{self.name}@{self.version}", **_CARD}


def _of_atoms(atoms: list[FloatArray], outcomes: FloatArray) -> dict[str, FloatArray]:
    pairs = list(zip(atoms, outcomes, strict=True))
    return {
        CRPS: np.stack([crps(each, came) for each, came in pairs]),
        LOG_CRPS: np.stack([crps(np.log1p(each), np.log1p(came)) for each, came in pairs]),
    }


def _coverage(made: MonthlyForecast, outcomes: FloatArray) -> dict[str, FloatArray]:
    """Return whether outcomes were within the 90% bounds, 1 or 0, NaN where unknown."""
    tail = (1 - LEVEL) / 2
    middle = levels(made.quantiles.shape[2])
    inside = made.quantiles[:, :, (middle > tail) & (middle < 1 - tail)]
    found = {COVERED_BY_QUANTILES: _within(inside[:, :, 0], inside[:, :, -1], outcomes)}
    if made.low is not None and made.high is not None:
        found[COVERED] = _within(made.low, made.high, outcomes)
    return found


def _within(low: FloatArray, high: FloatArray, outcomes: FloatArray) -> FloatArray:
    known = ~np.isnan(low) & ~np.isnan(outcomes)
    return np.where(known, (low <= outcomes) & (outcomes <= high), np.nan)

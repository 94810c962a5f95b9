"""The members of the forecast of monthly deaths: five of the country's own past, and a forest.

Each member gives equal-mass quantiles, float64 (countries, QUANTILES), from what was known.
"""

from collections.abc import Mapping
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestRegressor

from ewarn.frames.predictions import FloatArray
from models.fatalities.country_months import LAGS, lags, mean_of
from models.numeric.crps import levels, quantiles

QUANTILES = 100
WINDOWS = {"own-3": 3, "own-6": 6, "own-12": 12, "own-24": 24}
HALF, FOREST = "half-last", "forest"
MEMBERS = (*WINDOWS, HALF, FOREST)
TREES = 200
LEAF = 30
SHARE = 0.4  # share of the features that is considered in each split
MEAN_MONTHS = (3, 6, 12, 24, 36)


def own_past(past: FloatArray) -> dict[str, FloatArray]:
    """Return conflictology over windows of 3 to 24 months, and a mean of it and the last value.

    This mean is of log(1 + deaths), with the window of 12 months. `past` are at least 24 `lags`.
    """
    found = {name: _window(past[:, :months]) for name, months in WINDOWS.items()}
    last = np.log1p(np.nan_to_num(past[:, :1]))
    return found | {HALF: np.expm1((last + np.log1p(found["own-12"])) / 2)}


def _window(past: FloatArray) -> FloatArray:
    seen = ~np.isnan(past)
    seen[:, 0] |= ~seen.any(axis=1)
    return quantiles(np.nan_to_num(past), seen / seen.sum(axis=1, keepdims=True), levels(QUANTILES))


def features(past: FloatArray) -> FloatArray:
    """Return the features of the forest, float64 (countries, 15).

    They are levels and variation of the past and the length of the last quiet period.
    """
    logs = np.log1p(past)
    year, seen = logs[:, :12], ~np.isnan(past)
    quiet = np.where(np.nan_to_num(past) > 0, np.arange(LAGS), LAGS).min(axis=1)
    columns = [
        *(logs[:, lag] for lag in range(3)),
        *(mean_of(logs[:, :months]) for months in MEAN_MONTHS),
        *(np.log1p(mean_of(past[:, :months])) for months in (6, 12)),
        np.nan_to_num(year).max(axis=1),
        np.nan_to_num(logs[:, :6]).min(axis=1),
        np.sqrt(mean_of((year - mean_of(year)[:, None]) ** 2)),
        (past > 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1),
        quiet,
    ]
    return np.asarray(np.nan_to_num(np.column_stack(columns)))


def base(past: FloatArray) -> FloatArray:
    """Return the mean of last value and twelve-month mean of log(1 + y), the base of residuals."""
    logs = np.log1p(past[:, :12])
    return np.asarray((np.nan_to_num(logs[:, 0]) + mean_of(logs)) / 2)


class ResidualForest:
    """Distribution of how far countries in a similar situation moved from their base.

    It is a random forest of log residuals, used as a quantile regression forest (Meinshausen 2006).
    Every tree returns one residual of the leaf that a row falls in. This residual is drawn once,
    when the forest is fitted.
    """

    def __init__(self, seed: int, trees: int = TREES) -> None:
        self.seed = seed
        self.trees = trees

    def fit(self, past: FloatArray, outcomes: FloatArray) -> Self:
        """Fit `forest_` and `drawn_` on `lags` (rows, 36) and the counts that followed (rows,)."""
        inputs, residuals = features(past), np.log1p(outcomes) - base(past)
        self.forest_ = RandomForestRegressor(
            self.trees, min_samples_leaf=LEAF, max_features=SHARE, random_state=self.seed
        ).fit(inputs, residuals)
        leaves = self.forest_.apply(inputs)
        random = np.random.default_rng(self.seed)
        self.drawn_ = [_one_each(column, residuals, random) for column in leaves.T]
        return self

    def quantiles(self, past: FloatArray) -> FloatArray:
        """Return equal-mass quantiles of deaths, rounded to integers."""
        leaves = self.forest_.apply(features(past))
        drawn = [table[column] for table, column in zip(self.drawn_, leaves.T, strict=True)]
        residuals = np.quantile(drawn, levels(QUANTILES), axis=0, method="inverted_cdf").T
        return np.asarray(np.rint(np.expm1(np.maximum(base(past)[:, None] + residuals, 0.0))))


def _one_each(
    leaves: npt.NDArray[np.int64], residuals: FloatArray, random: np.random.Generator
) -> FloatArray:
    """Return a table that gives one residual of each leaf, drawn at random."""
    shuffled = random.permutation(len(leaves))
    table = np.zeros(int(leaves.max()) + 1)
    table[leaves[shuffled]] = residuals[shuffled]
    return table


def in_order(members: Mapping[str, FloatArray]) -> FloatArray:
    """Stack the members in the order of `MEMBERS`, float64 (members, rows, QUANTILES)."""
    return np.stack([members[name] for name in MEMBERS])


def past_of(counts: FloatArray) -> FloatArray:
    """Return the lags that a forecast at the end of the last month uses."""
    return lags(counts, LAGS)

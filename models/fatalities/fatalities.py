"""Conflict deaths of a country-month, one to six months ahead, as a predictive distribution.

The distribution is a linear pool of the country's own past over several windows (conflictology,
Hegre et al. 2025) and of a forest of what followed similar situations elsewhere. Weights are fitted
for each step and level of violence, on countries that the forest was not fitted on. They minimise
the CRPS of deaths relative to the level plus the CRPS of log(1 + deaths), and are shrunk to a prior
that is half conflictology-12.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from ewarn.errors import InputError
from ewarn.frames.country_months import CountryMonths, MonthlyForecast
from ewarn.frames.predictions import FloatArray
from models.fatalities.country_months import level_of
from models.fatalities.crps_stacking import score_of_pool
from models.fatalities.fatality_members import (
    FOREST,
    MEMBERS,
    TREES,
    ResidualForest,
    in_order,
    own_past,
    past_of,
)
from models.numeric.crps import levels, quantiles
from models.numeric.simplex import best_weights

STEPS = 6
FIRST_ORIGIN = 12  # months of history before the first training origin
LEVELS = np.array([0.01, 1.0, 10.0, 100.0, 1000.0])  # deaths a month over the past year
FOLDS = 5
PENALTY = 0.1
WORTH = 500  # the prior weighs as much as so many rows, because there are few large wars
PRIOR = np.where(np.array(MEMBERS) == "own-12", 0.5, 0.5 / (len(MEMBERS) - 1))
SERVED = 200  # equal-mass quantiles of a forecast
THINNED = slice(2, None, 5)  # every fifth quantile is enough to fit weights


class Fatalities:
    """Pool of the country's own past and a forest, for each step ahead.

    Fitting sets `forests_`, `weights_` (STEPS, levels, members) and `point_weights_` (STEPS,
    members). Countries are sorted by name, so their order does not change the result.
    """

    name = "fatalities"
    version = "1"

    def __init__(self, seed: int = 1, trees: int = TREES) -> None:
        self.seed = seed
        self.trees = trees

    def fit(self, months: CountryMonths) -> Self:
        """Fit on all the months given. The caller must cut them at the origin with `until`.

        Raises:
            InputError: There are fewer than 24 months or five countries.
        """
        if len(months.names) < FIRST_ORIGIN + STEPS + 6 or len(months.countries) < FOLDS:
            raise InputError(
                f"fatalities: {len(months.names)} months of {len(months.countries)} countries are "
                f"too few to learn from; give at least 24 months of {FOLDS} countries"
            )
        counts = months.of(sorted(months.countries)).counts
        learned = [self._step(counts, step) for step in range(1, STEPS + 1)]
        self.forests_ = [forest for forest, _, _ in learned]
        self.weights_ = np.stack([weights for _, weights, _ in learned])
        self.point_weights_ = np.stack([weights for _, _, weights in learned])
        return self

    def predict(self, months: CountryMonths) -> MonthlyForecast:
        """Return forecasts at the end of the last month given, for the six that follow."""
        past = past_of(months.counts)
        own = own_past(past)
        level = np.digitize(level_of(past), LEVELS)
        made = [
            _pooled(in_order(own | {FOREST: forest.quantiles(past)}), weights[level], point_weights)
            for forest, weights, point_weights in zip(
                self.forests_, self.weights_, self.point_weights_, strict=True
            )
        ]
        known = np.where(np.isnan(past[:, 0]), np.nan, 0.0)
        return MonthlyForecast(
            months.countries,
            np.stack([found for found, _ in made]) + known[None, :, None],
            np.stack([point for _, point in made]) + known[None, :],
        )

    def _step(self, counts: FloatArray, step: int) -> tuple[ResidualForest, FloatArray, FloatArray]:
        """Fit one step ahead: return the forest, weights by level and point weights."""
        rows = _rows(counts, step)
        unseen = np.empty((len(rows.outcomes), own_past(rows.past[:1])["own-12"].shape[1]))
        for fold in range(FOLDS):
            out = rows.country % FOLDS == fold
            half = ResidualForest(self.seed + step, max(self.trees // 2, 1))
            forest = half.fit(rows.past[~out], rows.outcomes[~out])
            unseen[out] = forest.quantiles(rows.past[out])
        members = in_order(own_past(rows.past) | {FOREST: unseen})
        final = ResidualForest(self.seed + step, self.trees).fit(rows.past, rows.outcomes)
        return final, _weights(members, rows), _point_weights(members, rows.outcomes)


@dataclass(frozen=True, slots=True)
class _Rows:
    """A row for each origin and country: past (rows, lags), outcome and country (rows,)."""

    past: FloatArray
    outcomes: FloatArray
    country: FloatArray


def _rows(counts: FloatArray, step: int) -> _Rows:
    origins = range(FIRST_ORIGIN, len(counts) - step + 1)
    past = np.concatenate([past_of(counts[:origin]) for origin in origins])
    outcomes = np.concatenate([counts[origin + step - 1] for origin in origins])
    country = np.tile(np.arange(counts.shape[1]), len(origins))
    whole = ~np.isnan(outcomes) & ~np.isnan(past[:, 0])
    return _Rows(past[whole], outcomes[whole], country[whole])


def _weights(members: FloatArray, rows: _Rows) -> FloatArray:
    """Return the weights by level of violence, float64 (levels, members)."""
    level = level_of(rows.past)
    band = np.digitize(level, LEVELS)
    thin = members[:, :, THINNED]
    found = []
    for each in range(len(LEVELS) + 1):
        at = band == each
        if not at.any():
            found.append(PRIOR)
            continue
        plain = _relative(thin[:, at], rows.outcomes[at], 1 / (1 + level[at]))
        logs = _relative(np.log1p(thin[:, at]), np.log1p(rows.outcomes[at]), np.ones(int(at.sum())))
        penalty = PENALTY * (1 + WORTH / int(at.sum()))
        found.append(best_weights(plain[0] + logs[0], plain[1] + logs[1], PRIOR, penalty))
    return np.stack(found)


def _relative(
    members: FloatArray, outcomes: FloatArray, importance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the quadratic form of the CRPS, divided by the CRPS of conflictology-12."""
    linear, pairs = score_of_pool(members, outcomes, importance)
    year = MEMBERS.index("own-12")
    scale = max(linear[year] - pairs[year, year] / 2, 1e-9)
    return linear / scale, pairs / scale


def _point_weights(members: FloatArray, outcomes: FloatArray) -> FloatArray:
    """Return weights of the members' means of log(1 + deaths), by least squares."""
    means, wanted = np.log1p(members).mean(axis=2), np.log1p(outcomes)
    equal = np.full(len(means), 1 / len(means))
    scale = max(float(((equal @ means - wanted) ** 2).mean()), 1e-9)
    products = means @ means.T / len(wanted)
    return best_weights(
        -2 * (means @ wanted) / len(wanted) / scale, -2 * products / scale, equal, PENALTY
    )


def _pooled(
    members: FloatArray, weights: FloatArray, point_weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return quantiles and point forecast of the pool. `weights` is (rows, members)."""
    number, rows, size = members.shape
    atoms = members.transpose(1, 0, 2).reshape(rows, number * size)
    mass = np.repeat(weights / size, size, axis=1)
    point = point_weights @ np.log1p(members).mean(axis=2)
    return quantiles(atoms, mass, levels(SERVED)), np.asarray(point)

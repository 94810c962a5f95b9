"""Paired bootstrap by country: the same draws for every model, so that differences are paired.

Draws of few countries are similar, so their intervals would be too narrow: with one country they
have no width at all. With fewer than `LEAST_COUNTRIES` countries no interval is given.
"""

import math
from dataclasses import dataclass

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.numeric.intervals import INTERVAL

DRAWS = 1000
LEAST_COUNTRIES = 10


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of countries with replacement, float64 (draws, countries), whole numbers.

    The same seed and number of countries give the same draws.
    """

    weights: FloatArray

    @classmethod
    def of(cls, countries: int, *, seed: int, draws: int = DRAWS) -> "Draws":
        """Return `draws` draws of `countries` countries."""
        random = np.random.default_rng(seed)
        share = np.full(countries, 1 / max(countries, 1))
        return cls(random.multinomial(countries, share, size=draws).astype(np.float64))

    @property
    def all_once(self) -> FloatArray:
        """Every country once, (1, countries), which gives the figure itself."""
        return np.ones((1, self.weights.shape[1]))

    @property
    def with_all(self) -> FloatArray:
        """Every country once, and then the draws, (1 + draws, countries)."""
        return np.concatenate([self.all_once, self.weights])


def estimate(values: FloatArray) -> dict[str, float | None]:
    """Return a figure with its 90% interval.

    Args:
        values: The figure, and then its value in each draw, (1 + draws,). Draws without a finite
            value are left out.

    Returns:
        `value`, `low` and `high`, each None if it does not exist.
    """
    drawn = values[1:][np.isfinite(values[1:])]
    low, high = np.quantile(drawn, INTERVAL) if len(drawn) else (math.nan, math.nan)
    return {"value": finite(values[0]), "low": finite(low), "high": finite(high)}


def finite(value: float) -> float | None:
    """Return a number for JSON, None if it is not finite."""
    return float(value) if math.isfinite(value) else None

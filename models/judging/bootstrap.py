"""Paired bootstrap by country: the same draws for every model, so that differences are paired.

Draws of a few countries are all alike, and their intervals narrow for no reason: of one country
they have no width at all. Below `LEAST_COUNTRIES` there is none.
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
        """`draws` draws of `countries` countries."""
        random = np.random.default_rng(seed)
        share = np.full(countries, 1 / max(countries, 1))
        return cls(random.multinomial(countries, share, size=draws).astype(np.float64))

    @property
    def all_once(self) -> FloatArray:
        """Every country once, (1, countries): the figure itself."""
        return np.ones((1, self.weights.shape[1]))

    @property
    def with_all(self) -> FloatArray:
        """Every country once, and then the draws, (1 + draws, countries)."""
        return np.concatenate([self.all_once, self.weights])


def estimate(values: FloatArray) -> dict[str, float | None]:
    """A figure with its 90% interval, of values (1 + draws,) the first of which is the figure.

    None where it does not exist; draws in which it does not exist are left out.
    """
    drawn = values[1:][np.isfinite(values[1:])]
    low, high = np.quantile(drawn, INTERVAL) if len(drawn) else (math.nan, math.nan)
    return {"value": finite(values[0]), "low": finite(low), "high": finite(high)}


def finite(value: float) -> float | None:
    """A number for JSON: None where it is not finite."""
    return float(value) if math.isfinite(value) else None

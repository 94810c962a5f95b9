"""Gamma-Poisson pooling: a region's rate, shrunk to its country's, which is shrunk to the world's.

Empirical Bayes (Robbins 1956; Clayton & Kaldor 1987 for small areas): the events of a region are
Poisson, rates within a country are gamma around the country's rate, and rates of countries are
gamma around the world's. Future counts are then negative binomial, and a region that was observed
for only eight weeks gets a reasonable rate.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import betainc
from scipy.stats import nbinom

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import COUNTRY, COUNTRY_WINDOWS, SINCE, Inputs

LONG = SINCE - 1
COUNTRY_LONG = COUNTRY + len(COUNTRY_WINDOWS) - 1


@dataclass(frozen=True, slots=True)
class Prior:
    """Prior of weekly rates: the world's mean (events a week) and two gamma shapes.

    A shape has the weight of that many events. The greater it is, the more a rate is shrunk to the
    rate of its parent, and the more alike countries, or regions of a country, are.
    """

    mean: float
    country_shape: float
    region_shape: float

    def posterior(
        self, own: FloatArray, country: FloatArray, exposure: FloatArray, siblings: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the gamma shape and the gamma rate (in weeks) of each region's weekly rate.

        Args:
            own: Events of the region in `exposure` weeks. All arrays have one shape (...).
            country: Events of its country in `exposure` weeks.
            exposure: Observed weeks.
            siblings: Number of subdivisions of the country, 0 for a country.
        """
        parts = np.maximum(siblings, 1)
        parent = (self.country_shape + country) / (
            self.country_shape / self.mean + exposure * parts
        )
        is_country = siblings == 0
        shape = np.where(is_country, self.country_shape, self.region_shape)
        mean = np.where(is_country, self.mean, parent)
        return shape + own, shape / mean + exposure


def tail(shape: FloatArray, rate: FloatArray, weeks: int, needed: FloatArray) -> FloatArray:
    """Return P(events in `weeks` >= `needed`) of the predictive negative binomial.

    `needed` must be greater than 0.
    """
    return np.asarray(betainc(needed, shape, weeks / (rate + weeks)))


def bound(shape: FloatArray, rate: FloatArray, weeks: int, level: float) -> FloatArray:
    """Return the `level` quantile of the number of events in `weeks`."""
    return np.asarray(nbinom.ppf(level, shape, rate / (rate + weeks)))


class Pooling:
    """Gamma-Poisson model of regions in countries, fitted by the predictive log score.

    Its parameters are `mean_`, `country_shape_` and `region_shape_`.
    """

    name = "pooling"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Fit on labels (rows,) of 0 and 1, each of which counts as `weight` rows."""
        exposed = inputs.points(LONG) / inputs.unit / np.maximum(inputs.exposure, 1)
        areas = np.maximum(float(np.average(exposed, weights=weight)), 1e-6)

        def loss(logs: FloatArray) -> float:
            found = np.clip(_probability(_prior(logs), inputs), 1e-9, 1 - 1e-9)
            score = np.where(label > 0, np.log(found), np.log1p(-found))
            return -float(np.average(score, weights=weight))

        start = np.log([areas, 0.5, 0.5])
        best = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 150})
        prior = _prior(best.x)
        self.mean_ = prior.mean
        self.country_shape_ = prior.country_shape
        self.region_shape_ = prior.region_shape
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return P(units in h weeks >= units needed)."""
        return _probability(Prior(self.mean_, self.country_shape_, self.region_shape_), inputs)


def _prior(logs: FloatArray) -> Prior:
    """Return the prior from three logarithms, clipped to where the functions are stable."""
    mean, country_shape, region_shape = np.exp(np.clip(logs, -12, 6))
    return Prior(float(mean), float(country_shape), float(region_shape))


def _probability(prior: Prior, inputs: Inputs) -> FloatArray:
    shape, rate = prior.posterior(
        inputs.points(LONG) / inputs.unit,
        inputs.points(COUNTRY_LONG) / inputs.unit,
        inputs.exposure,
        inputs.siblings,
    )
    return tail(shape, rate, inputs.horizon_weeks, inputs.needed)

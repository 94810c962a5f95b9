"""Contagion: each event makes others more likely, in the region, its neighbours and other kinds.

A discrete-time self-exciting process (Hawkes 1971; Mohler et al. 2011 for crime): the expected
number of outcomes in the coming weeks is a base plus non-negative multiples of decayed rates.
The log-likelihood of "at least one" is concave, so it has a single maximum.
"""

from typing import Self

import numpy as np
from scipy.optimize import minimize

from ewarn.frames.predictions import FloatArray
from models.inputs.features import GROUPS
from models.inputs.inputs import COUNTRY_RATES, NEAR, NEAR_HALF_LIVES, RATES, Inputs
from models.inputs.rates import HALF_LIVES
from models.numeric.linear import linear

KERNELS = (4, 16, 104, 520)
NEAR_KERNELS = (8, 52)
NEAR_GROUPS = ("demonstrations", "lethal")
LEAST_RATE = 1e-9  # least base and least expected number, so that no outcome is impossible

EXCITERS = (
    *(f"{group}, half-life {half} weeks" for group in GROUPS for half in KERNELS),
    *(f"{group} nearby, half-life {half} weeks" for group in NEAR_GROUPS for half in NEAR_KERNELS),
    *(f"{group} in the country, half-life {half} weeks" for group in GROUPS for half in KERNELS),
)


def exciters(inputs: Inputs) -> FloatArray:
    """Return decayed rates (..., exciters), in the order of `EXCITERS`, in events of h weeks."""
    own = [RATES + HALF_LIVES.index(half) for half in KERNELS]
    near = [NEAR + NEAR_HALF_LIVES.index(half) for half in NEAR_KERNELS]
    columns = {group: inputs.of(*kinds) for group, kinds in GROUPS.items()}
    is_part = inputs.siblings[..., None] > 0
    shared = [
        np.where(
            is_part, each[..., COUNTRY_RATES:NEAR] / np.maximum(inputs.siblings, 1)[..., None], 0
        )
        for each in columns.values()
    ]
    return np.concatenate(
        [
            *(each[..., own] for each in columns.values()),
            *(columns[group][..., near] for group in NEAR_GROUPS),
            *shared,
        ],
        axis=-1,
    )


class Contagion:
    """Self-exciting process with `base_` (outcomes in h weeks) and `coefficients_` (exciters,).

    Both are non-negative. P(outcome) = 1 - exp(-(base + sum of coefficients times rates) / units
    needed). The sum of a group's coefficients is the total number of outcomes that one event of it
    causes.
    """

    name = "contagion"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Fit on labels (rows,) of 0 and 1, each of which counts as `weight` rows."""
        return self.fit_exciters(
            exciters(inputs) / inputs.needed[:, None], inputs.needed, label, weight
        )

    def fit_exciters(
        self, rates: FloatArray, needed: FloatArray, label: FloatArray, weight: FloatArray
    ) -> Self:
        """Fit on rates (rows, exciters) that are already divided by the units `needed` (rows,)."""
        design = np.concatenate([1 / needed[:, None], rates], axis=1)
        mean = np.average(design, axis=0, weights=weight)
        told = np.flatnonzero(mean > LEAST_RATE)  # rates that are always 0 get a coefficient of 0
        scale = mean[told]
        design = design[:, told] / scale
        total = weight.sum()
        hit = label > 0

        def loss(terms: FloatArray) -> tuple[float, FloatArray]:
            expected = np.maximum(linear(design, terms), LEAST_RATE)
            missed = np.exp(-expected)
            log = np.where(hit, np.log1p(-missed), -expected)
            slope = np.where(hit, missed / (1 - missed), -1.0)
            return -float(weight @ log) / total, -(weight * slope) @ design / total

        start = np.full(design.shape[1], 0.5 * np.average(label, weights=weight) / design.shape[1])
        bounds = [(0.0, None)] * len(start)
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
        terms = np.zeros(len(mean))
        terms[told] = found.x / scale
        self.base_ = max(float(terms[0]), LEAST_RATE)
        self.coefficients_: FloatArray = terms[1:]
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return the probability of each row."""
        expected = self.base_ + linear(exciters(inputs), self.coefficients_)
        return np.asarray(-np.expm1(-expected / inputs.needed))

"""Plain logistic regression on windows of every kind, with protest split from the response.

Features: log(1 + events) of {protest + riot, force, lethal, riot, arrest} over {1, 4, 12, 26,
52, 156} weeks, log(1 + weeks since) of three of them, the logarithm of the bar, and at admin-1
the same sums of the whole country over {4, 26, 156} weeks. Standardised, with an L2 penalty
(Hoerl & Kennard 1970), by scikit-learn; scored with the coefficients alone.
"""

from typing import Self

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ewarn.frames.predictions import FloatArray
from models.inputs import (
    BLOCKS,
    COUNTRY,
    COUNTRY_WINDOWS,
    MEMORY_WEEKS,
    SINCE,
    WINDOWS,
    Inputs,
)
from models.targets import FORCE_LETHAL

GROUPS = {
    "protest+riot": ("protest", "riot"),
    "force": ("force",),
    "lethal": (FORCE_LETHAL,),
    "riot": ("riot",),
    "arrest": ("arrest",),
}
SINCE_GROUPS = {
    "protest+riot": ("protest", "riot"),
    "lethal": (FORCE_LETHAL,),
    "arrest": ("arrest",),
}
FEATURES = (
    *(f"{group}, {length} weeks" for group in GROUPS for length in WINDOWS),
    *(f"weeks since {group}" for group in SINCE_GROUPS),
    *(f"{group} in the country, {length} weeks" for group in GROUPS for length in COUNTRY_WINDOWS),
    "bar",
)


def features(inputs: Inputs) -> FloatArray:
    """Feature vectors, float64 (..., features), in the order of `FEATURES`."""
    own, country = [], []
    for kinds in GROUPS.values():
        columns = inputs.of(*kinds)
        own.append(np.log1p(columns[..., :SINCE]))
        # A country's own windows already say it: the sums of the whole country stay silent.
        shared = np.where(inputs.siblings[..., None] > 0, columns[..., COUNTRY:BLOCKS], 0.0)
        country.append(np.log1p(shared))
    since = [np.log1p(_since(inputs, kinds)) for kinds in SINCE_GROUPS.values()]
    asked = np.broadcast_to(np.log(inputs.needed), since[0].shape)
    return np.concatenate([*own, np.stack(since, axis=-1), *country, asked[..., None]], axis=-1)


def linear(vectors: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Sum of features times coefficients, one feature after the other.

    A matrix product may round a row differently with its place in the matrix; this does not, so
    a region's score does not depend on the order of regions. `coefficients` is (features,) or
    (features, replicates); the result (...) or (..., replicates).
    """
    total = np.zeros(vectors.shape[:-1] + coefficients.shape[1:])
    for index, coefficient in enumerate(coefficients):
        column = vectors[..., index]
        total += column[..., None] * coefficient if coefficients.ndim > 1 else column * coefficient
    return total


class Logistic:
    """Learns `coefficients_` (features,) and `intercept_` on the scale of the raw features.

    `strength` is scikit-learn's C: the inverse of the penalty.
    """

    name = "logistic"

    def __init__(self, strength: float = 0.003) -> None:
        self.strength = strength

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Learn from labels (rows,) of 0 and 1 that stand for `weight` rows each."""
        scaler = StandardScaler()
        regression = LogisticRegression(C=self.strength, max_iter=2000)
        pipeline = make_pipeline(scaler, regression)
        pipeline.fit(features(inputs), label, logisticregression__sample_weight=weight)
        self.coefficients_: FloatArray = regression.coef_[0] / scaler.scale_
        centre = float((self.coefficients_ * scaler.mean_).sum())
        self.intercept_ = float(regression.intercept_[0]) - centre
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Probability of each row."""
        return np.asarray(expit(self.intercept_ + linear(features(inputs), self.coefficients_)))


def _since(inputs: Inputs, kinds: tuple[str, ...]) -> FloatArray:
    """Weeks since the last event of any of some kinds that are read."""
    rows = [inputs.kinds.index(kind) for kind in kinds if kind in inputs.kinds]
    if not rows:  # a source that never raises these kinds: as if they had never been
        return np.full(inputs.values.shape[:-2], float(MEMORY_WEEKS))
    return np.asarray(inputs.values[..., rows, SINCE].min(axis=-1))

"""A regularised logistic regression on a ladder of decayed rates.

Standardised, with an L2 penalty (Hoerl & Kennard 1970), by scikit-learn; scored with the
coefficients alone. The penalty is strong on purpose: neighbouring half-lives then share what
they know, and the model carries over to countries it never saw.
"""

from typing import Self

import numpy as np
from scipy.special import expit

from ewarn.frames.predictions import FloatArray
from models.inputs.features import features, filled, typical
from models.inputs.inputs import Inputs
from models.numeric.linear import linear

# What hardly varied (the rate of a kind that a source never reports falls slowly as weeks pass)
# must not be blown up to one deviation: a week outside its narrow range would decide everything.
LEAST_SPREAD = 0.05


class Escalation:
    """Learns `coefficients_` (features,) and `intercept_` on the scale of the raw features, and
    `typical_` (features,), what stands for an unknown one.

    `strength` is scikit-learn's C: the inverse of the penalty.
    """

    name = "escalation"

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Learn from labels (rows,) of 0 and 1 that stand for `weight` rows each."""
        return self.fit_features(features(inputs), label, weight)

    def fit_features(self, vectors: FloatArray, label: FloatArray, weight: FloatArray) -> Self:
        """Learn from feature vectors (rows, features)."""
        self.typical_ = typical(vectors)
        vectors = filled(vectors, self.typical_)
        # Here, because loading them takes half a second that scoring need not spend.
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

        scaler = StandardScaler().fit(vectors)
        scaler.scale_ = np.maximum(scaler.scale_, LEAST_SPREAD)
        regression = LogisticRegression(C=self.strength, max_iter=2000)
        regression.fit(scaler.transform(vectors), label, sample_weight=weight)
        self.coefficients_: FloatArray = regression.coef_[0] / scaler.scale_
        centre = float((self.coefficients_ * scaler.mean_).sum())
        self.intercept_ = float(regression.intercept_[0]) - centre
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Probability of each row."""
        vectors = filled(features(inputs), self.typical_)
        return np.asarray(expit(self.intercept_ + linear(vectors, self.coefficients_)))

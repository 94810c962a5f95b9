"""A regularised logistic regression on decayed rates at several half-lives.

It is fitted by scikit-learn on standardised features with an L2 penalty (Hoerl & Kennard 1970), and
scored with the coefficients alone. The penalty is strong on purpose: weight is then shared among
neighbouring half-lives, and the model can be transferred to countries it was not fitted on.
"""

from typing import Self

import numpy as np
from scipy.special import expit

from ewarn.frames.predictions import FloatArray
from models.inputs.features import features, filled, typical
from models.inputs.inputs import Inputs
from models.numeric.linear import linear

# A feature that hardly varies must not be scaled up to a deviation of one, because a week outside
# its narrow range would then dominate the score. An example is the rate of a kind that a source
# never reports: it falls slowly as weeks pass.
LEAST_SPREAD = 0.05


class Escalation:
    """Logistic regression with `coefficients_` (features,) and `intercept_` for the raw features.

    `typical_` (features,) replaces unknown features. `strength` is scikit-learn's C, the inverse of
    the penalty.
    """

    name = "escalation"

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Fit on labels (rows,) of 0 and 1, each of which counts as `weight` rows."""
        return self.fit_features(features(inputs), label, weight)

    def fit_features(self, vectors: FloatArray, label: FloatArray, weight: FloatArray) -> Self:
        """Fit on feature vectors (rows, features) and their labels."""
        self.typical_ = typical(vectors)
        vectors = filled(vectors, self.typical_)
        # Imported here because loading takes half a second and scoring does not need them.
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
        """Return the probability of each row."""
        vectors = filled(features(inputs), self.typical_)
        return np.asarray(expit(self.intercept_ + linear(vectors, self.coefficients_)))

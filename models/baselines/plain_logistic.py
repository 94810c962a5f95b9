"""Plain logistic regression: the reference that every richer model is measured against.

log(1 + events) of {protest + riot, force, lethal, riot, arrest} over {1, 4, 12, 26, 52, 156}
weeks and log(1 + weeks since) of three of them, standardised, with scikit-learn's own penalty
(C = 1), and nothing else: no country around a subdivision, no bar, no weights, no calibrator.
"""

from typing import Self

import numpy as np
from scipy.special import expit

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import SINCE, WINDOWS, Inputs
from models.inputs.targets import FORCE_LETHAL
from models.numeric.linear import linear

PROTEST = ("protest", "riot")
WINDOWED = (PROTEST, ("force",), (FORCE_LETHAL,), ("riot",), ("arrest",))
SINCED = (PROTEST, (FORCE_LETHAL,), ("arrest",))


class PlainLogistic:
    """Learns `coefficients_` (33 features,) and `intercept_` on the scale of the raw features."""

    name = "plain-logistic"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Learn from labels (rows,) of 0 and 1 that stand for `weight` rows each."""
        # Here, because loading them takes half a second that scoring need not spend.
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

        scaler, regression = StandardScaler(), LogisticRegression(max_iter=2000)
        standard = scaler.fit_transform(plain_features(inputs))
        regression.fit(standard, label, sample_weight=weight)
        self.coefficients_: FloatArray = regression.coef_[0] / scaler.scale_
        centre = float((self.coefficients_ * scaler.mean_).sum())
        self.intercept_ = float(regression.intercept_[0]) - centre
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Probability of each row."""
        return np.asarray(
            expit(self.intercept_ + linear(plain_features(inputs), self.coefficients_))
        )


def plain_features(inputs: Inputs) -> FloatArray:
    """Feature vectors, float64 (rows, 33): 30 windows, then the weeks since three kinds.

    A kind that the source never raises counts zero, and was never seen.
    """
    windows = [np.log1p(inputs.of(*kinds)[..., :SINCE]) for kinds in WINDOWED]
    since = [np.minimum(inputs.since(*kinds), max(WINDOWS))[..., None] for kinds in SINCED]
    return np.concatenate([*windows, *np.log1p(since)], axis=-1)

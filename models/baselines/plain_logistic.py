"""Plain logistic regression: the reference that every richer model is compared with.

Its features are log(1 + events) of {protest + riot, force, lethal, riot, arrest} over
{1, 4, 12, 26, 52, 156} weeks and log(1 + weeks since) of three of them. They are standardised and
fitted with scikit-learn's default penalty (C = 1). It uses neither the country around a
subdivision, nor the bar, nor weights, nor a calibrator.
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
    """Logistic regression with `coefficients_` (33,) and `intercept_` for the raw features."""

    name = "plain-logistic"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Fit on labels (rows,) of 0 and 1, each of which counts as `weight` rows."""
        # Imported here because loading takes half a second and scoring does not need them.
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
        """Return the probability of each row."""
        return np.asarray(
            expit(self.intercept_ + linear(plain_features(inputs), self.coefficients_))
        )


def plain_features(inputs: Inputs) -> FloatArray:
    """Return feature vectors, float64 (rows, 33): 30 windows, then the weeks since three kinds.

    A kind that the source never reports has a count of zero and the greatest number of weeks since.
    """
    windows = [np.log1p(inputs.of(*kinds)[..., :SINCE]) for kinds in WINDOWED]
    since = [np.minimum(inputs.since(*kinds), max(WINDOWS))[..., None] for kinds in SINCED]
    return np.concatenate([*windows, *np.log1p(since)], axis=-1)

"""Base rate: the share of origins that were followed by the target, the same for all regions."""

from typing import Self

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import Inputs


class BaseRate:
    """Constant probability `rate_` in [0, 1], the best forecast if nothing else is known."""

    name = "base-rate"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:  # noqa: ARG002
        """Fit on labels (rows,) of 0 and 1, each of which counts as `weight` rows."""
        self.rate_ = float(np.average(label, weights=weight))
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return the base rate for every row."""
        return np.full(inputs.values.shape[:-2], self.rate_)

"""Base rate: the share of origins that were followed by the target, the same everywhere."""

from typing import Self

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import Inputs


class BaseRate:
    """Learns `rate_`, a number in [0, 1]. Knowing nothing else, nothing beats it."""

    name = "base-rate"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:  # noqa: ARG002
        """Learn from labels (rows,) of 0 and 1 that stand for `weight` rows each."""
        self.rate_ = float(np.average(label, weights=weight))
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """The base rate for every row."""
        return np.full(inputs.values.shape[:-2], self.rate_)

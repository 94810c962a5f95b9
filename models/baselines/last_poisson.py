"""Last-Poisson: the coming h weeks are Poisson with the mean of the last h weeks.

A benchmark of the VIEWS prediction challenges (Hegre, Vesco & Colaresi 2022).
"""

from typing import Self

import numpy as np
from scipy.special import gammainc

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import BLOCKS, Inputs


class LastPoisson:
    """Poisson probability at the rate of the last h weeks. It has no parameters."""

    name = "last-poisson"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:  # noqa: ARG002
        """Return the model unchanged, as it has no parameters."""
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return P(units in h weeks >= units needed), by the incomplete gamma function."""
        return np.asarray(gammainc(inputs.needed, inputs.points(BLOCKS) / inputs.unit))

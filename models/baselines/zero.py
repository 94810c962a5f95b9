"""Zero: a forecast that nothing will happen, which a useful model beats on squared error."""

from typing import Self

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import Inputs
from models.numeric.calibration import LEAST


class Zero:
    """Constant least probability. It is not 0, so that the log score is finite."""

    name = "zero"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:  # noqa: ARG002
        """Return the model unchanged, as it has no parameters."""
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return the least probability for every row."""
        return np.full(inputs.bar.shape, LEAST)

"""Zero: nothing will happen. Whoever cannot beat it on squared error had better keep silent."""

from typing import Self

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import Inputs
from models.numeric.calibration import LEAST


class Zero:
    """Learns nothing. It says the least probability that is served, so that it has a log score."""

    name = "zero"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:  # noqa: ARG002
        """There is nothing to learn."""
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """The least probability for every row."""
        return np.full(inputs.bar.shape, LEAST)

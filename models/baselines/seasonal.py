"""Seasonal: the coming h weeks are Poisson with the mean of the same weeks of last year.

What a calendar on the wall knows: anniversaries, harvests, school years (the seasonal naive
forecast of Hyndman & Athanasopoulos 2021, with a Poisson around it). For horizons that do not
divide 52 weeks it is the last whole block of the past year that is taken.
"""

from typing import Self

import numpy as np
from scipy.special import gammainc

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import Inputs


class Seasonal:
    """Learns nothing."""

    name = "seasonal"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:  # noqa: ARG002
        """There is nothing to learn."""
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """P(units in h weeks >= units needed), by the incomplete gamma function."""
        return np.asarray(gammainc(inputs.needed, inputs.block_points()[..., -1] / inputs.unit))

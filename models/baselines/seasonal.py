"""Seasonal: the coming h weeks are Poisson with the mean of the same weeks of last year.

It reflects what the calendar alone predicts: anniversaries, harvests, school years. It is the
seasonal naive forecast of Hyndman & Athanasopoulos (2021) with a Poisson distribution around it.
For horizons that do not divide 52 weeks, it uses the last whole block of the past year.
"""

from typing import Self

import numpy as np
from scipy.special import gammainc

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import Inputs


class Seasonal:
    """Poisson probability at the rate of the same weeks of last year. It has no parameters."""

    name = "seasonal"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:  # noqa: ARG002
        """Return the model unchanged, as it has no parameters."""
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return P(units in h weeks >= units needed), by the incomplete gamma function."""
        return np.asarray(gammainc(inputs.needed, inputs.block_points()[..., -1] / inputs.unit))

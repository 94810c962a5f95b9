"""Conflictology-12: the coming h weeks are a draw from the region's own past twelve months.

No entry of the VIEWS 2023/24 challenge beat this benchmark on CRPS (Hegre et al. 2025). For a
yes-or-no target, the share of 1,000 draws with replacement that reach the bar approaches the share
of past blocks that reach it. This limit is returned, so no random seed is needed.
"""

from typing import Self

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import Inputs


class Conflictology:
    """Share of the past year's blocks that reached the bar. It has no parameters."""

    name = "conflictology-12"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:  # noqa: ARG002
        """Return the model unchanged, as it has no parameters."""
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return the share of the past year's observed h-week blocks that reach the bar."""
        past = inputs.block_points()
        watched = np.clip(inputs.exposure // inputs.horizon_weeks, 1, past.shape[-1])
        reached = (past >= inputs.bar[..., None]).sum(axis=-1)
        return np.asarray(np.minimum(reached / watched, 1.0))

"""Conflictology-12: the coming h weeks are a draw from the region's own past twelve months.

The benchmark that no entry of the VIEWS 2023/24 challenge beat on CRPS (Hegre et al. 2025). For
a yes-or-no target the share of 1,000 draws with replacement that reach the bar has a limit, the
share of the past blocks that do; that limit is served, so there is nothing to seed.
"""

from typing import Self

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import Inputs


class Conflictology:
    """Learns nothing."""

    name = "conflictology-12"

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:  # noqa: ARG002
        """There is nothing to learn."""
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Share of the past year's h-week blocks, as far as watched, that reach the bar."""
        past = inputs.block_points()
        watched = np.clip(inputs.exposure // inputs.horizon_weeks, 1, past.shape[-1])
        reached = (past >= inputs.bar[..., None]).sum(axis=-1)
        return np.asarray(np.minimum(reached / watched, 1.0))

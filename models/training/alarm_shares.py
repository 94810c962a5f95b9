"""What a detector implies of outcomes: how often they followed a week that surprised it so much.

A detector gives no probability. Held against a model it is given the best one that its answer
allows: the share of past weeks of the same surprise that an outcome followed.
"""

from typing import Self

import numpy as np

from ewarn.frames.predictions import FloatArray

# Upper ends of the classes of mid-p-values: above the detector's bound, rare, above and below what
# was expected. A week that was not observed is a class of its own.
CLASSES = (0.005, 0.05, 0.5, 1.0)
IMAGINED = 2.0  # rows of the overall share that each class is given more than it had


class AlarmShares:
    """Learns `shares_` (classes + 1,)."""

    name = "detector"

    def fit(self, surprise: FloatArray, label: FloatArray, weight: FloatArray) -> Self:
        """Learn from a detector's mid-p-values (rows,) and labels that stand for `weight` rows."""
        number = _classes(surprise)
        size = len(CLASSES) + 1
        overall = float(np.average(label, weights=weight))
        rows = np.bincount(number, weight, size)
        hits = np.bincount(number, weight * label, size)
        self.shares_: FloatArray = (hits + IMAGINED * overall) / (rows + IMAGINED)
        return self

    def probability(self, surprise: FloatArray) -> FloatArray:
        """Probability of each row."""
        return self.shares_[_classes(surprise)]


def _classes(surprise: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    known = np.searchsorted(CLASSES, np.nan_to_num(surprise, nan=1.0)).clip(0, len(CLASSES) - 1)
    return np.where(np.isnan(surprise), len(CLASSES), known)

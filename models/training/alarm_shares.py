"""Probability implied by a detector: how often outcomes followed weeks with such a p-value.

A detector gives no probability. To compare it with a model, it gets the best one that its result
allows: the share of past weeks with a similar p-value that were followed by an outcome.
"""

from typing import Self

import numpy as np

from ewarn.frames.predictions import FloatArray

# Upper ends of the classes of mid-p-values: counts above the detector's bound, rare ones, and those
# above and below the expected value. Weeks that were not observed are a separate class.
CLASSES = (0.005, 0.05, 0.5, 1.0)
IMAGINED = 2.0  # rows with the overall share of outcomes that are added to each class


class AlarmShares:
    """Shares of outcomes by class of p-value, `shares_` (classes + 1,)."""

    name = "detector"

    def fit(self, surprise: FloatArray, label: FloatArray, weight: FloatArray) -> Self:
        """Fit on a detector's mid-p-values (rows,) and labels that count as `weight` rows each."""
        number = _classes(surprise)
        size = len(CLASSES) + 1
        overall = float(np.average(label, weights=weight))
        rows = np.bincount(number, weight, size)
        hits = np.bincount(number, weight * label, size)
        self.shares_: FloatArray = (hits + IMAGINED * overall) / (rows + IMAGINED)
        return self

    def probability(self, surprise: FloatArray) -> FloatArray:
        """Return the probability of each row."""
        return self.shares_[_classes(surprise)]


def _classes(surprise: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    known = np.searchsorted(CLASSES, np.nan_to_num(surprise, nan=1.0)).clip(0, len(CLASSES) - 1)
    return np.where(np.isnan(surprise), len(CLASSES), known)

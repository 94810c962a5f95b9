"""Every detector of counts by name, as a function that scores how unusual a week is.

A score is float64 (weeks, regions), greater where a week is more unusual, and NaN where the
detector gives none. Thresholds differ between detectors.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray
from models.detectors.ears import ears
from models.detectors.farrington import farrington
from models.detectors.series import BoolArray, checked_counts, checked_observed
from models.numeric.count_tails import mid_p
from models.research import changepoint, cusum
from models.research.surge import surge

Judge = Callable[[npt.ArrayLike, BoolArray], FloatArray]


def _farrington(counts: npt.ArrayLike, observed: BoolArray) -> FloatArray:
    """Return -log10 of the mid-p-value, in every week with five years before it."""
    table = checked_counts("farrington", counts)
    seen = checked_observed("farrington", observed, table)
    found = farrington.detect(table, weeks=np.arange(len(table)), observed=seen)
    expected = np.where(seen, found.expected, np.nan)
    return surprise(mid_p(table.astype(np.float64), expected, found.dispersion))


def _surge(counts: npt.ArrayLike, observed: BoolArray) -> FloatArray:
    """Return the log Bayes factor of a surge relative to farrington's expected values."""
    table = checked_counts("surge", counts)
    seen = checked_observed("surge", observed, table)
    found = farrington.detect(table, weeks=np.arange(len(table)), observed=seen)
    return surge(table, found.expected, found.dispersion, observed=seen)


def _ears(counts: npt.ArrayLike, observed: BoolArray) -> FloatArray:
    """Return the excess over the C2 baseline, in standard deviations of at least half an event."""
    table = checked_counts("ears", counts)
    seen = checked_observed("ears", observed, table)
    found = ears(np.where(seen, table, np.nan), "C2")
    spread = np.maximum((found.upper - found.expected) / 3, 0.5)
    return np.where(seen, (table - found.expected) / spread, np.nan)


def surprise(p_value: FloatArray) -> FloatArray:
    """Return -log10 of a p-value, at most 300."""
    return np.asarray(-np.log10(np.maximum(p_value, 1e-300)))


DETECTORS: dict[str, Judge] = {
    "farrington": _farrington,
    "cusum": lambda counts, observed: cusum.detect(counts, observed=observed).cusum,
    "likelihood-ratio": lambda counts, observed: cusum.detect(counts, observed=observed).ratio,
    "changepoint": lambda counts, observed: changepoint.detect(counts, observed=observed),
    "surge": _surge,
    "ears": _ears,
}

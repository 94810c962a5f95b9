"""EARS C1, C2 and C3: tests whether a week is unusually high compared with the weeks before it.

The Early Aberration Reporting System's three rules (Hutwagner, Thompson, Seeman & Treadwell
2003), on weeks instead of days. They use mean and standard deviation (n - 1) of seven weeks, right
before the evaluated one (C1) or two weeks earlier (C2, C3). C3 adds up the excesses of three weeks.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray

BASELINE_WEEKS = 7
LAG_WEEKS = {"C1": 0, "C2": 2, "C3": 2}
DEVIATIONS = 3.0
C3_LIMIT = 2.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """Expected value, upper bound, and whether it was exceeded, arrays (weeks, regions).

    Where a baseline week is missing, `expected` and `upper` are NaN and `exceeded` is False.
    """

    expected: FloatArray
    upper: FloatArray
    exceeded: npt.NDArray[np.bool_]


def ears(series: FloatArray, rule: Literal["C1", "C2", "C3"] = "C2") -> Bounds:
    """Apply a rule to every week of `series`, float64 (weeks, regions), NaN where not observed."""
    mean, deviation = _baseline(series, LAG_WEEKS[rule])
    upper = mean + DEVIATIONS * deviation
    if rule == "C3":
        upper = mean + deviation * (1 + C3_LIMIT - _carried(series, mean, deviation))
    with np.errstate(invalid="ignore"):
        exceeded = series > upper
    return Bounds(mean, upper, exceeded)


def _baseline(series: FloatArray, lag: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of each week's baseline, NaN if it is incomplete."""
    mean = np.full(series.shape, np.nan)
    deviation = np.full(series.shape, np.nan)
    first = BASELINE_WEEKS + lag
    if len(series) > first:
        windows = np.lib.stride_tricks.sliding_window_view(series, BASELINE_WEEKS, axis=0)
        windows = windows[: len(series) - first]
        mean[first:] = windows.mean(axis=-1)
        deviation[first:] = windows.std(axis=-1, ddof=1)
    return mean, deviation


def _carried(series: FloatArray, mean: FloatArray, deviation: FloatArray) -> FloatArray:
    """Return the summed excesses over one deviation of the two weeks before each week.

    A week without a baseline has no excess.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = np.maximum((series - mean) / deviation - 1, 0)
    # A week equal to a constant baseline has no excess; one above it has more than any limit.
    excess = np.minimum(np.nan_to_num(excess, nan=0.0), 2 * C3_LIMIT)
    before = np.zeros((2, series.shape[1]))
    padded = np.concatenate([before, excess])[: len(series) + 1]
    return np.asarray(padded[: len(series)] + padded[1 : len(series) + 1])

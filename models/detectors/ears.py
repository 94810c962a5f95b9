"""EARS C1, C2 and C3: is the last week above what the weeks before it allow?

The Early Aberration Reporting System's three rules (Hutwagner, Thompson, Seeman & Treadwell
2003), on weeks instead of days: mean and standard deviation (n - 1) of seven weeks, right before
the judged one (C1) or two weeks earlier (C2, C3); C3 adds up the excesses of three weeks.
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
    """Arrays (weeks, regions): what was expected, the upper bound, and whether it was exceeded.

    `expected` and `upper` are NaN, `exceeded` is False, where a baseline week is missing.
    """

    expected: FloatArray
    upper: FloatArray
    exceeded: npt.NDArray[np.bool_]


def ears(series: FloatArray, rule: Literal["C1", "C2", "C3"] = "C2") -> Bounds:
    """Judge every week of `series`, float64 (weeks, regions), NaN where not observed."""
    mean, deviation = _baseline(series, LAG_WEEKS[rule])
    upper = mean + DEVIATIONS * deviation
    if rule == "C3":
        upper = mean + deviation * (1 + C3_LIMIT - _carried(series, mean, deviation))
    with np.errstate(invalid="ignore"):
        exceeded = series > upper
    return Bounds(mean, upper, exceeded)


def _baseline(series: FloatArray, lag: int) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of the baseline of each week, NaN where it is not whole."""
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
    """Excesses over one deviation of the two weeks before; weeks without baseline carry none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = np.maximum((series - mean) / deviation - 1, 0)
    # A week equal to a constant baseline has no excess; one above it has more than any limit.
    excess = np.minimum(np.nan_to_num(excess, nan=0.0), 2 * C3_LIMIT)
    before = np.zeros((2, series.shape[1]))
    padded = np.concatenate([before, excess])[: len(series) + 1]
    return np.asarray(padded[: len(series)] + padded[1 : len(series) + 1])

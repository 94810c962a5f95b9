"""Intervals of counts by bin-conditional conformal prediction (Randahl, Williams & Hegre 2026).

Nearly all rows are of countries at peace, so a single radius for all rows would be too small in
war. Instead, a radius is estimated for each bin of the outcome, and an interval contains the counts
of every bin that are within that bin's radius of the forecast. If calibration and future are
exchangeable, coverage holds within each bin for a finite sample. Under drift there is no guarantee.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from ewarn.errors import InputError
from ewarn.frames.predictions import FloatArray
from models.numeric.intervals import LEVEL

EDGES = (1, 10, 100, 1_000)
ROUNDING = 1e-9


class BinConditional:
    """Intervals from `radius_` (bins,), the distance of a bin's outcomes from the forecast.

    Distances are of log(1 + y). A bin with too few rows for the level has an infinite radius, so
    all of it is in every interval. `rows_` (bins,) is the number of rows of each bin.

    Args:
        level: Share of outcomes that the intervals should contain.
        edges: First count of each bin except the lowest, which begins at zero.
    """

    def __init__(self, level: float = LEVEL, edges: tuple[int, ...] = EDGES) -> None:
        self.level = level
        self.edges = edges

    def fit(self, points: FloatArray, outcomes: FloatArray) -> Self:
        """Fit on forecasts of log(1 + y) and the counts that followed, (rows,) each.

        Raises:
            InputError: One of them is NaN.
        """
        if np.isnan(points).any() or np.isnan(outcomes).any():
            raise InputError("conformal intervals: leave out rows without forecast or outcome")
        away = np.abs(np.log1p(outcomes) - points)
        band = np.digitize(outcomes, self.edges)
        found = [_radius(away[band == each], self.level) for each in range(len(self.edges) + 1)]
        self.radius_ = np.array(found)
        self.rows_ = np.bincount(band, minlength=len(found))
        return self

    def interval(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return least and greatest count, float64 (rows,) each. The greatest may be infinite.

        The interval is the hull of the counts that each bin allows. If no bin allows any count, it
        is the forecast count alone.
        """
        first = np.array([0, *self.edges], dtype=float)
        last = np.array([*(edge - 1 for edge in self.edges), np.inf])
        lowest = np.expm1(points[:, None] - self.radius_)
        highest = np.expm1(points[:, None] + self.radius_)
        low = np.maximum(np.ceil(lowest - ROUNDING * (1 + np.abs(lowest))), first)
        high = np.minimum(np.floor(highest + ROUNDING * (1 + np.abs(highest))), last)
        allowed = low <= high
        own = np.rint(np.expm1(points))
        none = ~allowed.any(axis=1)
        return (
            np.where(none, own, np.where(allowed, low, np.inf).min(axis=1)),
            np.where(none, own, np.where(allowed, high, -np.inf).max(axis=1)),
        )


def _radius(distances: FloatArray, level: float) -> float:
    """Return the ⌈(n + 1) level⌉-th distance, infinite if there are fewer distances."""
    rank = int(np.ceil((len(distances) + 1) * level - ROUNDING))
    return float(np.sort(distances)[rank - 1]) if rank <= len(distances) else float("inf")


@dataclass(frozen=True, slots=True)
class BinCoverage:
    """Share of the outcomes of a bin that were in their intervals.

    `error` is the standard error that so many independent rows would have at `level`. Rows of one
    country are not independent, so the true error is larger.
    """

    first: int
    rows: int
    share: float
    error: float


def coverage(
    low: FloatArray,
    high: FloatArray,
    outcomes: FloatArray,
    level: float = LEVEL,
    edges: tuple[int, ...] = EDGES,
) -> tuple[BinCoverage, ...]:
    """Return the coverage of each bin that contains an outcome."""
    band = np.digitize(outcomes, edges)
    inside: npt.NDArray[np.bool_] = (low <= outcomes) & (outcomes <= high)
    sizes = np.bincount(band, minlength=len(edges) + 1)
    errors = np.sqrt(level * (1 - level) / np.maximum(sizes, 1))
    return tuple(
        BinCoverage(first, int(rows), float(inside[band == each].mean()), float(error))
        for each, (first, rows, error) in enumerate(zip((0, *edges), sizes, errors, strict=True))
        if rows
    )

"""Intervals of counts by bin-conditional conformal prediction (Randahl, Williams & Hegre 2026).

One radius for all rows is that of peace, where nearly all rows lie, and fails in war. So the
radius is learned apart for each bin of the outcome, and an interval holds the counts of every bin
that lie within that bin's radius of the forecast. Where calibration and future are exchangeable
coverage holds within each bin, for a finite sample; under drift nothing is promised.
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
    """Learns `radius_` and `rows_` (bins,): how far from the forecast outcomes of a bin lie.

    `edges` are the first counts of all bins but that of zero upwards. Distances are of log(1 + y).
    A bin with too few rows for the level has an infinite radius: all of it is in every interval.
    """

    def __init__(self, level: float = LEVEL, edges: tuple[int, ...] = EDGES) -> None:
        self.level = level
        self.edges = edges

    def fit(self, points: FloatArray, outcomes: FloatArray) -> Self:
        """Learn from forecasts of log(1 + y) and counts that came after them, (rows,) each.

        Raises InputError where one of them is not a number.
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
        """Least and greatest count, float64 (rows,) each; the greatest may be infinite.

        The hull of what each bin allows. Where no bin allows anything: the forecast's own count.
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
    """The ⌈(n + 1) level⌉-th distance; infinite where there are not as many."""
    rank = int(np.ceil((len(distances) + 1) * level - ROUNDING))
    return float(np.sort(distances)[rank - 1]) if rank <= len(distances) else float("inf")


@dataclass(frozen=True, slots=True)
class BinCoverage:
    """Share of outcomes of a bin that lay in their intervals.

    `error` is the standard error that as many independent rows would have at `level`; rows of one
    country are not independent, so the true one is larger.
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
    """Coverage by bin of the outcome, for the bins that have any."""
    band = np.digitize(outcomes, edges)
    inside: npt.NDArray[np.bool_] = (low <= outcomes) & (outcomes <= high)
    sizes = np.bincount(band, minlength=len(edges) + 1)
    errors = np.sqrt(level * (1 - level) / np.maximum(sizes, 1))
    return tuple(
        BinCoverage(first, int(rows), float(inside[band == each].mean()), float(error))
        for each, (first, rows, error) in enumerate(zip((0, *edges), sizes, errors, strict=True))
        if rows
    )

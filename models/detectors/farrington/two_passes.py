"""Quasi-Poisson fits in two passes: outliers of the first have a lower weight in the second.

Farrington, Andrews, Beale & Catchpole (1996), with the limit of Noufaily et al. (2013): a row
whose Anscombe residual is too large is likely part of a past outbreak.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from ewarn.frames.predictions import FloatArray
from models.detectors.farrington.quasipoisson import (
    TINY,
    Buffers,
    FittedCells,
    RegressionFit,
    fit,
    prepare,
)
from models.detectors.series import BoolArray


@dataclass(frozen=True, slots=True)
class Passes:
    """The result of two passes, (cells,) each. `trend_p` is NaN for a fit without a trend."""

    expected: FloatArray
    dispersion: FloatArray
    trend_p: FloatArray
    ended: BoolArray


def two_passes(
    cells: FittedCells, room: Buffers, *, reweight_at: float, trend_p: float, trend: bool
) -> Passes:
    """Fit, lower the weights of past outbreaks, and fit again.

    A fit with a trend may diverge until squares overflow. The caller must discard such a fit.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _two_passes(cells, room, reweight_at, trend_p, trend)


def _two_passes(
    cells: FittedCells, room: Buffers, reweight_at: float, trend_p: float, trend: bool
) -> Passes:
    rows = cells.rows()
    free = rows.sum(axis=0) - (rows > 0).sum(axis=0) - trend
    prepare(cells, room)
    first = fit(cells, cells.observed, room, trend=trend)
    dispersion = _dispersion(cells, None, first, free, room)
    _weigh(cells, dispersion, reweight_at, rows.sum(axis=0), trend, room)
    second = fit(cells, room.weight, room, trend=trend)
    dispersion = _dispersion(cells, room.weight, second, free, room)
    p_value = np.full(len(free), np.nan)
    if trend:
        p_value = np.zeros(len(free)) if trend_p >= 1 else _trend_p(cells, second, free, room)
    return Passes(second.ahead(cells.layout), dispersion, p_value, first.ended)


def _dispersion(
    cells: FittedCells,
    weight: FloatArray | None,
    found: RegressionFit,
    free: FloatArray,
    room: Buffers,
) -> FloatArray:
    """Return max(1, Σ w (y - μ)² / μ over the degrees of freedom), NaN if there are none.

    R weights squared working residuals with the means of the step before, μ exp(-step). This
    function does the same, to first order in the slope's part. It leaves (y - μ)² / μ in
    `room.pearson`.
    """
    np.subtract(cells.counts, room.mean, out=room.pearson)
    np.multiply(room.pearson, room.pearson, out=room.pearson)
    room.pearson /= room.mean
    if cells.observed is not None:
        room.pearson *= cells.observed
    terms = room.pearson
    if weight is not None:
        terms = np.multiply(terms, weight, out=room.work)
    plan = cells.layout
    spread = plan.sums(terms)
    np.multiply(terms, plan.time, out=room.work)
    spread -= found.step.slope * plan.sums(room.work)
    with np.errstate(over="ignore", invalid="ignore"):
        total = (spread * np.exp(-found.step.level)).sum(axis=0)
    return np.where(free > 0, np.maximum(total / np.maximum(free, 1), 1.0), np.nan)


def _weigh(
    cells: FittedCells,
    dispersion: FloatArray,
    reweight_at: float,
    rows: FloatArray,
    trend: bool,
    room: Buffers,
) -> None:
    """Write row weights into `room.weight`, which sum to the number of rows.

    A weight is γ, or γ / a² where the Anscombe residual a is too large. If it is, Pearson's
    residual is too (y^⅔ is concave), so that powers are computed only for the few rows that have a
    large Pearson residual.
    """
    _hats(cells, trend, room)
    np.subtract(1.0, room.hat, out=room.hat)
    np.maximum(room.hat, 1e-12, out=room.hat)
    np.multiply(room.hat, dispersion, out=room.hat)
    np.multiply(room.hat, reweight_at**2 * (1 - 1e-9), out=room.work)
    row, cell = np.nonzero((room.pearson > room.work) & (cells.counts > room.mean))
    count, mean = cells.counts[row, cell], room.mean[row, cell]
    residual = 1.5 * (np.cbrt(count) ** 2 / np.sqrt(np.cbrt(mean)) - np.sqrt(mean))
    residual /= np.sqrt(room.hat[row, cell])
    large = residual > reweight_at
    row, cell, less = row[large], cell[large], residual[large] ** -2.0
    lost = np.bincount(cell, weights=1 - less, minlength=len(rows))
    np.copyto(room.weight, rows / (rows - lost))
    if cells.observed is not None:
        room.weight *= cells.observed
    room.weight[row, cell] *= less


def _hats(cells: FittedCells, trend: bool, room: Buffers) -> None:
    """Write the hat values of the first pass into `room.hat`: the group's and the slope's part."""
    plan = cells.layout
    np.copyto(room.hat, room.mean)
    if cells.observed is not None:
        room.hat *= cells.observed
    whole = np.maximum(plan.sums(room.hat), TINY)
    np.take(1 / whole, plan.group, axis=0, out=room.work, mode="clip")
    if trend:
        spread = _away(cells, whole, room)
        np.multiply(room.weight, 1 / np.maximum(spread, TINY), out=room.weight)
        room.work += room.weight
    room.hat *= room.work


def _away(cells: FittedCells, whole: FloatArray, room: Buffers) -> FloatArray:
    """Write squared distances of times from their group's mean into `room.weight`.

    The weights are in `room.hat` and their group sums in `whole`. Returns the weighted sum of the
    squared distances, (cells,).
    """
    plan = cells.layout
    np.multiply(room.hat, plan.time, out=room.weight)
    centre = plan.sums(room.weight) / whole
    np.take(centre, plan.group, axis=0, out=room.weight, mode="clip")
    np.subtract(plan.time, room.weight, out=room.weight)
    np.multiply(room.weight, room.weight, out=room.weight)
    return np.asarray(plan.sums(room.weight * room.hat).sum(axis=0))


def _trend_p(
    cells: FittedCells, second: RegressionFit, free: FloatArray, room: Buffers
) -> FloatArray:
    """Return the p-value of the slope, as R computes it after the row weights replaced its own.

    It is Student's t with the dispersion Σ w ((y - μ) / μ)² over the degrees of freedom.
    """
    np.divide(room.pearson, room.mean, out=room.pearson)
    dispersion = cells.layout.sums(room.pearson * room.weight).sum(axis=0) / free
    np.multiply(room.weight, room.mean, out=room.hat)
    whole = np.maximum(cells.layout.sums(room.hat), TINY)
    spread = _away(cells, whole, room)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            2 * student.sf(np.abs(second.line.slope) / np.sqrt(dispersion / spread), free)
        )

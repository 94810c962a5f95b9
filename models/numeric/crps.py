"""The continuous ranked probability score of weighted atoms, exactly, and their quantiles.

CRPS = E|X − y| − ½ E|X − X'| (Gneiting & Raftery 2007). A distribution is a row of atoms with
weights that sum to one; an ensemble of equal draws is the case of equal weights. The score is that
of the distribution the atoms are, not an estimate of the one they were drawn from.

`scoringrules` gives the same scores no faster and is not used: its default needs memory by the
square of the atoms, and it has neither their spread nor their quantiles, which need the same order.
"""

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray

TINY = 1e-9  # rounding of sums of weights


def levels(number: int) -> FloatArray:
    """Middles of `number` equal parts of (0, 1): where quantiles stand for equal masses."""
    return (np.arange(number) + 0.5) / number


def crps(atoms: FloatArray, outcomes: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Score of each row, float64 (rows,), in the units of the atoms; less is better.

    `atoms` (rows, n); `outcomes` (rows,); `weights` (rows, n) or (n,), equal if absent. NaN atoms
    give NaN.
    """
    ordered, mass = _ordered(atoms, weights)
    distance = (mass * np.abs(ordered - outcomes[:, None])).sum(axis=1)
    return np.asarray(distance - _half_spread(ordered, mass))


def spread(atoms: FloatArray) -> FloatArray:
    """E|X − X'| of equally weighted atoms (rows, n), float64 (rows,)."""
    return 2 * _half_spread(*_ordered(atoms, None))


def quantiles(atoms: FloatArray, weights: FloatArray, at: FloatArray) -> FloatArray:
    """The least atom whose mass below or at it reaches each level, float64 (rows, levels).

    `atoms` (rows, n), `weights` (rows, n) summing to one a row, `at` (levels,) ascending.
    """
    ordered, mass = _ordered(atoms, weights)
    reached = np.cumsum(mass, axis=1)
    rows, number = ordered.shape
    # One search for all rows: row r lives in [2r, 2r + 1], so the shifted masses ascend.
    shift = 2.0 * np.arange(rows)[:, None]
    flat = np.searchsorted(
        (np.minimum(reached, 1.0) + shift).ravel(), (at[None, :] - TINY + shift).ravel()
    )
    column = flat.reshape(rows, len(at)) - number * np.arange(rows)[:, None]
    return np.asarray(np.take_along_axis(ordered, np.clip(column, 0, number - 1), axis=1))


def _ordered(atoms: FloatArray, weights: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    if weights is None:
        return np.sort(atoms, axis=1), np.full(atoms.shape, 1 / atoms.shape[1])
    order: npt.NDArray[np.intp] = np.argsort(atoms, axis=1, kind="stable")
    mass = np.broadcast_to(weights, atoms.shape)
    return np.take_along_axis(atoms, order, axis=1), np.take_along_axis(mass, order, axis=1)


def _half_spread(ordered: FloatArray, mass: FloatArray) -> FloatArray:
    """½ E|X − X'| = Σ w x (2F − 1), F the mass below an atom and half its own."""
    middle = np.cumsum(mass, axis=1) - mass / 2
    return np.asarray((mass * ordered * (2 * middle - 1)).sum(axis=1))

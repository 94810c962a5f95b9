"""Exact continuous ranked probability score of weighted atoms, and their spread and quantiles.

CRPS = E|X − y| − ½ E|X − X'| (Gneiting & Raftery 2007). A distribution is a row of atoms with
weights that sum to one. An ensemble of equal draws is the case of equal weights. The score is that
of the discrete distribution itself, not an estimate for the one that its atoms were drawn from.

The library `scoringrules` gives the same scores and is not faster. It is not used because its
default needs memory proportional to the square of the number of atoms, and because it gives neither
spread nor quantiles, which need the same sorting.
"""

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray

TINY = 1e-9  # tolerance for rounding errors of sums of weights


def levels(number: int) -> FloatArray:
    """Return the middles of `number` equal parts of (0, 1), whose quantiles have equal mass."""
    return (np.arange(number) + 0.5) / number


def crps(atoms: FloatArray, outcomes: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Return the score of each row, float64 (rows,), in the units of the atoms. Less is better.

    Args:
        atoms: (rows, n). NaN gives a score of NaN.
        outcomes: (rows,).
        weights: (rows, n) or (n,), equal if None.
    """
    ordered, mass = _ordered(atoms, weights)
    distance = (mass * np.abs(ordered - outcomes[:, None])).sum(axis=1)
    return np.asarray(distance - _half_spread(ordered, mass))


def spread(atoms: FloatArray) -> FloatArray:
    """Return E|X − X'| of equally weighted atoms (rows, n), float64 (rows,)."""
    return 2 * _half_spread(*_ordered(atoms, None))


def quantiles(atoms: FloatArray, weights: FloatArray, at: FloatArray) -> FloatArray:
    """Return the least atom whose cumulative mass reaches each level, float64 (rows, levels).

    Args:
        atoms: (rows, n).
        weights: (rows, n), which sum to one in each row.
        at: Levels in ascending order (levels,).
    """
    ordered, mass = _ordered(atoms, weights)
    reached = np.cumsum(mass, axis=1)
    rows, number = ordered.shape
    # One search for all rows: the masses of row r are shifted to [2r, 2r + 1], so all ascend.
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
    """Return ½ E|X − X'| = Σ w x (2F − 1), with F the mass below an atom plus half its own."""
    middle = np.cumsum(mass, axis=1) - mass / 2
    return np.asarray((mass * ordered * (2 * middle - 1)).sum(axis=1))

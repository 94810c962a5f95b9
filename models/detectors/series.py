"""What every detector is given: counts of weeks and regions, checked once."""

import numpy as np
import numpy.typing as npt

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def checked_counts(detector: str, counts: npt.ArrayLike) -> IntArray:
    """Counts as int64 (weeks, regions).

    Raises ModelError, naming the detector and the place, for anything that is no whole number
    of events: NaN, infinity, fractions, less than zero, or another shape. A week that was not
    observed is told by `observed`, never by NaN.
    """
    given = np.asarray(counts)
    if given.ndim != 2 or given.dtype.kind not in "iuf":
        raise ModelError(
            f"{detector} takes numbers of (weeks, regions), not {given.dtype} of {given.shape}."
        )
    if given.dtype.kind == "f":
        _refuse(detector, given, np.isnan(given), "NaN; mark unobserved weeks in `observed`")
        _refuse(detector, given, np.isinf(given) | (given != np.floor(given)), "no whole number")
    _refuse(detector, given, given < 0, "less than zero")
    return np.ascontiguousarray(given, dtype=np.int64)


def checked_observed(detector: str, observed: BoolArray | None, counts: IntArray) -> BoolArray:
    """`observed` as bool of the counts' shape; all True where none is given.

    Raises ModelError where it has another shape.
    """
    if observed is None:
        return np.ones(counts.shape, dtype=np.bool_)
    if np.shape(observed) != counts.shape:
        raise ModelError(
            f"{detector} was given `observed` of {np.shape(observed)} for counts of {counts.shape}."
        )
    return np.asarray(observed, dtype=np.bool_)


def sum_of_weeks(values: FloatArray) -> FloatArray:
    """Sums over the first axis, one after the other however many regions there are.

    Numpy sums a single column pairwise: its last bits would be others than among neighbours.
    """
    one = values.shape[1] == 1
    return np.asarray(np.cumsum(values, axis=0)[-1] if one else np.add.reduce(values, axis=0))


def _refuse(detector: str, given: npt.NDArray[np.generic], wrong: BoolArray, what: str) -> None:
    if wrong.any():
        week, region = np.argwhere(wrong)[0]
        raise ModelError(
            f"{detector} was given {given[week, region]} in week {week} of region {region}: {what}."
        )

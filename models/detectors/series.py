"""The input of every detector: counts of weeks and regions, and their validation."""

import numpy as np
import numpy.typing as npt

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def checked_counts(detector: str, counts: npt.ArrayLike) -> IntArray:
    """Return counts as int64 (weeks, regions).

    A week that was not observed is marked in `observed`, never by NaN.

    Raises:
        ModelError: The shape is wrong, or a value is not a whole number of events: NaN, infinity, a
            fraction or less than zero. The message names the detector and the place.
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
    """Return `observed` as bool of the counts' shape, all True if it is None.

    Raises:
        ModelError: It has another shape than the counts.
    """
    if observed is None:
        return np.ones(counts.shape, dtype=np.bool_)
    if np.shape(observed) != counts.shape:
        raise ModelError(
            f"{detector} was given `observed` of {np.shape(observed)} for counts of {counts.shape}."
        )
    return np.asarray(observed, dtype=np.bool_)


def sum_of_weeks(values: FloatArray) -> FloatArray:
    """Return sums over the first axis, added in the same order for any number of regions.

    Numpy adds up a single column pairwise, so its rounding would differ from that among others.
    """
    one = values.shape[1] == 1
    return np.asarray(np.cumsum(values, axis=0)[-1] if one else np.add.reduce(values, axis=0))


def _refuse(detector: str, given: npt.NDArray[np.generic], wrong: BoolArray, what: str) -> None:
    if wrong.any():
        week, region = np.argwhere(wrong)[0]
        raise ModelError(
            f"{detector} was given {given[week, region]} in week {week} of region {region}: {what}."
        )

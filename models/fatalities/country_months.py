"""The recent counts by country and month that a forecaster may use at an origin."""

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray

LAGS = 36
LEVEL_MONTHS = 12


def lags(counts: FloatArray, number: int = LAGS) -> FloatArray:
    """Return the last `number` months of (months, countries), float64 (countries, number).

    The newest month is first. A month that was not observed is skipped, so column 0 is the last
    observed month. The columns at the end are then NaN, as are those before the first month.
    """
    recent = counts[-number:][::-1].T
    found = np.full((counts.shape[1], number), np.nan)
    found[:, : recent.shape[1]] = recent
    unseen: npt.NDArray[np.intp] = np.argsort(np.isnan(found), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(found, unseen, axis=1))


def mean_of(values: FloatArray) -> FloatArray:
    """Return the mean over the last axis without NaN, 0 if all are NaN."""
    seen = ~np.isnan(values)
    total = np.where(seen, values, 0.0).sum(axis=-1)
    return np.asarray(total / np.maximum(seen.sum(axis=-1), 1))


def level_of(past: FloatArray) -> FloatArray:
    """Return the mean count of the last twelve months (countries,), from `lags`."""
    return mean_of(past[:, :LEVEL_MONTHS])

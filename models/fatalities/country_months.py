"""What a forecaster may read of counts by country and month at an origin."""

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray

LAGS = 36
LEVEL_MONTHS = 12


def lags(counts: FloatArray, number: int = LAGS) -> FloatArray:
    """The last `number` months of (months, countries), newest first; NaN before the first month.

    float64 (countries, number). A month that was not observed takes no part anywhere: later
    observed ones close ranks, so that column 0 is the last observed month.
    """
    recent = counts[-number:][::-1].T
    found = np.full((counts.shape[1], number), np.nan)
    found[:, : recent.shape[1]] = recent
    unseen: npt.NDArray[np.intp] = np.argsort(np.isnan(found), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(found, unseen, axis=1))


def mean_of(values: FloatArray) -> FloatArray:
    """Mean over the last axis of what is not NaN; 0 where all is."""
    seen = ~np.isnan(values)
    total = np.where(seen, values, 0.0).sum(axis=-1)
    return np.asarray(total / np.maximum(seen.sum(axis=-1), 1))


def level_of(past: FloatArray) -> FloatArray:
    """Mean count of the last twelve months, (countries,), of `lags`."""
    return mean_of(past[:, :LEVEL_MONTHS])

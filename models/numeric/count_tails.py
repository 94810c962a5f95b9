"""Tails and bounds of counts whose variance is a multiple of their mean.

Counts are negative binomial with mean μ and variance φ μ (size μ / (φ - 1), probability 1 / φ),
or Poisson at φ = 1. All arrays have the same shape. Results are NaN where mean or dispersion is.
"""

import numpy as np
from scipy.special import betainc, gammainc, ndtri

from ewarn.frames.predictions import FloatArray

POISSON = 1e-9  # a dispersion that exceeds 1 by less is treated as 1


def tail(counts: FloatArray, mean: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Return P(Y >= counts)."""
    excess = np.asarray(dispersion) - 1
    poisson = excess <= POISSON
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        spread = np.where(poisson, 1.0, excess)
        found = betainc(np.maximum(counts, 1), mean / spread, spread / (1 + spread))
        if poisson.any():
            found = np.where(poisson, gammainc(np.maximum(counts, 1), mean), found)
    unknown = np.isnan(mean) | np.isnan(dispersion)
    return np.asarray(np.where(unknown, np.nan, np.where(counts <= 0, 1.0, found)))


def mid_p(counts: FloatArray, mean: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Return P(Y > counts) + P(Y = counts) / 2, a discrete p-value with a mean of one half."""
    return (tail(counts, mean, dispersion) + tail(counts + 1, mean, dispersion)) / 2


def upper_bound(mean: FloatArray, dispersion: FloatArray, alpha: float) -> FloatArray:
    """Return the least count that is exceeded with a probability of at most `alpha`.

    It is NaN for a mean that is NaN or infinite. The search starts from the Cornish-Fisher
    expansion and doubles its steps.
    """
    bound = np.full(np.shape(mean), np.nan)
    known = np.flatnonzero(np.isfinite(mean) & np.isfinite(dispersion))
    bound.flat[known] = _search(np.ravel(mean)[known], np.ravel(dispersion)[known], alpha)
    return bound


def _search(mean: FloatArray, dispersion: FloatArray, alpha: float) -> FloatArray:
    """Find integers low < bound <= high, and halve this bracket until they differ by one."""
    normal = float(ndtri(1 - alpha))
    sigma = np.sqrt(mean * dispersion)
    skew = (2 * dispersion - 1) * (normal**2 - 1) / 6
    high = np.maximum(np.floor(mean + normal * sigma + skew), 0.0)
    low = high - 1
    step = np.ones_like(mean)
    open_above, open_below = np.ones((2, len(mean)), dtype=np.bool_)
    while open_above.any():
        at = np.flatnonzero(open_above)
        above = tail(high[at] + 1, mean[at], dispersion[at]) > alpha
        open_above[at] = above
        raised = at[above]
        low[raised], open_below[raised] = high[raised], False
        high[raised] += step[raised]
        step[raised] *= 2
    while open_below.any():
        at = np.flatnonzero(open_below)
        enough = (low[at] >= 0) & (tail(low[at] + 1, mean[at], dispersion[at]) <= alpha)
        open_below[at] = enough
        lowered = at[enough]
        high[lowered] = low[lowered]
        low[lowered] = np.maximum(low[lowered] - step[lowered], -1.0)
        step[lowered] *= 2
    at = np.flatnonzero(high - low > 1)
    while len(at):
        middle = np.floor((low[at] + high[at]) / 2)
        enough = tail(middle + 1, mean[at], dispersion[at]) <= alpha
        high[at] = np.where(enough, middle, high[at])
        low[at] = np.where(enough, low[at], middle)
        at = at[high[at] - low[at] > 1]
    return high

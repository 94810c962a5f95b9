"""Surge: how much likelier is it that events began to surge, last week or this, than not?

`farrington` looks at one week; a surge lasts longer than one and the second week tells as much as
the first. This is the log Bayes factor of a surge that began this week or the one before against
none, in the manner of Shiryaev (1963): negative binomial around the expected value and
dispersion of `farrington`, excesses of 1 to 10 standard deviations in sum, half of them in the
first week and two fifths in the second. What is expected is known only so well: a little is
added to both. These numbers were chosen on simulated outbreaks (`benchmarks.noufaily`, the seed
named there); it wants as long a past as there is.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray
from models.detectors.series import BoolArray, checked_counts, checked_observed

SIZES = (1.0, 2.0, 3.5, 5.0, 7.0, 10.0)  # standard deviations in sum, equally likely
SHARES = (0.5, 0.4)  # of the first and the second week
BEGAN = (0.4, 0.6)  # this week, or the one before
UNSURE_MEAN, UNSURE_DISPERSION = 0.1, 1.1  # events added, and times the dispersion


def surge(
    counts: npt.ArrayLike,
    expected: FloatArray,
    dispersion: FloatArray,
    *,
    observed: BoolArray | None = None,
) -> FloatArray:
    """Log Bayes factor of a surge after each of consecutive weeks, float64 (weeks, regions).

    `expected` and `dispersion` are `farrington`'s of the same weeks, NaN where it has none: the
    answer is NaN there, and where the week was not observed; a week before that is missing is
    evidence of nothing, not a zero. Raises ModelError for counts that are none.
    """
    table = checked_counts("surge", counts)
    seen = checked_observed("surge", observed, table)
    if not table.shape == np.shape(expected) == np.shape(dispersion):
        raise ModelError("surge takes an expected value and a dispersion for each count.")
    known = seen & ~np.isnan(expected) & ~np.isnan(dispersion)
    mean = np.where(known, expected, 0.0) + UNSURE_MEAN
    spread = np.where(known, dispersion, 1.0) * UNSURE_DISPERSION
    count = np.where(known, table, 0).astype(np.float64)
    calm = _log_likelihood(count, mean, spread)
    ways = []
    for size in SIZES:
        first, second = (
            np.where(known, _risen(count, mean, spread, size * share) - calm, 0.0)
            for share in SHARES
        )
        earlier = np.concatenate([np.zeros_like(first[:1]), first])[: len(first)]
        ways += [np.log(BEGAN[0]) + first, np.log(BEGAN[1]) + earlier + second]
    return np.where(known, logsumexp(ways, axis=0) - np.log(len(SIZES)), np.nan)


def _risen(
    count: FloatArray, mean: FloatArray, spread: FloatArray, deviations: float
) -> FloatArray:
    """Log-likelihood of a mean that lies so many deviations higher.

    The dispersion stays, so that more events are always more evidence, however many.
    """
    return _log_likelihood(count, mean + deviations * np.sqrt(spread * mean), spread)


def _log_likelihood(count: FloatArray, mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Negative binomial of variance spread × mean, without what depends on neither."""
    size = mean / (spread - 1)
    return np.asarray(gammaln(count + size) - gammaln(size) - size * np.log(spread))

"""Surge: how much more likely it is that events began to surge, this week or last, than not.

`farrington` tests a single week, but a surge lasts longer and its second week is as informative as
the first. This is the log Bayes factor of a surge that began this week or the one before, relative
to no surge, in the manner of Shiryaev (1963). Counts are negative binomial around the expected
value and dispersion of `farrington`. Excesses are 1 to 10 standard deviations in sum, half of them
in the first week and two fifths in the second. As expected value and dispersion are uncertain, both
are raised a little. These numbers were chosen on simulated outbreaks (`benchmarks.noufaily`, with
the seed named there). The past should be as long as possible.
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
UNSURE_MEAN, UNSURE_DISPERSION = 0.1, 1.1  # events added, and factor of the dispersion


def surge(
    counts: npt.ArrayLike,
    expected: FloatArray,
    dispersion: FloatArray,
    *,
    observed: BoolArray | None = None,
) -> FloatArray:
    """Return the log Bayes factor of a surge after each of consecutive weeks (weeks, regions).

    It is NaN where the week was not observed or has no expected value. If the week before is
    missing, it is no evidence. It is not a zero.

    Args:
        counts: (weeks, regions).
        expected: `farrington`'s expected values of the same weeks, NaN where it has none.
        dispersion: `farrington`'s dispersions of the same weeks, NaN where it has none.

    Raises:
        ModelError: The counts are not valid, or the shapes differ.
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
    """Return the log-likelihood of a mean that is higher by so many standard deviations.

    The dispersion is not changed, so that more events are always more evidence.
    """
    return _log_likelihood(count, mean + deviations * np.sqrt(spread * mean), spread)


def _log_likelihood(count: FloatArray, mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the log-likelihood of a negative binomial with variance spread × mean.

    Terms that depend on neither are left out.
    """
    size = mean / (spread - 1)
    return np.asarray(gammaln(count + size) - gammaln(size) - size * np.log(spread))

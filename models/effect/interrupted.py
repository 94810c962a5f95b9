"""Interrupted time series of counts: the level during a deployment over the level before.

A Poisson regression on a step at the start (statsmodels; Bernal, Cummins & Gasparrini 2017), with
standard errors that are robust to overdispersion and autocorrelation (Newey & West 1987). These are
too small in short series. So the same change is computed at every earlier week, where no deployment
began, and the interval is never narrower than the spread of those placebos.
"""

import numpy as np
import statsmodels.api as sm
from scipy.stats import t as student

from ewarn.domain.effect import Estimate
from ewarn.frames.predictions import FloatArray
from models.numeric.intervals import LEVEL

NAME = "interrupted time series"
HALF = 0.5  # events added to both sides, so that a period without events has a finite ratio
FIRST_PLACEBO = 26  # weeks before the first placebo


def interrupted(counts: FloatArray, weeks_before: int) -> Estimate:
    """Return the estimate for counts (weeks,), NaN where not observed.

    The first `weeks_before` are before the deployment, the others are the deployment's. At least
    one week must be observed in each part.
    """
    change = log_change(counts[:weeks_before], counts[weeks_before:])
    placebos = placebos_in_time(counts[:weeks_before], len(counts) - weeks_before)
    spread = float(np.sqrt((placebos**2).mean())) if len(placebos) else 0.0
    error = max(spread, _robust_error(counts, weeks_before))
    # Placebos overlap, and even those that do not share most of the weeks they are compared with.
    # So only half of the periods count as independent.
    periods = (weeks_before - FIRST_PLACEBO) // (len(counts) - weeks_before)
    freedom = max(periods // 2, 1)
    return estimate_of(NAME, change, error, placebos, freedom)


def estimate_of(
    method: str, change: float, error: float, placebos: FloatArray, freedom: float
) -> Estimate:
    """Return a log change and its standard error as a ratio with its interval."""
    reach = float(student.ppf((1 + LEVEL) / 2, freedom)) * error
    as_large = (1 + int((np.abs(placebos) >= abs(change)).sum())) / (1 + len(placebos))
    low, ratio, high = np.exp([change - reach, change, change + reach]).tolist()
    return Estimate(method, ratio, low, high, len(placebos), as_large)


def log_change(before: FloatArray, during: FloatArray) -> float:
    """Return the log ratio of the weekly rates during and before, half an event added to each."""
    return _log_rate(during) - _log_rate(before)


def placebos_in_time(before: FloatArray, length: int) -> FloatArray:
    """Return the log change at every earlier week, as if `length` weeks of response began then."""
    seen = np.concatenate([[0], np.cumsum(~np.isnan(before))])
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(before))])
    starts = np.arange(FIRST_PLACEBO, len(before) - length + 1)
    ends = starts + length
    earlier = (total[starts] + HALF) / np.maximum(seen[starts], 1)
    later = (total[ends] - total[starts] + HALF) / np.maximum(seen[ends] - seen[starts], 1)
    return np.asarray(np.log(later / earlier))


def sampling_error(*events: float) -> float:
    """Return the standard error of a log ratio of independent Poisson counts."""
    return float(np.sqrt(sum(1 / (count + HALF) for count in events)))


def _log_rate(counts: FloatArray) -> float:
    seen = counts[~np.isnan(counts)]
    return float(np.log((seen.sum() + HALF) / max(len(seen), 1)))


def _robust_error(counts: FloatArray, weeks_before: int) -> float:
    """Return the Newey-West standard error of the step, at least that of independent events."""
    seen = ~np.isnan(counts)
    during = (np.arange(len(counts)) >= weeks_before)[seen]
    observed = counts[seen]
    share = np.where(during, HALF / during.sum(), HALF / (~during).sum())
    lags = int(np.floor(4 * (len(observed) / 100) ** (2 / 9)))
    fitted = sm.GLM(
        observed + share, sm.add_constant(during.astype(float)), family=sm.families.Poisson()
    ).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})
    independent = sampling_error(observed[during].sum(), observed[~during].sum())
    return max(float(fitted.bse[1]), independent)

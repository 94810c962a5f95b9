"""Bayesian online change-point detection: whether the level of events changed in the last weeks.

Adams & MacKay (2007), "Bayesian online changepoint detection" (arXiv 0710.3742): the number of
weeks since the last change, the run, has a posterior that is updated with each week. Within a run,
counts are Poisson with a gamma rate. A run begins with a constant hazard and a wide prior around
the region's own mean of all weeks before. Real counts vary more than a Poisson, so the likelihood
is tempered by the region's variance over its mean so far. Variation alone is then not a change.

Runs of up to 104 weeks are distinguished. Longer ones are one, whose memory is limited to 104
weeks.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from ewarn.frames.predictions import FloatArray
from models.detectors.past_year import dispersion
from models.detectors.series import (
    BoolArray,
    IntArray,
    checked_counts,
    checked_observed,
    sum_of_weeks,
)

LONGEST = 104
RECENT = 4
HAZARD = 1 / 104
PRIOR_SHAPE = 0.25  # of a new run: so wide that its rate may be far from the mean before
PRIOR_WEEKS = 13.0  # greatest weight of a new run's prior, however quiet the region was
NONE_YET = (0.5, 1.0)  # events and weeks that are added to the past


@dataclass(frozen=True, slots=True)
class RunLengthState:
    """The state of the detector after a region's past, float64.

    `log_weight`, `shape` and `rate` (104, regions) are of runs of 1 to 104 weeks. `weeks`, `total`
    and `squares` (regions,) are observed weeks, their events, and their squared events.
    """

    log_weight: FloatArray
    shape: FloatArray
    rate: FloatArray
    weeks: FloatArray
    total: FloatArray
    squares: FloatArray

    def change(self) -> FloatArray:
        """Return P(the level changed within the last 4 observed weeks), (regions,).

        It is NaN before the first observed week. The start of observation is not a change.
        """
        runs = np.arange(1, RECENT + 1)[:, None]
        share = np.where(runs < self.weeks, np.exp(self.log_weight[:RECENT]), 0.0)
        return np.where(self.weeks > 0, np.minimum(sum_of_weeks(share), 1.0), np.nan)


def start(regions: int) -> RunLengthState:
    """Return the state before anything was observed."""
    nothing = np.zeros(regions)
    runs = np.zeros((LONGEST, regions))
    return RunLengthState(
        np.full_like(runs, -np.inf), runs + 1, runs + 1, nothing, nothing, nothing
    )


def advance(
    state: RunLengthState, week: npt.ArrayLike, observed: BoolArray | None = None
) -> RunLengthState:
    """Return the state after one more week of counts (regions,).

    A region whose week was not observed keeps its state: the week is neither a zero nor a week of
    the run.

    Raises:
        ModelError: A count is NaN, a fraction or negative.
    """
    table = checked_counts("changepoint", np.asarray(week)[None])
    seen = checked_observed("changepoint", None if observed is None else observed[None], table)
    return _advance(state, table[0], seen[0])


def detect(counts: npt.ArrayLike, *, observed: BoolArray | None = None) -> FloatArray:
    """Return P(change within the last 4 observed weeks) after each week of counts (weeks, regions).

    The result is bit for bit that of `advance` week by week.

    Raises:
        ModelError: A count is NaN, a fraction or negative.
    """
    table = checked_counts("changepoint", counts)
    seen = checked_observed("changepoint", observed, table)
    state = start(table.shape[1])
    found = np.empty(table.shape)
    for week, present in enumerate(seen):
        state = _advance(state, table[week], present)
        found[week] = state.change()
    return found


def _advance(state: RunLengthState, week: IntArray, seen: BoolArray) -> RunLengthState:
    count = week.astype(np.float64)
    heat = 1 / dispersion(state.weeks, state.total, state.squares)
    mean = (NONE_YET[0] + state.total) / (NONE_YET[1] + state.weeks)
    # A new run may begin with this week, and every other run continues with it.
    shape = np.concatenate([np.full((1, len(week)), PRIOR_SHAPE), state.shape])
    rate = np.concatenate([np.minimum(PRIOR_SHAPE / mean, PRIOR_WEEKS)[None], state.rate])
    begins = np.where(state.weeks > 0, np.log(HAZARD), 0.0)
    goes_on = state.log_weight + np.log1p(-HAZARD)
    log_weight = np.concatenate([begins[None], goes_on])
    log_weight = log_weight + _predictive(shape, rate, count * heat, heat)
    log_weight -= log_weight.max(axis=0)
    log_weight -= np.log(sum_of_weeks(np.exp(log_weight)))
    runs = _joined(log_weight, shape + count * heat, rate + heat, heat)
    log_weight, shape, rate = (
        np.where(seen, new, old)
        for new, old in zip(runs, (state.log_weight, state.shape, state.rate), strict=True)
    )
    return RunLengthState(
        log_weight,
        shape,
        rate,
        state.weeks + seen,
        state.total + np.where(seen, count, 0.0),
        state.squares + np.where(seen, count**2, 0.0),
    )


def _predictive(
    shape: FloatArray, rate: FloatArray, count: FloatArray, heat: FloatArray
) -> FloatArray:
    """Return the log of the tempered predictive, without terms that all runs have in common."""
    later = shape + count
    return np.asarray(
        gammaln(later) - gammaln(shape) + shape * np.log(rate) - later * np.log(rate + heat)
    )


def _joined(
    log_weight: FloatArray, shape: FloatArray, rate: FloatArray, heat: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Merge the longest two of 105 runs into one with their mean rate and a limited memory."""
    joined = np.logaddexp(log_weight[-2], log_weight[-1])
    # As long as no run is so long, both have a weight of zero.
    share = np.exp(log_weight[-1] - np.where(np.isfinite(joined), joined, 0.0))
    shape_last = (1 - share) * shape[-2] + share * shape[-1]
    rate_last = (1 - share) * rate[-2] + share * rate[-1]
    fade = np.minimum(LONGEST * heat / rate_last, 1.0)
    return (
        np.concatenate([log_weight[:-2], joined[None]]),
        np.concatenate([shape[:-2], (shape_last * fade)[None]]),
        np.concatenate([rate[:-2], (rate_last * fade)[None]]),
    )

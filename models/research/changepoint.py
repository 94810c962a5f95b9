"""Bayesian online change-point detection: did the level of events change in the last weeks?

Adams & MacKay (2007), "Bayesian online changepoint detection" (arXiv 0710.3742): the weeks since
the last change, the run, have a posterior that each week carries forward. Within a run counts
are Poisson and their rate gamma; a run begins with a constant hazard and a prior as wide as the
region's own mean of all weeks before. Real counts vary more than Poisson's: the likelihood is
tempered by the region's variance over its mean so far, so that restlessness alone is no change.

Runs are told apart up to 104 weeks; longer ones are one, whose memory fades to 104 weeks.
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
PRIOR_SHAPE = 0.25  # of a new run: so wide that it may lie far above or below the mean before
PRIOR_WEEKS = 13.0  # a new run's prior weighs no more, however quiet the region was
NONE_YET = (0.5, 1.0)  # events and weeks imagined before the first


@dataclass(frozen=True, slots=True)
class RunLengthState:
    """All that a region's past leaves behind, float64.

    `log_weight`, `shape` and `rate` (104, regions) of runs of 1 to 104 weeks; `weeks`, `total`
    and `squares` (regions,) are observed weeks, their events, and their squares.
    """

    log_weight: FloatArray
    shape: FloatArray
    rate: FloatArray
    weeks: FloatArray
    total: FloatArray
    squares: FloatArray

    def change(self) -> FloatArray:
        """P(the level changed within the last 4 observed weeks), (regions,); NaN before any.

        The start of watching is no change.
        """
        runs = np.arange(1, RECENT + 1)[:, None]
        share = np.where(runs < self.weeks, np.exp(self.log_weight[:RECENT]), 0.0)
        return np.where(self.weeks > 0, np.minimum(sum_of_weeks(share), 1.0), np.nan)


def start(regions: int) -> RunLengthState:
    """The state before anything was observed."""
    nothing = np.zeros(regions)
    runs = np.zeros((LONGEST, regions))
    return RunLengthState(
        np.full_like(runs, -np.inf), runs + 1, runs + 1, nothing, nothing, nothing
    )


def advance(
    state: RunLengthState, week: npt.ArrayLike, observed: BoolArray | None = None
) -> RunLengthState:
    """The state after one more week of counts (regions,).

    Regions whose week was not observed stay as they were: it is neither a zero nor a week of
    the run. Raises ModelError for NaN, fractions or negative counts.
    """
    table = checked_counts("changepoint", np.asarray(week)[None])
    seen = checked_observed("changepoint", None if observed is None else observed[None], table)
    return _advance(state, table[0], seen[0])


def detect(counts: npt.ArrayLike, *, observed: BoolArray | None = None) -> FloatArray:
    """P(change within the last 4 observed weeks) after each week of counts (weeks, regions).

    Bit for bit what `advance` gives week by week. Raises ModelError like it.
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
    # A new run may begin with this week, any other goes on with it.
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
    """Log of the tempered predictive, without what all runs share."""
    later = shape + count
    return np.asarray(
        gammaln(later) - gammaln(shape) + shape * np.log(rate) - later * np.log(rate + heat)
    )


def _joined(
    log_weight: FloatArray, shape: FloatArray, rate: FloatArray, heat: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The longest two of 105 runs made one: their rate's mean is kept, their memory bounded."""
    joined = np.logaddexp(log_weight[-2], log_weight[-1])
    # While no run is so long, both weigh nothing.
    share = np.exp(log_weight[-1] - np.where(np.isfinite(joined), joined, 0.0))
    shape_last = (1 - share) * shape[-2] + share * shape[-1]
    rate_last = (1 - share) * rate[-2] + share * rate[-1]
    fade = np.minimum(LONGEST * heat / rate_last, 1.0)
    return (
        np.concatenate([log_weight[:-2], joined[None]]),
        np.concatenate([shape[:-2], (shape_last * fade)[None]]),
        np.concatenate([rate[:-2], (rate_last * fade)[None]]),
    )

"""Cumulative sums for slow rises: many small excesses that no single week shows.

There are two statistics of counts relative to their expected values:

- the negative-binomial CUSUM (Höhle & Paul 2008, "Count data regression charts for the
  monitoring of surveillance time series"; Page 1954): log-likelihood ratios of a level `RISE`
  times the expected one, added up and never below zero;
- the windowed generalised likelihood ratio (Lai 1995): the greatest, over windows that end now,
  of the ratio for the rise that fits the window best, divided by the dispersion.

If no baseline is given, it is the mean and the variance over mean of the two years that end 26
weeks ago, so that a rise does not raise its own baseline.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray
from models.detectors.past_year import SETTLED, dispersion
from models.detectors.series import (
    BoolArray,
    IntArray,
    checked_counts,
    checked_observed,
    sum_of_weeks,
)

RISE = 1.5
BASELINE = 104
LAG = 26
LONGEST_WINDOW = 26
NONE_YET = 0.5  # events that are added to the baseline


@dataclass(frozen=True, slots=True)
class CusumSums:
    """CUSUM and likelihood ratio after each week, float64 (weeks, regions), 0 if calm."""

    cusum: FloatArray
    ratio: FloatArray


@dataclass(frozen=True, slots=True)
class CusumState:
    """The state of both statistics, float64.

    Attributes:
        counts: Counts of the last weeks, newest last (130, regions), 0 where not seen.
        expected: Expected counts of these weeks (130, regions).
        seen: 1 where a week was observed, else 0 (130, regions).
        cusum: (regions,).
        ratio: Likelihood ratio (regions,).
    """

    counts: FloatArray
    expected: FloatArray
    seen: FloatArray
    cusum: FloatArray
    ratio: FloatArray


def start(regions: int) -> CusumState:
    """Return the state before anything was observed."""
    past = np.zeros((BASELINE + LAG, regions))
    return CusumState(past, past, past, np.zeros(regions), np.zeros(regions))


def advance(
    state: CusumState, week: npt.ArrayLike, observed: BoolArray | None = None
) -> CusumState:
    """Return the state after one more week of counts (regions,), with the baseline of its past.

    A week that was not observed adds nothing to any sum.

    Raises:
        ModelError: A count is NaN, a fraction or negative.
    """
    table = checked_counts("cusum", np.asarray(week)[None])
    seen = checked_observed("cusum", None if observed is None else observed[None], table)
    return _advance(state, table[0], seen[0], *baseline(state))


def detect(
    counts: npt.ArrayLike,
    *,
    expected: FloatArray | None = None,
    dispersion: FloatArray | None = None,
    observed: BoolArray | None = None,
) -> CusumSums:
    """Return both statistics after each week of counts (weeks, regions).

    Args:
        expected: Expected values of another detector (weeks, regions), used as the baseline, NaN
            where it has none. Without them, the result is bit for bit that of `advance` week by
            week.
        dispersion: The dispersions that belong to `expected`.

    Raises:
        ModelError: A count is NaN, a fraction or negative, or only one of `expected` and
            `dispersion` is given.
    """
    table = checked_counts("cusum", counts)
    seen = checked_observed("cusum", observed, table)
    if (expected is None) != (dispersion is None):
        raise ModelError("cusum needs an expected value and a dispersion together, or neither.")
    state = start(table.shape[1])
    found = np.empty((2, *table.shape))
    for week, present in enumerate(seen):
        if expected is None or dispersion is None:
            level, spread = baseline(state)
        else:
            level, spread = expected[week], dispersion[week]
        state = _advance(state, table[week], present, level, spread)
        found[:, week] = state.cusum, state.ratio
    return CusumSums(found[0], found[1])


def baseline(state: CusumState) -> tuple[FloatArray, FloatArray]:
    """Return the expected events of the coming week and their dispersion, (regions,) each.

    They are those of the first 104 of the 130 weeks, or of all if fewer than eight of the first 104
    were observed. They are NaN before eight weeks were observed.
    """
    weeks = sum_of_weeks(state.seen[:BASELINE])
    early = weeks >= SETTLED
    part = np.arange(BASELINE + LAG)[:, None] < BASELINE
    kept = np.where(early & ~part, 0.0, state.seen)
    weeks = sum_of_weeks(kept)
    counts = kept * state.counts
    total, squares = sum_of_weeks(counts), sum_of_weeks(counts * state.counts)
    level = np.where(weeks >= SETTLED, (NONE_YET + total) / np.maximum(weeks, 1), np.nan)
    return level, dispersion(weeks, total, squares)


def _advance(
    state: CusumState, week: IntArray, seen: BoolArray, level: FloatArray, spread: FloatArray
) -> CusumState:
    """Add a week. It is no evidence if it was not observed or has no expected value."""
    count = np.where(seen, week, 0).astype(np.float64)
    judged = seen & ~np.isnan(level) & ~np.isnan(spread)
    level, spread = np.where(judged, level, count), np.where(judged, spread, 1.0)
    counts = np.concatenate([state.counts[1:], count[None]])
    expected = np.concatenate([state.expected[1:], level[None]])
    present = np.concatenate([state.seen[1:], seen[None]])
    cusum = np.maximum(state.cusum + _evidence(count, level, spread), 0.0)
    return CusumState(
        counts,
        expected,
        present,
        np.where(judged, cusum, state.cusum),
        np.where(judged, _ratio(counts, expected) / spread, state.ratio),
    )


def _evidence(count: FloatArray, level: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the log-likelihood ratio of `RISE` times the level to the level itself.

    Both are negative binomial with the same size, which is level / (spread - 1).
    """
    excess = spread - 1
    poisson = excess < 1e-9
    wider = np.log((1 + RISE * excess) / spread)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(poisson, level * (RISE - 1), level * wider / np.where(poisson, 1, excess))
    return np.asarray(count * (np.log(RISE) - wider) - lost)


def _ratio(counts: FloatArray, expected: FloatArray) -> FloatArray:
    """Return the greatest Poisson log-likelihood ratio of a rise over windows that end now."""
    events = np.cumsum(counts[: -LONGEST_WINDOW - 1 : -1], axis=0)
    level = np.cumsum(expected[: -LONGEST_WINDOW - 1 : -1], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = xlogy(events, events / level) - (events - level)
    return np.asarray(np.where(events > level, gain, 0.0).max(axis=0))

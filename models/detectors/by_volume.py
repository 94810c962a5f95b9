"""What a week should hold by how much was told of its country: the detector's second half.

News grows, and bursts of it lift every count. So a region's events are measured by the records of
its country that are of no tracked kind: its share of them in the past year, times those of the
week, is what is expected. A subdivision leans on the rest of its country too, which takes half of
what that deviates by. Counts vary more than Poisson's; how much more, in proportion to the square
of the mean, is learned from all regions (empirical Bayes), and little from one.

P-values are then held against the past: how often those of all regions fell below 0.05 in the
last year, and how far below, says what they are worth (the exponential tail of -log p; Hill 1975,
Annals of Statistics 3: 1163-1174). Tails that are heavier than a negative binomial's, and acts that
are told in several rows, so raise no more alarms than they should.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ewarn.domain.kinds import EventKind, signal
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.detectors.series import BoolArray
from models.inputs.inputs import Index, countries_of, positions, siblings_of
from models.numeric.count_tails import mid_p

YEAR = 52
LAG = 2  # weeks before the judged one that a year leaves out
MEMORY = 2 * YEAR + LAG + 1  # weeks: a year to be held against, each with its own year before it
LEAST_MEASURED = 26  # weeks of the last 52 that must be observed and measured
SETTLED = 8  # weeks of its own after which a region is expected anything
SMALL = 50.0  # records a week: a country of fewer is measured by those of the whole source
UNCERTAIN = 0.5  # events that a region's own past is given more than it had (Jeffreys)
LEANING = 10.0  # events of the rest of a country from which its deviation is believed
LOUD = 3.0  # events a week from which a region tells how much counts vary
FEWEST_LOUD = 5
USUAL_SPREAD = 0.16  # variance of the rate over its square, where too few regions tell it
MOST_SPREAD = 2.0
TRUST = 60.0  # weeks of its own that weigh as much as what all regions say of the spread
TAIL = 0.05  # p-values below it are held against the past
FEWEST_IN_TAIL = 20
QUIET = 1.0  # events a week below which p-values are held against those of quiet regions
SEEN_BEST = 20.0  # events a week from which a rise is seen as well as it ever is
LEAST_WEIGHT = 0.001


@dataclass(frozen=True, slots=True)
class VolumeJudgement:
    """What a week should hold, float64 (regions,) each, in events: its mean, its variance over
    its mean, the p-value of what was seen, and the region's weight in the budget of mistakes."""

    mean: FloatArray
    dispersion: FloatArray
    p_value: FloatArray
    weight: FloatArray


def is_measured(panel: Panel, seen: BoolArray) -> bool:
    """Whether the last week was observed and its volume is known, and so for half of the last year;
    `seen` (weeks, regions) says where the panel was observed."""
    if not len(panel.volume):
        return False
    known = (panel.volume.sum(axis=1) > 0) & seen.any(axis=1)
    return bool(known[-1]) and int(known[-YEAR:].sum()) >= LEAST_MEASURED


def judged(
    panel: Panel, regions: Sequence[str], source: str, events: FloatArray, seen: BoolArray
) -> VolumeJudgement:
    """The last week of a panel that `is_measured`, for `regions` of one level.

    `events` and `seen` (weeks, the panel's regions) are the counts of what is watched, and whether
    they were observed. NaN where a region was not watched long enough, or not in the last week.
    """
    panel = panel.recent(MEMORY)
    events, seen = events[-MEMORY:], seen[-MEMORY:]
    where, countries = positions(panel, regions), countries_of(panel, regions)
    told = np.where(seen, _told(panel, source), 0.0)
    own = _usual(events[:, where], told[:, where])
    is_part = siblings_of(panel, regions) > 0
    mean = own * np.where(is_part, _deviation(events, told, where, countries, own), 1.0)
    spread = _spread(events[:, where], mean)
    dispersion = 1 + spread * mean
    year = slice(-YEAR - 1, None)
    p_values = mid_p_of(events[year, where], mean[year], dispersion[year])
    p_value = _held_against_the_past(p_values, mean[year])
    return VolumeJudgement(mean[-1], dispersion[-1], p_value, _weight(mean[-1]))


def mid_p_of(events: FloatArray, mean: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Mid-p-values of what was seen; 1 where nothing was, which no alarm can come of."""
    found = np.where(np.isnan(mean), np.nan, 1.0)
    some = (events > 0) & ~np.isnan(mean)
    found[some] = mid_p(events[some], mean[some], dispersion[some])
    return found


def _told(panel: Panel, source: str) -> FloatArray:
    """Untracked records of each region's country (weeks, regions); 0 where no volume is known."""
    kinds = (panel.signal_index.get(signal(source, kind)) for kind in EventKind)
    signals = [at for at in kinds if at is not None]
    countries, own = np.unique(countries_of(panel, panel.regions), return_inverse=True)
    tracked = np.zeros((panel.weeks, len(countries)), dtype=np.int64)
    for at in signals:
        tracked += panel.counts[:, countries, at]
    rest = np.maximum(panel.volume[:, countries] - tracked, 0)
    world = rest.sum(axis=1)
    known = world > 0
    general = world / max(world[known].mean() if known.any() else 0.0, 1.0)
    found = np.where(known[:, None], rest + SMALL * general[:, None], 0.0)
    return np.asarray(found[:, own.reshape(-1)])


def _usual(events: FloatArray, told: FloatArray) -> FloatArray:
    """What each week should hold by the year before it and its own volume; NaN where unknown."""
    events = np.where(told > 0, events, 0.0)
    seen, exposed, weeks = (_before(each, LAG) for each in (events, told, told > 0))
    known = (weeks >= SETTLED) & (told > 0)
    rate = (seen + UNCERTAIN) / np.where(known, exposed, 1.0)
    return np.where(known, rate * told, np.nan)


def _deviation(
    events: FloatArray, told: FloatArray, where: Index, countries: Index, own: FloatArray
) -> FloatArray:
    """By what each subdivision's mean is multiplied: the root of what the rest of its country
    deviated by in that week."""
    distinct, back = np.unique(countries, return_inverse=True)
    of_country = _usual(events[:, distinct], told[:, distinct])[:, back.reshape(-1)]
    seen = np.maximum(events[:, countries] - events[:, where], 0.0)
    expected = np.maximum(of_country - own, 0.0)
    return np.asarray(np.sqrt((seen + LEANING) / (expected + LEANING)))


def _spread(events: FloatArray, mean: FloatArray) -> FloatArray:
    """Variance of the rate over its square, by the year before each week (weeks, regions): that of
    all loud regions, and the more a region's own the better that can be told."""
    known = ~np.isnan(mean)
    expected = np.where(known, mean, 0.0)
    excess = np.where(known, (events - mean) ** 2 - mean, 0.0)
    above, squares, total, weeks = (
        _before(each) for each in (excess, expected**2, expected, known.astype(np.float64))
    )
    own = np.clip(above / np.maximum(squares, 1e-9), 0.0, MOST_SPREAD)
    level = total / np.maximum(weeks, 1.0)
    loud = level > LOUD
    number = loud.sum(axis=1)
    # Sorted, so that the answer does not depend on the order of regions.
    pooled = np.cumsum(np.sort(np.where(loud, own, 0.0), axis=1), axis=1)[:, -1]
    enough = number >= FEWEST_LOUD
    shared = np.where(enough, pooled / np.maximum(number, 1), USUAL_SPREAD)[:, None]
    clear = weeks * (level * shared / (1 + level * shared)) ** 2
    return np.asarray((TRUST * shared + clear * own) / (TRUST + clear))


def _before(values: FloatArray | BoolArray, lag: int = 0) -> FloatArray:
    """Sums over the year that ends `lag` weeks before each week (weeks, regions)."""
    nothing = np.zeros((1, values.shape[1]))
    running = np.concatenate([nothing, np.cumsum(values, axis=0, dtype=np.float64)])
    last = np.maximum(np.arange(len(values)) - lag, 0)
    return np.asarray(running[last] - running[np.maximum(last - YEAR, 0)])


def _held_against_the_past(p_values: FloatArray, mean: FloatArray) -> FloatArray:
    """P-values of the last week by those of the year before it, loud and quiet weeks apart."""
    found: FloatArray = p_values[-1].copy()
    past, level = p_values[:-1], mean[:-1]
    for is_quiet in (True, False):
        like = (level < QUIET) == is_quiet
        here = np.flatnonzero(((mean[-1] < QUIET) == is_quiet) & (found < TAIL))
        share, length = _tail(past[like & ~np.isnan(past)])
        beyond = np.log(TAIL) - np.log(np.maximum(found[here], 1e-300))
        worth = np.minimum(share * np.exp(-beyond / length), 1.0)
        found[here] = np.maximum(worth, found[here])
    return found


def _tail(p_values: FloatArray) -> tuple[float, float]:
    """The share of p-values below 0.05, and the mean of -log(p / 0.05) of those; what they should
    be (0.05 and 1) where they are less, or few."""
    low = np.sort(p_values[p_values < TAIL])
    if len(low) < FEWEST_IN_TAIL:
        return TAIL, 1.0
    beyond = np.log(TAIL) - np.log(np.maximum(low, 1e-300))
    return max(len(low) / len(p_values), TAIL), max(float(np.cumsum(beyond)[-1]) / len(low), 1.0)


def _weight(mean: FloatArray) -> FloatArray:
    """A region's part in the budget of mistakes: the square of how much is expected of it, up to
    where a rise is seen well."""
    share = np.minimum(np.where(np.isnan(mean), 0.0, mean), SEEN_BEST) / SEEN_BEST
    return np.asarray(LEAST_WEIGHT + share**2)

"""Expected counts of a week from the volume of reports on its country, used by the detector.

The number of news reports grows, and bursts of news raise every count. So a region's events are
compared with the records of its country that are of no tracked kind. The expected count is the
region's ratio of events to such records in the past year, times the records of the week. The mean
of a subdivision is also multiplied by the square root of the deviation of the rest of its country:
it takes half of that deviation on the log scale. Counts vary more than a Poisson. The additional
variance is proportional to the square of the mean. Its size is estimated from all regions
(empirical Bayes), with little weight on a single one.

P-values are then calibrated on the past: how often those of all regions fell below 0.05 in the
last year, and how far below, determines the corrected p-value (exponential tail of -log p; Hill
1975, Annals of Statistics 3: 1163-1174). So tails that are heavier than a negative binomial's, and
acts that are reported in several rows, do not raise too many alarms.
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
LAG = 2  # weeks right before the evaluated one that its reference year leaves out
MEMORY = 2 * YEAR + LAG + 1  # weeks: a year to calibrate on, each week with its own year before it
LEAST_MEASURED = 26  # weeks of the last 52 that must be observed and measured
SETTLED = 8  # weeks that a region must be observed before it has an expected count
SMALL = 50.0  # mean records a week, varying with the whole source's, added to each country's
UNCERTAIN = 0.5  # events added to a region's own past (Jeffreys' prior)
LEANING = 10.0  # events added to the rest of a country, so that few events show little deviation
LOUD = 3.0  # a region with more events a week is used to estimate the common spread
FEWEST_LOUD = 5
USUAL_SPREAD = 0.16  # variance of the rate over its square, where too few regions are loud
MOST_SPREAD = 2.0
TRUST = 60.0  # informative weeks of a region that weigh as much as the common spread
TAIL = 0.05  # p-values below it are calibrated on the past
FEWEST_IN_TAIL = 20
QUIET = 1.0  # with fewer events expected a week, p-values are calibrated on those of quiet weeks
SEEN_BEST = 20.0  # events a week from which a rise is not detected any better
LEAST_WEIGHT = 0.001


@dataclass(frozen=True, slots=True)
class VolumeJudgement:
    """The expected count of a week and the p-value of the observed one, float64 (regions,) each.

    Attributes:
        mean: Expected number of events.
        dispersion: Variance over mean.
        p_value: Calibrated p-value of the observed count.
        weight: The region's part in the budget of false discoveries.
    """

    mean: FloatArray
    dispersion: FloatArray
    p_value: FloatArray
    weight: FloatArray


def is_measured(panel: Panel, seen: BoolArray) -> bool:
    """Return whether the volume of the last week and of half of the last year is usable.

    The volume of a week is usable if it is known and the week was observed in some region. `seen`
    (weeks, regions) is True where the panel was observed.
    """
    if not len(panel.volume):
        return False
    known = (panel.volume.sum(axis=1) > 0) & seen.any(axis=1)
    return bool(known[-1]) and int(known[-YEAR:].sum()) >= LEAST_MEASURED


def judged(
    panel: Panel, regions: Sequence[str], source: str, events: FloatArray, seen: BoolArray
) -> VolumeJudgement:
    """Evaluate the last week of a panel that `is_measured`, for `regions` of one level.

    Args:
        events: Counts of the monitored events (weeks, the panel's regions).
        seen: Whether they were observed, of the same shape.

    Returns:
        Values of `regions`. Mean and p-value are NaN where a region was not observed long enough,
        or not in the last week.
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
    """Return the mid-p-values of counts. A count of 0 gives 1, as it can never raise an alarm."""
    found = np.where(np.isnan(mean), np.nan, 1.0)
    some = (events > 0) & ~np.isnan(mean)
    found[some] = mid_p(events[some], mean[some], dispersion[some])
    return found


def _told(panel: Panel, source: str) -> FloatArray:
    """Return the untracked records of each region's country (weeks, regions), 0 if unknown."""
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
    """Return each week's expected count by the year before it and its volume, NaN if unknown."""
    events = np.where(told > 0, events, 0.0)
    seen, exposed, weeks = (_before(each, LAG) for each in (events, told, told > 0))
    known = (weeks >= SETTLED) & (told > 0)
    rate = (seen + UNCERTAIN) / np.where(known, exposed, 1.0)
    return np.where(known, rate * told, np.nan)


def _deviation(
    events: FloatArray, told: FloatArray, where: Index, countries: Index, own: FloatArray
) -> FloatArray:
    """Return the factor for each subdivision's mean, (weeks, regions).

    It is the square root of the deviation (observed over expected) of the rest of its country.
    """
    distinct, back = np.unique(countries, return_inverse=True)
    of_country = _usual(events[:, distinct], told[:, distinct])[:, back.reshape(-1)]
    seen = np.maximum(events[:, countries] - events[:, where], 0.0)
    expected = np.maximum(of_country - own, 0.0)
    return np.asarray(np.sqrt((seen + LEANING) / (expected + LEANING)))


def _spread(events: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the variance of the rate over its square, by the year before each week.

    The result (weeks, regions) is a mean of the spread of all loud regions and the region's own.
    The region's own has more weight the better it can be estimated.
    """
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
    # Sorted, so that the result does not depend on the order of regions.
    pooled = np.cumsum(np.sort(np.where(loud, own, 0.0), axis=1), axis=1)[:, -1]
    enough = number >= FEWEST_LOUD
    shared = np.where(enough, pooled / np.maximum(number, 1), USUAL_SPREAD)[:, None]
    clear = weeks * (level * shared / (1 + level * shared)) ** 2
    return np.asarray((TRUST * shared + clear * own) / (TRUST + clear))


def _before(values: FloatArray | BoolArray, lag: int = 0) -> FloatArray:
    """Return sums over the year that ends `lag` weeks before each week (weeks, regions)."""
    nothing = np.zeros((1, values.shape[1]))
    running = np.concatenate([nothing, np.cumsum(values, axis=0, dtype=np.float64)])
    last = np.maximum(np.arange(len(values)) - lag, 0)
    return np.asarray(running[last] - running[np.maximum(last - YEAR, 0)])


def _held_against_the_past(p_values: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the p-values of the last week, calibrated on those of the year before it.

    Weeks with few and with many expected events are calibrated separately.
    """
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
    """Return the share of p-values below 0.05, and the mean of -log(p / 0.05) of those.

    They are at least what they should be (0.05 and 1), and exactly that if too few are below 0.05.
    """
    low = np.sort(p_values[p_values < TAIL])
    if len(low) < FEWEST_IN_TAIL:
        return TAIL, 1.0
    beyond = np.log(TAIL) - np.log(np.maximum(low, 1e-300))
    return max(len(low) / len(p_values), TAIL), max(float(np.cumsum(beyond)[-1]) / len(low), 1.0)


def _weight(mean: FloatArray) -> FloatArray:
    """Return each region's part in the budget of false discoveries.

    It grows with the square of the expected count, up to the count where rises are detected well.
    """
    share = np.minimum(np.where(np.isnan(mean), 0.0, mean), SEEN_BEST) / SEEN_BEST
    return np.asarray(LEAST_WEIGHT + share**2)

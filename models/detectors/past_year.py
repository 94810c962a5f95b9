"""What a week should hold by the past year: of all regions together, or of each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.baselines.pooling import Prior
from models.detectors.series import BoolArray, IntArray
from models.inputs.inputs import Index, countries_of, positions, siblings_of

LAG = 2  # weeks before the judged one that the year leaves out
POOLED_WEEKS = 52
SHAPES = (0.05, 50.0)  # bounds of how alike regions can be said to be
SETTLED = 8  # weeks from which a variance is believed
UNCERTAIN = 0.5  # events that a region's own past is given more than it had (Jeffreys)


@dataclass(frozen=True, slots=True)
class PastYear:
    """Weeks observed in the past year, their events and the events' squares, (regions,) of the
    panel each.

    Points of unequal weight are no Poisson counts: they are divided by the mean weight, so that
    mean and variance agree (the scaled-Poisson stand-in for a compound one).
    """

    exposure: FloatArray
    events: FloatArray
    squares: FloatArray

    def spread(self, where: Index, rate: FloatArray) -> FloatArray:
        """Dispersion of the predictive with a gamma's `rate`, or a region's own if greater."""
        own = dispersion(self.exposure[where], self.events[where], self.squares[where])
        return np.maximum(1 + 1 / rate, own)


def past_year(points: IntArray, seen: BoolArray, scale: float, share: FloatArray) -> PastYear:
    """The year before the weeks left out; a week that is half in was watched by half."""
    watched = seen.astype(np.float64)
    ages = min(len(share), len(seen))
    watched[len(seen) - ages :] *= share[:ages][::-1]
    judged = slice(max(len(points) - POOLED_WEEKS - LAG - 1, 0), -(LAG + 1))
    past, exposure = points[judged], watched[judged].sum(axis=0)
    return PastYear(exposure, past.sum(axis=0) / scale, ((past / scale) ** 2).sum(axis=0))


def by_all(panel: Panel, year: PastYear, regions: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Mean and dispersion of one week by pooling all regions of the same level, (regions,) each.

    A region whose own past varied more than the pool allows is allowed its own dispersion.
    """
    where, countries = positions(panel, regions), countries_of(panel, regions)
    exposure, events = year.exposure[where], year.events[where]
    prior = prior_by_moments(events, exposure)
    siblings = siblings_of(panel, regions)
    shape, rate = prior.posterior(events, year.events[countries], exposure, siblings)
    known = exposure > 0
    return np.where(known, shape / rate, np.nan), np.where(known, year.spread(where, rate), np.nan)


def by_itself(
    panel: Panel, year: PastYear, regions: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """Mean and dispersion of one week by each region's own past year, (regions,) each.

    Jeffreys' prior keeps the bound of a year without events above one event: a first event is
    no alarm, two are.
    """
    where = positions(panel, regions)
    exposure = np.where(year.exposure[where] >= SETTLED, year.exposure[where], np.nan)
    return (year.events[where] + UNCERTAIN) / exposure, year.spread(where, exposure)


def dispersion(weeks: FloatArray, total: FloatArray, squares: FloatArray) -> FloatArray:
    """Variance over mean of counts with these sums, at least 1; 1 before 8 weeks."""
    known = (weeks >= SETTLED) & (total > 0)
    number, events = np.where(known, weeks, 2.0), np.where(known, total, 1.0)
    spread = (squares - events**2 / number) / (number - 1)
    return np.where(known, np.maximum(spread / (events / number), 1.0), 1.0)


def prior_by_moments(events: FloatArray, exposure: FloatArray) -> Prior:
    """The prior whose mean and variance are those of the regions' rates.

    Sums run over sorted terms: the answer must not depend on the order of regions.
    """
    watched = _total(exposure)
    mean = max(_total(events) / watched if watched else 0.0, 1e-5)
    spread = _total((events - mean * exposure) ** 2 - mean * exposure)
    alike = mean**2 * _total(exposure**2) / spread if spread > 0 else SHAPES[1]
    shape = min(max(alike, SHAPES[0]), SHAPES[1])
    return Prior(mean, shape, shape)


def _total(values: FloatArray) -> float:
    return float(np.sort(values).sum())

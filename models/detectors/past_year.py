"""Expected count of a week by the past year, of all regions pooled or of each region alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.baselines.pooling import Prior
from models.detectors.series import BoolArray, IntArray
from models.inputs.inputs import Index, countries_of, positions, siblings_of

LAG = 2  # weeks right before the evaluated one that the year leaves out
POOLED_WEEKS = 52
SHAPES = (0.05, 50.0)  # bounds of the prior's gamma shapes: how alike regions can be
SETTLED = 8  # observed weeks that are needed for a variance or a region's own mean
UNCERTAIN = 0.5  # events added to a region's own past (Jeffreys' prior)


@dataclass(frozen=True, slots=True)
class PastYear:
    """Observed weeks of the past year, their events and squared events, (the panel's regions,).

    Sums of points of unequal weight are not Poisson. They are divided by the mean weight, so that
    mean and variance agree (a scaled Poisson in place of a compound one).
    """

    exposure: FloatArray
    events: FloatArray
    squares: FloatArray

    def spread(self, where: Index, rate: FloatArray) -> FloatArray:
        """Return the predictive dispersion for a gamma's `rate`, or the region's own if greater."""
        own = dispersion(self.exposure[where], self.events[where], self.squares[where])
        return np.maximum(1 + 1 / rate, own)


def past_year(points: IntArray, seen: BoolArray, scale: float, share: FloatArray) -> PastYear:
    """Return the year before the weeks that are left out.

    A week of which a share of the reports has arrived counts as that share of an observed week.
    """
    watched = seen.astype(np.float64)
    ages = min(len(share), len(seen))
    watched[len(seen) - ages :] *= share[:ages][::-1]
    judged = slice(max(len(points) - POOLED_WEEKS - LAG - 1, 0), -(LAG + 1))
    past, exposure = points[judged], watched[judged].sum(axis=0)
    return PastYear(exposure, past.sum(axis=0) / scale, ((past / scale) ** 2).sum(axis=0))


def by_all(panel: Panel, year: PastYear, regions: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Return mean and dispersion of one week by pooling all regions of a level, (regions,) each.

    A region whose own past varied more than the pooled distribution keeps its own dispersion.
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
    """Return mean and dispersion of one week by each region's own past year, (regions,) each.

    Jeffreys' prior gives a bound of one event after a year without events: a first event is no
    alarm, two are.
    """
    where = positions(panel, regions)
    exposure = np.where(year.exposure[where] >= SETTLED, year.exposure[where], np.nan)
    return (year.events[where] + UNCERTAIN) / exposure, year.spread(where, exposure)


def dispersion(weeks: FloatArray, total: FloatArray, squares: FloatArray) -> FloatArray:
    """Return variance over mean of counts with these sums, at least 1, and 1 before 8 weeks."""
    known = (weeks >= SETTLED) & (total > 0)
    number, events = np.where(known, weeks, 2.0), np.where(known, total, 1.0)
    spread = (squares - events**2 / number) / (number - 1)
    return np.where(known, np.maximum(spread / (events / number), 1.0), 1.0)


def prior_by_moments(events: FloatArray, exposure: FloatArray) -> Prior:
    """Return the prior whose mean and variance are those of the regions' rates.

    Terms are sorted before they are added, so that the order of regions does not change the result.
    """
    watched = _total(exposure)
    mean = max(_total(events) / watched if watched else 0.0, 1e-5)
    spread = _total((events - mean * exposure) ** 2 - mean * exposure)
    alike = mean**2 * _total(exposure**2) / spread if spread > 0 else SHAPES[1]
    shape = min(max(alike, SHAPES[0]), SHAPES[1])
    return Prior(mean, shape, shape)


def _total(values: FloatArray) -> float:
    return float(np.sort(values).sum())

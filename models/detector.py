"""The detector: expected value and upper bound of the last week, where no probability is known.

EARS C2 where the baseline holds events enough; elsewhere the pooled gamma-Poisson predictive
bound, since seven empty weeks allow nothing and would make every first event an alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
import numpy.typing as npt

from ewarn.domain.region import Level
from ewarn.domain.score import Driver
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import WEEK
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray, Prediction, unknown
from ewarn.ports import History
from models.ears import BASELINE_WEEKS, LAG_WEEKS, ears
from models.inputs import countries_of, positions, siblings_of
from models.pooling import Prior, bound
from models.targets import kinds_read, severity_weights, target_series, was_observed

LAG = LAG_WEEKS["C2"]
ENOUGH_EVENTS = 5
POOLED_WEEKS = 52
BOUND_LEVEL = 0.995
SHAPES = (0.05, 50.0)  # bounds of how alike regions can be said to be


class Detector:
    """Bounds of the target's own series on a source that no probability was calibrated on.

    Learns nothing; the pooled bound is worked out from the panel it is given.
    """

    name = "detector"
    version = "1"

    def __init__(
        self, target: Target, level: Level, *, source: str, horizon_weeks: int = 4
    ) -> None:
        self.target = target
        self.level = level
        self.source = source
        self.horizon_weeks = horizon_weeks

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals it reads."""
        return tuple(f"{self.source}:{kind}" for kind in kinds_read(self.source, self.target))

    @property
    def basis(self) -> Basis:
        """Uncalibrated, always."""
        return Basis.UNCALIBRATED

    def fit(self, history: History, origins: Sequence[datetime]) -> Self:  # noqa: ARG002
        """There is nothing to learn."""
        return self

    def score(self, panel: Panel) -> Prediction:
        """Bounds of the last week for the panel's regions of this level; no probability."""
        regions = panel.at(self.level)
        limits = limits_of(panel, regions, self.source, self.target)
        nothing = unknown(len(regions))
        return Prediction(
            regions, nothing, nothing, nothing, limits.expected, limits.upper, limits.observed
        )

    def drivers(self, panel: Panel, regions: Sequence[str]) -> dict[str, tuple[Driver, ...]]:
        """Signals of the target's series with events in the last h weeks, most points first."""
        points = severity_weights(self.source, self.target)
        first = max(panel.origin - self.horizon_weeks * WEEK, panel.first_week)
        found: dict[str, list[tuple[int, Driver]]] = {region: [] for region in regions}
        for kind, weight in points.items():
            signal = f"{self.source}:{kind}"
            recent = panel.recent(self.horizon_weeks)
            for region in regions:
                column = panel.region_index[region]
                count = int(recent.series(signal)[:, column].sum(dtype=np.int64))
                if count:
                    driver = Driver(signal, first, panel.origin - WEEK, None, count)
                    found[region].append((-weight * count, driver))
        return {
            region: tuple(driver for _, driver in sorted(each, key=lambda pair: pair[0]))
            for region, each in found.items()
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """Expected value, upper bound and observed value of the last week, float64 (regions,)."""

    expected: FloatArray
    upper: FloatArray
    observed: FloatArray


def limits_of(panel: Panel, regions: Sequence[str], source: str, target: Target) -> Limits:
    """Limits of the last week of the target's own series, in its points, for `regions`.

    `observed` is NaN where the week was not observed, `expected` and `upper` where nothing was
    ever observed.
    """
    recent = panel.recent(POOLED_WEEKS + LAG + 1)
    where = positions(panel, regions)
    seen = was_observed(recent, source, target)
    points = target_series(recent, source, target)
    expected, upper = _pooled(recent, points, seen, regions, _scale(recent, source, target))
    if not recent.weeks:
        return Limits(expected, upper, unknown(len(regions)))
    series = np.where(seen, points, np.nan)[:, where]
    judged = ears(series[-(BASELINE_WEEKS + LAG + 1) :], "C2")
    events = points[-(BASELINE_WEEKS + LAG + 1) : -(LAG + 1), where].sum(axis=0)
    dense = ~np.isnan(judged.upper[-1]) & (events >= ENOUGH_EVENTS * _largest(source, target))
    return Limits(
        np.where(dense, judged.expected[-1], expected),
        np.where(dense, judged.upper[-1], upper),
        series[-1],
    )


def _largest(source: str, target: Target) -> int:
    """Points of the heaviest kind: what one event may weigh."""
    return max(severity_weights(source, target).values())


def _scale(panel: Panel, source: str, target: Target) -> float:
    """Mean weight of a point: the sum of squared weights over the sum of weights."""
    points = squares = 0
    for kind, weight in severity_weights(source, target).items():
        count = int(panel.series(f"{source}:{kind}").sum(dtype=np.int64))
        points += weight * count
        squares += weight**2 * count
    return max(squares / points, 1.0) if points else 1.0


def _pooled(
    panel: Panel,
    points: npt.NDArray[np.int64],
    seen: npt.NDArray[np.bool_],
    regions: Sequence[str],
    scale: float,
) -> tuple[FloatArray, FloatArray]:
    """Expected value and bound of one week by pooling all regions of the same level.

    Points of unequal weight are no Poisson counts: they are divided by `scale`, so that mean and
    variance agree (the scaled-Poisson stand-in for a compound one).
    """
    where = positions(panel, regions)
    past, watched = points[: -(LAG + 1)], seen[: -(LAG + 1)]
    past = np.where(watched, past, 0)
    exposure = watched.sum(axis=0).astype(np.float64)
    total = past.sum(axis=0, dtype=np.int64)
    events = total / scale
    countries = countries_of(panel, regions)
    siblings = siblings_of(panel, regions)
    prior = prior_by_moments(events[where], exposure[where])
    shape, rate = prior.posterior(events[where], events[countries], exposure[where], siblings)
    known = exposure[where] > 0
    return (
        np.where(known, scale * shape / rate, np.nan),
        np.where(known, scale * bound(shape, rate, 1, BOUND_LEVEL), np.nan),
    )


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

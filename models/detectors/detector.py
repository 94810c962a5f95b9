"""The detector: expected value and upper bound of the last week, where no probability is known.

It uses `farrington` where at least three years were observed and the low-count rule of `farrington`
allows a bound. Elsewhere it uses the pooled gamma-Poisson predictive distribution, because a bound
from quiet weeks alone would make every first event an alarm. Both are negative binomial, so that
their mid-p-values share one budget of false discoveries (`models.detectors.discovery`).

Pooling is a fit: the bound of a region depends on the other regions of its source. Where a source's
terms forbid learning from it (`train = False`: the chronicle, calendars, watched folders), nothing
is pooled. A region's bound then comes from its own past, or it has none if its past is too short.

Where the volume of a source is known (`Panel.volume`), the last week is evaluated by it instead
(`by_volume`): by the number of reports on the region's country this week, and with p-values that
were calibrated on those of the past year.

Where reports are known to come late (`Panel.arrivals`), a week is compared with the part that
should have arrived by now. Mean and variance are those of a count of which a share has arrived. So
an incomplete week does not look calm, and an upsurge is seen before all reports of it have arrived
(decision 19).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np

from ewarn.domain.region import Level
from ewarn.domain.score import Driver
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import WEEK
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray, Prediction, unknown
from ewarn.ports import History
from models.detectors import by_volume
from models.detectors.discovery import adjusted
from models.detectors.farrington.farrington import detect
from models.detectors.farrington.reference_weeks import YEAR_WEEKS
from models.detectors.past_year import LAG, POOLED_WEEKS, by_all, by_itself, past_year
from models.detectors.series import BoolArray, IntArray
from models.inputs.inputs import Index, chosen, positions, rows_among
from models.inputs.targets import (
    FORCE_LETHAL,
    kinds_read,
    severity_weights,
    target_series,
    was_observed,
)
from models.nowcast.nowcast import seen_by_now
from models.numeric.count_tails import mid_p, upper_bound

ALPHA = 0.005  # the probability above a bound
YEARS = (3, 5)  # of farrington: least and most
HALF_WINDOW = 3
LOW_COUNT = (5, 4)  # with fewer events in so many weeks, farrington gives no bound
WATCHED = 0.6  # share of the reference weeks that must have been observed
HISTORY_WEEKS = YEARS[1] * YEAR_WEEKS + HALF_WINDOW + 1


class Detector:
    """Bounds of the target's own series, for a source without a calibrated probability.

    It has no fitted parameters. The pooled bound is computed from the panel that is scored. It is
    not used if `pooled` is False, as required for a source whose terms forbid learning from it.
    """

    name = "detector"
    version = "5"

    def __init__(
        self,
        target: Target,
        level: Level,
        *,
        source: str,
        horizon_weeks: int = 4,
        pooled: bool = True,
    ) -> None:
        self.target = target
        self.level = level
        self.source = source
        self.horizon_weeks = horizon_weeks
        self.pooled = pooled

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals that the detector reads."""
        return tuple(f"{self.source}:{kind}" for kind in kinds_read(self.source, self.target))

    @property
    def basis(self) -> Basis:
        """Always uncalibrated."""
        return Basis.UNCALIBRATED

    def fit(self, history: History, origins: Sequence[datetime]) -> Self:  # noqa: ARG002
        """Return the detector unchanged, as it has no parameters."""
        return self

    def score(self, panel: Panel, only: Sequence[str] | None = None) -> Prediction:
        """Return bounds of the last week for the panel's regions of this level.

        The prediction holds no probability. With `only`, it is limited to these regions. The budget
        of false discoveries is always shared by all regions of the level.
        """
        everywhere = panel.at(self.level)
        regions = chosen(everywhere, only)
        limits = limits_of(panel, everywhere, self.source, self.target, pooled=self.pooled)
        nothing = unknown(len(regions))
        columns = limits.columns(rows_among(everywhere, regions))
        return Prediction(regions, nothing, nothing, nothing, members={}, quiet=None, **columns)

    def drivers(self, panel: Panel, regions: Sequence[str]) -> dict[str, tuple[Driver, ...]]:
        """Return the target's signals with events in the last h weeks, most points first."""
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
    """Expected value, upper bound, observed value and its mid-p-value of the last week.

    Each is float64 (regions,). `weight` is each region's part in the budget of false discoveries,
    or None if all parts are equal.
    """

    expected: FloatArray
    upper: FloatArray
    observed: FloatArray
    p_value: FloatArray
    weight: FloatArray | None = None

    @property
    def false_discovery(self) -> FloatArray:
        """Share of weeks in which chance alone would raise such an alarm, (regions,)."""
        return adjusted(self.p_value, self.weight)

    def columns(self, rows: Index) -> dict[str, FloatArray]:
        """Return the fields of a prediction for some rows, adjusted over all regions."""
        names = ("expected", "upper", "observed", "p_value", "false_discovery")
        return {name: getattr(self, name)[rows] for name in names}


@dataclass(frozen=True, slots=True)
class _Series:
    """The series of a target, arrays (weeks, the panel's regions).

    Attributes:
        points: Points of each week, 0 where it was not observed.
        seen: Whether the week was observed.
        scale: Mean weight of a point.
        acts: Number of acts that have points, 0 where the week was not observed.
    """

    points: IntArray
    seen: BoolArray
    scale: float
    acts: IntArray


def _series(panel: Panel, source: str, target: Target, pooled: bool) -> _Series:
    seen = was_observed(panel, source, target)
    points = np.where(seen, target_series(panel, source, target), 0)
    scale = _scale(panel.recent(POOLED_WEEKS + LAG + 1), source, target, pooled)
    return _Series(points, seen, scale, np.where(seen, _acts(panel, source, target), 0))


def _acts(panel: Panel, source: str, target: Target) -> IntArray:
    """Return the number of acts that have points, each counted once, (weeks, regions)."""
    kinds = severity_weights(source, target)
    once = [kind for kind in kinds if kind != FORCE_LETHAL or len(kinds) == 1]
    series = [panel.series(f"{source}:{kind}") for kind in once]
    return np.asarray(np.sum(series, axis=0, dtype=np.int64))


def limits_of(
    panel: Panel, regions: Sequence[str], source: str, target: Target, *, pooled: bool = True
) -> Limits:
    """Return the limits of the last week of the target's own series, in points, for `regions`.

    `observed` is the observed value, NaN where the week was not observed. `expected` and `upper`
    refer to what should have arrived by now, and are NaN where nothing was ever observed. Unless
    `pooled`, the limits of a region come from its own counts alone. They are then also NaN where
    fewer than 8 of the past year's weeks were observed and `farrington` gives no bound.
    """
    recent = panel.recent(HISTORY_WEEKS)
    series = _series(recent, source, target, pooled)
    if pooled and by_volume.is_measured(recent, series.seen):
        return _by_volume(recent, regions, source, series)
    found = _by_past(recent, regions, source, target, series, pooled)
    if pooled and len(recent.volume):
        # Too little of the volume is known, so the bound is given without a p-value.
        return replace(found, p_value=unknown(len(regions)))
    return found


def _by_past(
    recent: Panel,
    regions: Sequence[str],
    source: str,
    target: Target,
    series: _Series,
    pooled: bool,
) -> Limits:
    """Return the limits of the last week by past counts alone."""
    where = positions(recent, regions)
    points, seen, scale = series.points, series.seen, series.scale
    share, variance = _share_in(recent, source, target, pooled)
    year = past_year(points, seen, scale, share)
    mean, spread = (by_all if pooled else by_itself)(recent, year, regions)
    nothing = unknown(len(regions))
    if not recent.weeks:
        return Limits(scale * mean, nothing, nothing, nothing)
    observed = np.where(seen, points, np.nan)[-1, where]
    late = (share[0, where], variance[0, where]) if len(share) else None
    judged = _judged(observed / scale, mean, spread, late)
    found = Limits(scale * judged.expected, scale * judged.upper, observed, judged.p_value)
    heard = _heard(points[:, where], seen[:, where], scale)
    if heard is None:
        return found
    speaks = ~np.isnan(heard[1])
    return _chosen(speaks, _judged(observed, *heard, late), found)


def _by_volume(
    panel: Panel,
    regions: Sequence[str],
    source: str,
    series: _Series,
) -> Limits:
    """Return the limits of the last week by the volume of reports on each region's country.

    The number of acts is evaluated, without their weights, because sums of unequal points vary more
    and hide a rise. Bounds are given in points, by the mean weight of an act. Late reports are
    missing from the volume as well as from the counts, so the week is treated as complete.
    """
    scale = max(int(series.points.sum()) / max(int(series.acts.sum()), 1), 1.0)
    acts = series.acts.astype(np.float64)
    found = by_volume.judged(panel, regions, source, acts, series.seen)
    where = positions(panel, regions)
    return Limits(
        scale * found.mean,
        scale * upper_bound(found.mean, found.dispersion, ALPHA),
        np.where(series.seen, series.points, np.nan)[-1, where],
        found.p_value,
        found.weight,
    )


def _judged(
    observed: FloatArray,
    mean: FloatArray,
    dispersion: FloatArray,
    late: tuple[FloatArray, FloatArray] | None,
) -> Limits:
    """Return the limits of a week from its mean and dispersion.

    `late` is the share of the reports that has arrived and its variance, or None if all arrived.
    """
    if late is not None:
        mean, dispersion = seen_by_now(mean, dispersion, *late)
    p_value = np.where(np.isnan(observed), np.nan, mid_p(observed, mean, dispersion))
    return Limits(mean, upper_bound(mean, dispersion, ALPHA), observed, p_value)


def _chosen(own: BoolArray, one: Limits, other: Limits) -> Limits:
    """Return `one` where `own` is true, else `other`."""
    pairs = (
        (getattr(one, name), getattr(other, name))
        for name in ("expected", "upper", "observed", "p_value")
    )
    return Limits(*(np.where(own, first, second) for first, second in pairs))


def _share_in(
    panel: Panel, source: str, target: Target, pooled: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the share of the target's points that has arrived, and its variance.

    Both are (ages, the panel's regions), with no ages where delays are unknown. They are means over
    the target's kinds, weighted by the points of each in the past weeks of all regions, or as if
    the kinds were equally frequent unless `pooled`.
    """
    arrivals = panel.arrivals
    points = severity_weights(source, target)
    signals = [panel.signal_index.get(f"{source}:{kind}", -1) for kind in points]
    if not arrivals.ages or min(signals) < 0:
        nothing = np.ones((0, len(panel.regions)))
        return nothing, nothing
    totals = panel.counts[:, :, signals].sum(axis=(0, 1), dtype=np.int64) if pooled else 1
    weight = totals * np.array(list(points.values())) + 1e-9
    weight = weight / weight.sum()
    share, variance = np.zeros((2, arrivals.ages, len(panel.regions)))
    for at, part in zip(signals, weight, strict=True):  # a fixed order, however many regions
        share += part * arrivals.share[:, :, at]
        variance += part * arrivals.variance[:, :, at]
    return share, variance


def _heard(points: IntArray, seen: BoolArray, scale: float) -> tuple[FloatArray, FloatArray] | None:
    """Return expected value and dispersion by `farrington`, (regions,) each.

    The dispersion is NaN where `farrington` gives no bound or too few weeks were observed. Returns
    None if the panel is too short.
    """
    years = min((len(points) - 1 - HALF_WINDOW) // YEAR_WEEKS, YEARS[1])
    if years < YEARS[0]:
        return None
    last = len(points) - 1
    found = detect(
        points,
        weeks=[last],
        years_back=years,
        half_window=HALF_WINDOW,
        alpha=ALPHA,
        low_count=(int(np.ceil(LOW_COUNT[0] * scale)), LOW_COUNT[1]),
        observed=seen,
        silenced_too=False,
    )
    watched = seen[last - years * YEAR_WEEKS :].mean(axis=0) >= WATCHED
    speaks = watched & ~np.isnan(found.upper[0])
    return found.expected[0], np.where(speaks, found.dispersion[0], np.nan)


def _scale(panel: Panel, source: str, target: Target, pooled: bool) -> float:
    """Return the mean weight of a point: the sum of squared weights over the sum of weights.

    Unless `pooled`, it is computed as if all kinds were equally frequent.
    """
    points = squares = 0
    for kind, weight in severity_weights(source, target).items():
        count = int(panel.series(f"{source}:{kind}").sum(dtype=np.int64)) if pooled else 1
        points += weight * count
        squares += weight**2 * count
    return max(squares / points, 1.0) if points else 1.0

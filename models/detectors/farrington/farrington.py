"""Farrington-flexible: tests whether a week's count is unusual by the same weeks of past years.

Noufaily, Enki, Farrington, Garthwaite, Andrews & Charlett (2013), "An improved algorithm for
outbreak detection in multiple surveillance systems", Statistics in Medicine 32: 1206-1222, as
R's `surveillance::farringtonFlexible` (Salmon, Schumacher & Höhle 2016) computes it with
`thresholdMethod = "nbPlugin"`. It is a quasi-Poisson regression on season groups and a trend,
fitted twice, the second time with lower weights of past outbreaks. The bound is a negative-binomial
quantile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import joblib
import numpy as np
import numpy.typing as npt

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray
from models.detectors.farrington.quasipoisson import (
    ITERATIONS,
    TOLERANCE,
    Buffers,
    FittedCells,
    two_or_more,
)
from models.detectors.farrington.reference_weeks import DAYS, Layout, anniversaries, layout
from models.detectors.farrington.two_passes import two_passes
from models.detectors.series import BoolArray, IntArray, checked_counts, checked_observed
from models.numeric.count_tails import tail, upper_bound

CELLS = 256  # fitted together: their arrays stay in the processor's cache
BATCH = 16 * CELLS
LEAST_YEARS_FOR_TREND = 3


@dataclass(frozen=True, slots=True)
class Detection:
    """Expected counts and alarms, arrays (evaluated weeks, regions).

    All numbers are NaN, and `alarm` is False, where the past is too short or nothing was fitted.

    Attributes:
        expected: Mean of the evaluated week. It is given even if this week was not observed.
        dispersion: Variance over mean. It is given even if the week was not observed.
        upper: Upper bound, NaN where the low-count rule gives none or the week was not observed.
        p_value: P(Y >= y), NaN where the week was not observed.
        alarm: Whether the count is above the bound.
    """

    expected: FloatArray
    dispersion: FloatArray
    upper: FloatArray
    p_value: FloatArray
    alarm: BoolArray


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings of a fit, described in `detect`."""

    years_back: int
    half_window: int
    season_groups: int
    exclude_recent: int
    reweight_at: float
    trend_p: float


def detect(
    counts: npt.ArrayLike,
    *,
    weeks: npt.ArrayLike,
    years_back: int = 5,
    half_window: int = 3,
    season_groups: int = 10,
    exclude_recent: int = 26,
    reweight_at: float = 2.58,
    trend_p: float = 1.0,
    threshold: Literal["nb_plugin"] = "nb_plugin",
    alpha: float = 0.005,
    low_count: tuple[int, int] = (5, 4),
    population: FloatArray | None = None,
    dates: Sequence[date] | None = None,
    observed: BoolArray | None = None,
    silenced_too: bool = True,
) -> Detection:
    """Return expected values, upper bounds and alarms of some weeks of counts.

    References are the weeks within `half_window` of the same week of the last `years_back`
    years, and those between them in `season_groups` - 1 groups. The evaluated week and the
    `exclude_recent` weeks before it are left out. It runs on one core unless
    `joblib.parallel_config` sets another number.

    Args:
        counts: Whole numbers (weeks, regions).
        weeks: The weeks to evaluate, as 0-based rows of `counts`.
        reweight_at: Rows whose residual exceeds it get a lower weight.
        trend_p: The trend is used only if its p-value is below this.
        alpha: Probability above the bound.
        low_count: (events, weeks): no bound is given if fewer events occurred in the last weeks.
        population: Positive (weeks, regions). With it, rates are modelled instead of counts.
        dates: The dates of consecutive weeks. With them, years are those of the calendar. Without
            them, a year has 52 weeks.
        observed: bool (weeks, regions). A week that is not observed is left out of every fit and
            sum: it is missing, not zero.
        silenced_too: Whether to fit cells for which `low_count` allows no bound. If False, all
            their numbers are NaN.

    Raises:
        ModelError: An argument has a wrong shape or a value that is not allowed.
    """
    table = checked_counts("farrington", counts)
    seen = checked_observed("farrington", observed, table)
    judged = _checked_weeks(weeks, len(table), dates)
    size = _checked_population(population, table)
    if threshold != "nb_plugin" or not 0 < alpha < 1 or min(years_back, season_groups) < 1:
        raise ModelError(
            "farrington has the threshold nb_plugin, an alpha between 0 and 1, and at least one "
            f"year and season group; not {threshold}, {alpha}, {years_back}, {season_groups}."
        )
    rules = Rules(years_back, half_window, season_groups, exclude_recent, reweight_at, trend_p)
    enough = _recent(np.where(seen, table, 0), low_count[1])[judged] >= low_count[0]
    wanted = np.ones_like(enough) if silenced_too else enough & seen[judged]
    values = np.where(seen, table, 0).astype(np.float64)
    mask = None if seen.all() else seen.astype(np.float64)
    found = np.full((2, *enough.shape), np.nan)
    parts = list(_parts(judged, wanted, values.sum(axis=0), rules, dates))
    fitted = joblib.Parallel(prefer="threads")(
        joblib.delayed(_fit_batch)(plan, week, region, rules, values, mask, size)
        for plan, _, week, region in parts
    )
    for (_, row, _, region), part in zip(parts, fitted, strict=True):
        found[:, row, region] = part
    return _detection(found, table[judged].astype(np.float64), seen[judged], enough, alpha)


def _detection(
    found: FloatArray, counts: FloatArray, seen: BoolArray, enough: BoolArray, alpha: float
) -> Detection:
    expected, dispersion = found
    known = np.where(seen, expected, np.nan)
    heard = np.where(enough, known, np.nan)
    upper = upper_bound(heard, dispersion, alpha)
    with np.errstate(invalid="ignore"):
        alarm = (counts > upper) & (counts > 0)
    return Detection(expected, dispersion, upper, tail(counts, known, dispersion), alarm)


def _parts(
    judged: IntArray,
    wanted: BoolArray,
    events: FloatArray,
    rules: Rules,
    dates: Sequence[date] | None,
) -> Iterator[tuple[Layout, IntArray, IntArray, IntArray]]:
    """Yield batches of wanted cells that share a layout: the layout, rows, weeks and regions.

    Rows are positions in `judged`. `events` is the number of events of each region.
    """
    alike: dict[tuple[int, ...], list[int]] = {}
    for row, week in enumerate(judged):
        if dates is None or dates[week].year > rules.years_back:
            lags = anniversaries(int(week), rules.years_back, dates)
            if lags[-1] + rules.half_window <= week:
                alike.setdefault(lags, []).append(row)
    for lags, rows in alike.items():
        plan = layout(lags, rules.half_window, rules.season_groups, rules.exclude_recent)
        if not len(plan.lag):
            continue
        within, region = np.nonzero(wanted[rows])
        # Similar series are fitted together, because a batch takes as long as its slowest cell.
        order = np.argsort(events[region], kind="stable")
        within, region = within[order], region[order]
        place = np.asarray(rows, dtype=np.int64)[within]
        for first in range(0, len(place), BATCH):
            part = slice(first, first + BATCH)
            yield plan, place[part], judged[place[part]], region[part]


def _fit_batch(
    plan: Layout,
    week: IntArray,
    region: IntArray,
    rules: Rules,
    values: FloatArray,
    mask: FloatArray | None,
    size: FloatArray | None,
) -> FloatArray:
    """Return expected value and dispersion of cells, (2, cells), fitting `CELLS` at a time."""
    found = np.full((2, len(week)), np.nan)
    back = plan.lag[:, None] * values.shape[1]
    width = min(max(len(week), 2), CELLS)
    room = Buffers(len(plan.lag), width)
    for first in range(0, len(week), CELLS):
        at = week[first : first + CELLS] * values.shape[1] + region[first : first + CELLS]
        # Padded to the full width, because numpy adds up a single column in another order.
        at = np.concatenate([at, np.repeat(at[-1:], width - len(at))])
        where = at - back
        cells = FittedCells(
            plan,
            values.take(where),
            None if mask is None else mask.take(where),
            None if size is None else size.take(where),
        )
        now = np.ones(width) if size is None else size.take(at)
        found[:, first : first + CELLS] = _judge(cells, now, rules, room)[:, : len(week) - first]
    return found


def _judge(cells: FittedCells, population: FloatArray, rules: Rules, room: Buffers) -> FloatArray:
    """Return expected value and dispersion, (2, cells), with the trend where it is kept."""
    rows = cells.rows()
    total = cells.layout.sums(cells.counts).sum(axis=0)
    found = np.full((2, len(total)), np.nan)
    fittable = rows[cells.layout.now] > 0
    # Without any event, R's iterations converge towards a mean of zero, until they end.
    ends = 0.2 * rows.sum(axis=0) * np.expm1(1) * np.exp(-ITERATIONS) < 0.1 * TOLERANCE
    found[:, fittable & (total == 0) & ends] = [[0.0], [1.0]]
    open_ones = fittable & (total > 0)
    if rules.years_back >= LEAST_YEARS_FOR_TREND and rules.trend_p > 0:
        open_ones &= ~_answer(found, open_ones, cells, population, rules, room, trend=True)
    _answer(found, open_ones, cells, population, rules, room, trend=False)
    return found


def _answer(
    found: FloatArray,
    chosen: BoolArray,
    cells: FittedCells,
    population: FloatArray,
    rules: Rules,
    room: Buffers,
    *,
    trend: bool,
) -> BoolArray:
    """Write the valid results of the chosen cells into `found`, and return which are valid."""
    stands = np.zeros(len(chosen), dtype=np.bool_)
    if not chosen.any():
        return stands
    if not chosen.all():
        where = two_or_more(chosen)
        cells, population = cells.take(where), population[where]
        room = room.narrow(*cells.counts.shape)
    else:
        where = np.arange(len(chosen))
    passes = two_passes(
        cells, room, reweight_at=rules.reweight_at, trend_p=rules.trend_p, trend=trend
    )
    with np.errstate(over="ignore"):
        expected = passes.expected * population
    kept = passes.ended
    if trend:
        with np.errstate(invalid="ignore"):
            kept = kept & (passes.trend_p < rules.trend_p)
        kept = kept & (expected <= cells.counts.max(axis=0))
    found[0, where[kept]] = expected[kept]
    found[1, where[kept]] = passes.dispersion[kept]
    stands[where[kept]] = True
    return stands


def _recent(counts: IntArray, length: int) -> IntArray:
    """Return sums over the `length` weeks that end with each week, over fewer at the start."""
    total = np.cumsum(counts, axis=0)
    sums = total.copy()
    sums[length:] -= total[:-length]
    return sums


def _checked_weeks(weeks: npt.ArrayLike, length: int, dates: Sequence[date] | None) -> IntArray:
    judged = np.atleast_1d(np.asarray(weeks))
    if judged.size and (
        judged.dtype.kind not in "iu" or judged.min() < 0 or judged.max() >= length
    ):
        raise ModelError(f"farrington was asked for weeks outside the {length} rows it was given.")
    if dates is not None:
        days = np.diff([day.toordinal() for day in dates])
        if len(dates) != length or (days != DAYS).any():
            raise ModelError(f"farrington takes one date for each of {length} consecutive weeks.")
    return judged.astype(np.int64)


def _checked_population(population: FloatArray | None, counts: IntArray) -> FloatArray | None:
    if population is None:
        return None
    size = np.asarray(population, dtype=np.float64)
    if size.shape != counts.shape or not (np.isfinite(size) & (size > 0)).all():
        raise ModelError(
            f"farrington takes a positive population for each of {counts.shape} counts."
        )
    return np.ascontiguousarray(size)

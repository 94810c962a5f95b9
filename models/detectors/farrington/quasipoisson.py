"""Quasi-Poisson regressions on season groups and one slope, for many cells at once.

A cell is one evaluated week of one region. Arrays are (rows, cells), with the rows of a `Layout`.
The model is log μ = level of the group + slope × time. The design is one factor and one slope.
Newton's step (which is the weighted least-squares step of R's `glm`) is closed form for any number
of groups, given the sums over groups of exp(slope × time), of that times time and times time². So
an iteration costs one exponential a row, and none without a slope. Hat values are closed form too.

The iterations start and end where those of R's `glm` do, because the result depends on the last
step: the dispersion that determines the weights is computed with the means of the step before.

All work is done in buffers that are allocated once, because allocating them each time costs more
than the arithmetic. Sums have a fixed order, so that a cell's result never depends on the others.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray
from models.detectors.farrington.reference_weeks import Layout
from models.detectors.series import BoolArray

TINY = float(np.finfo(np.float64).tiny)
EPS = float(np.finfo(np.float64).eps)  # least mean, as in R's logarithmic link
START = 0.1  # added to the counts for the first step
STEEPEST = 5.5  # greatest |slope| a week, so that its exponentials stay finite
STILL = 1e-13  # a slope that changed less, over all reference weeks, has converged
# The limits of R's glm: number of iterations, and relative change of the deviance at the end.
ITERATIONS = 25
TOLERANCE = 1e-8
ROUNDING = 1e-12  # times the events: smaller differences of deviance are rounding errors


@dataclass(frozen=True, slots=True)
class FittedCells:
    """The data of a fit, float64 (rows, cells).

    Attributes:
        layout: The reference weeks that the rows are.
        counts: Counts, 0 where not observed.
        observed: 1 where observed, else 0, or None if all were observed.
        population: Population of each count, or None if counts are modelled instead of rates.
    """

    layout: Layout
    counts: FloatArray
    observed: FloatArray | None
    population: FloatArray | None

    def take(self, cells: npt.NDArray[np.int64]) -> "FittedCells":
        """Return some of the cells."""
        return replace(
            self,
            counts=np.ascontiguousarray(self.counts[:, cells]),
            observed=_columns(self.observed, cells),
            population=_columns(self.population, cells),
        )

    def rows(self) -> FloatArray:
        """Return the number of observed rows of each group, (groups, cells)."""
        if self.observed is not None:
            return self.layout.sums(self.observed)
        sizes = np.bincount(self.layout.group, minlength=self.layout.groups)
        return np.repeat(sizes[:, None].astype(np.float64), self.counts.shape[1], axis=1)


def _columns(values: FloatArray | None, cells: npt.NDArray[np.int64]) -> FloatArray | None:
    return None if values is None else np.ascontiguousarray(values[:, cells])


@dataclass(slots=True)
class RegressionLine:
    """Logarithms of levels (groups, cells) and slopes (cells,)."""

    level: FloatArray
    slope: FloatArray

    def held(self, ended: BoolArray, other: "RegressionLine") -> "RegressionLine":
        """Return this line where a cell has ended, else the other line."""
        level = np.where(ended, self.level, other.level)
        return RegressionLine(level, np.where(ended, self.slope, other.slope))


@dataclass(slots=True)
class RegressionFit:
    """A line, the step that led to it, and whether the iterations ended (cells,).

    The fitted means (rows, cells) are in `Buffers.mean`.
    """

    line: RegressionLine
    step: RegressionLine
    ended: BoolArray

    def ahead(self, layout: Layout) -> FloatArray:
        """Return the mean of the evaluated week, for a population of one, (cells,)."""
        with np.errstate(over="ignore"):
            ahead = self.line.level[layout.now] + self.line.slope * layout.time_now
            return np.asarray(np.exp(ahead))


class Buffers:
    """Preallocated arrays (rows, cells), reused for all fits of a batch."""

    def __init__(self, rows: int, cells: int, room: FloatArray | None = None) -> None:
        self.room = np.empty(9 * rows * cells) if room is None else room
        parts = self.room[: 9 * rows * cells].reshape(9, rows, cells)
        self.powers = parts[:3]  # adjacent, because all three are summed in one call
        self.work = parts[0]
        self.mean, self.pearson, self.hat, self.weight, self.start, self.own = parts[3:]

    def narrow(self, rows: int, cells: int) -> "Buffers":
        """Return buffers for fewer cells in the same memory."""
        return Buffers(rows, cells, self.room)


def prepare(cells: FittedCells, room: Buffers) -> None:
    """Compute what both passes start with.

    It writes (y + 0.1) × the first working response into `room.start`, and the part of the deviance
    that depends only on the counts, y log y - y, into `room.own`.
    """
    np.add(cells.counts, START, out=room.work)
    np.log(room.work, out=room.start)
    if cells.population is not None:
        room.start -= np.log(cells.population)
    room.start *= room.work
    room.start -= START
    np.maximum(cells.counts, 1.0, out=room.own)
    np.log(room.own, out=room.own)
    room.own -= 1.0
    if cells.population is not None:
        room.own -= np.log(cells.population)
    room.own *= cells.counts


@dataclass(slots=True)
class Moments:
    """Weighted sums over groups of exp(slope × time), times the population, (groups, cells).

    `first` and `second` are the sums of the same times time and times time². They are used only
    with a trend.
    """

    whole: FloatArray
    first: FloatArray
    second: FloatArray

    def held(self, at_rest: BoolArray, other: "Moments") -> "Moments":
        """Return these moments where the slope is at rest, else the other ones."""
        pairs = zip(
            (self.whole, self.first, self.second),
            (other.whole, other.first, other.second),
            strict=True,
        )
        return Moments(*(np.where(at_rest, one, two) for one, two in pairs))


def fit(
    cells: FittedCells, weight: FloatArray | None, room: Buffers, *, trend: bool
) -> RegressionFit:
    """Fit the cells with row weights (rows, cells), or None for a weight of one each."""
    layout = cells.layout
    number = cells.counts.shape[1]
    events = layout.sums(_times(cells.counts, weight, room.work))
    moment = np.zeros(number)
    if trend:
        np.multiply(_times(cells.counts, weight, room.work), layout.time, out=room.work)
        moment = layout.sums(room.work).sum(axis=0)
    own = layout.sums(_times(room.own, weight, room.work)).sum(axis=0)
    line = _first_line(cells, weight, room, trend)
    step = RegressionLine(np.zeros_like(line.level), np.zeros(number))
    ended = np.zeros(number, dtype=np.bool_)
    moments = _moments(cells, weight, line.slope, room, trend)
    noise = ROUNDING * events.sum(axis=0)
    span = float(layout.lag.max())
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        fitted = np.exp(line.level) * moments.whole
        for _ in range(ITERATIONS - 1):
            shift, gained = _newton(line, moments, events, moment, trend)
            ahead = RegressionLine(line.level + shift.level, line.slope + shift.slope)
            moving = ~ended & (np.abs(shift.slope) * span > STILL)
            if moving.any():
                there = _moments(cells, weight, ahead.slope, room, trend)
                moments = moments.held(~moving, there)
            after = np.exp(ahead.level) * moments.whole
            loss = fitted - after + events * shift.level
            change = 2 * (loss.sum(axis=0) + moment * shift.slope)
            change = np.where(np.abs(change) > noise, change, gained)
            explained = _dot(events, ahead.level) + moment * ahead.slope
            deviance = 2 * (own + after.sum(axis=0) - explained)
            line, step = line.held(ended, ahead), step.held(ended, shift)
            fitted = np.where(ended, fitted, after)
            ended |= np.abs(change) < TOLERANCE * (np.abs(deviance) + 0.1)
            if ended.all():
                break
    _means(cells, line, room)
    return RegressionFit(line, step, ended)


def _newton(
    line: RegressionLine, moments: Moments, events: FloatArray, moment: FloatArray, trend: bool
) -> tuple[RegressionLine, FloatArray]:
    """Return Newton's step and the decrease of the deviance that it predicts, (cells,)."""
    level = np.exp(line.level)
    fitted = np.maximum(level * moments.whole, TINY)
    score = events - level * moments.whole
    shift = np.where(moments.whole > 0, score / fitted, 0.0)
    if not trend:
        return RegressionLine(shift, np.zeros_like(moment)), _dot(score, shift)
    centre = moments.first / np.maximum(moments.whole, TINY)
    spread = (level * (moments.second - moments.first * centre)).sum(axis=0)
    score_slope = moment - _dot(level, moments.first)
    tilt = (score_slope - _dot(centre, score)) / np.maximum(spread, TINY)
    tilt = np.clip(line.slope + tilt, -STEEPEST, STEEPEST) - line.slope
    shift = shift - centre * tilt
    return RegressionLine(shift, tilt), _dot(score, shift) + score_slope * tilt


def _dot(one: FloatArray, other: FloatArray) -> FloatArray:
    return np.asarray((one * other).sum(axis=0))


def _first_line(
    cells: FittedCells, weight: FloatArray | None, room: Buffers, trend: bool
) -> RegressionLine:
    """Return the least-squares line that `glm` starts with, taking the counts + 0.1 as means."""
    layout = cells.layout
    np.add(cells.counts, START, out=room.work)
    _times(room.work, weight, room.work)
    if trend:
        whole, first, second = _summed(room.powers, layout)
    else:
        whole = layout.sums(room.work)
    whole = np.maximum(whole, TINY)
    target = _times(room.start, weight, room.work)
    middle = layout.sums(target) / whole
    if not trend:
        return RegressionLine(middle, np.zeros(middle.shape[1]))
    np.multiply(target, layout.time, out=room.work)
    across = layout.sums(room.work) - middle * first
    spread = (second - first**2 / whole).sum(axis=0)
    slope = np.clip(across.sum(axis=0) / np.maximum(spread, TINY), -STEEPEST, STEEPEST)
    return RegressionLine(middle - slope * first / whole, slope)


def _moments(
    cells: FittedCells, weight: FloatArray | None, slope: FloatArray, room: Buffers, trend: bool
) -> Moments:
    layout = cells.layout
    if trend:
        np.multiply(layout.time, slope, out=room.work)
        np.exp(room.work, out=room.work)
    else:
        room.work.fill(1.0)
    if cells.population is not None:
        room.work *= cells.population
    _times(room.work, weight, room.work)
    if not trend:
        whole = layout.sums(room.work)
        return Moments(whole, whole, whole)
    return Moments(*_summed(room.powers, layout))


def _summed(powers: FloatArray, layout: Layout) -> FloatArray:
    """Return the sums over groups of `powers[0]`, of it times time, and of it times time²."""
    np.multiply(powers[0], layout.time, out=powers[1])
    np.multiply(powers[1], layout.time, out=powers[2])
    return layout.sums(powers)


def _means(cells: FittedCells, line: RegressionLine, room: Buffers) -> None:
    """Write the means of the line into `room.mean`, at least the minimum of R's link."""
    layout = cells.layout
    np.take(line.level, layout.group, axis=0, out=room.mean, mode="clip")
    np.multiply(layout.time, line.slope, out=room.work)
    room.mean += room.work
    with np.errstate(over="ignore"):
        np.exp(room.mean, out=room.mean)
    if cells.population is not None:
        room.mean *= cells.population
    np.maximum(room.mean, EPS, out=room.mean)


def _times(values: FloatArray, weight: FloatArray | None, out: FloatArray) -> FloatArray:
    return values if weight is None else np.multiply(values, weight, out=out)


def two_or_more(chosen: BoolArray) -> npt.NDArray[np.int64]:
    """Return the indices of the chosen cells, a single one twice.

    Numpy adds up a single column in another order than several ones.
    """
    where = np.flatnonzero(chosen)
    return np.repeat(where, 2) if len(where) == 1 else where

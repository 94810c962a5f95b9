"""The inputs of every member of the ensemble: one array in which each kind of event has its row.

A column is a number computed from one kind alone: a window sum, the weeks since the last event, a
decayed rate, or the sum of a past block. It describes the region itself, its country, its
neighbours or all regions. So each kind can be replaced separately by that of a median week, which
the computation of drivers needs. Separate fields hold what belongs to the question and not to the
evidence: the bar, how long the region was observed, how many subdivisions share its country.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.inputs.neighbours import neighbours_of
from models.inputs.panel_memo import once_per_panel
from models.inputs.rates import HALF_LIVES, RATE_MEMORY_WEEKS, Rates, rates_over, total_rates
from models.inputs.sums import Sums
from models.inputs.targets import bar, kinds_read, severity_weights, unit, was_observed
from models.inputs.votes import weeks_to_votes

WINDOWS = (1, 4, 12, 26, 52, 156)
COUNTRY_WINDOWS = (4, 26, 156)
COUNTRY_HALF_LIVES = (4, 26, 104, 520)
NEAR_HALF_LIVES = (8, 52, 260)
WORLD_HALF_LIVES = (8, 52)
EXPOSURE_WEEKS = max(WINDOWS)
SINCE_WEEKS = 260
WINDOW_MEMORY_WEEKS = max(EXPOSURE_WEEKS, SINCE_WEEKS)
MEMORY_WEEKS = max(WINDOW_MEMORY_WEEKS, RATE_MEMORY_WEEKS)
YEAR_WEEKS = 52

SINCE = len(WINDOWS)
COUNTRY = SINCE + 1
RATES = COUNTRY + len(COUNTRY_WINDOWS)
COUNTRY_RATES = RATES + len(HALF_LIVES)
NEAR = COUNTRY_RATES + len(COUNTRY_HALF_LIVES)
WORLD = NEAR + len(NEAR_HALF_LIVES)
BLOCKS = WORLD + len(WORLD_HALF_LIVES)

PER_REPORTS = 20.0  # shares are given per so many reports, so that they are as large as rates

Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Inputs:
    """Rows of inputs. Arrays have the leading axes (...) in common.

    Attributes:
        kinds: The kinds of events that are read, `kind[:flag]`.
        values: float64 (..., kinds, columns). The columns are sums over `WINDOWS`, weeks since the
            last event (at most 260), sums of the country over `COUNTRY_WINDOWS`, rates (events in
            h weeks) at `HALF_LIVES`, the country's at `COUNTRY_HALF_LIVES`, the neighbours' at
            `NEAR_HALF_LIVES`, the mean of all countries at `WORLD_HALF_LIVES`, and the sums of the
            past year's h-week blocks, newest first.
        votes: Weeks to the next vote, since the last one and since one that was put off (..., 3),
            at most 52, NaN where no calendar of the country is known.
        bar: Points that the target needs (...).
        exposure: Observed weeks of the last 156 (...).
        siblings: Number of subdivisions of the region's country, 0 for a country (...).
        weights: Points of one event of each kind (kinds,).
        unit: Points that count as one event.
        relative: Rates are shares of what the source reports at the same half-life, per
            `PER_REPORTS` reports: a region's rate as a share of its own reports, those around it
            as a share of a mean country's. This is for sources coded by machine, whose number of
            events grows with the news that is online. Windows and past blocks stay counts.
    """

    kinds: tuple[str, ...]
    values: FloatArray
    votes: FloatArray
    bar: FloatArray
    exposure: FloatArray
    siblings: FloatArray
    weights: FloatArray
    unit: int
    horizon_weeks: int
    relative: bool = False

    @property
    def needed(self) -> FloatArray:
        """Number of units (of `unit` points) that reaches the bar."""
        return self.bar / self.unit

    def of(self, *kinds: str) -> FloatArray:
        """Return the sum of the columns of some kinds (..., columns).

        Kinds that are not read count as zero.
        """
        rows = [self.kinds.index(kind) for kind in kinds if kind in self.kinds]
        return np.asarray(self.values[..., rows, :].sum(axis=-2))

    def since(self, *kinds: str) -> FloatArray:
        """Return the weeks since the last event of any of some kinds (...), 260 if none is read."""
        rows = [self.kinds.index(kind) for kind in kinds if kind in self.kinds]
        return np.asarray(self.values[..., rows, SINCE].min(axis=-1, initial=float(SINCE_WEEKS)))

    def points(self, column: int) -> FloatArray:
        """Return the severity by one column, in points (...)."""
        return np.asarray((self.values[..., column] * self.weights).sum(axis=-1))

    def block_points(self) -> FloatArray:
        """Return the severity of each past block, in points (..., blocks)."""
        return np.asarray((self.values[..., BLOCKS:] * self.weights[:, None]).sum(axis=-2))

    def take(self, rows: npt.NDArray[Any]) -> "Inputs":
        """Return some rows of the first axis."""
        return replace(
            self,
            values=self.values[rows],
            votes=self.votes[rows],
            bar=self.bar[rows],
            exposure=self.exposure[rows],
            siblings=self.siblings[rows],
        )

    def with_evidence(self, values: FloatArray, votes: FloatArray) -> "Inputs":
        """Return a copy with the same question and other evidence."""
        return replace(self, values=values, votes=votes)


def stack(parts: Sequence[Inputs]) -> Inputs:
    """Concatenate the rows of several inputs of one model."""
    return replace(
        parts[0],
        values=np.concatenate([part.values for part in parts]),
        votes=np.concatenate([part.votes for part in parts]),
        bar=np.concatenate([part.bar for part in parts]),
        exposure=np.concatenate([part.exposure for part in parts]),
        siblings=np.concatenate([part.siblings for part in parts]),
    )


def inputs_at_origin(
    panel: Panel,
    regions: Sequence[str],
    source: str,
    target: Target,
    horizon_weeks: int,
    *,
    relative: bool = False,
) -> Inputs:
    """Return the inputs of `regions` at the panel's origin, one row each."""
    recent = panel.recent(EXPOSURE_WEEKS)
    where = positions(panel, regions)
    kinds = kinds_read(source, target, every=relative)
    points = severity_weights(source, target)
    seen = was_observed(recent, source, target)[:, where]
    return Inputs(
        kinds=kinds,
        values=values_over(
            panel, regions, source, kinds, horizon_weeks, weeks=1, relative=relative
        )[0],
        votes=weeks_to_votes(panel, countries_of(panel, regions), weeks=1)[0],
        bar=bar(panel, source, target, horizon_weeks)[where],
        exposure=seen.sum(axis=0).astype(np.float64),
        siblings=siblings_of(panel, regions),
        weights=np.array([points.get(kind, 0) for kind in kinds], dtype=np.float64),
        unit=unit(target),
        horizon_weeks=horizon_weeks,
        relative=relative,
    )


@once_per_panel
def inputs_of_level(
    panel: Panel,
    level: Level,
    source: str,
    target: Target,
    horizon_weeks: int,
    relative: bool = False,
) -> Inputs:
    """Return the inputs of the panel's regions of a level, in its order, at its origin."""
    regions = panel.at(level)
    return inputs_at_origin(panel, regions, source, target, horizon_weeks, relative=relative)


def values_over(
    panel: Panel,
    regions: Sequence[str],
    source: str,
    kinds: Sequence[str],
    horizon_weeks: int,
    *,
    weeks: int,
    relative: bool = False,
) -> FloatArray:
    """Return the values at each of the last `weeks` weeks.

    They are float64 (weeks, regions, kinds, columns), with the columns of `Inputs`. Weeks before
    the panel count as zero. An empty panel gives zeros at its origin.
    """
    blocks = YEAR_WEEKS // horizon_weeks
    values = np.zeros((weeks, len(regions), len(kinds), BLOCKS + blocks))
    where, countries = positions(panel, regions), countries_of(panel, regions)
    rates = rates_over(panel, source, kinds, weeks=weeks)
    every = total_rates(panel, source, weeks=weeks) if relative else None
    for row, (kind, rates_of_kind) in enumerate(zip(kinds, rates, strict=True)):
        _windows(values[:, :, row], panel, f"{source}:{kind}", where, countries, horizon_weeks)
        _rates(values[:, :, row], panel, rates_of_kind, where, countries, every)
    values[..., RATES:BLOCKS] *= PER_REPORTS if relative else horizon_weeks
    return values


def _windows(
    values: FloatArray, panel: Panel, signal: str, where: Index, countries: Index, horizon: int
) -> None:
    """Fill in the sums of one signal in `values` (weeks, regions, columns)."""
    weeks = len(values)
    recent = panel.recent(WINDOW_MEMORY_WEEKS + weeks - 1)
    ends = np.arange(recent.weeks - weeks, recent.weeks)
    newest = np.broadcast_to(ends, (len(WINDOWS), weeks))
    blocks = values.shape[-1] - BLOCKS
    past = ends - horizon * np.arange(blocks)[:, None]
    sums = Sums(recent, signal, where)
    values[..., :SINCE] = sums.over(newest, WINDOWS)
    values[..., SINCE] = sums.since(ends, SINCE_WEEKS)
    values[..., BLOCKS:] = sums.over(past, (horizon,) * blocks)
    country = Sums(recent, signal, countries)
    values[..., COUNTRY:RATES] = country.over(newest[: len(COUNTRY_WINDOWS)], COUNTRY_WINDOWS)


def _rates(
    values: FloatArray,
    panel: Panel,
    rates: Rates,
    where: Index,
    countries: Index,
    every: Rates | None,
) -> None:
    """Fill in the rates of one signal, in events a week, or its shares of `every` report."""

    def ladder(columns: Index, half_lives: Sequence[int]) -> FloatArray:
        if every is None:
            return rates.ladder(columns, half_lives)
        return rates.shares(columns, half_lives, every)

    values[..., RATES:COUNTRY_RATES] = ladder(where, HALF_LIVES)
    own, back = np.unique(countries, return_inverse=True)
    values[..., COUNTRY_RATES:NEAR] = ladder(own, COUNTRY_HALF_LIVES)[:, back]
    values[..., NEAR:WORLD] = _near(panel, rates, where)
    for column, half_life in enumerate(WORLD_HALF_LIVES):
        values[..., WORLD + column] = rates.mean(half_life)[:, :1]
    if every is not None:
        ladders = (*NEAR_HALF_LIVES, *WORLD_HALF_LIVES)
        reported = [every.mean(half_life)[:, 0] for half_life in ladders]
        values[..., NEAR:BLOCKS] /= np.stack(reported, axis=-1)[:, None]


def _near(panel: Panel, rates: Rates, where: Index) -> FloatArray:
    """Return the mean rates of each region's neighbours (weeks, regions, half-lives).

    A region without known neighbours gets the mean of its level. Neighbours are added up one after
    the other, so that the sum does not depend on the order of regions.
    """
    known = neighbours_of(panel)
    index, weight = known.index[where], known.weight[where]
    wanted, back = np.unique(index, return_inverse=True)
    ladder = rates.ladder(wanted, NEAR_HALF_LIVES)
    back = back.reshape(index.shape)
    near = np.zeros((len(ladder), len(where), len(NEAR_HALF_LIVES)))
    for column in range(index.shape[1]):
        near += weight[:, column, None] * ladder[:, back[:, column]]
    lonely = np.flatnonzero(weight.sum(axis=1) == 0)
    part = rates.exposure.is_part[where[lonely]].astype(np.int64)
    for column, half_life in enumerate(NEAR_HALF_LIVES):
        near[:, lonely, column] = rates.mean(half_life)[:, part]
    return near


def chosen(regions: Sequence[str], only: Sequence[str] | None) -> tuple[str, ...]:
    """Return the regions that are in `only`, or all if it is None, in their order."""
    if only is None:
        return tuple(regions)
    wanted = frozenset(only)
    return tuple(region for region in regions if region in wanted)


def rows_among(regions: Sequence[str], wanted: Sequence[str]) -> Index:
    """Return the position in `regions` of each wanted region."""
    row = {region: index for index, region in enumerate(regions)}
    return np.array([row[region] for region in wanted], dtype=np.int64)


def positions(panel: Panel, regions: Sequence[str]) -> Index:
    """Return the position of each region in the panel."""
    return np.array([panel.region_index[region] for region in regions], dtype=np.int64)


def countries_of(panel: Panel, regions: Sequence[str]) -> Index:
    """Return the position of each region's country, or its own if the panel lacks the country."""
    index = panel.region_index
    return np.array(
        [index.get(panel.parents.get(region, region), index[region]) for region in regions],
        dtype=np.int64,
    )


def siblings_of(panel: Panel, regions: Sequence[str]) -> FloatArray:
    """Return the number of subdivisions of each region's country, 0 for a country."""
    numbers: dict[str, int] = {}
    for country in panel.parents.values():
        numbers[country] = numbers.get(country, 0) + 1
    return np.array([numbers.get(panel.parents.get(region, ""), 0) for region in regions], float)

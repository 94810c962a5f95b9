"""What every member of the ensemble sees: one array in which each kind of event has its row.

A column is a number worked out from one kind alone (a window sum, the weeks since, the sum of a
past block). So the kinds can be exchanged one by one against those of a median week, which is
what the drivers do. What belongs to the question and not to the evidence (the bar, how long the
region was watched, how many subdivisions share its country) stands beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.targets import bar, kinds_read, severity_weights, unit, was_observed

WINDOWS = (1, 4, 12, 26, 52, 156)
COUNTRY_WINDOWS = (4, 26, 156)
MEMORY_WEEKS = max(WINDOWS)
YEAR_WEEKS = 52

SINCE = len(WINDOWS)
COUNTRY = SINCE + 1
BLOCKS = COUNTRY + len(COUNTRY_WINDOWS)

Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Inputs:
    """Rows of inputs; `values` is float64 (..., kinds, columns), the others (...) alike.

    Columns: sums over `WINDOWS`, weeks since the last event (at most 156), sums of the country
    over `COUNTRY_WINDOWS`, and the sums of the past year's h-week blocks, newest first.
    `bar` is in points, `weights` (kinds,) are points of one event, `unit` points of "one event".
    `exposure` is weeks observed of the last 156, `siblings` the number of subdivisions of the
    region's country (0 for a country).
    """

    kinds: tuple[str, ...]
    values: FloatArray
    bar: FloatArray
    exposure: FloatArray
    siblings: FloatArray
    weights: FloatArray
    unit: int
    horizon_weeks: int

    @property
    def needed(self) -> FloatArray:
        """Units that reach the bar."""
        return self.bar / self.unit

    def of(self, *kinds: str) -> FloatArray:
        """Columns of some kinds added up (..., columns); kinds that are not read count zero."""
        rows = [self.kinds.index(kind) for kind in kinds if kind in self.kinds]
        return np.asarray(self.values[..., rows, :].sum(axis=-2))

    def points(self, column: int) -> FloatArray:
        """Severity by one column, in points (...)."""
        return np.asarray((self.values[..., column] * self.weights).sum(axis=-1))

    def block_points(self) -> FloatArray:
        """Severity of each past block, in points (..., blocks)."""
        return np.asarray((self.values[..., BLOCKS:] * self.weights[:, None]).sum(axis=-2))

    def take(self, rows: npt.NDArray[Any]) -> "Inputs":
        """Some rows of the first axis."""
        return replace(
            self,
            values=self.values[rows],
            bar=self.bar[rows],
            exposure=self.exposure[rows],
            siblings=self.siblings[rows],
        )

    def with_values(self, values: FloatArray) -> "Inputs":
        """The same question asked of other evidence."""
        return replace(self, values=values)


def stack(parts: Sequence[Inputs]) -> Inputs:
    """Rows of several inputs of one model, one after the other."""
    return replace(
        parts[0],
        values=np.concatenate([part.values for part in parts]),
        bar=np.concatenate([part.bar for part in parts]),
        exposure=np.concatenate([part.exposure for part in parts]),
        siblings=np.concatenate([part.siblings for part in parts]),
    )


def inputs_at_origin(
    panel: Panel, regions: Sequence[str], source: str, target: Target, horizon_weeks: int
) -> Inputs:
    """Inputs of `regions` at the panel's origin, one row each."""
    recent = panel.recent(MEMORY_WEEKS)
    where = positions(panel, regions)
    kinds = kinds_read(source, target)
    points = severity_weights(source, target)
    seen = was_observed(recent, source, target)[:, where]
    return Inputs(
        kinds=kinds,
        values=values_over(panel, regions, source, kinds, horizon_weeks, weeks=1)[0],
        bar=bar(panel, source, target, horizon_weeks)[where],
        exposure=seen.sum(axis=0).astype(np.float64),
        siblings=siblings_of(panel, regions),
        weights=np.array([points.get(kind, 0) for kind in kinds], dtype=np.float64),
        unit=unit(target),
        horizon_weeks=horizon_weeks,
    )


def values_over(
    panel: Panel,
    regions: Sequence[str],
    source: str,
    kinds: Sequence[str],
    horizon_weeks: int,
    *,
    weeks: int,
) -> FloatArray:
    """Values at each of the last `weeks` weeks, float64 (weeks, regions, kinds, columns).

    Weeks before the panel count zero; an empty panel answers zeros at its origin.
    """
    recent = panel.recent(MEMORY_WEEKS + weeks - 1)
    blocks = YEAR_WEEKS // horizon_weeks
    values = np.zeros((weeks, len(regions), len(kinds), BLOCKS + blocks))
    where = positions(panel, regions)
    countries = countries_of(panel, regions)
    ends = np.arange(recent.weeks - weeks, recent.weeks)
    newest = np.broadcast_to(ends, (len(WINDOWS), weeks))
    past = ends - horizon_weeks * np.arange(blocks)[:, None]
    for row, kind in enumerate(kinds):
        sums = _Sums(recent, f"{source}:{kind}", where)
        values[:, :, row, :SINCE] = sums.over(newest, WINDOWS)
        values[:, :, row, SINCE] = sums.since(ends)
        values[:, :, row, BLOCKS:] = sums.over(past, (horizon_weeks,) * blocks)
        country = _Sums(recent, f"{source}:{kind}", countries)
        values[:, :, row, COUNTRY:BLOCKS] = country.over(
            newest[: len(COUNTRY_WINDOWS)], COUNTRY_WINDOWS
        )
    return values


class _Sums:
    """Sums of one signal over any window of a panel, by differences of running totals."""

    def __init__(self, panel: Panel, signal: str, where: Index) -> None:
        self.series = panel.series(signal)[:, where]
        total = np.cumsum(self.series, axis=0, dtype=np.int64)
        self.total = np.concatenate([np.zeros((1, len(where)), dtype=np.int64), total])
        spans = panel.spans.select(panel.spans.signal == panel.signal_index.get(signal, -1))
        # One region may be asked for several times (the country of several subdivisions).
        self.spans = [
            (int(spans.first[i]), int(spans.last[i]), int(spans.count[i]), columns)
            for i in range(len(spans.count))
            if len(columns := np.flatnonzero(where == spans.region[i]))
        ]

    def over(self, ends: Index, lengths: Sequence[int]) -> Index:
        """Sums over windows, int64 (weeks, regions, windows).

        Window i holds the `lengths[i]` weeks that end with each of `ends[i]`, (windows, weeks).
        """
        length = np.array(lengths)[:, None]
        stop = np.maximum(ends + 1, 0)
        sums = self.total[stop] - self.total[np.maximum(stop - length, 0)]
        for first, last, count, columns in self.spans:
            window, week = np.nonzero((ends >= last) & (ends - length < first))
            sums[window[:, None], week[:, None], columns] += count
        return np.asarray(np.moveaxis(sums, 0, -1), dtype=np.int64)

    def since(self, ends: Index) -> Index:
        """Weeks since the last event, 0 for one in the week itself, at most `MEMORY_WEEKS`."""
        weeks = np.arange(len(self.series))[:, None]
        never = -MEMORY_WEEKS - len(self.series)
        seen = np.maximum.accumulate(np.where(self.series > 0, weeks, never), axis=0)
        none = np.full((1, self.series.shape[1]), never, dtype=np.int64)
        seen = np.concatenate([none, seen])[np.maximum(ends + 1, 0)]
        for first, last, _, columns in self.spans:
            held = np.ix_(np.flatnonzero(ends >= last), columns)
            seen[held] = np.maximum(seen[held], first)
        return np.asarray(np.clip(ends[:, None] - seen, 0, MEMORY_WEEKS))


def positions(panel: Panel, regions: Sequence[str]) -> Index:
    """Position of each region in the panel."""
    return np.array([panel.region_index[region] for region in regions], dtype=np.int64)


def countries_of(panel: Panel, regions: Sequence[str]) -> Index:
    """Position of each region's country; its own where the panel leaves the country out."""
    index = panel.region_index
    return np.array(
        [index.get(panel.parents.get(region, region), index[region]) for region in regions],
        dtype=np.int64,
    )


def siblings_of(panel: Panel, regions: Sequence[str]) -> FloatArray:
    """Number of subdivisions of each region's country, 0 for a country."""
    numbers: dict[str, int] = {}
    for country in panel.parents.values():
        numbers[country] = numbers.get(country, 0) + 1
    return np.array([numbers.get(panel.parents.get(region, ""), 0) for region in regions], float)

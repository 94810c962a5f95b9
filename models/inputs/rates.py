"""Decayed rates: how often something happened, where the recent past has the greatest weight.

A rate with half-life H weighs an event of w weeks ago by 2^(-w/H). A self-exciting process is a
sum of such kernels (Hawkes 1971). Half-lives from two weeks to ten years let a linear model
distinguish a country's habits from its last month.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.inputs.panel_memo import once_per_panel

HALF_LIVES = (2, 4, 8, 16, 52, 104, 260, 520)
RATE_MEMORY_WEEKS = 780
# A rate starts at the mean of all regions, as if that had been observed for so many weeks. So eight
# weeks of history give a reasonable rate, and after two years it is the region's own.
PSEUDO_WEEKS = 4.0
PSEUDO_REPORTS = 20.0  # the same for shares of reports
# A mean starts at one event in a thousand region-weeks, with the weight of twenty region-weeks.
MEAN_EVENTS, MEAN_WEEKS = 0.02, 20.0

WIDE = 150  # from so many columns on, a loop over weeks is faster
Columns = npt.NDArray[Any]
BoolArray = npt.NDArray[np.bool_]


class Exposure:
    """How long each region of a panel was observed, by half-life, at its last `weeks` weeks.

    The kinds of a source are observed together: a week that was observed for one of its signals
    counts as observed for all.
    """

    def __init__(self, panel: Panel, source: str, weeks: int) -> None:
        recent = panel.recent(RATE_MEMORY_WEEKS + weeks - 1)
        read = [i for i, name in enumerate(panel.signals) if name.partition(":")[0] == source]
        seen = np.asarray(recent.observed[:, :, read].any(axis=2))
        _, first, which = np.unique(
            np.packbits(seen, axis=0), axis=1, return_index=True, return_inverse=True
        )
        self.weeks = weeks
        self.is_part = np.array([region in panel.parents for region in panel.regions], dtype=bool)
        self._patterns = seen[:, first].astype(np.float64)
        self._which = which.reshape(-1)
        self._totals = np.stack(
            [seen[:, self.is_part == part].sum(axis=1) for part in (False, True)], axis=-1
        ).astype(np.float64)
        self._known: dict[int, FloatArray] = {}
        self._known_totals: dict[int, FloatArray] = {}

    def of(self, columns: Columns, half_life: int) -> FloatArray:
        """Return the decayed observed weeks of some regions (weeks, columns)."""
        if half_life not in self._known:
            self._known[half_life] = decayed(self._patterns, half_life, self.weeks)
        return self._known[half_life][:, self._which[columns]]

    def total(self, half_life: int) -> FloatArray:
        """Return decayed observed region-weeks of all countries and all subdivisions (weeks, 2)."""
        if half_life not in self._known_totals:
            self._known_totals[half_life] = decayed(self._totals, half_life, self.weeks)
        return self._known_totals[half_life]


@dataclass(frozen=True)
class Rates:
    """Decayed rates of one signal at the last weeks of a panel, in events a week.

    `series` is (weeks, regions). An event that spans several weeks is counted in the last of them.
    """

    series: FloatArray
    exposure: Exposure
    _means: dict[int, FloatArray] = field(default_factory=dict)
    _known: dict[int, tuple[FloatArray, BoolArray]] = field(default_factory=dict)

    @classmethod
    def of(cls, panel: Panel, signal: str, exposure: Exposure) -> "Rates":
        """Return the rates at the weeks of `exposure`, from the `RATE_MEMORY_WEEKS` before each."""
        recent = panel.recent(RATE_MEMORY_WEEKS + exposure.weeks - 1)
        series = recent.series(signal).astype(np.float64)
        spans = recent.spans.select(recent.spans.signal == recent.signal_index.get(signal, -1))
        inside = (spans.first >= 0) & (spans.last < recent.weeks)
        np.add.at(series, (spans.last[inside], spans.region[inside]), spans.count[inside])
        return cls(series, exposure)

    def ladder(self, columns: Columns, half_lives: Sequence[int]) -> FloatArray:
        """Return rates shrunk to the mean of each region's level (weeks, columns, half-lives)."""
        rates = np.empty((self.exposure.weeks, len(columns), len(half_lives)))
        part = self.exposure.is_part[columns].astype(np.int64)
        for place, half_life in enumerate(half_lives):
            drawn = PSEUDO_WEEKS * self.mean(half_life)[:, part]
            events = self._events(half_life, columns) + drawn
            rates[..., place] = events / (self.exposure.of(columns, half_life) + PSEUDO_WEEKS)
        return rates

    def shares(self, columns: Columns, half_lives: Sequence[int], every: "Rates") -> FloatArray:
        """Return shares of this signal in `every` report (weeks, columns, half-lives).

        Each is shrunk to the share of its level with the weight of `PSEUDO_REPORTS`. A share of few
        reports is uncertain, and the number of reports grows with the news that is online.
        """
        found = np.empty((self.exposure.weeks, len(columns), len(half_lives)))
        part = self.exposure.is_part[columns].astype(np.int64)
        for place, half_life in enumerate(half_lives):
            usual = (self.mean(half_life) / every.mean(half_life))[:, part]
            events, reports = (each._events(half_life, columns) for each in (self, every))
            found[..., place] = (events + PSEUDO_REPORTS * usual) / (reports + PSEUDO_REPORTS)
        return found

    def mean(self, half_life: int) -> FloatArray:
        """Return the mean rate of all countries and of all subdivisions (weeks, 2)."""
        if half_life not in self._means:
            events = decayed(self._totals, half_life, self.exposure.weeks)
            watched = self.exposure.total(half_life)
            self._means[half_life] = (events + MEAN_EVENTS) / (watched + MEAN_WEEKS)
        return self._means[half_life]

    @cached_property
    def _totals(self) -> FloatArray:
        """Events of each level (weeks, 2), integers whose sum does not depend on their order."""
        part = self.exposure.is_part
        levels = [self.series[:, part == level].sum(axis=1) for level in (False, True)]
        return np.stack(levels, axis=-1)

    def _events(self, half_life: int, columns: Columns) -> FloatArray:
        """Return the decayed events of some regions (weeks, columns).

        They are computed once, because a region is needed for itself, as a country and as a
        neighbour. Regions that are not needed or never had an event are not computed.
        """
        if half_life not in self._known:
            shape = (self.exposure.weeks, self.series.shape[1])
            self._known[half_life] = np.zeros(shape), ~self._active
        events, is_known = self._known[half_life]
        missing = np.unique(columns[~is_known[columns]])
        if len(missing):
            events[:, missing] = decayed(self.series[:, missing], half_life, self.exposure.weeks)
            is_known[missing] = True
        return events[:, columns]

    @cached_property
    def _active(self) -> BoolArray:
        """Whether a region ever had an event (regions,)."""
        return np.asarray(self.series.any(axis=0))


def rates_over(panel: Panel, source: str, kinds: Sequence[str], *, weeks: int) -> Iterator[Rates]:
    """Yield the rates of each kind at the last `weeks` weeks of a panel.

    Only those of a single week are cached. Those of many weeks would fill the memory.
    """
    if weeks == 1:
        return (_at_origin(panel, source, kind) for kind in kinds)
    exposure = Exposure(panel, source, weeks)
    return (Rates.of(panel, f"{source}:{kind}", exposure) for kind in kinds)


def total_rates(panel: Panel, source: str, *, weeks: int) -> Rates:
    """Return the rates of all reports of a source, of any kind, at the last weeks of a panel."""
    exposure = _exposure_at_origin(panel, source) if weeks == 1 else Exposure(panel, source, weeks)
    recent = panel.recent(RATE_MEMORY_WEEKS + weeks - 1)
    kinds = [
        index
        for index, signal in enumerate(panel.signals)
        if signal.partition(":")[0] == source and signal.count(":") == 1  # flags are in their kind
    ]
    return Rates(recent.counts[:, :, kinds].sum(axis=2, dtype=np.float64), exposure)


@once_per_panel
def _at_origin(panel: Panel, source: str, kind: str) -> Rates:
    return Rates.of(panel, f"{source}:{kind}", _exposure_at_origin(panel, source))


@once_per_panel
def _exposure_at_origin(panel: Panel, source: str) -> Exposure:
    return Exposure(panel, source, weeks=1)


def decayed(series: FloatArray, half_life: int, weeks: int) -> FloatArray:
    """Return decayed sums (weeks, ...) at the last `weeks` weeks, 0 before the series begins."""
    kept = np.zeros((weeks, *series.shape[1:]))
    if series[:1].size < WIDE:
        if len(series):
            sums = lfilter([1.0], [1.0, -(0.5 ** (1 / half_life))], series, axis=0)[-weeks:]
            kept[weeks - len(sums) :] = sums
        return kept
    sums, kept_share = np.zeros(series.shape[1:]), 0.5 ** (1 / half_life)
    # A loop over weeks is many times faster than one over columns and gives identical results.
    for week, events in enumerate(series, start=weeks - len(series)):
        sums = events + kept_share * sums
        if week >= 0:
            kept[week] = sums
    return kept

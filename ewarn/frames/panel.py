"""The panel: region × week × signal, dense, with what was observed beside what was counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ewarn.domain.region import Level
from ewarn.domain.time import WEEK


@dataclass(frozen=True, slots=True)
class Spans:
    """Events of week or month precision that reach over more than one week.

    Index arrays of equal length: region, signal, first and last week (may lie outside the
    panel's weeks), and how many events. They enter only windows that hold their whole span.
    """

    region: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    signal: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    first: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    last: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    count: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def select(self, keep: npt.NDArray[np.bool_]) -> "Spans":
        """The spans where `keep` is true."""
        return Spans(
            self.region[keep],
            self.signal[keep],
            self.first[keep],
            self.last[keep],
            self.count[keep],
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """Votes of countries as they stood on the calendar at the panel's moment.

    Arrays of equal length: region and week, int64 (a week may lie outside the panel's, most of
    all after its end), and whether the vote was held or is due (`held`), or was put off, missed
    or voided in that week. What is on no calendar is unknown, not absent.
    """

    region: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    week: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    held: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def select(self, keep: npt.NDArray[np.bool_]) -> "Calendar":
        """The entries where `keep` is true."""
        return Calendar(self.region[keep], self.week[keep], self.held[keep])


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What share of the events of the last weeks is in at the panel's moment.

    `share` of the events of each signal and `overall` of all kinds, with the `variance` of what
    is known of `share`: float64 (ages, regions, signals) and (ages, regions), age 0 the week that
    ends at the origin. Without ages nothing is known of delays, and all is taken to be in.
    """

    share: npt.NDArray[np.float64] = field(default_factory=lambda: np.ones((0, 0, 0)))
    variance: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0, 0)))
    overall: npt.NDArray[np.float64] = field(default_factory=lambda: np.ones((0, 0)))

    @property
    def ages(self) -> int:
        """Number of weeks of which it speaks; 0 where nothing is known."""
        return len(self.overall)

    def select(self, regions: npt.NDArray[np.int64]) -> "Arrivals":
        """The same for some regions, by position."""
        if not self.ages:
            return self
        return Arrivals(self.share[:, regions], self.variance[:, regions], self.overall[:, regions])


@dataclass(frozen=True, eq=False)
class Panel:
    """Counts of events as known at one moment. Two panels are equal where they are the same one.

    `counts` is int32 (weeks, regions, signals); a country's counts include its subdivisions'.
    `observed` is bool of the same shape: where it is False the count is missing, not zero (its
    entry then holds whatever was known, usually 0). `weeks` are consecutive Mondays, ascending;
    the last one ends at `origin`. `parents` maps subdivisions to countries, `centres` regions to
    a latitude and longitude in degrees (a region without one has no known neighbours).
    `arrivals` says how much of the last weeks is in. `volume` is int32 (weeks, regions): the
    records of all kinds, tracked or not, of each region's country; a week of zeros was not
    counted, and without weeks nothing is known.
    """

    first_week: date
    regions: tuple[str, ...]
    signals: tuple[str, ...]
    parents: Mapping[str, str]
    counts: npt.NDArray[np.int32]
    observed: npt.NDArray[np.bool_]
    spans: Spans = field(default_factory=Spans)
    centres: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    arrivals: Arrivals = field(default_factory=Arrivals)
    volume: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int32))

    def __post_init__(self) -> None:
        shape = (self.counts.shape[0], len(self.regions), len(self.signals))
        if self.counts.shape != shape or self.observed.shape != shape:
            raise ValueError(
                f"counts {self.counts.shape} and observed {self.observed.shape} do not have "
                f"the shape weeks × {len(self.regions)} regions × {len(self.signals)} signals"
            )
        if len(self.volume) and self.volume.shape != shape[:2]:
            raise ValueError(f"volume {self.volume.shape} does not have the shape weeks × regions")

    @property
    def weeks(self) -> int:
        """Number of weeks."""
        return int(self.counts.shape[0])

    @property
    def origin(self) -> date:
        """Monday after the last week: the exclusive end of what is observed."""
        return self.first_week + self.weeks * WEEK

    def week(self, index: int) -> date:
        """Monday of week `index` (negative counts from the end)."""
        return self.first_week + timedelta(weeks=index % self.weeks if index < 0 else index)

    @cached_property
    def signal_index(self) -> dict[str, int]:
        """Position of each signal."""
        return {name: index for index, name in enumerate(self.signals)}

    @cached_property
    def region_index(self) -> dict[str, int]:
        """Position of each region."""
        return {name: index for index, name in enumerate(self.regions)}

    def series(self, signal: str) -> npt.NDArray[np.int32]:
        """Counts of one signal, int32 (weeks, regions); spans over several weeks left out.

        A signal the panel does not carry is all zero, and `was_observed` all False.
        """
        index = self.signal_index.get(signal)
        if index is None:
            return np.zeros((self.weeks, len(self.regions)), dtype=np.int32)
        return self.counts[:, :, index]

    def was_observed(self, signal: str) -> npt.NDArray[np.bool_]:
        """Whether each week of one signal was observed, bool (weeks, regions)."""
        index = self.signal_index.get(signal)
        if index is None:
            return np.zeros((self.weeks, len(self.regions)), dtype=np.bool_)
        return self.observed[:, :, index]

    def rolling(self, signal: str, length: int) -> npt.NDArray[np.int64]:
        """Sums over the `length` weeks that end with each week, int64 (weeks, regions).

        Row i covers weeks i - length + 1 … i, fewer at the start; events that span several
        weeks are added where the window holds all of them.
        """
        total = np.cumsum(self.series(signal), axis=0, dtype=np.int64)
        sums = total.copy()
        sums[length:] -= total[:-length] if length < self.weeks else total[:0]
        index = self.signal_index.get(signal, -1)
        for span in np.flatnonzero(self.spans.signal == index):
            first, last = int(self.spans.first[span]), int(self.spans.last[span])
            held = slice(max(last, 0), max(min(first + length, self.weeks), 0))
            sums[held, self.spans.region[span]] += self.spans.count[span]
        return sums

    def until(self, origin: date) -> "Panel":
        """The weeks before `origin` (a Monday inside the panel or its end)."""
        weeks = (origin - self.first_week).days // 7
        if not 0 <= weeks <= self.weeks or self.first_week + weeks * WEEK != origin:
            raise ValueError(f"{origin} is not an origin of a panel that ends at {self.origin}")
        return replace(
            self,
            counts=self.counts[:weeks],
            observed=self.observed[:weeks],
            spans=self.spans.select(self.spans.last < weeks),
            arrivals=self.arrivals if weeks == self.weeks else Arrivals(),
            volume=self.volume[:weeks],
        )

    def recent(self, weeks: int) -> "Panel":
        """The last `weeks` weeks; events that span several weeks only where all of them remain."""
        skipped = max(self.weeks - weeks, 0)
        spans = self.spans.select(self.spans.first >= skipped)
        return replace(
            self,
            first_week=self.first_week + skipped * WEEK,
            counts=self.counts[skipped:],
            observed=self.observed[skipped:],
            spans=replace(spans, first=spans.first - skipped, last=spans.last - skipped),
            calendar=replace(self.calendar, week=self.calendar.week - skipped),
            volume=self.volume[skipped:],
        )

    def select(self, regions: Sequence[str]) -> "Panel":
        """The same panel for `regions` only, in that order; raises KeyError if one is absent."""
        index = np.array([self.region_index[region] for region in regions], dtype=np.int64)
        position = np.full(len(self.regions), -1, dtype=np.int64)
        position[index] = np.arange(len(index))
        kept = self.spans.select(position[self.spans.region] >= 0)
        votes = self.calendar.select(position[self.calendar.region] >= 0)
        return replace(
            self,
            regions=tuple(regions),
            counts=self.counts[:, index],
            observed=self.observed[:, index],
            spans=replace(kept, region=position[kept.region]),
            calendar=replace(votes, region=position[votes.region]),
            arrivals=self.arrivals.select(index),
            volume=self.volume[:, index] if len(self.volume) else self.volume,
        )

    def at(self, level: Level) -> tuple[str, ...]:
        """Regions of one level, in the panel's order."""
        return tuple(
            region for region in self.regions if (region in self.parents) == (level is Level.ADMIN1)
        )

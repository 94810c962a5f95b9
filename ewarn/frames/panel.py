"""The panel: dense counts by week, region and signal, and which of them were observed."""

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
    """Events of week or month precision that extend over more than one week.

    Index arrays of equal length: region, signal, first and last week (which may be outside the
    panel's weeks), and the number of events. They are counted only in windows that contain their
    whole span.
    """

    region: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    signal: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    first: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    last: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    count: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def select(self, keep: npt.NDArray[np.bool_]) -> "Spans":
        """Return the spans where `keep` is true."""
        return Spans(
            self.region[keep],
            self.signal[keep],
            self.first[keep],
            self.last[keep],
            self.count[keep],
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """Votes of countries, as the calendar stated them at the panel's moment.

    Arrays of equal length: region and week, int64 (a week may be outside the panel's weeks, mostly
    after its end), and `held`, which is true if the vote was held or is due in that week, and false
    if it was put off, missed or annulled. A vote that is on no calendar is unknown, not absent.
    """

    region: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    week: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    held: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def select(self, keep: npt.NDArray[np.bool_]) -> "Calendar":
        """Return the entries where `keep` is true."""
        return Calendar(self.region[keep], self.week[keep], self.held[keep])


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The share of the events of the last weeks that was already reported at the panel's moment.

    `share` is that of each signal, float64 (ages, regions, signals), and `variance` is the variance
    of its estimate. `overall` is the share of the events of all kinds, float64 (ages, regions). Age
    0 is the week that ends at the origin. Without ages nothing is known about delays, and all
    events count as reported.
    """

    share: npt.NDArray[np.float64] = field(default_factory=lambda: np.ones((0, 0, 0)))
    variance: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0, 0)))
    overall: npt.NDArray[np.float64] = field(default_factory=lambda: np.ones((0, 0)))

    @property
    def ages(self) -> int:
        """Number of weeks for which shares are given; 0 if nothing is known."""
        return len(self.overall)

    def select(self, regions: npt.NDArray[np.int64]) -> "Arrivals":
        """Return the shares of some regions, given by position."""
        if not self.ages:
            return self
        return Arrivals(self.share[:, regions], self.variance[:, regions], self.overall[:, regions])


@dataclass(frozen=True, eq=False)
class Panel:
    """Counts of events as known at one moment.

    `counts` is int32 (weeks, regions, signals); a country's counts include those of its
    subdivisions. `observed` is bool of the same shape: where it is False the count is missing, not
    zero (its entry then holds whatever was known, usually 0). The weeks are consecutive, begin on
    Mondays and ascend; the last one ends at `origin`. `parents` maps subdivisions to countries,
    `centres` maps regions to a latitude and longitude in degrees (a region without one has no known
    neighbours). `arrivals` gives the share of the last weeks' events that was already reported.
    `volume` is int32 (weeks, regions): the records of all kinds, tracked or not, of each region's
    country; a week of zeros was not counted, and if it has no weeks nothing is known. A panel is
    equal only to itself.
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
        """The Monday after the last week, which is the exclusive end of the observed time."""
        return self.first_week + self.weeks * WEEK

    def week(self, index: int) -> date:
        """Return the Monday of week `index` (a negative index counts from the end)."""
        return self.first_week + timedelta(weeks=index % self.weeks if index < 0 else index)

    @cached_property
    def signal_index(self) -> dict[str, int]:
        """The position of each signal."""
        return {name: index for index, name in enumerate(self.signals)}

    @cached_property
    def region_index(self) -> dict[str, int]:
        """The position of each region."""
        return {name: index for index, name in enumerate(self.regions)}

    def series(self, signal: str) -> npt.NDArray[np.int32]:
        """Return the counts of one signal, int32 (weeks, regions), without spans of several weeks.

        The counts of a signal that the panel does not have are all zero, and its `was_observed` is
        all False.
        """
        index = self.signal_index.get(signal)
        if index is None:
            return np.zeros((self.weeks, len(self.regions)), dtype=np.int32)
        return self.counts[:, :, index]

    def was_observed(self, signal: str) -> npt.NDArray[np.bool_]:
        """Return whether each week of one signal was observed, bool (weeks, regions)."""
        index = self.signal_index.get(signal)
        if index is None:
            return np.zeros((self.weeks, len(self.regions)), dtype=np.bool_)
        return self.observed[:, :, index]

    def rolling(self, signal: str, length: int) -> npt.NDArray[np.int64]:
        """Return sums over the `length` weeks that end with each week, int64 (weeks, regions).

        Row i covers weeks i - length + 1 … i, and fewer at the start. Events that span several
        weeks are added if the window contains all of these weeks.
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
        """Return the weeks before `origin` (a Monday inside the panel, or its end).

        Raises:
            ValueError: If `origin` is not an origin of this panel.
        """
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
        """Return the last `weeks` weeks, with the multi-week events that are wholly in them."""
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
        """Return the panel of `regions` only, in that order.

        Raises:
            KeyError: If the panel does not have a region.
        """
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
        """Return the regions of one level, in the panel's order."""
        return tuple(
            region for region in self.regions if (region in self.parents) == (level is Level.ADMIN1)
        )

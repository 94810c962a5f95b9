"""Panels of an event frame or a ledger, as known at any past origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK, midnight, require_utc, week_of
from ewarn.frames.panel import Panel
from ewarn.panel.calendar import calendar_of
from ewarn.panel.events import deltas_of
from ewarn.panel.ledger import LedgerCells, cells_of, observed_by, panel_of


@dataclass(frozen=True)
class EventHistory:
    """Panels of an event frame, as known at an origin and as known at the end.

    Implements `ewarn.ports.History`. `frame` is an event frame with all versions. Its weeks are
    those from `first_week` to before `end` (both Mondays). `weeks_back` is the highest number of
    weeks of a panel as known (None: all since `first_week`). `centres` are the positions of regions
    (latitude, longitude in degrees). `calendar` is an event frame of calendar entries. The ledger
    is computed once and cut at each origin.
    """

    frame: pd.DataFrame
    regions: Sequence[str]
    parents: Mapping[str, str]
    signals: Sequence[str]
    first_week: date
    end: date
    coverage: Sequence[Coverage]
    centres: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    calendar: pd.DataFrame | None = None
    weeks_back: int | None = 260

    def as_known(self, origin: datetime) -> Panel:
        """Return the panel that ends at `origin` (Monday 00:00 UTC), of the rows known by then.

        Raises:
            ValueError: If `origin` is not an origin, or is outside the weeks of the frame.
        """
        last = require_utc(origin).date()
        if origin != midnight(week_of(last)) or not self.first_week <= last <= self.end:
            raise ValueError(f"{origin} is not an origin from {self.first_week} to {self.end}")
        weeks = (last - self.first_week).days // 7
        skipped = 0 if self.weeks_back is None else max(weeks - self.weeks_back, 0)
        known = int(np.searchsorted(self._known_at, np.datetime64(last, "us"), side="right"))
        return self._dated(self._panel(known, skipped, weeks), origin)

    def so_far(self, moment: datetime) -> Panel:
        """Return the panel up to and including the week of a moment (UTC), of rows known by then.

        The last week is treated as if it were over and observed.
        """
        known_by = require_utc(moment)
        weeks = (week_of(known_by.date()) + WEEK - self.first_week).days // 7
        skipped = 0 if self.weeks_back is None else max(weeks - self.weeks_back, 0)
        known = int(np.searchsorted(self._known_at, _plain(known_by), side="right"))
        panel = self._dated(self._panel(known, skipped, weeks), moment)
        observed = panel.observed.copy()
        observed[-1] = True
        return replace(panel, observed=observed)

    def changed(self, after: datetime, until: datetime) -> frozenset[str]:
        """Return the regions, and their countries, with rows that became known in between.

        A row known at `after` is left out, a row known at `until` is included.
        """
        first, last = np.searchsorted(self._known_at, (_plain(after), _plain(until)), side="right")
        return frozenset(self.regions[at] for at in np.unique(self._cells.region[first:last]))

    def final(self) -> Panel:
        """Return the panel of all weeks as known at the end, to be used for labels only."""
        weeks = (self.end - self.first_week).days // 7
        return self._dated(self._panel(len(self._known_at), 0, weeks), None)

    def _dated(self, panel: Panel, as_of: datetime | None) -> Panel:
        if self.calendar is None:
            return panel
        entries = calendar_of(self.calendar, as_of, self.regions, panel.first_week)
        return replace(panel, calendar=entries)

    def _panel(self, known: int, start: int, stop: int) -> Panel:
        cells = self._cells.select(slice(known))
        recent = cells.select(np.flatnonzero(cells.first >= start)) if start else cells
        panel = panel_of(
            recent.shifted(start),
            self._observed[start:stop],
            regions=self.regions,
            parents=self.parents,
            signals=self.signals,
            first_week=self.first_week + start * WEEK,
        )
        return replace(panel, centres=self.centres)

    def _deltas(self) -> pd.DataFrame:
        return deltas_of(self.frame)

    @cached_property
    def _ledger(self) -> tuple[LedgerCells, npt.NDArray[np.datetime64]]:
        """The cells in the order in which they became known, and when each one did."""
        deltas = self._deltas()
        cells = cells_of(
            deltas,
            regions=self.regions,
            parents=self.parents,
            signals=self.signals,
            first_week=self.first_week,
        )
        moments = deltas["known_at"].dt.tz_convert(None).to_numpy(dtype="datetime64[us]")
        known_at = np.tile(moments, 2)
        carried = np.flatnonzero((cells.region >= 0) & (cells.signal >= 0))
        order = carried[np.argsort(known_at[carried], kind="stable")]
        return cells.select(order), known_at[order]

    @property
    def _cells(self) -> LedgerCells:
        return self._ledger[0]

    @property
    def _known_at(self) -> npt.NDArray[np.datetime64]:
        return self._ledger[1]

    @cached_property
    def _observed(self) -> npt.NDArray[np.bool_]:
        return observed_by(
            self.coverage,
            regions=self.regions,
            parents=self.parents,
            signals=self.signals,
            first_week=self.first_week,
            weeks=(self.end - self.first_week).days // 7,
        )


def _plain(moment: datetime) -> np.datetime64:
    return np.datetime64(require_utc(moment).replace(tzinfo=None), "us")


@dataclass(frozen=True)
class LedgerHistory(EventHistory):
    """Panels of a ledger, as known at an origin and as known at the end.

    `frame` holds the rows of the ledger, with the columns region, week, last_week, signal, known_at
    (UTC) and delta.
    """

    def _deltas(self) -> pd.DataFrame:
        return self.frame

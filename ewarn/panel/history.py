"""An event frame, or a ledger, as it was known at any past origin."""

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

    Implements `ewarn.ports.History`. `frame` is an event frame with all versions, [`first_week`,
    `end`) (Mondays) the weeks it speaks of, `weeks_back` how many weeks a panel as known holds
    at most (None: all since `first_week`), `centres` where regions lie (latitude, longitude in
    degrees), `calendar` an event frame of what stands on the calendar. The ledger is worked out
    once and cut per origin.
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
        """The panel that ends at `origin` (Monday 00:00 UTC), rows known by then.

        Raises ValueError where `origin` is no origin, or lies outside the weeks of the frame.
        """
        last = require_utc(origin).date()
        if origin != midnight(week_of(last)) or not self.first_week <= last <= self.end:
            raise ValueError(f"{origin} is not an origin from {self.first_week} to {self.end}")
        weeks = (last - self.first_week).days // 7
        skipped = 0 if self.weeks_back is None else max(weeks - self.weeks_back, 0)
        known = int(np.searchsorted(self._known_at, np.datetime64(last, "us"), side="right"))
        return self._dated(self._panel(known, skipped, weeks), origin)

    def so_far(self, moment: datetime) -> Panel:
        """The panel with the week of a moment (UTC), rows known by then: that week is read as if it
        were over and observed.
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
        """The regions, and their countries, of which something became known after a moment and by
        another."""
        first, last = np.searchsorted(self._known_at, (_plain(after), _plain(until)), side="right")
        return frozenset(self.regions[at] for at in np.unique(self._cells.region[first:last]))

    def final(self) -> Panel:
        """The panel of all weeks as known at the end, for labels only."""
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
        """Cells in the order they became known, and when each did."""
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
    """The same of a ledger: `frame` holds its rows, with the columns region, week, last_week,
    signal, known_at (UTC) and delta.
    """

    def _deltas(self) -> pd.DataFrame:
        return self.frame

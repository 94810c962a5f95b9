"""Construction of a panel from the ledger, which holds changes of counts (deltas)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ewarn.domain.source import Coverage
from ewarn.frames.panel import Panel, Spans

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LedgerCells:
    """Ledger rows as positions in a panel, int64 arrays of equal length.

    `first` and `last` are weeks since the first week of the panel, `region` and `signal` are
    positions on its axes. The row of a subdivision is included twice: once for the subdivision and
    once for its country.
    """

    first: Index
    last: Index
    region: Index
    signal: Index
    delta: Index

    def select(self, keep: npt.NDArray[Any] | slice) -> "LedgerCells":
        """Return the rows that `keep` (a mask, positions or a slice) selects."""
        return LedgerCells(
            self.first[keep],
            self.last[keep],
            self.region[keep],
            self.signal[keep],
            self.delta[keep],
        )

    def shifted(self, weeks: int) -> "LedgerCells":
        """Return the same rows, with weeks counted from a first week that is `weeks` later."""
        return replace(self, first=self.first - weeks, last=self.last - weeks)


def from_ledger(
    deltas: pd.DataFrame,
    *,
    regions: Sequence[str],
    parents: Mapping[str, str],
    signals: Sequence[str],
    first_week: date,
    origin: date,
    coverage: Sequence[Coverage],
) -> Panel:
    """Build the panel of the weeks [first_week, origin), both Mondays, from ledger rows.

    Rows outside the weeks, regions or signals are ignored, and so are spans that no window of the
    panel can contain.

    Args:
        deltas: A frame with the columns region, week, last_week (Mondays), signal and delta,
            already limited to what was known. A row names the finest region of its event, and its
            country (by `parents`) counts it too.

    Raises:
        ValueError: If the days are not Mondays in order.
    """
    weeks = _weeks_between(first_week, origin)
    return panel_of(
        cells_of(deltas, regions=regions, parents=parents, signals=signals, first_week=first_week),
        observed_by(
            coverage,
            regions=regions,
            parents=parents,
            signals=signals,
            first_week=first_week,
            weeks=weeks,
        ),
        regions=regions,
        parents=parents,
        signals=signals,
        first_week=first_week,
    )


def cells_of(
    deltas: pd.DataFrame,
    *,
    regions: Sequence[str],
    parents: Mapping[str, str],
    signals: Sequence[str],
    first_week: date,
) -> LedgerCells:
    """Return the positions of ledger rows: first in their own regions, then in their countries.

    Of n rows of `deltas`, row i gives row i of the result for its own region and row n + i for its
    country. A position of -1 marks a region or signal that the panel does not have.
    """
    axis = pd.Index(list(regions), dtype="str")
    codes, names = pd.factorize(deltas["region"].astype("str"))
    own = axis.get_indexer(pd.Index(names))[codes]
    country = axis.get_indexer(pd.Index([parents.get(name, "") for name in names], dtype="str"))
    signal_codes, signal_names = pd.factorize(deltas["signal"].astype("str"))
    signal = pd.Index(list(signals), dtype="str").get_indexer(pd.Index(signal_names))
    return LedgerCells(
        first=np.tile(_week_number(deltas["week"], first_week), 2),
        last=np.tile(_week_number(deltas["last_week"], first_week), 2),
        region=np.concatenate([own, country[codes]]).astype(np.int64),
        signal=np.tile(signal[signal_codes], 2).astype(np.int64),
        delta=np.tile(deltas["delta"].to_numpy(dtype=np.int64), 2),
    )


def panel_of(
    cells: LedgerCells,
    observed: npt.NDArray[np.bool_],
    *,
    regions: Sequence[str],
    parents: Mapping[str, str],
    signals: Sequence[str],
    first_week: date,
) -> Panel:
    """Build a panel with the shape of `observed` from the sums of `cells`."""
    empty = Panel(
        first_week=first_week,
        regions=tuple(regions),
        signals=tuple(signals),
        parents=parents,
        counts=np.zeros(observed.shape, dtype=np.int32),
        observed=observed,
    )
    return added(empty, cells)


def added(panel: Panel, cells: LedgerCells) -> Panel:
    """Return the panel with `cells` added to it; its `counts` are changed in place."""
    is_named = (cells.region >= 0) & (cells.signal >= 0)
    inside = is_named & (cells.first >= 0) & (cells.last < panel.weeks)
    kept = cells.select(np.flatnonzero(inside))
    single = kept.first == kept.last
    weekly, spans = kept.select(single), kept.select(~single)
    where = (weekly.first, weekly.region, weekly.signal)
    np.add.at(panel.counts, where, weekly.delta.astype(np.int32))
    return replace(panel, spans=_spans(_joined(panel.spans, spans)))


def _joined(known: Spans, more: LedgerCells) -> LedgerCells:
    """Return the spans of a panel and further ones together, as cells."""
    pairs = (
        (known.first, more.first),
        (known.last, more.last),
        (known.region, more.region),
        (known.signal, more.signal),
        (known.count, more.delta),
    )
    return LedgerCells(*(np.concatenate(pair) for pair in pairs))


def observed_by(
    coverage: Sequence[Coverage],
    *,
    regions: Sequence[str],
    parents: Mapping[str, str],
    signals: Sequence[str],
    first_week: date,
    weeks: int,
) -> npt.NDArray[np.bool_]:
    """Return which weeks were observed, bool (weeks, regions, signals), from the coverage."""
    countries, country_names = pd.factorize(np.array([parents.get(r, r) for r in regions], str))
    sources, source_names = pd.factorize(np.array([s.partition(":")[0] for s in signals], str))
    country_at = {str(name): index for index, name in enumerate(country_names)}
    source_at = {str(name): index for index, name in enumerate(source_names)}
    # The starts and stops of coverage are marked and then summed up, which needs one pass only,
    # however long the list is.
    marks = np.zeros((weeks + 1, len(country_at), len(source_at)), dtype=np.int32)
    for span in coverage:
        source = source_at.get(span.source)
        start = max((span.first_week - first_week).days // 7, 0)
        stop = min((span.last_week - first_week).days // 7 + 1, weeks)
        if source is None or start >= stop:
            continue
        if span.country == "*":
            marks[start, :, source] += 1
            marks[stop, :, source] -= 1
        elif (country := country_at.get(span.country)) is not None:
            marks[start, country, source] += 1
            marks[stop, country, source] -= 1
    covered = np.cumsum(marks[:weeks], axis=0) > 0
    return np.ascontiguousarray(covered[:, countries][:, :, sources])


def _spans(cells: LedgerCells) -> Spans:
    """Return the summed spans of several weeks, one row per distinct span, without zero sums."""
    keys = np.stack([cells.region, cells.signal, cells.first, cells.last], axis=1)
    distinct, where = np.unique(keys, axis=0, return_inverse=True)
    count = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(count, where.reshape(-1), cells.delta)
    region, signal, first, last = distinct[count != 0].T
    return Spans(region, signal, first, last, count[count != 0])


def _week_number(days: "pd.Series[Any]", first_week: date) -> Index:
    """Return the whole weeks from `first_week` to each day, int64."""
    since = pd.to_datetime(days).to_numpy(dtype="datetime64[D]") - np.datetime64(first_week)
    return since.astype(np.int64) // 7


def _weeks_between(first_week: date, origin: date) -> int:
    """Return the number of weeks between two Mondays.

    Raises:
        ValueError: If the two days are not Mondays in order.
    """
    weeks, rest = divmod((origin - first_week).days, 7)
    if first_week.weekday() != 0 or rest or weeks < 0:
        raise ValueError(f"{first_week} to {origin} are not two Mondays in order")
    return weeks

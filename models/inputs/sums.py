"""Sums of one signal over any window of a panel, computed as differences of running totals."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ewarn.frames.panel import Panel

Index = npt.NDArray[np.int64]


class Sums:
    """Sums of a signal for the regions at the positions `where` in a panel."""

    def __init__(self, panel: Panel, signal: str, where: Index) -> None:
        self.series = panel.series(signal)[:, where]
        total = np.cumsum(self.series, axis=0, dtype=np.int64)
        self.total = np.concatenate([np.zeros((1, len(where)), dtype=np.int64), total])
        spans = panel.spans.select(panel.spans.signal == panel.signal_index.get(signal, -1))
        # A region may occur several times in `where`: a country once for each subdivision.
        self.spans = [
            (int(spans.first[i]), int(spans.last[i]), int(spans.count[i]), columns)
            for i in range(len(spans.count))
            if len(columns := np.flatnonzero(where == spans.region[i]))
        ]

    def over(self, ends: Index, lengths: Sequence[int]) -> Index:
        """Return sums over windows, int64 (weeks, regions, windows).

        Args:
            ends: Last week of each window (windows, weeks).
            lengths: Number of weeks of each window.
        """
        length = np.array(lengths)[:, None]
        stop = np.maximum(ends + 1, 0)
        sums = self.total[stop] - self.total[np.maximum(stop - length, 0)]
        for first, last, count, columns in self.spans:
            window, week = np.nonzero((ends >= last) & (ends - length < first))
            sums[window[:, None], week[:, None], columns] += count
        return np.asarray(np.moveaxis(sums, 0, -1), dtype=np.int64)

    def since(self, ends: Index, at_most: int) -> Index:
        """Return the weeks since the last event, int64 (weeks, regions), between 0 and `at_most`.

        It is 0 for an event in the week itself.
        """
        weeks = np.arange(len(self.series))[:, None]
        never = -at_most - len(self.series)
        seen = np.maximum.accumulate(np.where(self.series > 0, weeks, never), axis=0)
        none = np.full((1, self.series.shape[1]), never, dtype=np.int64)
        seen = np.concatenate([none, seen])[np.maximum(ends + 1, 0)]
        for first, last, _, columns in self.spans:
            held = np.ix_(np.flatnonzero(ends >= last), columns)
            seen[held] = np.maximum(seen[held], first)
        return np.asarray(np.clip(ends[:, None] - seen, 0, at_most))

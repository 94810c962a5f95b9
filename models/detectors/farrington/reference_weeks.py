"""Reference weeks and season groups of Farrington-flexible (Noufaily et al. 2013).

The same weeks of past years and their neighbours form the season that a judged week belongs to;
what lies between them is cut into a few groups of nearly equal length. The layout depends on the
judged week only by how many weeks lie between its anniversaries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray

YEAR_WEEKS = 52
DAYS = 7


@dataclass(frozen=True, slots=True)
class Layout:
    """Reference weeks of one judged week, in an order in which group sums are plain sums.

    `lag` (rows,) is how many weeks before the judged one, `group` (rows,) the season group, the
    largest first, and `now` the group of the judged week. Rows stand by their rank within the
    group: `stages` are (first row, ranks, groups), each a block of ranks × the first groups.
    `time` (rows, 1) is in weeks about the middle of the reference weeks, `time_now` the judged
    week's.
    """

    lag: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    groups: int
    now: int
    stages: tuple[tuple[int, int, int], ...]
    time: FloatArray
    time_now: float

    def sums(self, values: FloatArray) -> FloatArray:
        """Sums of (..., rows, cells) over each group, (..., groups, cells), in one order always."""
        *many, _, cells = values.shape
        total = np.zeros((*many, self.groups, cells))
        for first, ranks, groups in self.stages:
            block = values[..., first : first + ranks * groups, :]
            block = block.reshape(*many, ranks, groups, cells)
            total[..., :groups, :] += np.add.reduce(block, axis=-3)
        return total


def anniversaries(
    week: int, years_back: int, dates: Sequence[date] | None = None
) -> tuple[int, ...]:
    """Weeks between `week` and the same one 1, 2, … years before: 52 each by index; with
    `dates`, the Mondays (say) of all weeks, the nearest same weekday of the day a year before."""
    if dates is None:
        return tuple(YEAR_WEEKS * year for year in range(1, years_back + 1))
    day = dates[week]
    before = (_years_before(day, year) for year in range(1, years_back + 1))
    return tuple(round((day - same).days / DAYS) for same in before)


def _years_before(day: date, years: int) -> date:
    """The same day some years before; of a leap day the first of March, where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


@lru_cache(maxsize=256)
def layout(
    lags: tuple[int, ...], half_window: int, season_groups: int, exclude_recent: int
) -> Layout:
    """The layout of a judged week whose anniversaries lie `lags` weeks back.

    The weeks before the judged one up to `exclude_recent`, and itself, are left out. Raises
    ModelError where a year is too short for the groups.
    """
    label = _labels(lags, half_window, season_groups)
    label[: exclude_recent + 1] = -1
    lag = np.flatnonzero(label >= 0)[::-1]
    season = label[lag]
    sizes = np.bincount(season, minlength=season_groups)
    by_size = np.argsort(-sizes, kind="stable")
    group = np.argsort(by_size, kind="stable")[season]
    rank = np.zeros(len(lag), dtype=np.int64)
    for each in range(season_groups):
        rank[group == each] = np.arange(sizes[by_size[each]])
    order = np.lexsort((group, rank))
    middle = (lag[0] + lag[-1]) // 2 if len(lag) else 0
    return Layout(
        lag=lag[order],
        group=group[order],
        groups=season_groups,
        now=int(np.flatnonzero(by_size == season_groups - 1)[0]),
        stages=_stages(np.sort(sizes)[::-1]),
        time=(middle - lag[order]).astype(np.float64)[:, None],
        time_now=float(middle),
    )


def _labels(lags: tuple[int, ...], half_window: int, groups: int) -> npt.NDArray[np.int64]:
    """Season group of each lag, -1 outside; the judged week's group is the last."""
    window = 2 * half_window + 1
    label = np.full(lags[-1] + half_window + 1, -1, dtype=np.int64)
    label[: half_window + 1] = groups - 1
    for lag, later in zip(lags, (0, *lags), strict=False):
        label[lag - half_window : lag + half_window + 1] = groups - 1
        between = lag - later - window
        if groups == 1:
            continue
        if between < groups - 1:
            raise ModelError(
                f"farrington cannot cut the {between} weeks between two windows into "
                f"{groups - 1} groups: give a smaller half_window or fewer season_groups."
            )
        lengths = np.full(groups - 1, between // (groups - 1))
        lengths[: between % (groups - 1)] += 1  # the longer groups stand first
        forward = np.repeat(np.arange(groups - 1), lengths)
        label[later + half_window + 1 : lag - half_window] = forward[::-1]
    return label


def _stages(sizes: npt.NDArray[np.int64]) -> tuple[tuple[int, int, int], ...]:
    """Blocks of ranks that the same groups reach, from group sizes in descending order."""
    stages, row, rank = [], 0, 0
    for groups in range(len(sizes), 0, -1):
        ranks = int(sizes[groups - 1]) - rank
        if ranks:
            stages.append((row, ranks, groups))
            row, rank = row + ranks * groups, rank + ranks
    return tuple(stages)

"""Reference weeks and season groups of Farrington-flexible (Noufaily et al. 2013).

The same weeks of past years and their neighbours form the season of an evaluated week. The weeks
between them are divided into a few groups of nearly equal length. The layout depends on the
evaluated week only through the number of weeks between its anniversaries.
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
    """Reference weeks of one evaluated week, ordered so that group sums are sums of blocks.

    Attributes:
        lag: Weeks before the evaluated one (rows,). Rows are ordered by their rank in the group.
        group: Season group (rows,), the largest group first.
        groups: Number of groups.
        now: The group of the evaluated week.
        stages: Blocks of rows as (first row, ranks, groups): each rank has a row of the first
            `groups` groups.
        time: Weeks from the middle of the reference weeks (rows, 1).
        time_now: The same of the evaluated week.
    """

    lag: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    groups: int
    now: int
    stages: tuple[tuple[int, int, int], ...]
    time: FloatArray
    time_now: float

    def sums(self, values: FloatArray) -> FloatArray:
        """Return sums of (..., rows, cells) over each group, (..., groups, cells).

        The order of the terms is always the same.
        """
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
    """Return the number of weeks between `week` and the same week 1, 2, … years before.

    A year has 52 weeks. With `dates`, one day of each week (such as its Monday), the week is the
    one whose day is nearest to the same day of the earlier year.
    """
    if dates is None:
        return tuple(YEAR_WEEKS * year for year in range(1, years_back + 1))
    day = dates[week]
    before = (_years_before(day, year) for year in range(1, years_back + 1))
    return tuple(round((day - same).days / DAYS) for same in before)


def _years_before(day: date, years: int) -> date:
    """Return the same day some years before, or 1 March if that year has no such leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


@lru_cache(maxsize=256)
def layout(
    lags: tuple[int, ...], half_window: int, season_groups: int, exclude_recent: int
) -> Layout:
    """Return the layout of an evaluated week whose anniversaries are `lags` weeks before it.

    The evaluated week and the `exclude_recent` weeks before it are left out.

    Raises:
        ModelError: A year is too short for the groups.
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
    """Return the season group of each lag, -1 outside, with the evaluated week's group last."""
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
        lengths[: between % (groups - 1)] += 1  # the first groups get the remaining weeks
        forward = np.repeat(np.arange(groups - 1), lengths)
        label[later + half_window + 1 : lag - half_window] = forward[::-1]
    return label


def _stages(sizes: npt.NDArray[np.int64]) -> tuple[tuple[int, int, int], ...]:
    """Return the blocks of ranks that the same groups contain, from descending group sizes."""
    stages, row, rank = [], 0, 0
    for groups in range(len(sizes), 0, -1):
        ranks = int(sizes[groups - 1]) - rank
        if ranks:
            stages.append((row, ranks, groups))
            row, rank = row + ranks * groups, rank + ranks
    return tuple(stages)

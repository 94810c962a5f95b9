"""Emergencies: weeks that begin something about which people must be notified.

An emergency is a week with lethal force that is an onset (none in the 26 weeks before) or a surge.
In a surge, the four weeks up to it have two lethal events or more and more than any four weeks of
the year before, and no emergency began in the 8 weeks before.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.frames.panel import Panel
from models.inputs.targets import target_series
from models.judging.measures.episodes import CLEAR_WEEKS

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

AHEAD_WEEKS = 8
MONTH_WEEKS, YEAR_WEEKS = 4, 52
SURGE_OF = 2  # least number of lethal events in four weeks


@dataclass(frozen=True)
class Emergencies:
    """Weeks that begin an emergency, bool (weeks, regions) each, and lethal events (int64)."""

    onset: Mask
    surge: Mask
    lethal: Index

    @classmethod
    def of(cls, lethal: Index) -> "Emergencies":
        """Find the emergencies in lethal events by week (weeks, regions).

        The first weeks are not reliable, because the weeks before them are not known.
        """
        onset, surge = np.zeros(lethal.shape, np.bool_), np.zeros(lethal.shape, np.bool_)
        for region in np.flatnonzero(lethal.any(axis=0)):
            onset[:, region], surge[:, region] = _of_one(lethal[:, region])
        return cls(onset, surge, lethal)


def _of_one(lethal: Index) -> tuple[Mask, Mask]:
    total: Index = np.concatenate([[0], np.cumsum(lethal)])
    week = np.arange(len(lethal))
    month: Index = total[week + 1] - total[np.maximum(week - MONTH_WEEKS + 1, 0)]
    onset, surge = np.zeros(len(lethal), np.bool_), np.zeros(len(lethal), np.bool_)
    for at in np.flatnonzero(lethal).tolist():
        if total[at] == total[max(at - CLEAR_WEEKS, 0)]:
            onset[at] = True
            continue
        past = month[max(at - YEAR_WEEKS, 0) : max(at - MONTH_WEEKS + 1, 0)].max(initial=0)
        lately = slice(max(at - AHEAD_WEEKS, 0), at)
        begun = onset[lately].any() or surge[lately].any()
        surge[at] = month[at] >= SURGE_OF and month[at] > past and not begun
    return onset, surge


def lethal_weeks(
    final: Panel, source: str, level: Level, first: date, last: date
) -> tuple[Index, int]:
    """Return lethal events by week, and the number of weeks before the first origin.

    The events (weeks, regions of a level) begin with the panel and end eight weeks after the last
    origin. Weeks after the panel's end have none.
    """
    regions = [final.region_index[name] for name in final.at(level)]
    counts = target_series(final, source, Target.FORCE)[:, regions].astype(np.int64)
    end = (last + (AHEAD_WEEKS + 1) * WEEK - final.first_week).days // 7
    padded = np.vstack([counts, np.zeros((max(end - len(counts), 0), len(regions)), np.int64)])
    return padded[:end], (first - final.first_week).days // 7

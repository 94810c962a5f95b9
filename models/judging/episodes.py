"""Episodes of lethal force, and what alerts made of scores did about them.

An episode begins with the first lethal event after 26 clear weeks (its onset) and is over after 8
clear weeks; lethal events that come back within the 26 belong to it still. An alert opens at an
origin where the score reaches a threshold, closes after 8 origins below it, and is over at 13
weeks in any case: if the score still stands there, the next one opens. It hits if it was open, and
at least a week old, in the week of an onset; of several the earliest counts. It is false if it
was over without any episode. It counts neither way if it was opened during an episode, or in the
very week of an onset, or if lethal force came back under it, or if the data end before it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray

CLEAR_WEEKS = 26
OVER_WEEKS = 8
LIFE_WEEKS = 13
CLOSE_AFTER = 8
BEARABLE = 0.2  # false alarms a country-year at which models are compared

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Episodes:
    """Weeks of the test, bool (weeks, regions) each.

    `onset`: an episode begins in the week. `ongoing`: one was under way when the week began.
    `lethal`: there was lethal force in the week.
    """

    onset: Mask
    ongoing: Mask
    lethal: Mask

    @classmethod
    def of(cls, lethal: Mask, first: int) -> "Episodes":
        """Episodes of weeks from `first` on; the weeks before it only tell what was clear.

        A week with fewer than 26 weeks before it in `lethal` begins no episode.
        """
        recent = _within(lethal, CLEAR_WEEKS)
        onset = lethal & ~recent
        onset[:CLEAR_WEEKS] = False
        return cls(onset[first:], _within(lethal, OVER_WEEKS)[first:], lethal[first:])


@dataclass(frozen=True)
class EpisodeCounts:
    """What alerts came to, int64 (thresholds, regions) each.

    `leads` (thresholds, regions, weeks) counts hits by whole weeks from opening to the onset's
    week: the true lead is up to six days longer.
    """

    alerts: Index
    false: Index
    leads: Index

    @property
    def hits(self) -> Index:
        """Onsets that were foreseen."""
        return np.asarray(self.leads.sum(axis=2))


def tally(
    score: FloatArray, thresholds: Sequence[float] | FloatArray, truth: Episodes
) -> EpisodeCounts:
    """Follow the alerts of each threshold through weekly scores (weeks, regions).

    NaN, where a region was not scored, opens nothing. All thresholds and regions go together,
    week by week.
    """
    levels = np.asarray(thresholds, dtype=np.float64)[:, None]
    shape = (len(levels), score.shape[1])
    is_open, judged = np.zeros(shape, bool), np.zeros(shape, bool)
    age, below = np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    alerts, false = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    leads = np.zeros((*shape, LIFE_WEEKS), np.int64)
    for week in range(len(score)):
        above = score[week] >= levels
        below = np.where(above, 0, below + 1).astype(np.int16)
        over = is_open & ((age >= LIFE_WEEKS) | (below >= CLOSE_AFTER))
        false += over & ~judged
        is_open &= ~over
        opened = above & ~is_open
        alerts += opened
        is_open |= opened
        age[opened] = 0
        judged = np.where(opened, truth.ongoing[week], judged)
        onset = np.flatnonzero(truth.onset[week])
        for region in onset:
            hit = np.flatnonzero(is_open[:, region] & ~judged[:, region] & (age[:, region] > 0))
            leads[hit, region, age[hit, region]] += 1
        judged |= is_open & truth.lethal[week]
        age += 1
    return EpisodeCounts(alerts, false, leads)


def thresholds_of(score: FloatArray, number: int = 120) -> FloatArray:
    """Thresholds that scores can be cut at: few are near the middle, many among the highest."""
    scored = score[~np.isnan(score)]
    if not len(scored):
        return np.zeros(0)
    tail = np.geomspace(0.5, 1 / max(len(scored), 2), number)
    return np.unique(np.quantile(scored, 1 - tail))


def _within(lethal: Mask, weeks: int) -> Mask:
    """Whether any of the `weeks` weeks before each was lethal."""
    total = np.cumsum(np.vstack([np.zeros((1, lethal.shape[1]), int), lethal]), axis=0)
    row = np.arange(len(lethal))
    return np.asarray(total[row] - total[np.maximum(row - weeks, 0)] > 0)

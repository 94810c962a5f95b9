"""Episodes of lethal force, and how well alerts on scores foresaw them.

An episode begins with the first lethal event after 26 clear weeks (its onset) and is over after 8
clear weeks. Lethal events that return within the 26 weeks still belong to it.

An alert opens at an origin where the score reaches a threshold and closes after 8 origins below it.
It ends after 13 weeks in any case. If the score is still at the threshold then, the next one opens.

- An alert is a hit if it was open and at least a week old in the week of an onset. If it has
  several onsets, the first counts.
- It is false if it ended without an episode.
- It counts neither way if it was opened during an episode or in the week of an onset, if lethal
  force returned while it was open, or if the data end before it does.
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

    Attributes:
        onset: An episode begins in the week.
        ongoing: An episode was not over when the week began.
        lethal: There was lethal force in the week.
    """

    onset: Mask
    ongoing: Mask
    lethal: Mask

    @classmethod
    def of(cls, lethal: Mask, first: int) -> "Episodes":
        """Find the episodes of the weeks from `first` on.

        The weeks before `first` are used only to know which weeks are clear. No episode begins in a
        week with fewer than 26 weeks before it in `lethal`.
        """
        recent = _within(lethal, CLEAR_WEEKS)
        onset = lethal & ~recent
        onset[:CLEAR_WEEKS] = False
        return cls(onset[first:], _within(lethal, OVER_WEEKS)[first:], lethal[first:])


@dataclass(frozen=True)
class EpisodeCounts:
    """Counts of alerts and of their outcomes, int64 (thresholds, regions) each.

    `leads` (thresholds, regions, weeks) counts hits by whole weeks from the opening to the week of
    the onset. The true lead is up to six days longer.
    """

    alerts: Index
    false: Index
    leads: Index

    @property
    def hits(self) -> Index:
        """Number of onsets that were foreseen."""
        return np.asarray(self.leads.sum(axis=2))


def tally(
    score: FloatArray, thresholds: Sequence[float] | FloatArray, truth: Episodes
) -> EpisodeCounts:
    """Count the alerts of each threshold on weekly scores (weeks, regions).

    A score is NaN where a region was not scored, and opens no alert. The loop is over weeks, with
    all thresholds and regions at once.
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
    """Return thresholds for scores: few near the median, many among the highest scores."""
    scored = score[~np.isnan(score)]
    if not len(scored):
        return np.zeros(0)
    tail = np.geomspace(0.5, 1 / max(len(scored), 2), number)
    return np.unique(np.quantile(scored, 1 - tail))


def _within(lethal: Mask, weeks: int) -> Mask:
    """Return whether any of the `weeks` weeks before each was lethal."""
    total = np.cumsum(np.vstack([np.zeros((1, lethal.shape[1]), int), lethal]), axis=0)
    row = np.arange(len(lethal))
    return np.asarray(total[row] - total[np.maximum(row - weeks, 0)] > 0)

"""What alarms at a threshold would have cost: the table on a model's card."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray

WEEKS_PER_YEAR = 365.25 / 7
QUIET_WEEKS = 26
HIT_WEEKS = 13


@dataclass(frozen=True, slots=True)
class AlarmCost:
    """What a threshold would have cost: alarms open at or above it, close after eight weeks below.

    `precision` and `recall` are over region-weeks. An alarm is false where no outcome came while
    it was open, or in its first 13 weeks. `onset_recall` is the share of outcomes after 26 weeks
    without one (at the first week that foresees it) that were at or above the threshold.
    """

    threshold: float
    precision: float
    recall: float
    onset_recall: float
    alarms: int
    false_alarms: int
    false_per_country_year: float


def alarm_costs(
    probability: FloatArray,
    label: FloatArray,
    thresholds: Sequence[float],
    *,
    countries: int,
    close_after: int = 8,
) -> list[AlarmCost]:
    """Costs of thresholds on weekly scores and labels, both (weeks, regions), NaN if not scored."""
    years = len(label) / WEEKS_PER_YEAR
    positive = label == 1
    onset = positive & ~_recently(positive, QUIET_WEEKS)
    onset[:QUIET_WEEKS] = False
    costs = []
    for threshold in thresholds:
        above = probability >= threshold
        alarms, false = _alarms(above, positive, close_after)
        costs.append(
            AlarmCost(
                threshold=threshold,
                precision=_share(positive & above, above),
                recall=_share(positive & above, positive),
                onset_recall=_share(onset & above, onset),
                alarms=alarms,
                false_alarms=false,
                false_per_country_year=false / (countries * years),
            )
        )
    return costs


def _alarms(
    above: npt.NDArray[np.bool_], positive: npt.NDArray[np.bool_], close_after: int
) -> tuple[int, int]:
    """Number of alarms over all regions and weeks, and how many of them nothing followed."""
    regions = above.shape[1]
    is_open = np.zeros(regions, dtype=bool)
    age, below = np.zeros(regions, dtype=np.int64), np.zeros(regions, dtype=np.int64)
    hit = np.zeros(regions, dtype=bool)
    alarms = false = 0
    for now, outcome in zip(above, positive, strict=True):
        opened = now & ~is_open
        alarms += int(opened.sum())
        hit[opened], age[opened], below[opened] = False, 0, 0
        is_open |= opened
        hit |= is_open & outcome & (age < HIT_WEEKS)
        below = np.where(now, 0, below + 1)
        age += 1
        closed = is_open & (below >= close_after)
        false += int((closed & ~hit).sum())
        is_open &= ~closed
    return alarms, false + int((is_open & ~hit & (age >= HIT_WEEKS)).sum())


def _recently(positive: npt.NDArray[np.bool_], weeks: int) -> npt.NDArray[np.bool_]:
    """Whether any of the `weeks` rows before each was positive."""
    total = np.cumsum(np.vstack([np.zeros((1, positive.shape[1]), int), positive]), axis=0)
    row = np.arange(len(positive))
    return np.asarray(total[row] - total[np.maximum(row - weeks, 0)] > 0)


def _share(part: npt.NDArray[np.bool_], whole: npt.NDArray[np.bool_]) -> float:
    return float(part.sum() / whole.sum()) if whole.any() else float("nan")

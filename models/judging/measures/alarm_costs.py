"""The cost of alarms at a threshold, which is a table on a model's card."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ewarn.domain.alert import was_false
from ewarn.domain.time import WEEKS_PER_YEAR
from ewarn.frames.predictions import FloatArray

QUIET_WEEKS = 26

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AlarmCost:
    """The cost of a threshold: alarms open at or above it, and close after eight weeks below it.

    A week without a score neither ages nor closes an alarm.

    Attributes:
        precision: Share of the region-weeks at or above the threshold that had an outcome.
        recall: Share of the region-weeks with an outcome that were at or above the threshold.
        onset_recall: The same for the first region-week with an outcome after 26 without one.
        alarms: Number of alarms, without those whose outcome is not known.
        false_alarms: Alarms without an outcome while they were open or in their first 13 weeks
            (`ewarn.domain.alert.was_false`).
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
    """Return the costs of thresholds on weekly scores and labels (weeks, regions).

    Both are NaN where a region was not scored.
    """
    years = len(label) / WEEKS_PER_YEAR
    positive = label == 1
    onset = positive & ~_recently(positive, QUIET_WEEKS)
    onset[:QUIET_WEEKS] = False
    costs = []
    for threshold in thresholds:
        above = probability >= threshold
        verdicts = [
            was_false(_told(label[weeks, region]), is_over=is_over)
            for region, weeks, is_over in _alarms(above, np.isnan(probability), close_after)
        ]
        false = verdicts.count(True)
        costs.append(
            AlarmCost(
                threshold=threshold,
                precision=_share(positive & above, above & ~np.isnan(label)),
                recall=_share(positive & above, positive),
                onset_recall=_share(onset & above, onset),
                alarms=len(verdicts) - verdicts.count(None),
                false_alarms=false,
                false_per_country_year=false / (countries * years),
            )
        )
    return costs


def _alarms(above: Mask, silent: Mask, close_after: int) -> Iterator[tuple[int, slice, bool]]:
    """Yield alarms: the region, the weeks it was open, and whether it closed.

    A week without a score (`silent`) does not close an alarm.
    """
    opened = np.full(above.shape[1], -1)
    below = np.zeros(above.shape[1], dtype=np.int64)
    for week, (now, unknown) in enumerate(zip(above, silent, strict=True)):
        opened[now & (opened < 0)] = week
        below = np.where(now, 0, below + ~unknown)
        closed = np.flatnonzero((opened >= 0) & (below >= close_after))
        for region in closed:
            yield int(region), slice(int(opened[region]), week), True
        opened[closed] = -1
    for region in np.flatnonzero(opened >= 0):
        yield int(region), slice(int(opened[region]), len(above)), False


def _told(label: FloatArray) -> Iterator[bool]:
    """Yield whether an outcome occurred, for each week in which it is known."""
    return (value == 1 for value in label.tolist() if not math.isnan(value))


def _recently(positive: Mask, weeks: int) -> Mask:
    """Return whether any of the `weeks` rows before each was positive."""
    total = np.cumsum(np.vstack([np.zeros((1, positive.shape[1]), int), positive]), axis=0)
    row = np.arange(len(positive))
    return np.asarray(total[row] - total[np.maximum(row - weeks, 0)] > 0)


def _share(part: Mask, whole: Mask) -> float:
    return float(part.sum() / whole.sum()) if whole.any() else float("nan")

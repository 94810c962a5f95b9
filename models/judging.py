"""How good probabilities were: ranks, squared error, calibration, and what alarms would cost."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score

from ewarn.frames.predictions import FloatArray
from models.calibrator import Calibrator

WEEKS_PER_YEAR = 365.25 / 7
QUIET_WEEKS = 26
HIT_WEEKS = 13


@dataclass(frozen=True, slots=True)
class Skill:
    """Figures of one model on one set of rows.

    `brier_skill` is against the base rate of the same rows (0: no better than climatology);
    `calibration_slope` and `calibration_intercept` are 1 and 0 where probabilities are honest.
    NaN where only one outcome occurred.
    """

    rows: int
    positives: int
    base_rate: float
    auc: float
    average_precision: float
    brier: float
    brier_skill: float
    log_score: float
    calibration_slope: float
    calibration_intercept: float

    def rounded(self) -> dict[str, float]:
        """The figures by name, to four decimals."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def skill(probability: FloatArray, label: FloatArray) -> Skill:
    """Judge probabilities (rows,) by labels of 0 and 1 (rows,)."""
    base = float(label.mean())
    brier = float(((probability - label) ** 2).mean())
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    both = 0 < label.sum() < len(label)
    line = Calibrator().fit(probability, label, np.ones(len(label)))
    return Skill(
        rows=len(label),
        positives=int(label.sum()),
        base_rate=base,
        auc=float(roc_auc_score(label, probability)) if both else float("nan"),
        average_precision=float(average_precision_score(label, probability)) if both else base,
        brier=brier,
        brier_skill=1 - brier / (base * (1 - base)) if both else float("nan"),
        log_score=float(np.where(label > 0, np.log(inside), np.log1p(-inside)).mean()),
        calibration_slope=line.slope_ if both else float("nan"),
        calibration_intercept=line.intercept_ if both else float("nan"),
    )


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

"""The figures of skill on a model's card: ranks, scores and calibration, without intervals."""

from dataclasses import asdict, dataclass

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from ewarn.frames.predictions import FloatArray
from models.numeric.calibration import calibration_line


@dataclass(frozen=True, slots=True)
class Skill:
    """Figures of one model on one set of rows.

    `brier_skill` is relative to the base rate of the same rows (0: no better than climatology).
    `calibration_slope` and `calibration_intercept` are 1 and 0 if probabilities are calibrated.
    These three and `auc` are NaN if only one outcome occurred.
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
        """Return the figures by name, to four decimals."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def skill(probability: FloatArray, label: FloatArray) -> Skill:
    """Compute the skill of probabilities (rows,) with labels of 0 and 1 (rows,)."""
    base = float(label.mean())
    brier = float(((probability - label) ** 2).mean())
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    both = 0 < label.sum() < len(label)
    intercept, slope = calibration_line(probability, label)
    return Skill(
        rows=len(label),
        positives=int(label.sum()),
        base_rate=base,
        auc=float(roc_auc_score(label, probability)) if both else float("nan"),
        average_precision=float(average_precision_score(label, probability)) if both else base,
        brier=brier,
        brier_skill=1 - brier / (base * (1 - base)) if both else float("nan"),
        log_score=float(np.where(label > 0, np.log(inside), np.log1p(-inside)).mean()),
        calibration_slope=slope if both else float("nan"),
        calibration_intercept=intercept if both else float("nan"),
    )

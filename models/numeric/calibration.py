"""Bounds of probabilities, their logits, and the line that says whether they are honest."""

import numpy as np
from scipy.special import logit

from ewarn.frames.predictions import FloatArray

LEAST = 1e-4  # no probability is served below this, or above one less this
RAW_LEAST = 1e-6  # of a member's word, before it is pooled


def raw_logit(raw: FloatArray) -> FloatArray:
    """Logit of a raw probability, kept finite."""
    return np.asarray(logit(np.clip(raw, RAW_LEAST, 1 - RAW_LEAST)))


def calibration_line(probability: FloatArray, label: FloatArray) -> tuple[float, float]:
    """Intercept and slope of outcomes on the logits of probabilities (rows,): 0 and 1 if honest.

    Labels are drawn in by one imagined case of either kind (Platt 1999), so that outcomes that
    fall apart by themselves still give a finite line. A slope below 0 is told as 0; 0 and 1 where
    there is one outcome only, or where all probabilities are the same.
    """
    positive = label.sum()
    if not 0 < positive < len(label) or np.ptp(probability) == 0:
        return 0.0, 1.0
    import statsmodels.api as sm  # noqa: PLC0415 - half a second

    line = sm.add_constant(raw_logit(probability), has_constant="add")
    family = sm.families.Binomial(sm.families.links.Logit())
    negative = len(label) - positive
    drawn_in = np.where(label > 0, (positive + 1) / (positive + 2), 1 / (negative + 2))
    intercept, slope = sm.GLM(drawn_in, line, family=family).fit().params
    return float(intercept), max(float(slope), 0.0)

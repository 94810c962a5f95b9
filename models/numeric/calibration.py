"""Bounds of probabilities, their logits, and the calibration line."""

import numpy as np
from scipy.special import logit

from ewarn.frames.predictions import FloatArray

LEAST = 1e-4  # served probabilities are between this and one minus this
RAW_LEAST = 1e-6  # the same bound for a member's probability before it is pooled


def raw_logit(raw: FloatArray) -> FloatArray:
    """Return the logit of a raw probability, limited so that it is finite."""
    return np.asarray(logit(np.clip(raw, RAW_LEAST, 1 - RAW_LEAST)))


def calibration_line(probability: FloatArray, label: FloatArray) -> tuple[float, float]:
    """Return intercept and slope of outcomes on the logits of probabilities (rows,).

    They are 0 and 1 if the probabilities are calibrated. Labels are shrunk by one imagined case of
    either kind (Platt 1999), so that perfectly separated outcomes still give a finite line. A slope
    below 0 is returned as 0. The result is 0 and 1 if all outcomes or all probabilities are equal.
    """
    positive = label.sum()
    if not 0 < positive < len(label) or np.ptp(probability) == 0:
        return 0.0, 1.0
    import statsmodels.api as sm  # noqa: PLC0415 - loading takes half a second

    line = sm.add_constant(raw_logit(probability), has_constant="add")
    family = sm.families.Binomial(sm.families.links.Logit())
    negative = len(label) - positive
    drawn_in = np.where(label > 0, (positive + 1) / (positive + 2), 1 / (negative + 2))
    intercept, slope = sm.GLM(drawn_in, line, family=family).fit().params
    return float(intercept), max(float(slope), 0.0)

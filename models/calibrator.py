"""Platt's calibrator: a logistic line on the logit of a raw probability (Platt 1999)."""

from typing import Self

import numpy as np
import statsmodels.api as sm
from scipy.special import expit, logit

from ewarn.frames.predictions import FloatArray

LEAST = 1e-4  # no probability is served below this, or above one less this
RAW_LEAST = 1e-6  # of a probability that is to be calibrated yet


class Calibrator:
    """Learns `intercept_` and `slope_`; a slope is never negative.

    Labels are drawn in by one imagined case of either kind, as Platt did, so that outcomes that
    fall apart by themselves still give a finite line. Isotonic regression is not used: it
    answers 0 and 1.
    """

    def fit(self, raw: FloatArray, label: FloatArray, weight: FloatArray) -> Self:
        """Learn from raw probabilities and labels (rows,).

        Raw probabilities are left as they are where there is one outcome only, or where all are
        the same.
        """
        self.intercept_, self.slope_ = 0.0, 1.0
        if 0 < label.sum() < len(label) and np.ptp(raw) > 0:
            line = sm.add_constant(raw_logit(raw), has_constant="add")
            family = sm.families.Binomial(sm.families.links.Logit())
            positive, negative = weight[label > 0].sum(), weight[label <= 0].sum()
            drawn_in = np.where(label > 0, (positive + 1) / (positive + 2), 1 / (negative + 2))
            fitted = sm.GLM(drawn_in, line, family=family, freq_weights=weight).fit()
            self.intercept_ = float(fitted.params[0])
            self.slope_ = max(float(fitted.params[1]), 0.0)
        return self

    def logit(self, raw: FloatArray) -> FloatArray:
        """Calibrated logit of raw probabilities, within those of `LEAST` and one less it."""
        return calibrated_logit(raw, self.intercept_, self.slope_)

    def probability(self, raw: FloatArray) -> FloatArray:
        """Calibrated probabilities."""
        return np.asarray(expit(self.logit(raw)))


def raw_logit(raw: FloatArray) -> FloatArray:
    """Logit of a raw probability, kept finite."""
    return np.asarray(logit(np.clip(raw, RAW_LEAST, 1 - RAW_LEAST)))


def calibrated_logit(
    raw: FloatArray, intercept: FloatArray | float, slope: FloatArray | float
) -> FloatArray:
    """Calibrated logit by one line, or by one for each entry of the last axis."""
    far = float(logit(1 - LEAST))
    return np.clip(intercept + slope * raw_logit(raw), -far, far)

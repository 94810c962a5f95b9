"""False-discovery control: of the regions that alarm in a week, how many may be mistaken?

Benjamini & Hochberg (1995) over the regions of each week, on mid-p-values (Lancaster 1961),
since counts are discrete and their plain p-values too shy (Heller & Gur 2011). One budget for all
regions: the p-value comes from the negative-binomial tail of `farrington` where that hears a
region, and from the pooled gamma-Poisson predictive tail where its low-count rule silences it.
"""

import numpy as np

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray
from models.count_tails import mid_p
from models.farrington import Detection
from models.series import BoolArray


def adjusted(p_values: FloatArray) -> FloatArray:
    """Benjamini & Hochberg's adjusted p-values over the last axis, the regions of a week.

    Alarms at or below q expect a share of at most q of mistaken ones. NaN stays NaN and does
    not count among the regions. Raises ModelError for p-values outside 0 and 1.
    """
    given = np.asarray(p_values, dtype=np.float64)
    known = ~np.isnan(given)
    if ((given[known] < 0) | (given[known] > 1)).any():
        raise ModelError("discovery takes p-values between 0 and 1, or NaN where there is none.")
    number = np.maximum(known.sum(axis=-1, keepdims=True), 1)
    order = np.argsort(np.where(known, given, np.inf), axis=-1, kind="stable")
    rank = np.arange(1, given.shape[-1] + 1)
    raised = np.take_along_axis(np.where(known, given, np.inf), order, axis=-1) * number / rank
    raised = np.minimum.accumulate(raised[..., ::-1], axis=-1)[..., ::-1]
    found = np.empty_like(given)
    np.put_along_axis(found, order, np.minimum(raised, 1.0), axis=-1)
    return np.where(known, found, np.nan)


def discoveries(p_values: FloatArray, q: float) -> BoolArray:
    """Alarms of which a share of at most `q` is expected to be mistaken, week by week."""
    with np.errstate(invalid="ignore"):
        return np.asarray(adjusted(p_values) <= q)


def budget_p(counts: FloatArray, heard: Detection, pooled: FloatArray) -> FloatArray:
    """Mid-p-values of each week and region: farrington's where it has a bound, else `pooled`.

    `counts` and `pooled` (weeks judged, regions), NaN where a week was not observed.
    """
    own = mid_p(counts, heard.expected, heard.dispersion)
    return np.where(np.isnan(heard.upper), pooled, own)

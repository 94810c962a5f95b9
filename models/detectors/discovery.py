"""False-discovery control: of the regions that alarm in a week, how many may be mistaken?

Benjamini & Hochberg (1995) over the regions of a week, on mid-p-values (Lancaster 1961), since
counts are discrete and their plain p-values too shy (Heller & Gur 2011). One budget for all
regions: the p-value comes from the negative-binomial tail of `farrington` where that hears a
region, and from the predictive tail where its low-count rule silences it (`detector`).

Regions may have unequal parts in the budget, by what was known before the week (Genovese, Roeder &
Wasserman 2006, Biometrika 93: 509-524): where little is told a rise is hardly ever seen, and what
is spent there is lost.
"""

import numpy as np
from scipy.stats import false_discovery_control

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray, unknown
from models.inputs.inputs import Index


def adjusted(p_values: FloatArray, weight: FloatArray | None = None) -> FloatArray:
    """Benjamini & Hochberg's adjusted p-values of the regions of a week, (regions,).

    Where nothing is unusual, an alarm at or below q comes in a share of at most q of weeks; over
    all weeks q bounds the mean share of mistaken alarms in a week (none counts as 0). NaN stays NaN
    and does not count among the regions. `weight`, above 0, is each region's part in the budget;
    all have the same without it. Raises ModelError for p-values outside 0 and 1.
    """
    known = np.flatnonzero(~np.isnan(p_values))
    found = unknown(len(p_values))
    given = p_values[known]
    if ((given < 0) | (given > 1)).any():
        raise ModelError("discovery takes p-values between 0 and 1, or NaN where there is none.")
    if len(known):
        found[known] = false_discovery_control(_weighted(given, weight, known))
    return found


def _weighted(given: FloatArray, weight: FloatArray | None, known: Index) -> FloatArray:
    """P-values divided by weights whose mean is 1."""
    if weight is None:
        return given
    part = weight[known]
    mean = np.cumsum(np.sort(part))[-1] / len(part)  # the same whatever the order of regions
    return np.asarray(np.minimum(given / (part / mean), 1.0))

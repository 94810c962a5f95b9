"""False-discovery control: a limit on the share of mistaken alarms among the regions of a week.

It applies Benjamini & Hochberg (1995) to the mid-p-values (Lancaster 1961) of the regions of a
week, since counts are discrete and their plain p-values too conservative (Heller & Gur 2011). All
regions share one budget. The p-value comes from the negative-binomial tail of `farrington` where it
gives a bound, and from the predictive tail where its low-count rule gives none (`detector`).

Regions may have unequal parts in the budget, by what was known before the week (Genovese, Roeder &
Wasserman 2006, Biometrika 93: 509-524). Where there are few reports a rise is hardly ever detected,
and a part of the budget spent there is lost.
"""

import numpy as np
from scipy.stats import false_discovery_control

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray, unknown
from models.inputs.inputs import Index


def adjusted(p_values: FloatArray, weight: FloatArray | None = None) -> FloatArray:
    """Return Benjamini & Hochberg's adjusted p-values of the regions of a week, (regions,).

    Suppose that a value of at most q raises an alarm. Where nothing is unusual, an alarm is then
    raised in at most a share q of weeks. Over all weeks, q bounds the mean share of mistaken alarms
    in a week (a week without alarms counts as 0).

    Args:
        p_values: NaN stays NaN and does not count among the regions.
        weight: Each region's part in the budget, above 0. Without it all parts are equal.

    Raises:
        ModelError: A p-value is below 0 or above 1.
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
    """Return p-values divided by weights whose mean is 1."""
    if weight is None:
        return given
    part = weight[known]
    mean = np.cumsum(np.sort(part))[-1] / len(part)  # the same for every order of regions
    return np.asarray(np.minimum(given / (part / mean), 1.0))

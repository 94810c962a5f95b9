"""Kinds of rows that are judged apart, because a model may be good at one and useless at another.

Region-weeks under a deployment are no stratum here: a file of events does not hold deployments.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from models.judging.scored import Scored

ALL, ONSET, ONGOING = "all", "onset", "ongoing"
SHORT_WEEKS = 104
SIZES = (12, 24)  # subdivisions of a small and of a middling country, at most

Mask = npt.NDArray[np.bool_]


def strata_of(scored: Scored, sizes: Mapping[str, int]) -> dict[str, Mask]:
    """Rows of each stratum, bool (rows,); `sizes` are numbers of subdivisions by country."""
    size = np.array([sizes.get(name, 0) for name in scored.countries])[scored.country]
    small, middling = SIZES
    return {
        ALL: np.ones(len(scored.week), dtype=np.bool_),
        ONSET: scored.quiet,
        ONGOING: ~scored.quiet,
        "events in the past year": scored.active,
        "no event in the past year": ~scored.active,
        "history under two years": scored.watched < SHORT_WEEKS,
        f"up to {small} subdivisions": size <= small,
        f"{small + 1} to {middling} subdivisions": (size > small) & (size <= middling),
        f"over {middling} subdivisions": size > middling,
    }

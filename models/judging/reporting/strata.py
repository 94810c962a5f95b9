"""Strata of rows that are evaluated separately, because a model's skill may differ between them.

There is no stratum of region-weeks with a deployment, because a file of events does not hold them.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from models.judging.backtest.scored import Scored

ALL, ONSET, ONGOING = "all", "onset", "ongoing"
SHORT_WEEKS = 104
SIZES = (12, 24)  # greatest number of subdivisions of a small and of a medium country

Mask = npt.NDArray[np.bool_]


def strata_of(scored: Scored, sizes: Mapping[str, int]) -> dict[str, Mask]:
    """Return the rows of each stratum, bool (rows,).

    `sizes` is the number of subdivisions by country.
    """
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

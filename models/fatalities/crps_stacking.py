"""The CRPS of a linear pool of distributions as a quadratic form in the pool's weights.

It is w·a − ½ w·B·w, with a = E|X − y| of each member and B = E|X − X'| of each pair. The weights
that minimise it, shrunk to given weights, are the solution of a small quadratic programme
(`models.numeric.simplex`).
"""

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.numeric.crps import spread


def score_of_pool(
    members: FloatArray, outcomes: FloatArray, importance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return `a` (members,) and `B` (members, members) of the mean weighted CRPS over rows.

    Args:
        members: Equal-mass quantiles (members, rows, n).
        outcomes: (rows,).
        importance: Weight of each row (rows,).
    """
    number = len(members)
    distance = np.abs(members - outcomes[None, :, None]).mean(axis=2)
    own = [spread(member) for member in members]
    pairs = np.zeros((number, number))
    for first in range(number):
        pairs[first, first] = (own[first] * importance).mean()
        for second in range(first):
            # The spread of two halves pooled is a quarter of each own spread and half the pair's.
            both = spread(np.concatenate([members[first], members[second]], axis=1))
            cross = (4 * both - own[first] - own[second]) / 2
            pairs[first, second] = pairs[second, first] = (cross * importance).mean()
    return (distance * importance).mean(axis=1), pairs

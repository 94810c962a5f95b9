"""Weights of a linear pool of distributions that minimise its CRPS, shrunk to given weights.

The CRPS of a pool is a quadratic form in its weights: w·a − ½ w·B·w, with a = E|X − y| of each
member and B = E|X − X'| of each pair, so the best weights are a small quadratic
programme (`models.numeric.simplex`).
"""

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.numeric.crps import spread


def score_of_pool(
    members: FloatArray, outcomes: FloatArray, importance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """`a` (members,) and `B` (members, members) of the mean CRPS over rows.

    `members` (members, rows, n) equal-mass quantiles, `outcomes` and `importance` (rows,).
    """
    number = len(members)
    distance = np.abs(members - outcomes[None, :, None]).mean(axis=2)
    own = [spread(member) for member in members]
    pairs = np.zeros((number, number))
    for first in range(number):
        pairs[first, first] = (own[first] * importance).mean()
        for second in range(first):
            # The spread of two pooled halves holds a quarter of each own one and half the pair's.
            both = spread(np.concatenate([members[first], members[second]], axis=1))
            cross = (4 * both - own[first] - own[second]) / 2
            pairs[first, second] = pairs[second, first] = (cross * importance).mean()
    return (distance * importance).mean(axis=1), pairs

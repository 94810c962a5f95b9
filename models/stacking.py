"""Stacking: the mixture of members with the best log score on origins they were not fitted on."""

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray

SHRINKAGE = 0.1
ROUNDS = 1000


def stacking_weights(members: FloatArray, label: FloatArray, weight: FloatArray) -> FloatArray:
    """Weights (members,) that are positive and sum to one.

    `members` is (rows, members). The mixture's log score is concave in the weights, so the EM
    steps of a mixture with known parts climb to its one best place (Yao et al. 2018 for stacking
    by log score); the answer is then pulled by `SHRINKAGE` to equal weights, so that every
    member stays in.
    """
    number = members.shape[1]
    likelihood = np.where(label[:, None] > 0, members, 1 - members) + 1e-12
    found = np.full(number, 1 / number)
    for _ in range(ROUNDS):
        share = likelihood * found
        share /= share.sum(axis=1, keepdims=True)
        found = np.average(share, axis=0, weights=weight)
    return np.asarray((1 - SHRINKAGE) * found + SHRINKAGE / number)


def later_folds(
    week: npt.NDArray[np.int64], embargo: int, parts: int = 5, first: int = 1
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Pairs of row positions (to fit on, to judge on) in time order.

    `week` (rows,) numbers the origins. They are cut into `parts` stretches; each from `first` on
    is judged by what ended at least `embargo` weeks before it began.
    """
    distinct = np.unique(week)
    stretches = np.array_split(distinct, parts)[first:]
    return [
        (np.flatnonzero(week + embargo <= stretch[0]), np.flatnonzero(np.isin(week, stretch)))
        for stretch in stretches
        if len(stretch)
    ]

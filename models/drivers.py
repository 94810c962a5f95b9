"""Drivers: what each kind of event did to a score.

Exact Shapley values (Shapley 1953; Lundberg & Lee 2017 for predictions) over the kinds a model
reads, at most eight, on its final logit. The value of a coalition is the logit with the kinds
inside it as they are and the others at the region's median of its last 104 weeks, the bar
unchanged: the bar is the question, not the evidence.
"""

from collections.abc import Callable, Sequence
from datetime import date
from math import factorial

import numpy as np

from ewarn.domain.score import Driver
from ewarn.domain.time import WEEK
from ewarn.frames.predictions import FloatArray
from models.inputs import SINCE, WINDOWS, Inputs

MOST_KINDS = 8

Logit = Callable[[Inputs], FloatArray]


def shapley(inputs: Inputs, median: FloatArray, logit: Logit) -> FloatArray:
    """Contributions (rows, kinds) that sum to logit(inputs) - logit(median), row by row.

    `median` has the shape of `inputs.values` (rows, kinds, columns). Raises ValueError for more
    than eight kinds.
    """
    kinds = len(inputs.kinds)
    if kinds > MOST_KINDS:
        raise ValueError(f"{kinds} kinds make {2**kinds} coalitions: at most {MOST_KINDS}")
    members = (np.arange(2**kinds)[:, None] >> np.arange(kinds)) & 1 == 1
    mixed = np.where(members[:, None, :, None], inputs.values, median)
    value = logit(inputs.with_values(mixed))
    return np.asarray(np.einsum("ck,cr->rk", _shares(members), value))


def _shares(members: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> FloatArray:
    """How much each coalition's value counts for each kind, (coalitions, kinds)."""
    kinds = members.shape[1]
    size = members.sum(axis=1)
    joining = np.array([factorial(max(s - 1, 0)) * factorial(kinds - s) for s in size])
    leaving = np.array([factorial(s) * factorial(max(kinds - s - 1, 0)) for s in size])
    share = np.where(members, joining[:, None], -leaving[:, None])
    return share / float(factorial(kinds))


def described(
    source: str, inputs: Inputs, median: FloatArray, contributions: FloatArray, origin: date
) -> list[tuple[Driver, ...]]:
    """Drivers of each row, the largest first; kinds that moved nothing are left out.

    A driver names the weeks of the window whose logarithm lies farthest from the median's.
    """
    now, then = inputs.values[..., :SINCE], median[..., :SINCE]
    moved = np.abs(np.log1p(now) - np.log1p(then))
    widest = moved.argmax(axis=-1)
    return [
        tuple(
            Driver(
                signal=f"{source}:{inputs.kinds[kind]}",
                first_week=origin - WINDOWS[widest[row, kind]] * WEEK,
                last_week=origin - WEEK,
                contribution=float(contributions[row, kind]),
                count=int(now[row, kind, widest[row, kind]]),
            )
            for kind in _by_size(contributions[row])
        )
        for row in range(len(contributions))
    ]


def _by_size(contributions: FloatArray) -> Sequence[int]:
    order = np.argsort(-np.abs(contributions), kind="stable")
    return [int(kind) for kind in order if contributions[kind] != 0]

"""Drivers: what each kind of event, and what happens around, did to a score.

Exact Shapley values (Shapley 1953; Lundberg & Lee 2017 for predictions) over at most eight groups,
on the final logit: the kinds a model reads, and one group for neighbours, world and calendar. The
value of a coalition is the logit with the groups inside it as they are and the others at the
region's median of its last 104 weeks, the bar unchanged: the bar is the question, not the evidence.
"""

from collections.abc import Callable, Sequence
from datetime import date
from math import factorial
from typing import Any

import numpy as np

from ewarn.domain.kinds import AROUND
from ewarn.domain.score import Driver
from ewarn.domain.time import WEEK
from ewarn.frames.predictions import FloatArray
from models.inputs import BLOCKS, NEAR, SINCE, WINDOWS, Inputs

MOST_GROUPS = 8

Logit = Callable[[Inputs], FloatArray]


def shapley(inputs: Inputs, median: Inputs, logit: Logit) -> FloatArray:
    """Contributions (rows, groups) that sum to logit(inputs) - logit(median), row by row.

    The groups are the kinds, in order, and what is around. Raises ValueError for more than eight.
    """
    kinds = len(inputs.kinds)
    groups = kinds + 1
    if groups > MOST_GROUPS:
        raise ValueError(f"{groups} groups make {2**groups} coalitions: at most {MOST_GROUPS}")
    members = (np.arange(2**groups)[:, None] >> np.arange(groups)) & 1 == 1
    value = np.stack(
        [logit(_mixed(inputs, median, inside[:kinds], bool(inside[kinds]))) for inside in members]
    )
    return np.asarray(np.einsum("ck,cr->rk", _shares(members), value))


def _mixed(
    inputs: Inputs, median: Inputs, inside: np.ndarray[Any, np.dtype[np.bool_]], around: bool
) -> Inputs:
    """Inputs in which the groups outside a coalition are as in a median week."""
    values = np.where(inside[:, None], inputs.values, median.values)
    values[..., NEAR:BLOCKS] = (inputs if around else median).values[..., NEAR:BLOCKS]
    return inputs.with_evidence(values, (inputs if around else median).votes)


def _shares(members: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> FloatArray:
    """How much each coalition's value counts for each kind, (coalitions, kinds)."""
    kinds = members.shape[1]
    size = members.sum(axis=1)
    joining = np.array([factorial(max(s - 1, 0)) * factorial(kinds - s) for s in size])
    leaving = np.array([factorial(s) * factorial(max(kinds - s - 1, 0)) for s in size])
    share = np.where(members, joining[:, None], -leaving[:, None])
    return share / float(factorial(kinds))


def described(
    source: str, inputs: Inputs, median: Inputs, contributions: FloatArray, origin: date
) -> list[tuple[Driver, ...]]:
    """Drivers of each row, the largest first; groups that moved nothing are left out.

    A driver names the weeks of the window whose logarithm lies farthest from the median's; what
    happens around has the last week for its window, and no count.
    """
    now, then = inputs.values[..., :SINCE], median.values[..., :SINCE]
    widest = np.abs(np.log1p(now) - np.log1p(then)).argmax(axis=-1)

    def driver(row: int, group: int) -> Driver:
        contribution = float(contributions[row, group])
        if group == len(inputs.kinds):
            return Driver(f"{source}:{AROUND}", origin - WEEK, origin - WEEK, contribution)
        window = widest[row, group]
        return Driver(
            signal=f"{source}:{inputs.kinds[group]}",
            first_week=origin - WINDOWS[window] * WEEK,
            last_week=origin - WEEK,
            contribution=contribution,
            count=int(now[row, group, window]),
        )

    return [
        tuple(driver(row, group) for group in _by_size(contributions[row]))
        for row in range(len(contributions))
    ]


def _by_size(contributions: FloatArray) -> Sequence[int]:
    order = np.argsort(-np.abs(contributions), kind="stable")
    return [int(group) for group in order if contributions[group] != 0]

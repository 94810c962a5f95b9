"""Drivers: how much each kind of event, and the surroundings of a region, moved its score.

They are exact Shapley values (Shapley 1953; Lundberg & Lee 2017 for predictions) of the final logit
over at most eight groups: the kinds that a model reads, and one group for neighbours, world and
calendar. The value of a coalition is the logit with the groups in it as they are and the others at
the region's median of its last 104 weeks. The bar is unchanged, because it belongs to the question
and not to the evidence.
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
from models.inputs.inputs import BLOCKS, NEAR, SINCE, WINDOWS, Inputs

MOST_GROUPS = 8
ROWS_AT_ONCE = 64

Logit = Callable[[Inputs], FloatArray]


def shapley(inputs: Inputs, median: Inputs, logit: Logit) -> FloatArray:
    """Return contributions (rows, groups) that sum to logit(inputs) - logit(median) in each row.

    The groups are the kinds, in order, and then the surroundings.

    Raises:
        ValueError: There are more than eight groups.
    """
    kinds = len(inputs.kinds)
    groups = kinds + 1
    if groups > MOST_GROUPS:
        raise ValueError(f"{groups} groups make {2**groups} coalitions: at most {MOST_GROUPS}")
    members = (np.arange(2**groups)[:, None] >> np.arange(groups)) & 1 == 1
    shares = _shares(members)
    rows = np.arange(len(inputs.bar))
    parts = [
        np.einsum("ck,cr->rk", shares, logit(_mixed(inputs.take(few), median.take(few), members)))
        for few in np.array_split(rows, max(-(-len(rows) // ROWS_AT_ONCE), 1))
    ]
    return np.concatenate(parts)


def _mixed(inputs: Inputs, median: Inputs, members: np.ndarray[Any, np.dtype[np.bool_]]) -> Inputs:
    """Return inputs (coalitions, rows) with the groups outside a coalition as in a median week."""
    inside, around = members[:, None, :-1, None], members[:, None, -1]
    values = np.where(inside, inputs.values, median.values)
    values[..., NEAR:BLOCKS] = np.where(
        around[..., None, None], inputs.values[..., NEAR:BLOCKS], median.values[..., NEAR:BLOCKS]
    )
    votes = np.where(around[..., None], inputs.votes, median.votes)
    return inputs.with_evidence(values, votes)


def _shares(members: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> FloatArray:
    """Return the weight of each coalition's value in each group's share, (coalitions, groups)."""
    kinds = members.shape[1]
    size = members.sum(axis=1)
    joining = np.array([factorial(max(s - 1, 0)) * factorial(kinds - s) for s in size])
    leaving = np.array([factorial(s) * factorial(max(kinds - s - 1, 0)) for s in size])
    share = np.where(members, joining[:, None], -leaving[:, None])
    return share / float(factorial(kinds))


def described(
    source: str, inputs: Inputs, median: Inputs, contributions: FloatArray, origin: date
) -> list[tuple[Driver, ...]]:
    """Return the drivers of each row, the largest first, without groups that contribute nothing.

    A driver gives the window of weeks whose log count differs most from the median's. The driver of
    the surroundings gives the last week as its window, and no count.
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

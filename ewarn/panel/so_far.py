"""A panel that goes on from its origin into the week that is not over yet."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ewarn.frames.panel import Arrivals, Panel
from ewarn.panel.ledger import added, cells_of


def with_week_so_far(
    panel: Panel, deltas: pd.DataFrame, more: npt.NDArray[np.int32] | None = None
) -> Panel:
    """The panel one week longer, with what became known since it was made.

    `deltas` are the rows of the ledger that became known after the panel's moment, with the columns
    region, week, last_week, signal and delta; they may count in any week. The week so far is read
    as if it were over and observed: what it lacks can hide a rise, and cannot make one. `more`
    (int32, the panel's weeks and the week so far by regions) is the volume that became known since;
    as much is taken to have been told in the week so far as in the one before it, or more where it
    has been.
    """
    cells = cells_of(
        deltas,
        regions=panel.regions,
        parents=panel.parents,
        signals=panel.signals,
        first_week=panel.first_week,
    )
    week = (1, *panel.counts.shape[1:])
    longer = replace(
        panel,
        counts=np.concatenate([panel.counts, np.zeros(week, dtype=np.int32)]),
        observed=np.concatenate([panel.observed, np.ones(week, dtype=np.bool_)]),
        arrivals=_one_week_on(panel.arrivals),
        volume=_whole_week(panel.volume, more),
    )
    return added(longer, cells)


def _whole_week(
    volume: npt.NDArray[np.int32], more: npt.NDArray[np.int32] | None
) -> npt.NDArray[np.int32]:
    """Volume with more of its weeks, and with a last week that is over."""
    if not len(volume):
        return volume
    longer = np.concatenate([volume, np.zeros_like(volume[:1])])
    if more is not None and len(more):
        longer += more
    longer[-1] = np.maximum(longer[-1], longer[-2])
    return longer


def _one_week_on(arrivals: Arrivals) -> Arrivals:
    """The share of each week that is in, with the week so far, of which all is taken to be in: it
    is judged by the bound of a whole week."""
    if not arrivals.ages:
        return arrivals
    shape = (1, *arrivals.share.shape[1:])
    return Arrivals(
        np.concatenate([np.ones(shape), arrivals.share]),
        np.concatenate([np.zeros(shape), arrivals.variance]),
        np.concatenate([np.ones(shape[:2]), arrivals.overall]),
    )

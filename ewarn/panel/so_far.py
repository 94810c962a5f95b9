"""Extension of a panel by the current week, which is not over yet."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ewarn.frames.panel import Arrivals, Panel
from ewarn.panel.ledger import added, cells_of


def with_week_so_far(
    panel: Panel, deltas: pd.DataFrame, more: npt.NDArray[np.int32] | None = None
) -> Panel:
    """Return the panel with one more week and with what became known since its origin.

    The current week is treated as if it were over and observed. Its missing events can hide a rise,
    but cannot cause one.

    Args:
        deltas: The ledger rows that became known after the panel's moment, with the columns region,
            week, last_week, signal and delta. They may count in any week.
        more: The volume that became known since, int32 (the panel's weeks and the current week,
            regions). The volume of the current week is at least that of the week before, because
            the rest of the week is still to come.
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
    """Return the volume with one more week, which counts as if it were over, and with `more`."""
    if not len(volume):
        return volume
    longer = np.concatenate([volume, np.zeros_like(volume[:1])])
    if more is not None and len(more):
        longer += more
    longer[-1] = np.maximum(longer[-1], longer[-2])
    return longer


def _one_week_on(arrivals: Arrivals) -> Arrivals:
    """Return the shares of reported events with one more week, the current one.

    All of its events count as reported, so that it is compared with the bound of a whole week.
    """
    if not arrivals.ages:
        return arrivals
    shape = (1, *arrivals.share.shape[1:])
    return Arrivals(
        np.concatenate([np.ones(shape), arrivals.share]),
        np.concatenate([np.zeros(shape), arrivals.variance]),
        np.concatenate([np.ones(shape[:2]), arrivals.overall]),
    )

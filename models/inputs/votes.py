"""Nearness of votes: weeks to the next one, since the last, and since one that was put off."""

import numpy as np
import numpy.typing as npt

from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray

FAR_WEEKS = 52


def weeks_to_votes(panel: Panel, countries: npt.NDArray[np.int64], *, weeks: int) -> FloatArray:
    """Return weeks to and since votes at each of the last `weeks` weeks, (weeks, regions, 3).

    The calendar is the one known at the panel's moment, for all the weeks.

    Args:
        countries: Position of each region's country in the panel.

    Returns:
        Weeks to the next vote on the calendar (0 means in the coming week), since the last vote,
        and since one that was put off, missed or voided, each at most 52. NaN where the calendar
        holds no vote of the country.
    """
    found = np.full((weeks, len(panel.regions), 3), np.nan)
    origins = np.arange(panel.weeks - weeks, panel.weeks) + 1
    calendar = panel.calendar
    for region in np.unique(calendar.region):
        here = calendar.region == region
        held = calendar.week[here & calendar.held]
        missed = calendar.week[here & ~calendar.held]
        found[:, region, 0] = _least(held - origins[:, None])
        found[:, region, 1] = _least(origins[:, None] - 1 - held)
        found[:, region, 2] = _least(origins[:, None] - 1 - missed)
    return found[:, countries]


def polling_near(panel: Panel, within_weeks: int) -> npt.NDArray[np.bool_]:
    """Return whether a vote is less than `within_weeks` before or after the origin, (regions,)."""
    countries = np.array(
        [panel.region_index.get(panel.parents.get(name, name), -1) for name in panel.regions]
    )
    ahead, since, _ = weeks_to_votes(panel, countries, weeks=1)[0].T
    near = (ahead < within_weeks) | (since < within_weeks)
    return np.asarray(near & (countries >= 0))


def _least(distance: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the least distance of each row that is not negative, at most 52."""
    ahead = np.where(distance >= 0, distance, FAR_WEEKS)
    return np.asarray(np.minimum(ahead.min(axis=1, initial=FAR_WEEKS), FAR_WEEKS))

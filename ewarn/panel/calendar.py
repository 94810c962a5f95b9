"""Calendar entries of a panel: votes, and votes that were put off, missed or annulled."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

from ewarn.domain.event import DatePrecision
from ewarn.domain.kinds import CALENDAR, CALENDAR_INCIDENTS
from ewarn.frames.panel import Calendar

VOTE = f"{CALENDAR}vote"
KEY = ["source", "source_event_id"]


def calendar_of(
    frame: pd.DataFrame, as_of: datetime | None, regions: Sequence[str], first_week: date
) -> Calendar:
    """Return the votes in an event frame of calendars, as known at `as_of` (None: all rows).

    Only entries with an exact day are used, because a month does not determine a week. Countries
    that are not in `regions` are left out.
    """
    if as_of is not None:
        frame = frame[frame["known_at"] <= as_of]
    current = frame.sort_values("known_at", kind="stable").drop_duplicates(KEY, keep="last")
    exact = current["date_precision"] == DatePrecision.DAY.value
    current = current[exact & ~current["deleted"].astype(bool)]
    tags = [set(each.split(";")) for each in current["tags"]]
    held = np.array([VOTE in each for each in tags], dtype=bool)
    missed = np.array([not CALENDAR_INCIDENTS.isdisjoint(each) for each in tags], dtype=bool)
    position = {region: index for index, region in enumerate(regions)}
    region = np.array([position.get(name, -1) for name in current["country"]], dtype=np.int64)
    days = pd.to_datetime(current["occurred_on"]).to_numpy(dtype="datetime64[D]") - np.datetime64(
        first_week
    )
    week = days.astype(np.int64) // 7
    kept = (region >= 0) & (held | missed)
    return Calendar(region[kept], week[kept], held[kept] & ~missed[kept])

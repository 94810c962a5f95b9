"""Outages: regions from which hardly any records of any kind come any more.

If the internet is shut down or a newsroom is closed, counts of harm fall with all other counts.
That does not mean calm, so it is reported as a drop of the whole volume.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection

from ewarn.domain.source import VolumeDrop
from ewarn.domain.time import WEEK
from ewarn.store.database.cuts import Cut
from ewarn.store.events import volumes

DAYS = 3  # the length of the window, up to the last whole day
# The window is compared with the same days of earlier weeks, so that quiet Sundays are no outages.
WEEKS_BEFORE = 8
# A drop is less than this share of the expected records, if at least so many were expected.
SHARE = 0.25
FEWEST_EXPECTED = 20.0


def volume_drops(
    connection: Connection, source: str, parents: Mapping[str, str], now: datetime
) -> tuple[VolumeDrop, ...]:
    """Return the regions whose volume in a source has dropped, from what was recorded by `now`.

    The expected volume is the median of the same days in the weeks before, times the ratio of the
    whole source to its own median. If the whole source dropped, the source is unhealthy and no
    region is named. A subdivision is not named in addition to its country.

    Args:
        parents: Maps subdivisions to countries.
    """
    until = now.date() - timedelta(days=1)
    since = until - WEEKS_BEFORE * WEEK - timedelta(days=DAYS - 1)
    found = volumes.volumes(connection, Cut(recorded_by=now), source, since, until)
    if found.empty:
        return ()
    windows = _windows(found, until)
    countries = windows.groupby(windows.index.map(lambda region: parents.get(region, region))).sum()
    share = _share_of_world(countries)
    if share < SHARE:
        return ()
    below = _below(countries, share)
    own = windows[[region in parents for region in windows.index]]
    finer = _below(own, share)
    finer = finer[[parents[region] not in below.index for region in finer.index]]
    return tuple(
        VolumeDrop(source, str(region), until, int(row.records), float(row.expected))
        for region, row in pd.concat([below, finer]).iterrows()
    )


def _windows(found: pd.DataFrame, until: date) -> pd.DataFrame:
    """Return the records by region (rows) and window (columns).

    Column 0 is the window that ends `until`, columns 1, 2 ... are the windows that many weeks
    before; 0 if nothing came.
    """
    back = pd.Series([(until - day).days for day in found["day"]], index=found.index)
    inside = found[back % WEEK.days < DAYS].assign(week=back // WEEK.days)
    table = inside.pivot_table(index="region", columns="week", values="records", aggfunc="sum")
    return table.reindex(columns=range(WEEKS_BEFORE + 1)).fillna(0.0)


def _share_of_world(windows: pd.DataFrame) -> float:
    """Return the ratio of the whole source's volume to its own past; above 1 counts as 1."""
    world = windows.sum()
    usual = world[1:].median()
    return min(1.0, float(world[0] / usual)) if usual else 0.0


def _below(windows: pd.DataFrame, share: float) -> pd.DataFrame:
    expected = windows.drop(columns=0).median(axis=1) * share
    dropped = (expected >= FEWEST_EXPECTED) & (windows[0] < SHARE * expected)
    return pd.DataFrame({"records": windows[0], "expected": expected})[dropped].sort_index()

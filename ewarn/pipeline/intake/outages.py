"""Regions from which nearly nothing comes any more, of any kind.

Where the internet is shut down or a newsroom is closed, counts of harm fall with all the rest. That
is no calm, so it is reported as what it is: a drop of the whole volume.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection

from ewarn.domain.source import VolumeDrop
from ewarn.domain.time import WEEK
from ewarn.store.database.cuts import Cut
from ewarn.store.events import volumes

DAYS = 3  # looked at, up to the last whole day
WEEKS_BEFORE = 8  # the same days of the week, so that quiet Sundays are not outages
# A drop is this share of what was to be expected, where at least so many records were.
SHARE = 0.25
FEWEST_EXPECTED = 20.0


def volume_drops(
    connection: Connection, source: str, parents: Mapping[str, str], now: datetime
) -> tuple[VolumeDrop, ...]:
    """The regions whose volume in a source has dropped, by what was recorded by `now`.

    Expected is the median of the same days in the weeks before, times how the source as a whole
    stands against its own median: where all of it dropped, the source is unwell and no region is
    named. A subdivision is not named beside its country. `parents` maps subdivisions to countries.
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
    """Records by region (rows) in the window that ends `until` (column 0) and in the windows
    1, 2 ... weeks before; 0 where nothing came.
    """
    back = pd.Series([(until - day).days for day in found["day"]], index=found.index)
    inside = found[back % WEEK.days < DAYS].assign(week=back // WEEK.days)
    table = inside.pivot_table(index="region", columns="week", values="records", aggfunc="sum")
    return table.reindex(columns=range(WEEKS_BEFORE + 1)).fillna(0.0)


def _share_of_world(windows: pd.DataFrame) -> float:
    """How the whole source stands against its own past; above 1 counts as 1."""
    world = windows.sum()
    usual = world[1:].median()
    return min(1.0, float(world[0] / usual)) if usual else 0.0


def _below(windows: pd.DataFrame, share: float) -> pd.DataFrame:
    expected = windows.drop(columns=0).median(axis=1) * share
    dropped = (expected >= FEWEST_EXPECTED) & (windows[0] < SHARE * expected)
    return pd.DataFrame({"records": windows[0], "expected": expected})[dropped].sort_index()

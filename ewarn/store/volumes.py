"""How many records of all kinds came from each region: the measure of counts and of silence."""

from collections.abc import Mapping
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection, func, insert, select

from ewarn.store.cuts import Cut
from ewarn.store.tables import volume as table

VOLUME_COLUMNS = ("region", "day", "records")


def add(
    connection: Connection,
    run_id: int,
    source: str,
    volume: Mapping[tuple[str, date], int],
    recorded_at: datetime,
) -> None:
    """Write down the records of a run by (region, day). Append-only: a day's sum grows."""
    rows = [
        {
            "run_id": run_id,
            "source": source,
            "region": region,
            "day": day,
            "records": records,
            "recorded_at": recorded_at,
        }
        for (region, day), records in volume.items()
    ]
    if rows:
        connection.execute(insert(table), rows)


def volumes(
    connection: Connection, cut: Cut, source: str, since: date, until: date
) -> pd.DataFrame:
    """Records by region and day from `since` to `until` (included), as recorded under a cut.

    Columns are `VOLUME_COLUMNS`; days without a record have no row.
    """
    wanted = [table.c.source == source, table.c.day >= since, table.c.day <= until]
    if cut.recorded_by is not None:
        wanted.append(table.c.recorded_at <= cut.recorded_by)
    rows = connection.execute(
        select(table.c.region, table.c.day, func.sum(table.c.records))
        .where(*wanted)
        .group_by(table.c.region, table.c.day)
        .order_by(table.c.region, table.c.day)
    )
    return pd.DataFrame.from_records([tuple(row) for row in rows], columns=list(VOLUME_COLUMNS))

"""Volumes: the number of records of all kinds per region, to compare counts and silence with."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection, func, insert, select

from ewarn.domain.time import WEEK, midnight, origin_at, week_of
from ewarn.store.database.conflicts import insert_into
from ewarn.store.database.cuts import Cut
from ewarn.store.tables.intake import volume as table
from ewarn.store.tables.intake import weekly_volume

VOLUME_COLUMNS = ("region", "day", "records")
WEEKLY_COLUMNS = ("country", "week", "records")


def add(
    connection: Connection,
    run_id: int,
    source: str,
    volume: Mapping[tuple[str, date], int],
    recorded_at: datetime,
    *,
    parents: Mapping[str, str],
    published_at: datetime | None = None,
) -> None:
    """Store the number of records of a run by (region, day), and add them to the weekly sums.

    Rows are append-only: the sum of a day grows. In the weekly sums, which are by country, the
    records are known from their publication on.

    Args:
        parents: Maps subdivisions to countries.
        published_at: When the records were published; `recorded_at` if None.
    """
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
        _add_weeks(connection, source, volume, parents, published_at or recorded_at)


def volumes(
    connection: Connection, cut: Cut, source: str, since: date, until: date
) -> pd.DataFrame:
    """Return records by region and day from `since` to `until` (included), as recorded under a cut.

    Returns:
        A frame with the columns `VOLUME_COLUMNS`; days without a record have no row.
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


def known_on(moment: datetime) -> date:
    """Return the first Monday at or after a moment.

    It is the first origin at which records published at that moment are known.
    """
    last = origin_at(moment)
    return last if moment == midnight(last) else last + WEEK


def _add_weeks(
    connection: Connection,
    source: str,
    volume: Mapping[tuple[str, date], int],
    parents: Mapping[str, str],
    published_at: datetime,
) -> None:
    """Add records to the sums of their weeks."""
    weeks: Counter[tuple[str, date]] = Counter()
    for (region, day), records in volume.items():
        weeks[parents.get(region, region), week_of(day)] += records
    rows = [
        {
            "source": source,
            "country": country,
            "week": week,
            "known_on": known_on(published_at),
            "records": records,
        }
        for (country, week), records in sorted(weeks.items())
    ]
    adding = insert_into(connection, weekly_volume)
    more = weekly_volume.c.records + adding.excluded.records
    key = list(weekly_volume.primary_key)
    connection.execute(
        adding.on_conflict_do_update(index_elements=key, set_={"records": more}), rows
    )


def are_counted(connection: Connection, source: str) -> bool:
    """Return whether the number of records is known for any payload of a source."""
    query = select(table.c.id).where(table.c.source == source).limit(1)
    return connection.execute(query).first() is not None


def weeks_known(connection: Connection, source: str, since: date, until: date) -> set[date]:
    """Return the weeks (Mondays) from `since` to before `until` whose volume is known."""
    query = select(weekly_volume.c.week).distinct()
    wanted = (
        weekly_volume.c.source == source,
        weekly_volume.c.week >= since,
        weekly_volume.c.week < until,
        weekly_volume.c.records > 0,
    )
    return set(connection.execute(query.where(*wanted)).scalars())


def weekly(
    connection: Connection,
    source: str,
    since: date,
    known_by: date,
    until: date,
    known_after: date = date.min,
) -> pd.DataFrame:
    """Return records by country and week (Mondays) from `since` to before `until`.

    Args:
        known_by: A Monday; only records that were published by its beginning count.
        known_after: A Monday; records that were published by its beginning do not count.

    Returns:
        A frame with the columns `WEEKLY_COLUMNS`.
    """
    rows = connection.execute(
        select(weekly_volume.c.country, weekly_volume.c.week, func.sum(weekly_volume.c.records))
        .where(
            weekly_volume.c.source == source,
            weekly_volume.c.week >= since,
            weekly_volume.c.week < until,
            weekly_volume.c.known_on <= known_by,
            weekly_volume.c.known_on > known_after,
        )
        .group_by(weekly_volume.c.country, weekly_volume.c.week)
        .order_by(weekly_volume.c.country, weekly_volume.c.week)
    )
    return pd.DataFrame.from_records([tuple(row) for row in rows], columns=list(WEEKLY_COLUMNS))

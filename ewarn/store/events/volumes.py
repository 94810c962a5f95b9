"""How many records of all kinds came from each region: the measure of counts and of silence."""

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
    """Write down the records of a run by (region, day). Append-only: a day's sum grows.

    They are added to those of their country's week too, as known from when they were published (by
    default `recorded_at`). `parents` maps subdivisions to countries.
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


def known_on(moment: datetime) -> date:
    """The first Monday at whose beginning what was published at a moment is known."""
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
    """Whether any payload of a source ever told how many records it held."""
    query = select(table.c.id).where(table.c.source == source).limit(1)
    return connection.execute(query).first() is not None


def weeks_known(connection: Connection, source: str, since: date, until: date) -> set[date]:
    """The weeks (Mondays) from `since` to before `until` whose volume is known."""
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
    """Records by country and week (Mondays) from `since` to before `until`, of what was published
    by the beginning of `known_by`, a Monday, and after that of `known_after`. Columns are
    `WEEKLY_COLUMNS`."""
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

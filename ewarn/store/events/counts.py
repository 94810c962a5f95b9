"""The count ledger: append-only deltas, whose sum under any cut is the count."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection, func, or_, select

from ewarn.store.database.cuts import Cut
from ewarn.store.database.id_lists import among
from ewarn.store.events.events import timelines
from ewarn.store.events.versions import Cell, count
from ewarn.store.tables.events import count_delta as table
from ewarn.store.tables.types import Moment

DELTA_COLUMNS = ("region", "week", "last_week", "signal", "delta")


def counts(
    connection: Connection,
    cut: Cut,
    *,
    sources: Sequence[str] = (),
    regions: Sequence[str] = (),
    since_week: date | None = None,
) -> pd.DataFrame:
    """Return the non-zero counts under a cut.

    Args:
        sources: Only signals of these sources; empty for all.
        regions: Only these regions; empty for all.
        since_week: Only spans that end in or after this week (a Monday); None for all.

    Returns:
        One row per (region, week, last_week, signal). Columns are `DELTA_COLUMNS`, weeks are dates
        (Mondays).
    """
    cells = _cells(connection, cut, sources, regions, since_week)
    return pd.DataFrame.from_records(
        [(*cell, number) for cell, number in cells], columns=list(DELTA_COLUMNS)
    )


def weekly_totals(
    connection: Connection,
    cut: Cut,
    signals: Sequence[str],
    weeks: Sequence[date],
    regions: Collection[str] = (),
) -> Counter[tuple[str, date]]:
    """Return the counts under a cut by signal and week, summed over regions.

    Counts that span several weeks are in none of them.

    Args:
        weeks: The weeks (Mondays).
        regions: Only these regions; empty for all.
    """
    wanted = [
        table.c.week.in_(weeks),
        table.c.last_week == table.c.week,
        table.c.signal.in_(signals),
        *cut.clauses(table),
    ]
    if regions:
        wanted.append(among(table.c.region, regions))
    rows = connection.execute(
        select(table.c.signal, table.c.week, func.sum(table.c.delta))
        .where(*wanted)
        .group_by(table.c.signal, table.c.week)
    )
    return Counter({(signal, week): int(number) for signal, week, number in rows})


def deltas(connection: Connection, cut: Cut, source: str) -> pd.DataFrame:
    """Return the ledger of a source under a cut: how each count changed at each `known_at`.

    Returns:
        A frame with the columns `DELTA_COLUMNS` and `known_at` (UTC).
    """
    cell = (table.c.region, table.c.week, table.c.last_week, table.c.signal)
    total = func.sum(table.c.delta)
    query = (
        select(*cell, total, table.c.known_at)
        .where(*cut.clauses(table), table.c.signal.startswith(f"{source}:", autoescape=True))
        .group_by(*cell, table.c.known_at)
        .having(total != 0)
        .order_by(*cell, table.c.known_at)
    )
    rows = connection.execute(query).all()
    frame = pd.DataFrame.from_records(rows, columns=[*DELTA_COLUMNS, "known_at"])
    return frame.assign(known_at=pd.to_datetime(frame["known_at"], utc=True))


@dataclass(frozen=True, slots=True)
class RecentlyKnown:
    """What became known after a moment.

    Attributes:
        deltas: Changes of counts, with the columns `DELTA_COLUMNS`.
        known_at: For each region, the newest `known_at` of its changes.
        recorded_at: For each region, the newest `recorded_at` of its changes.
    """

    deltas: pd.DataFrame
    known_at: dict[str, datetime]
    recorded_at: dict[str, datetime]


def lately(
    connection: Connection, cut: Cut, source: str, after: datetime, since_week: date
) -> RecentlyKnown:
    """Return what became known from a source after a moment, under a cut.

    Args:
        after: Only changes with a later `known_at`.
        since_week: Only weeks (Mondays) from this one on.
    """
    cell = (table.c.region, table.c.week, table.c.last_week, table.c.signal)
    query = (
        select(
            *cell,
            func.sum(table.c.delta),
            func.max(table.c.known_at, type_=Moment),
            func.max(table.c.recorded_at, type_=Moment),
        )
        .where(
            *cut.clauses(table),
            table.c.known_at > after,
            table.c.week >= since_week,
            table.c.signal.startswith(f"{source}:", autoescape=True),
        )
        .group_by(*cell)
        .order_by(*cell)
    )
    rows = connection.execute(query).all()
    known: dict[str, datetime] = {}
    recorded: dict[str, datetime] = {}
    for row in rows:
        known[row[0]] = max(row[5], known.get(row[0], row[5]))
        recorded[row[0]] = max(row[6], recorded.get(row[0], row[6]))
    deltas = pd.DataFrame.from_records([row[:5] for row in rows], columns=list(DELTA_COLUMNS))
    return RecentlyKnown(deltas, known, recorded)


def fingerprint(
    connection: Connection, source: str, after: int, known_by: datetime
) -> tuple[int, int]:
    """Return a fingerprint of the ledger rows of a source that were known by a moment.

    Rows are only ever added, so two different sets of rows have different fingerprints.

    Args:
        after: Only rows with an id greater than this one.

    Returns:
        The number of rows and the sum of their ids.
    """
    query = select(func.count(), func.coalesce(func.sum(table.c.id), 0)).where(
        table.c.id > after,
        table.c.known_at <= known_by,
        table.c.signal.startswith(f"{source}:", autoescape=True),
    )
    number, total = connection.execute(query).one()
    return int(number), int(total)


def holds(connection: Connection, cut: Cut, signals: Sequence[str]) -> bool:
    """Return whether anything was ever counted for some signals in a single week."""
    query = select(table.c.id).where(
        *cut.clauses(table), table.c.signal.in_(signals), table.c.week == table.c.last_week
    )
    return connection.execute(query.limit(1)).first() is not None


def newest(connection: Connection, recorded_by: datetime) -> int:
    """Return the id of the newest ledger row that was recorded by a moment; 0 if there is none."""
    query = select(func.max(table.c.id)).where(table.c.recorded_at <= recorded_by)
    return int(connection.execute(query).scalar() or 0)


def is_revised(
    connection: Connection, source: str, origin: date, cut: tuple[datetime, datetime], after: int
) -> bool:
    """Return whether counts of weeks before an origin were revised between two moments.

    Args:
        cut: The two moments; only rows recorded after the first and up to the second count.
        after: Only rows with an id greater than this one count.
    """
    since, until = cut
    query = select(table.c.id).where(
        table.c.id > after,
        table.c.recorded_at > since,
        table.c.recorded_at <= until,
        table.c.week < origin,
        table.c.signal.startswith(f"{source}:", autoescape=True),
    )
    return connection.execute(query.limit(1)).first() is not None


def _cells(
    connection: Connection,
    cut: Cut,
    sources: Sequence[str] = (),
    regions: Sequence[str] = (),
    since_week: date | None = None,
) -> list[tuple[Cell, int]]:
    total = func.sum(table.c.delta)
    cell = (table.c.region, table.c.week, table.c.last_week, table.c.signal)
    query = select(*cell, total).where(*cut.clauses(table))
    if since_week is not None:
        query = query.where(table.c.last_week >= since_week)
    if regions:
        query = query.where(table.c.region.in_(regions))
    if sources:
        prefixes = (table.c.signal.startswith(f"{name}:", autoescape=True) for name in sources)
        query = query.where(or_(*prefixes))
    rows = connection.execute(query.group_by(*cell).having(total != 0).order_by(*cell))
    return [
        (Cell(region, week, last_week, signal), int(number))
        for region, week, last_week, signal, number in rows
    ]


def disagreements(
    connection: Connection, *, as_of: datetime, recorded_by: datetime
) -> dict[Cell, tuple[int, int]]:
    """Return the cells where the ledger differs from a recount of the versions.

    Returns:
        (count by the ledger, recount) of each such cell.
    """
    ledger = Counter(dict(_cells(connection, Cut(as_of, recorded_by))))
    recount = count(timelines(connection, recorded_by), as_of)
    cells = set(ledger) | set(recount)
    return {cell: (ledger[cell], recount[cell]) for cell in cells if ledger[cell] != recount[cell]}

"""The newest runs of each source, as recorded by a moment.

Runs are many: one every quarter of an hour makes 35,000 a year. So these queries walk an index back
from the moment, and take the same time however many runs are stored.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    literal,
    select,
    union_all,
)

from ewarn.domain.source import Health
from ewarn.store.intake.runs import Run, run_of
from ewarn.store.tables.intake import ingest_run as table

_MOMENT = bindparam("moment", type_=table.c.recorded_at.type)
_PAYLOADS_AT_ONCE = 8  # at most this many share one mark: pages, feeds of one slot


def _newest_of_each(*wanted: ColumnElement[bool]) -> Select[Any]:
    """Return a query for the last run of each source up to the parameter `moment`."""
    # Each step finds the next name by the index. To group all runs by source would read them all.
    first = select(func.min(table.c.source).label("source")).cte("names", recursive=True)
    following = select(func.min(table.c.source)).where(table.c.source > first.c.source)
    names = first.union_all(select(following.scalar_subquery()).where(first.c.source.is_not(None)))
    newest = (
        select(table.c.id)
        .where(table.c.source == names.c.source, table.c.recorded_at <= _MOMENT, *wanted)
        .order_by(table.c.recorded_at.desc(), table.c.id.desc())
        .limit(1)
        .correlate(names)
        .scalar_subquery()
    )
    return select(table).where(table.c.id.in_(select(newest).select_from(names)))


# Every list asks these, and to build them takes longer than to run them.
_LATEST = _newest_of_each()
_LATEST_SUCCESSES = _newest_of_each(table.c.health == Health.OK.value)


def latest_runs(connection: Connection, moment: datetime) -> dict[str, Run]:
    """Return the last run of each source that was recorded by `moment`."""
    return {row.source: run_of(row) for row in connection.execute(_LATEST, {"moment": moment})}


def latest_successes(connection: Connection, moment: datetime) -> dict[str, Run]:
    """Return the last successful run of each source that was recorded by `moment`."""
    rows = connection.execute(_LATEST_SUCCESSES, {"moment": moment})
    return {row.source: run_of(row) for row in rows}


def published(
    connection: Connection, sources: Collection[str], moment: datetime, limit: int
) -> dict[str, list[datetime]]:
    """Return when the newest payloads of sources were published, newest first, at most `limit`.

    The time is the provider's own mark, or else the time of reading. Only payloads count that moved
    the cursor and were read successfully by a moment.
    """
    found: dict[str, list[datetime]] = {source: [] for source in sources}
    if not found:
        return found
    marked = func.coalesce(table.c.published_at, table.c.recorded_at).label("marked")
    asked = []
    for source in found:
        newest = (
            select(marked)
            .where(
                table.c.source == source,
                table.c.health == Health.OK.value,
                table.c.read_until.is_not(None),
                table.c.recorded_at <= moment,
            )
            .order_by(table.c.recorded_at.desc(), table.c.id.desc())
            .limit(_PAYLOADS_AT_ONCE * limit)
            .subquery()
        )
        marks = select(newest.c.marked).distinct().order_by(newest.c.marked.desc()).limit(limit)
        asked.append(select(literal(source), *marks.subquery().c))
    for source, mark in connection.execute(union_all(*asked)):
        found[source].append(mark)
    return {source: sorted(marks, reverse=True) for source, marks in found.items()}


def first_after(
    connection: Connection, source: str, after: datetime | None, moment: datetime
) -> datetime | None:
    """Return when a source was first read after a moment (None: at all).

    Runs recorded later than `moment` are ignored.
    """
    wanted = [table.c.source == source, table.c.recorded_at <= moment]
    if after is not None:
        wanted.append(table.c.recorded_at > after)
    found: datetime | None = connection.execute(
        select(func.min(table.c.recorded_at)).where(*wanted)
    ).scalar()
    return found

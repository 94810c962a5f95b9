"""Ingestion runs with their counts, rejected rows, and covered weeks."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import starmap
from typing import Any

from sqlalchemy import Connection, Date, distinct, func, insert, select

from ewarn.domain.source import Coverage, Health, Rejection
from ewarn.domain.text import written
from ewarn.store.database.bulk import BulkInsert
from ewarn.store.database.cuts import Cut
from ewarn.store.events.events import Appended
from ewarn.store.tables.intake import coverage as coverage_table
from ewarn.store.tables.intake import ingest_run, rejection

_NOT_READ = (Health.BROKEN.value, Health.SUSPECT.value)
# The columns of a `Coverage`, in the order of its fields.
_COVERAGE = tuple(coverage_table.c[field.name] for field in fields(Coverage))


@dataclass(frozen=True, slots=True)
class Run:
    """One run that read a source, as it is stored."""

    source: str
    recorded_at: datetime
    health: Health
    reason: str
    appended: Appended
    rejected: int
    skipped: Mapping[str, int]
    last_event_on: date | None
    read_until: datetime | None = None
    payload_name: str | None = None
    published_at: datetime | None = None
    payload_id: int | None = None

    @property
    def records(self) -> int:
        """The number of records in its payload, whatever became of them."""
        return self.appended.total + self.rejected + sum(self.skipped.values())


@dataclass(frozen=True, slots=True)
class Reading:
    """A run with its rejected rows and the weeks it covered."""

    run: Run
    rejected: Sequence[Rejection] = ()
    covered: Sequence[Coverage] = ()


def record_run(connection: Connection, reading: Reading) -> int:
    """Store a run with its rejections and coverage, and return the id of the run."""
    run = reading.run
    result = connection.execute(
        insert(ingest_run)
        .values(
            source=run.source,
            payload_id=run.payload_id,
            payload_name=run.payload_name,
            published_at=run.published_at,
            recorded_at=run.recorded_at,
            health=run.health.value,
            reason=run.reason,
            accepted=run.appended.accepted,
            versions=run.appended.versions,
            unchanged=run.appended.unchanged,
            tombstones=run.appended.tombstones,
            rejected=run.rejected,
            skipped=dict(run.skipped),
            last_event_on=run.last_event_on,
            read_until=run.read_until,
        )
        .returning(ingest_run.c.id)
    )
    run_id = int(result.scalar_one())
    BulkInsert(connection).rows(
        rejection,
        {
            "run_id": [run_id] * len(reading.rejected),
            "line": [row.line for row in reading.rejected],
            "reason": [written(row.reason) for row in reading.rejected],
        },
    )
    _record_coverage(connection, reading.covered, run.recorded_at)
    return run_id


def _record_coverage(
    connection: Connection, covered: Sequence[Coverage], recorded_at: datetime
) -> None:
    table = coverage_table
    starts = sorted({item.first_week for item in covered})
    rows = connection.execute(select(*_COVERAGE).where(table.c.first_week.in_(starts)))
    stored = {Coverage(*row) for row in rows}
    new = [item for item in dict.fromkeys(covered) if item not in stored]
    if new:
        connection.execute(
            insert(coverage_table),
            [
                {
                    "source": item.source,
                    "country": item.country,
                    "first_week": item.first_week,
                    "last_week": item.last_week,
                    "recorded_at": recorded_at,
                }
                for item in new
            ],
        )


def coverage(
    connection: Connection, cut: Cut, *, sources: Sequence[str] = ()
) -> tuple[Coverage, ...]:
    """Return the covered weeks as recorded under a cut, in the order of their recording."""
    table = coverage_table
    query = select(*_COVERAGE).order_by(table.c.id)
    if cut.recorded_by is not None:
        query = query.where(table.c.recorded_at <= cut.recorded_by)
    if sources:
        query = query.where(table.c.source.in_(sources))
    return tuple(starmap(Coverage, connection.execute(query)))


def payload_days(connection: Connection, source: str, moment: datetime) -> Counter[date]:
    """Count the successfully read publication marks of a source by day, as recorded by a moment.

    Payloads with the same mark (pages, feeds of one slot) count once, and so does a payload that
    was read twice.
    """
    table = ingest_run
    marks = (
        select(func.min(func.coalesce(table.c.published_at, table.c.recorded_at)).label("mark"))
        .where(
            table.c.source == source,
            table.c.health == Health.OK.value,
            table.c.payload_name.is_not(None),
            table.c.recorded_at <= moment,
        )
        .group_by(table.c.payload_name)
        .subquery()
    )
    day = func.date(marks.c.mark, type_=Date)
    rows = connection.execute(
        select(day, func.count(distinct(marks.c.mark))).select_from(marks).group_by(day)
    )
    return Counter({row[0]: row[1] for row in rows})


def names_read(connection: Connection, source: str, names: Collection[str]) -> frozenset[str]:
    """Return those of some names (some hundred at most) whose payload was read successfully."""
    table = ingest_run
    rows = connection.execute(
        select(table.c.payload_name).where(
            table.c.source == source,
            table.c.payload_name.in_(names),
            table.c.health == Health.OK.value,
        )
    )
    return frozenset(rows.scalars())


def is_recorded(connection: Connection, source: str, name: str, payload_id: int) -> bool:
    """Return whether a run of this very payload is stored, which counted its records already."""
    table = ingest_run
    query = select(table.c.id).where(
        table.c.source == source,
        table.c.payload_name == name,
        table.c.payload_id == payload_id,
    )
    return connection.execute(query.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class UnreadPayload:
    """A payload that could not be read so far; `reason` is why the last of its `tries` failed."""

    name: str
    tries: int
    last_tried_at: datetime
    reason: str


def missed(connection: Connection, source: str, moment: datetime) -> list[UnreadPayload]:
    """Return the payloads of a source whose last reading failed or is in doubt.

    Readings recorded after `moment` are ignored. A payload that was read successfully before is
    included too, because its publisher may have changed it since.
    """
    table = ingest_run
    rows = connection.execute(
        select(table.c.payload_name, table.c.health, table.c.recorded_at, table.c.reason)
        .where(
            table.c.source == source,
            table.c.recorded_at <= moment,
            table.c.payload_name.in_(
                select(table.c.payload_name).where(
                    table.c.source == source,
                    table.c.health.in_(_NOT_READ),
                    table.c.recorded_at <= moment,
                )
            ),
        )
        .order_by(table.c.id)
    )
    found: dict[str, UnreadPayload] = {}
    for row in rows:
        if row.health not in _NOT_READ:
            found.pop(row.payload_name, None)
            continue
        tries = found[row.payload_name].tries + 1 if row.payload_name in found else 1
        found[row.payload_name] = UnreadPayload(
            row.payload_name, tries, row.recorded_at, row.reason
        )
    return list(found.values())


def payload_runs(connection: Connection, source: str, limit: int) -> list[Run]:
    """Return the newest successful runs of a source that brought a payload, newest first."""
    table = ingest_run
    rows = connection.execute(
        select(table)
        .where(
            table.c.source == source,
            table.c.payload_name.is_not(None),
            table.c.health == Health.OK.value,
        )
        .order_by(table.c.id.desc())
        .limit(limit)
    )
    return [run_of(row) for row in rows]


def last_event_on(connection: Connection, source: str, moment: datetime) -> date | None:
    """Return the latest day of an event in any run of a source that was recorded by a moment."""
    table = ingest_run
    query = select(func.max(table.c.last_event_on)).where(
        table.c.source == source, table.c.recorded_at <= moment
    )
    day: date | None = connection.execute(query).scalar()
    return day


def read_until(connection: Connection, source: str) -> datetime | None:
    """Return how far a source was read, or None if it was never read."""
    table = ingest_run
    query = select(func.max(table.c.read_until)).where(table.c.source == source)
    moment: datetime | None = connection.execute(query).scalar()
    return moment


def recent_rejections(
    connection: Connection, source: str, limit: int
) -> list[tuple[datetime, Rejection]]:
    """Return the newest rejected rows of a source, each with the time of its rejection."""
    rows = connection.execute(
        select(ingest_run.c.recorded_at, rejection.c.line, rejection.c.reason)
        .join(rejection, rejection.c.run_id == ingest_run.c.id)
        .where(ingest_run.c.source == source)
        .order_by(rejection.c.id.desc())
        .limit(limit)
    )
    return [(row.recorded_at, Rejection(row.line, row.reason)) for row in rows]


def refused_rows(
    connection: Connection, sources: Collection[str], since: datetime, moment: datetime
) -> dict[str, int]:
    """Return how many rows of each source were refused after `since` and up to a moment."""
    table = ingest_run
    rows = connection.execute(
        select(table.c.source, func.sum(table.c.rejected))
        .where(
            table.c.source.in_(sources),
            table.c.recorded_at > since,
            table.c.recorded_at <= moment,
        )
        .group_by(table.c.source)
    )
    found = {name: int(number) for name, number in rows}
    return {name: found.get(name, 0) for name in sources}


def run_of(row: Any) -> Run:
    """Return the run that a row holds."""
    return Run(
        source=row.source,
        recorded_at=row.recorded_at,
        health=Health(row.health),
        reason=row.reason,
        appended=Appended(row.accepted, row.versions, row.tombstones, row.unchanged),
        rejected=row.rejected,
        skipped=row.skipped,
        last_event_on=row.last_event_on,
        read_until=row.read_until,
        payload_name=row.payload_name,
        published_at=row.published_at,
        payload_id=row.payload_id,
    )

"""What was read: raw payloads, runs with their counts, refused rows, and the weeks covered."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from itertools import starmap
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from ewarn.domain.source import Coverage, Health, Payload, Rejection
from ewarn.store.cuts import Cut
from ewarn.store.events import Appended
from ewarn.store.tables import coverage as coverage_table
from ewarn.store.tables import ingest_run, raw_payload, rejection

# The columns of a `Coverage`, in the order of its fields.
_COVERAGE = tuple(coverage_table.c[field.name] for field in fields(Coverage))


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of a source, as it is stored."""

    source: str
    recorded_at: datetime
    health: Health
    reason: str
    appended: Appended
    rejected: int
    skipped: Mapping[str, int]
    last_event_on: date | None
    read_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A run with the rows it refused and the weeks it covered."""

    run: Run
    rejected: Sequence[Rejection] = ()
    covered: Sequence[Coverage] = ()


def keep_payload(connection: Connection, payload: Payload) -> int:
    """Store a payload untouched, once, and return its id."""
    digest = hashlib.sha256(payload.body).hexdigest()
    known = connection.execute(
        select(raw_payload.c.id).where(
            raw_payload.c.source == payload.source,
            raw_payload.c.sha256 == digest,
            raw_payload.c.name == payload.name,
        )
    ).scalar()
    if known is not None:
        return int(known)
    result = connection.execute(
        insert(raw_payload)
        .values(
            source=payload.source,
            name=payload.name,
            sha256=digest,
            size=len(payload.body),
            fetched_at=payload.fetched_at,
            body=zlib.compress(payload.body),
        )
        .returning(raw_payload.c.id)
    )
    return int(result.scalar_one())


def payload_body(connection: Connection, payload_id: int) -> bytes:
    """The bytes of a kept payload; raises NoResultFound once its retention is over."""
    body = connection.execute(
        select(raw_payload.c.body).where(raw_payload.c.id == payload_id)
    ).scalar_one()
    return zlib.decompress(body)


def forget_payloads(connection: Connection, now: datetime, retention: timedelta) -> int:
    """Delete payloads fetched before `now - retention`; how many. Runs keep their counts."""
    old = select(raw_payload.c.id).where(raw_payload.c.fetched_at < now - retention)
    connection.execute(
        update(ingest_run).where(ingest_run.c.payload_id.in_(old)).values(payload_id=None)
    )
    result = connection.execute(
        delete(raw_payload).where(raw_payload.c.fetched_at < now - retention)
    )
    return int(result.rowcount)


def record_run(connection: Connection, reading: Reading, *, payload_id: int | None = None) -> int:
    """Store what reading a source brought; the id of its run."""
    run = reading.run
    result = connection.execute(
        insert(ingest_run)
        .values(
            source=run.source,
            payload_id=payload_id,
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
    if reading.rejected:
        connection.execute(
            insert(rejection),
            [
                {"run_id": run_id, "line": row.line, "reason": row.reason}
                for row in reading.rejected
            ],
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
    """The weeks covered as recorded under a cut, in the order they were recorded."""
    table = coverage_table
    query = select(*_COVERAGE).order_by(table.c.id)
    if cut.recorded_by is not None:
        query = query.where(table.c.recorded_at <= cut.recorded_by)
    if sources:
        query = query.where(table.c.source.in_(sources))
    return tuple(starmap(Coverage, connection.execute(query)))


def payload_days(connection: Connection, source: str, moment: datetime) -> list[date]:
    """The day of each payload of a source that was read well by a moment."""
    table = ingest_run
    rows = connection.execute(
        select(func.min(func.coalesce(table.c.read_until, table.c.recorded_at)))
        .where(
            table.c.source == source,
            table.c.health == Health.OK.value,
            table.c.payload_id.is_not(None),
            table.c.recorded_at <= moment,
        )
        .group_by(table.c.payload_id)
    )
    return [row[0].date() for row in rows]


def last_event_on(connection: Connection, source: str, moment: datetime) -> date | None:
    """The latest day of which any run of a source recorded by a moment brought an event."""
    table = ingest_run
    query = select(func.max(table.c.last_event_on)).where(
        table.c.source == source, table.c.recorded_at <= moment
    )
    day: date | None = connection.execute(query).scalar()
    return day


def read_until(connection: Connection, source: str) -> datetime | None:
    """How far a source was read: its own marks where it has them, else when it was read."""
    table = ingest_run
    query = select(func.max(func.coalesce(table.c.read_until, table.c.recorded_at))).where(
        table.c.source == source, table.c.health == Health.OK.value
    )
    moment: datetime | None = connection.execute(query).scalar()
    return moment


def latest_runs(connection: Connection, moment: datetime) -> dict[str, Run]:
    """The last run of each source recorded by `moment`."""
    return {row.source: _run(row) for row in _latest(connection, moment, health=None)}


def latest_successes(connection: Connection, moment: datetime) -> dict[str, Run]:
    """The last run of each source recorded by `moment` that went well."""
    return {row.source: _run(row) for row in _latest(connection, moment, health=Health.OK)}


def _latest(connection: Connection, moment: datetime, health: Health | None) -> Sequence[Any]:
    table = ingest_run
    wanted = [table.c.recorded_at <= moment]
    if health is not None:
        wanted.append(table.c.health == health.value)
    last = (
        select(table.c.source, func.max(table.c.id).label("id"))
        .where(*wanted)
        .group_by(table.c.source)
        .subquery()
    )
    return connection.execute(select(table).join(last, and_(table.c.id == last.c.id))).all()


def recent_rejections(
    connection: Connection, source: str, limit: int
) -> list[tuple[datetime, Rejection]]:
    """The newest refused rows of a source with when they were refused."""
    rows = connection.execute(
        select(ingest_run.c.recorded_at, rejection.c.line, rejection.c.reason)
        .join(rejection, rejection.c.run_id == ingest_run.c.id)
        .where(ingest_run.c.source == source)
        .order_by(rejection.c.id.desc())
        .limit(limit)
    )
    return [(row.recorded_at, Rejection(row.line, row.reason)) for row in rows]


def _run(row: Any) -> Run:
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
    )

"""Jobs: one row per slot of the clock, claimed by one worker, however many there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ewarn.store.tables import job_run as table

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"


@dataclass(frozen=True, slots=True)
class JobRun:
    """A slot of a job."""

    id: int
    job: str
    scheduled_for: datetime


def enqueue(connection: Connection, job: str, scheduled_for: datetime) -> bool:
    """Queue a slot; False if it was there already."""
    values = {"job": job, "scheduled_for": scheduled_for, "state": QUEUED, "detail": ""}
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    added = dialect.insert(table).values(values).on_conflict_do_nothing().returning(table.c.id)
    return connection.execute(added).first() is not None


def claim(connection: Connection, now: datetime, *, abandoned_after: timedelta) -> JobRun | None:
    """Take the oldest queued slot, or one whose worker has been silent too long; None if idle."""
    waiting = (table.c.state == QUEUED) | (
        (table.c.state == RUNNING) & (table.c.claimed_at <= now - abandoned_after)
    )
    row = connection.execute(
        select(table)
        .where(waiting, table.c.scheduled_for <= now)
        .order_by(table.c.scheduled_for, table.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    connection.execute(
        update(table).where(table.c.id == row.id).values(state=RUNNING, claimed_at=now)
    )
    return JobRun(row.id, row.job, row.scheduled_for)


def finish(connection: Connection, run: JobRun, now: datetime, *, failure: str = "") -> None:
    """Write down how a slot ended; an empty `failure` means well."""
    connection.execute(
        update(table)
        .where(table.c.id == run.id)
        .values(state=FAILED if failure else DONE, finished_at=now, detail=failure)
    )


def last_finished(connection: Connection) -> dict[str, datetime]:
    """When each job last ended well."""
    rows = connection.execute(
        select(table.c.job, table.c.finished_at)
        .where(table.c.state == DONE)
        .order_by(table.c.finished_at)
    )
    return {row.job: row.finished_at for row in rows}

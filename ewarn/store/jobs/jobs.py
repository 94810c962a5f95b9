"""Jobs: one row per scheduled slot, which exactly one worker claims.

`leased_until` says when a row may be claimed. For a running row it is the end of the worker's
lease, for a queued row the moment before which it must not start. `lapse` decides whether that
moment has come. Each claim raises the epoch, and a worker that writes for a slot must prove the
epoch that it claimed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Update,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from ewarn.errors import LeaseLost
from ewarn.store.database import locks
from ewarn.store.database.conflicts import insert_into
from ewarn.store.jobs.lapse import LONGEST_WAIT, has_lapsed, latest_end
from ewarn.store.tables.jobs import job_run as table
from ewarn.store.tables.types import Moment

QUEUED, RUNNING, DONE, FAILED, SKIPPED = "queued", "running", "done", "failed", "skipped"
_other = table.alias("other")


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot of a job as one worker claimed it. `epoch` numbers the claims of this slot from 1."""

    id: int
    job: str
    scheduled_for: datetime
    epoch: int


def enqueue(
    connection: Connection,
    job: str,
    scheduled_for: datetime,
    *,
    not_before: datetime | None = None,
) -> bool:
    """Queue a slot of a job. Return False if the slot exists already.

    `not_before` is the moment from which it may be claimed; None means at once.
    """
    values = {
        "job": job,
        "scheduled_for": scheduled_for,
        "state": QUEUED,
        "detail": "",
        "leased_until": not_before,
    }
    added = (
        insert_into(connection, table).values(values).on_conflict_do_nothing().returning(table.c.id)
    )
    return connection.execute(added).first() is not None


def supersede(connection: Connection, job: str, scheduled_for: datetime) -> None:
    """Close the queued slots of a job that a newer slot replaces.

    A slot that was tried and failed stays a failure with its reason; the others are skipped.
    """
    reason = f"made up for by the slot of {scheduled_for.isoformat()}"
    older = update(table).where(
        table.c.job == job, table.c.scheduled_for < scheduled_for, table.c.state == QUEUED
    )
    connection.execute(_closed(older, reason))


def skip_others(connection: Connection, known: Collection[str]) -> None:
    """Close the queued slots of jobs that are not `known`, which would otherwise wait for ever."""
    others = update(table).where(table.c.job.not_in(known), table.c.state == QUEUED)
    connection.execute(_closed(others, "no job of this name is set up"))


def _closed(which: Update, reason: str) -> Update:
    has_failed = table.c.detail != ""
    return which.values(
        state=case((has_failed, FAILED), else_=SKIPPED),
        detail=case((has_failed, table.c.detail), else_=literal(reason)),
    )


def last_slots(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Return the newest slot of each job up to now.

    Slots after now, which a fast clock queued, are left out.
    """
    rows = connection.execute(
        select(table.c.job, func.max(table.c.scheduled_for).label("slot"))
        .where(table.c.scheduled_for <= now)
        .group_by(table.c.job)
    )
    return {row.job: row.slot for row in rows}


def waiting(connection: Connection, job: str) -> int:
    """Return the number of queued slots of a job."""
    found = select(func.count()).where(table.c.job == job, table.c.state == QUEUED)
    return int(connection.execute(found).scalar_one())


# A slot waits for running slots of its job and for earlier ones: a job never runs twice at the same
# time, and its slots run in order.
_in_its_way = exists().where(
    _other.c.job == table.c.job,
    _other.c.id != table.c.id,
    or_(
        _other.c.state == RUNNING,
        (_other.c.state == QUEUED) & (_other.c.scheduled_for < table.c.scheduled_for),
    ),
)


def _next(now: datetime, known: Collection[str], length: timedelta) -> Select[Any]:
    lapsed = has_lapsed(table.c.leased_until, now, latest_end(now, length))
    has_come = has_lapsed(table.c.leased_until, now, latest_end(now, LONGEST_WAIT))
    return (
        select(table)
        .where(
            table.c.job.in_(known),
            table.c.scheduled_for <= now,
            or_(
                (table.c.state == RUNNING) & lapsed,
                (table.c.state == QUEUED)
                & (table.c.leased_until.is_(None) | has_come)
                & ~_in_its_way,
            ),
        )
        .order_by(table.c.scheduled_for, table.c.id)
        .limit(1)
    )


def is_due(
    connection: Connection, now: datetime, known: Collection[str], *, length: timedelta
) -> bool:
    """Return whether a slot can be claimed.

    A worker asks this first, so that it takes no write lock while it is idle.
    """
    return connection.execute(_next(now, known, length)).first() is not None


def claim(
    connection: Connection,
    now: datetime,
    known: Collection[str],
    *,
    holder: str,
    length: timedelta,
) -> Claim | None:
    """Claim the oldest free slot of the jobs in `known`.

    A slot is free if it is queued and its time has come, or if the lease of its worker has lapsed.

    Args:
        holder: The name of the worker.
        length: How long the lease lasts.

    Returns:
        The claim, or None if no slot is free.
    """
    locks.one_at_a_time(connection, locks.CLAIMS)
    # A lapsed row that is locked is being written by its holder right now: leave it.
    row = connection.execute(
        _next(now, known, length).with_for_update(of=table, skip_locked=True)
    ).first()
    if row is None:
        return None
    connection.execute(
        update(table)
        .where(table.c.id == row.id)
        .values(
            state=RUNNING,
            claimed_at=now,
            epoch=row.epoch + 1,
            holder=holder,
            leased_until=now + length,
        )
    )
    return Claim(row.id, row.job, row.scheduled_for, row.epoch + 1)


def hold(connection: Connection, run: Claim, now: datetime, length: timedelta) -> None:
    """Extend a claim, and lock its row for other workers until this transaction ends.

    Raises LeaseLost if the slot was given up or claimed again.
    """
    _change(connection, run, leased_until=now + length)


def give_back(connection: Connection, run: Claim) -> None:
    """Put a started slot back into the queue, so that another worker can start it again.

    Raises LeaseLost if the slot was given up or claimed again.
    """
    _change(connection, run, state=QUEUED, holder=None, leased_until=None)


def finish(
    connection: Connection,
    run: Claim,
    now: datetime,
    *,
    failure: str = "",
    again_at: datetime | None = None,
) -> None:
    """Store how a slot ended: with a `failure`, or successfully if that is empty.

    If `again_at` is given, the slot is queued again for that moment, after a failure or because its
    work is not complete. Raises LeaseLost if the slot was given up or claimed again.
    """
    ended = FAILED if failure else DONE
    state = QUEUED if again_at else ended
    _change(connection, run, state=state, finished_at=now, detail=failure, leased_until=again_at)


def _change(connection: Connection, run: Claim, **values: Any) -> None:
    # Each claim has its own epoch, so a row that runs under our epoch is ours.
    changed = connection.execute(
        update(table)
        .where(table.c.id == run.id, table.c.epoch == run.epoch, table.c.state == RUNNING)
        .values(**values)
    )
    if changed.rowcount == 0:
        raise LeaseLost(
            f"the slot {run.scheduled_for.isoformat()} of {run.job} was given up or taken over by "
            f"another worker since claim {run.epoch}, so nothing was written; check that no worker "
            "is suspended and that their clocks agree"
        )


def last_finished(connection: Connection) -> dict[str, datetime]:
    """Return the moment at which each job last succeeded."""
    rows = connection.execute(
        select(table.c.job, func.max(table.c.finished_at).label("at"))
        .where(table.c.state == DONE)
        .group_by(table.c.job)
    )
    return {row.job: row.at for row in rows}


def failing(connection: Connection) -> dict[str, str]:
    """Return the reason of failure by job, for jobs whose newest tried slot failed."""
    ended = or_(table.c.state == DONE, (table.c.state != SKIPPED) & (table.c.detail != ""))
    newest = (
        select(func.max(table.c.scheduled_for).label("slot"), table.c.job)
        .where(ended)
        .group_by(table.c.job)
        .subquery()
    )
    rows = connection.execute(
        select(table.c.job, table.c.detail).where(
            table.c.job == newest.c.job,
            table.c.scheduled_for == newest.c.slot,
            table.c.detail != "",
        )
    )
    return {row.job: row.detail for row in rows}


def overdue(connection: Connection, now: datetime) -> tuple[str, datetime] | None:
    """Return the job that has waited longest for a worker, and since when; None if no job waits."""
    since = func.coalesce(
        case((table.c.leased_until <= latest_end(now, LONGEST_WAIT), table.c.leased_until)),
        table.c.scheduled_for,
        type_=Moment,
    )
    row = connection.execute(
        select(table.c.job, since.label("since"))
        .where(table.c.state.in_((QUEUED, RUNNING)), since <= now)
        .order_by(since, table.c.id)
        .limit(1)
    ).first()
    return None if row is None else (row.job, row.since)


def forget(connection: Connection, before: datetime) -> int:
    """Delete closed slots scheduled before a moment that are followed by a success of their job.

    Returns:
        The number of deleted slots.
    """
    later = exists().where(
        _other.c.job == table.c.job,
        _other.c.state == DONE,
        _other.c.scheduled_for > table.c.scheduled_for,
    )
    ended = table.c.state.in_((DONE, FAILED, SKIPPED))
    gone = delete(table).where(ended, table.c.scheduled_for < before, later)
    return connection.execute(gone).rowcount

"""Jobs: one row per slot of the clock, claimed by one worker, however many there are.

`leased_until` is when a row may be claimed: while it runs the end of its worker's lease, while it
is queued the moment before which it is not to start (`lapse` decides whether either has come).
Each claim raises the epoch, and whoever writes for a slot proves the epoch it claimed.
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
    """A slot of a job as one worker claimed it, for the `epoch`-th time."""

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
    """Queue a slot, to be claimed from `not_before` on; False if it was there already."""
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
    """Close the queued slots of a job that a newer one makes up for.

    One that was tried and failed stays a failure, with its reason; the others are skipped.
    """
    reason = f"made up for by the slot of {scheduled_for.isoformat()}"
    older = update(table).where(
        table.c.job == job, table.c.scheduled_for < scheduled_for, table.c.state == QUEUED
    )
    connection.execute(_closed(older, reason))


def skip_others(connection: Connection, known: Collection[str]) -> None:
    """Close the queued slots of jobs that are not `known`: they would wait for ever."""
    others = update(table).where(table.c.job.not_in(known), table.c.state == QUEUED)
    connection.execute(_closed(others, "no job of this name is set up"))


def _closed(which: Update, reason: str) -> Update:
    has_failed = table.c.detail != ""
    return which.values(
        state=case((has_failed, FAILED), else_=SKIPPED),
        detail=case((has_failed, table.c.detail), else_=literal(reason)),
    )


def last_slots(connection: Connection, now: datetime) -> dict[str, datetime]:
    """The newest slot of each job up to now: what a clock that ran ahead queued is left out."""
    rows = connection.execute(
        select(table.c.job, func.max(table.c.scheduled_for).label("slot"))
        .where(table.c.scheduled_for <= now)
        .group_by(table.c.job)
    )
    return {row.job: row.slot for row in rows}


def waiting(connection: Connection, job: str) -> int:
    """How many slots of a job are queued."""
    found = select(func.count()).where(table.c.job == job, table.c.state == QUEUED)
    return int(connection.execute(found).scalar_one())


# A slot waits for the others of its job that run, and for those before it: a job is never run
# twice at a time, and its slots are run in order.
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
    """Whether a slot can be claimed: asked first, so that idling takes no write lock."""
    return connection.execute(_next(now, known, length)).first() is not None


def claim(
    connection: Connection,
    now: datetime,
    known: Collection[str],
    *,
    holder: str,
    length: timedelta,
) -> Claim | None:
    """Take the oldest slot that is free, of jobs that are `known`; None where none is.

    Free is one that is queued and whose turn has come, or whose worker let its lease lapse.
    """
    locks.one_at_a_time(connection, locks.CLAIMS)
    # A lapsed row that is locked is being written by its holder this moment: leave it.
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
    """Extend a claim, and keep others off it until this transaction ends; raises LeaseLost."""
    _change(connection, run, leased_until=now + length)


def give_back(connection: Connection, run: Claim) -> None:
    """Let go of a slot that was begun, so that another may begin it anew; raises LeaseLost."""
    _change(connection, run, state=QUEUED, holder=None, leased_until=None)


def finish(
    connection: Connection,
    run: Claim,
    now: datetime,
    *,
    failure: str = "",
    again_at: datetime | None = None,
) -> None:
    """Write down how a slot ended; an empty `failure` means well. Raises LeaseLost.

    It is queued again for `again_at`, if that is given, whether it failed or is not over yet.
    """
    ended = FAILED if failure else DONE
    state = QUEUED if again_at else ended
    _change(connection, run, state=state, finished_at=now, detail=failure, leased_until=again_at)


def _change(connection: Connection, run: Claim, **values: Any) -> None:
    # Each claim has an epoch of its own, so a row that runs under ours is ours.
    changed = connection.execute(
        update(table)
        .where(table.c.id == run.id, table.c.epoch == run.epoch, table.c.state == RUNNING)
        .values(**values)
    )
    if changed.rowcount == 0:
        raise LeaseLost(
            f"the slot {run.scheduled_for.isoformat()} of {run.job} was given up or taken over by "
            f"another worker since claim {run.epoch}, so nothing was written; see that no worker "
            "stands still and that their clocks agree"
        )


def last_finished(connection: Connection) -> dict[str, datetime]:
    """When each job last ended well."""
    rows = connection.execute(
        select(table.c.job, func.max(table.c.finished_at).label("at"))
        .where(table.c.state == DONE)
        .group_by(table.c.job)
    )
    return {row.job: row.at for row in rows}


def failing(connection: Connection) -> dict[str, str]:
    """The jobs whose newest slot that came to an end failed, with the reason."""
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
    """The job that has waited longest for a worker, and since when; None where none waits."""
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
    """Delete finished slots before a moment that a later success follows. Returns the count."""
    later = exists().where(
        _other.c.job == table.c.job,
        _other.c.state == DONE,
        _other.c.scheduled_for > table.c.scheduled_for,
    )
    ended = table.c.state.in_((DONE, FAILED, SKIPPED))
    gone = delete(table).where(ended, table.c.scheduled_for < before, later)
    return connection.execute(gone).rowcount

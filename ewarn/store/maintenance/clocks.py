"""Rows with moments too far in the future, left behind by a worker whose clock was fast."""

from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

from ewarn.domain.recipient import LONGEST_DELAY
from ewarn.store.delivery import outbox
from ewarn.store.jobs import jobs
from ewarn.store.jobs.lapse import LONGEST_WAIT, latest_end
from ewarn.store.tables.delivery import outbox as messages
from ewarn.store.tables.jobs import job_run


def ahead(connection: Connection, now: datetime) -> tuple[str, ...]:
    """Return a sentence, with the number of rows, for each kind of row that is too far ahead."""
    latest = latest_end(now, LONGEST_WAIT)
    running = job_run.c.state.in_((jobs.RUNNING, jobs.QUEUED)) & (job_run.c.leased_until > latest)
    waiting = messages.c.state == outbox.WAITING
    leased = waiting & (messages.c.leased_until > latest)
    late = waiting & (messages.c.next_attempt_at > now + LONGEST_DELAY)
    found = (
        (running, "jobs are leased or delayed", "they count as free"),
        (leased, "messages are leased", "they count as free"),
        (late, "messages are delayed", "they are sent now"),
    )
    return tuple(
        f"{number} {what} too far into the future, because a clock was fast: {then}"
        for which, what, then in found
        if (number := _count(connection, which))
    )


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).where(which)).scalar_one())

"""The runner claims queued slots and runs each of them in a thread of its own.

Each claim is a lease that is renewed while the job runs. Every write of the job checks the lease.
So a worker that was frozen or lost its network writes nothing after another one took over.
"""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from ewarn.errors import EwarnError, LeaseLost, StoreError
from ewarn.pipeline.delivery.daemon_threads import THREADS
from ewarn.run import schedule
from ewarn.run.schedule import Job
from ewarn.run.work.context import WorkerContext
from ewarn.store.jobs import jobs
from ewarn.store.jobs.leases import FencedStore


@dataclass(frozen=True, slots=True)
class Ended:
    """A slot that was run, and why it failed; `failure` is empty if it succeeded."""

    job: str
    failure: str


class Runner:
    """Runs slots of the jobs in a table, one at a time."""

    def __init__(self, context: WorkerContext, table: Mapping[str, Job]) -> None:
        self._context = context
        self._table = table
        self._held: jobs.Claim | None = None

    def run_next(self, known: Collection[str]) -> Ended | None:
        """Run the next due slot of the jobs `known`.

        Returns:
            How it ended, or None if no slot was due or the run was abandoned at a stop.
        """
        context = self._context
        store, length = context.service.store, context.timing.lease
        with store.read() as connection:
            if not jobs.is_due(connection, context.clock(), known, length=length):
                return None
        with store.write() as connection:
            self._held = jobs.claim(
                connection, context.clock(), known, holder=context.holder, length=length
            )
        if self._held is None:
            return None
        ended = context.unless_stopped(partial(self._run, self._held))
        if ended is not None:
            self._held = None
        return ended

    def give_back(self) -> None:
        """Put the slot that was being run, if any, back in the queue."""
        if self._held is not None:
            with self._context.service.store.write() as connection:
                jobs.give_back(connection, self._held)

    def _run(self, claim: jobs.Claim) -> Ended:
        """Run a claimed slot and record how it ended. A failure never ends the worker."""
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(claim, over), name=THREADS, daemon=True)
        beat.start()
        try:
            failure, again_at = self._attempt(self._table[claim.job], claim)
        finally:
            over.set()
        return self._finish(claim, failure, again_at)

    def _attempt(self, job: Job, claim: jobs.Claim) -> tuple[Exception | None, datetime | None]:
        """Run a job. Return its error (or None), and when its slot is to run again (or None)."""
        context = self._context
        fenced = FencedStore(context.service.store, partial(self._hold, claim))
        service = context.service.with_current_rules()
        service = replace(service, store=fenced, clock=context.clock)
        try:
            return None, job.run(service, claim.scheduled_for, context.clock())
        except Exception as error:
            return error, None

    def _finish(
        self, claim: jobs.Claim, failure: Exception | None, again_at: datetime | None
    ) -> Ended:
        log = structlog.get_logger().bind(job=claim.job, slot=claim.scheduled_for.isoformat())
        now = self._context.clock()
        if failure is not None:
            again_at = schedule.retry_at(failure, claim.epoch, now)
        reason = _reason(failure)
        try:
            with self._context.service.store.write() as connection:
                jobs.finish(connection, claim, now, failure=reason, again_at=again_at)
        except LeaseLost as error:
            log.error("job taken over", reason=str(error))
            return Ended(claim.job, str(error))
        _log_end(log, failure, reason, again_at)
        return Ended(claim.job, reason)

    def _hold(self, claim: jobs.Claim, connection: Connection) -> None:
        jobs.hold(connection, claim, self._context.clock(), self._context.timing.lease)

    def _beat(self, claim: jobs.Claim, over: threading.Event) -> None:
        """Renew a claim until the job is over or the claim is lost.

        After an error of the database, the next renewal tries again.
        """
        while not over.wait(self._context.timing.beat):
            try:
                with self._context.service.store.write() as connection:
                    self._hold(claim, connection)
            except LeaseLost:
                return
            except StoreError as error:
                structlog.get_logger().warning("claim not renewed", reason=str(error))


def _log_end(log: Any, failure: Exception | None, reason: str, again_at: datetime | None) -> None:
    if failure is None:
        log.info("job done")
    elif isinstance(failure, EwarnError):
        log.error("job failed", reason=reason, again_at=again_at and again_at.isoformat())
    else:
        log.error("job failed", reason=reason, exc_info=failure)


def _reason(failure: Exception | None) -> str:
    if failure is None or isinstance(failure, EwarnError):
        return str(failure or "")
    return f"{type(failure).__name__}: {failure}"

"""A worker: it claims slots, runs each in a thread of its own, and delivers notifications.

One of all workers leads: a clock tells it to queue what is due. Each claim is a lease that is
renewed while the job runs, and every write of the job proves it, so that a worker that was frozen
or lost its network writes nothing after another took over.
"""

import os
import platform
import secrets
import threading
from collections.abc import Callable, Collection
from concurrent.futures import wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection

from ewarn.errors import EwarnError, LeaseLost, StoreError
from ewarn.pipeline.delivery.audit import audited
from ewarn.pipeline.delivery.daemon_threads import THREADS, in_thread
from ewarn.pipeline.delivery.deliver import DeliveryReport, deliver
from ewarn.pipeline.service import Service
from ewarn.run import schedule
from ewarn.run.schedule import Clock, Job
from ewarn.store.delivery import heartbeats
from ewarn.store.jobs import jobs, leases
from ewarn.store.jobs.leases import FencedStore

_LOOK_EVERY = 0.05  # seconds between looks at whether to stop, while a job runs
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class WorkerTiming:
    """How a worker keeps time; all but the lease in seconds."""

    lease: timedelta = leases.LENGTH  # of a slot, and of leading
    beat: float = 15.0  # between renewals of both
    idle: float = 2.0  # between looks at what is queued
    audit: float = 60.0  # between looks at what nobody delivers
    grace: float = 2.0  # for what runs when told to stop
    farewell: float = 1.0  # for giving back what was held


@dataclass(frozen=True, slots=True)
class Ended:
    """A slot that was run, and why it failed (empty: it went well)."""

    job: str
    failure: str


@dataclass(slots=True)
class RoundReport:
    """What one round of `ewarn work --once` did."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    delivery: DeliveryReport | None = None  # None: told to stop before


def _name_of_this_process() -> str:
    return f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}"


class Worker:
    """The hands of one process. `stop` ends it, within grace and farewell."""

    def __init__(
        self,
        service: Service,
        clock: Clock,
        stop: threading.Event,
        pace: WorkerTiming | None = None,
    ) -> None:
        self._service = service
        self._clock = clock
        self._stop = stop
        self._pace = pace or WorkerTiming()
        self._table = schedule.jobs_of(service)
        self._held: jobs.Claim | None = None
        self._beaten_at: datetime | None = None
        self.holder = _name_of_this_process()

    def work(self) -> None:
        """Lead if nobody does, run what is queued and deliver, until told to stop.

        Delivering goes on beside the jobs: one that takes long keeps no alert back. A database that
        cannot be reached is waited for.
        """
        self._lead()
        named = ThreadPoolExecutor(2, {"thread_name_prefix": THREADS})
        ticks = BackgroundScheduler(timezone=UTC, executors={"default": named})
        for action, seconds in ((self._lead, self._pace.beat), (self._audit, self._pace.audit)):
            every = IntervalTrigger(seconds=seconds, timezone=UTC)
            ticks.add_job(action, every, coalesce=True, misfire_grace_time=None)
        ticks.start()
        delivering = in_thread(self._deliver_until_stopped)
        try:
            while not self._stop.is_set():
                if self._step() is None:
                    self._stop.wait(self._pace.idle)
        finally:
            ticks.shutdown(wait=False)
            wait([delivering], self._pace.grace)
            self._leave()

    def work_once(self) -> RoundReport:
        """Queue and run all that is due now, readings first; deliver, and tell what came of it."""
        tally = RoundReport()
        now = self._clock()
        schedule.queue_due(self._service, self._table, now, epoch=self._epoch())
        try:
            for known in (schedule.polls(self._table), self._table.keys()):
                self._run_all(known, tally)
            service = self._service.with_current_rules()
            tally.delivery = self._unless_stopped(partial(deliver, service, self._clock))
            self._say_delivering()
        finally:
            self._leave()
        return tally

    def _run_all(self, known: Collection[str], tally: RoundReport) -> None:
        """Run what is due of some jobs until nothing is, or told to stop."""
        while not self._stop.is_set() and (ended := self._run_next(known)) is not None:
            if ended.failure:
                tally.failed[ended.job] = ended.failure
            else:
                tally.done.append(ended.job)

    def _step(self) -> Ended | None:
        try:
            ended = self._run_next(self._table.keys())
        except StoreError as error:
            structlog.get_logger().error("the worker waits", reason=str(error))
            return None
        return ended

    def _deliver_until_stopped(self) -> None:
        while not self._stop.is_set():
            try:
                deliver(self._service.with_current_rules(), self._clock, self._stop)
                self._say_delivering()
            except StoreError as error:
                structlog.get_logger().error("nothing was delivered", reason=str(error))
            except Exception as error:  # delivering outlives any fault of ours
                structlog.get_logger().error("nothing was delivered", exc_info=error)
            self._stop.wait(self._pace.idle)

    def _say_delivering(self) -> None:
        """Leave word, twice a minute at most, that somebody delivers."""
        now = self._clock()
        if self._beaten_at is not None and now - self._beaten_at < timedelta(seconds=30):
            return
        with self._service.store.write() as connection:
            heartbeats.beat(connection, heartbeats.DELIVERER, now, {"worker": self.holder})
        self._beaten_at = now

    def _audit(self) -> None:
        """Look for what nobody delivers, leave word of the rules, and tell the outside monitor if
        all is well."""
        try:
            with self._service.store.write() as connection:
                found = audited(connection, self._clock())
                said = {"worker": self.holder, "problem": self._service.rules_problem()}
                heartbeats.beat(connection, heartbeats.RULES, self._clock(), said)
        except StoreError as error:
            structlog.get_logger().error("nothing was audited", reason=str(error))
            return
        if not found.is_well:
            structlog.get_logger().error("deliveries are left behind", reason=found.sentence)
        elif self._service.ping is not None:
            self._service.ping()

    def _epoch(self) -> int | None:
        """The epoch under which this worker leads; None while another does."""
        now, store = self._clock(), self._service.store
        with store.read() as connection:
            lease = leases.current(connection, leases.LEADER)
        length = self._pace.lease
        if lease is not None and lease.holder != self.holder and not lease.has_lapsed(now, length):
            return None
        with store.write() as connection:
            return leases.acquire(connection, leases.LEADER, self.holder, now, length)

    def _lead(self) -> None:
        try:
            epoch = self._epoch()
            if epoch is not None:
                schedule.queue_due(
                    self._service,
                    self._table,
                    self._clock(),
                    epoch=epoch,
                    installation=platform.node(),
                )
        except StoreError as error:
            structlog.get_logger().error("nothing was queued", reason=str(error))

    def _run_next(self, known: Collection[str]) -> Ended | None:
        """Run the next slot of the jobs `known`; None if there is none, or it was given up."""
        store = self._service.store
        with store.read() as connection:
            if not jobs.is_due(connection, self._clock(), known, length=self._pace.lease):
                return None
        with store.write() as connection:
            self._held = jobs.claim(
                connection,
                self._clock(),
                known,
                holder=self.holder,
                length=self._pace.lease,
            )
        if self._held is None:
            return None
        ended = self._unless_stopped(partial(self._run, self._held))
        if ended is not None:
            self._held = None
        return ended

    def _run(self, claim: jobs.Claim) -> Ended:
        """Run a claimed slot and write down how it ended. The worker outlives any failure."""
        log = structlog.get_logger().bind(job=claim.job, slot=claim.scheduled_for.isoformat())
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(claim, over), name=THREADS, daemon=True)
        beat.start()
        try:
            failure, again_at = self._attempt(self._table[claim.job], claim)
        finally:
            over.set()
        now = self._clock()
        if failure is not None:
            again_at = schedule.retry_at(failure, claim.epoch, now)
        reason = _reason(failure)
        try:
            with self._service.store.write() as connection:
                jobs.finish(connection, claim, now, failure=reason, again_at=again_at)
        except LeaseLost as error:
            log.error("job taken over", reason=str(error))
            return Ended(claim.job, str(error))
        if failure is None:
            log.info("job done")
        elif isinstance(failure, EwarnError):
            log.error("job failed", reason=reason, again_at=again_at and again_at.isoformat())
        else:
            log.error("job failed", reason=reason, exc_info=failure)
        return Ended(claim.job, reason)

    def _attempt(self, job: Job, claim: jobs.Claim) -> tuple[Exception | None, datetime | None]:
        """Why a job failed, if it did; else when its slot is to be run again, if it is."""
        fenced = FencedStore(self._service.store, partial(self._hold, claim))
        service = replace(self._service.with_current_rules(), store=fenced)
        try:
            return None, job.run(service, claim.scheduled_for, self._clock())
        except Exception as error:
            return error, None

    def _hold(self, claim: jobs.Claim, connection: Connection) -> None:
        jobs.hold(connection, claim, self._clock(), self._pace.lease)

    def _beat(self, claim: jobs.Claim, over: threading.Event) -> None:
        """Renew a claim until it is over or lost; a database that is busy is asked again."""
        while not over.wait(self._pace.beat):
            try:
                with self._service.store.write() as connection:
                    self._hold(claim, connection)
            except LeaseLost:
                return
            except StoreError as error:
                structlog.get_logger().warning("claim not renewed", reason=str(error))

    def _unless_stopped(self, action: Callable[[], Result]) -> Result | None:
        """The result of an action; None if told to stop and grace does not see its end.

        It runs in a thread that does not keep the process alive: what hangs in a read cannot be
        ended, only left.
        """
        running = in_thread(action)
        while not running.done() and not self._stop.is_set():
            wait([running], _LOOK_EVERY)
        wait([running], self._pace.grace)
        return running.result() if running.done() else None

    def _leave(self) -> None:
        """Give back what is held. Should the database not answer, the leases lapse instead."""
        wait([in_thread(self._give_back)], self._pace.farewell)

    def _give_back(self) -> None:
        with self._service.store.write() as connection:
            leases.release(connection, leases.LEADER, self.holder, self._clock())
        if self._held is not None:
            with self._service.store.write() as connection:
                jobs.give_back(connection, self._held)


def _reason(failure: Exception | None) -> str:
    if failure is None or isinstance(failure, EwarnError):
        return str(failure or "")
    return f"{type(failure).__name__}: {failure}"

"""A worker: a leader, a runner and a deliverer in one process. Any number of workers may run."""

import threading
from collections.abc import Collection
from concurrent.futures import wait
from dataclasses import dataclass, field
from datetime import UTC

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from ewarn.errors import StoreError
from ewarn.pipeline.delivery.daemon_threads import THREADS, in_thread
from ewarn.pipeline.delivery.deliver import DeliveryReport
from ewarn.pipeline.service import Service
from ewarn.run import schedule
from ewarn.run.schedule import Clock
from ewarn.run.work.context import WorkerContext, WorkerTiming
from ewarn.run.work.deliverer import Deliverer
from ewarn.run.work.leader import Leader
from ewarn.run.work.runner import Ended, Runner


@dataclass(slots=True)
class RoundReport:
    """What one round of `ewarn work --once` did."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    delivery: DeliveryReport | None = None  # None if it was stopped before


class Worker:
    """A worker process. `stop` ends it, within the times `grace` and `farewell` of its timing."""

    def __init__(
        self,
        service: Service,
        clock: Clock,
        stop: threading.Event,
        timing: WorkerTiming | None = None,
    ) -> None:
        self._context = WorkerContext(service, clock, stop, timing or WorkerTiming())
        self._table = schedule.jobs_of(service)
        self._leader = Leader(self._context, self._table)
        self._runner = Runner(self._context, self._table)
        self._deliverer = Deliverer(self._context)

    @property
    def holder(self) -> str:
        """The name of this worker in leases."""
        return self._context.holder

    def work(self) -> None:
        """Lead if no other worker does, run queued jobs and deliver messages, until stopped.

        Messages are delivered while jobs run, so that a long job delays no alert. If the database
        is unavailable, the worker waits for it.
        """
        self._leader.lead()
        ticks = self._ticks()
        ticks.start()
        delivering = in_thread(self._deliverer.deliver_until_stopped)
        stop, timing = self._context.stop, self._context.timing
        try:
            while not stop.is_set():
                if self._step() is None:
                    stop.wait(timing.idle)
        finally:
            ticks.shutdown(wait=False)
            wait([delivering], timing.grace)
            self._leave()

    def work_once(self) -> RoundReport:
        """Queue and run all due jobs, sources first, then deliver. Return what was done."""
        report = RoundReport()
        self._leader.queue_due(self._leader.epoch())
        try:
            for known in (schedule.polls(self._table), self._table.keys()):
                self._run_all(known, report)
            report.delivery = self._deliverer.deliver_once()
        finally:
            self._leave()
        return report

    def _ticks(self) -> BackgroundScheduler:
        timing = self._context.timing
        named = ThreadPoolExecutor(2, {"thread_name_prefix": THREADS})
        ticks = BackgroundScheduler(timezone=UTC, executors={"default": named})
        for action, seconds in (
            (self._leader.lead, timing.beat),
            (self._deliverer.audit, timing.audit),
        ):
            every = IntervalTrigger(seconds=seconds, timezone=UTC)
            ticks.add_job(action, every, coalesce=True, misfire_grace_time=None)
        return ticks

    def _run_all(self, known: Collection[str], report: RoundReport) -> None:
        """Run the due slots of some jobs until none is left, or until stopped."""
        while not self._context.stop.is_set():
            ended = self._runner.run_next(known)
            if ended is None:
                return
            if ended.failure:
                report.failed[ended.job] = ended.failure
            else:
                report.done.append(ended.job)

    def _step(self) -> Ended | None:
        try:
            return self._runner.run_next(self._table.keys())
        except StoreError as error:
            seconds = self._context.timing.idle
            structlog.get_logger().error(
                f"database unavailable, retrying in {seconds:g} s", reason=str(error)
            )
            return None

    def _leave(self) -> None:
        """Give leases back. If the database does not answer, they lapse by themselves."""
        wait([in_thread(self._give_back)], self._context.timing.farewell)

    def _give_back(self) -> None:
        self._leader.give_back()
        self._runner.give_back()

"""`ewarn work`: a clock that queues slots, and a worker that runs each of them once.

APScheduler only says when. It writes a row unique on (job, slot); whichever worker claims the
row does the work, so several may run, and a slot missed while all were down is made up at start.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from ewarn.errors import EwarnError
from ewarn.pipeline import alert, deliver, ingest, score
from ewarn.pipeline.service import Service
from ewarn.ports import polled_every
from ewarn.store import jobs, payloads

SCORE_EVERY = timedelta(hours=6)  # a second scoring of the same inputs is a no-op
FORGET_EVERY = timedelta(days=1)
IMPORTED_PAYLOADS_KEPT = timedelta(days=30)
ABANDONED_AFTER = timedelta(minutes=30)
IDLE_SECONDS = 2.0

Clock = Callable[[], datetime]
Job = Callable[[datetime], None]
_EPOCH = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday: slots of any cadence count from here


def jobs_of(service: Service) -> dict[str, tuple[timedelta, Job]]:
    """Every job with its cadence and what it does at a moment."""
    table: dict[str, tuple[timedelta, Job]] = {
        f"ingest:{name}": (every, partial(_ingest, service, name))
        for name, source in service.sources.items()
        if (every := polled_every(source)) is not None
    }
    table["score"] = (SCORE_EVERY, partial(_score, service))
    table["forget"] = (FORGET_EVERY, partial(_forget, service))
    return table


def slot(cadence: timedelta, now: datetime) -> datetime:
    """The last slot of a cadence at or before a moment."""
    return _EPOCH + (now - _EPOCH) // cadence * cadence


def queue_due(service: Service, cadences: Mapping[str, timedelta], now: datetime) -> None:
    """Queue each job's newest slot; those missed in between are made up by this one run."""
    with service.store.write() as connection:
        for name, cadence in cadences.items():
            jobs.enqueue(connection, name, slot(cadence, now))


def run_queued(service: Service, clock: Clock, stop: threading.Event) -> int:
    """Run queued slots one by one until none is left; how many were run."""
    table = jobs_of(service)
    done = 0
    while not stop.is_set():
        with service.store.write() as connection:
            claimed = jobs.claim(connection, clock(), abandoned_after=ABANDONED_AFTER)
        if claimed is None:
            return done
        failure = _attempt(table, claimed, clock)
        with service.store.write() as connection:
            jobs.finish(connection, claimed, clock(), failure=failure)
        done += 1
    return done


def _attempt(table: Mapping[str, tuple[timedelta, Job]], claimed: jobs.JobRun, clock: Clock) -> str:
    """Run one slot; the reason of its failure, empty if it went well. The worker lives on."""
    log = structlog.get_logger().bind(job=claimed.job, slot=claimed.scheduled_for.isoformat())
    if claimed.job not in table:
        return f"no job is called {claimed.job!r} in this version"
    try:
        table[claimed.job][1](clock())
    except EwarnError as error:
        log.error("job failed", reason=str(error))
        return str(error)
    except Exception as error:
        log.exception("job failed")
        return f"{type(error).__name__}: {error}"
    log.info("job done")
    return ""


def work(service: Service, clock: Clock, stop: threading.Event, *, once: bool = False) -> None:
    """Queue and run jobs and deliver notifications, until `stop` is set (or once)."""
    cadences = {name: cadence for name, (cadence, _) in jobs_of(service).items()}
    queue_due(service, cadences, clock())
    if once:
        run_queued(service, clock, stop)
        deliver.deliver(service, clock)
        return
    scheduler = BackgroundScheduler(timezone=UTC)
    for name, cadence in cadences.items():
        scheduler.add_job(
            lambda name=name, cadence=cadence: queue_due(service, {name: cadence}, clock()),
            IntervalTrigger(
                seconds=int(cadence.total_seconds()),
                start_date=slot(cadence, clock()),
                timezone=UTC,
            ),
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        while not stop.is_set():
            run_queued(service, clock, stop)
            deliver.deliver(service, clock)
            stop.wait(IDLE_SECONDS)
    finally:
        scheduler.shutdown(wait=False)


def _ingest(service: Service, name: str, now: datetime) -> None:
    report = ingest.ingest(service, service.sources[name], now)
    structlog.get_logger().info(
        "ingest",
        source=name,
        health=report.health.value,
        reason=report.reason,
        accepted=report.appended.accepted,
        rejected=len(report.rejected),
    )


def _score(service: Service, now: datetime) -> None:
    for name in service.sources:
        report = score.score(service, name, now)
        structlog.get_logger().info("score", source=name, scores=report.scores)
    decided = alert.alert(service, now)
    structlog.get_logger().info("alert", changes=len(decided.changes))


def _forget(service: Service, now: datetime) -> None:
    with service.store.write() as connection:
        forgotten = payloads.forget_others(
            connection, set(service.sources), now - IMPORTED_PAYLOADS_KEPT
        )
        for name, source in service.sources.items():
            forgotten += payloads.forget(connection, name, now - source.retention)
    structlog.get_logger().info("forget", payloads=forgotten)

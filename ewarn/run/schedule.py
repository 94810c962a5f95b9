"""The schedule: all jobs with their cadence, and the slots that the leader queues for them.

Only scheduling is done here. A slot is a row, unique on (job, slot), and the worker that claims it
runs it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import structlog
from sqlalchemy import Connection

from ewarn.domain.source import Health
from ewarn.errors import SourceDenied, SourceError, SourceRefused, SourceUnreachable, UsageError
from ewarn.pipeline.alerts import alert, corrections, remind
from ewarn.pipeline.intake import ingest
from ewarn.pipeline.models import fit, judge
from ewarn.pipeline.reports.retention import erase_expired
from ewarn.pipeline.response import follow_up
from ewarn.pipeline.scoring import forecast, score
from ewarn.pipeline.scoring.scorable import sources_to_score
from ewarn.pipeline.service import Service
from ewarn.ports import polled_every
from ewarn.store.access import sessions
from ewarn.store.intake import payloads, runs
from ewarn.store.jobs import jobs, leases

SCORE, FORECAST = "score", "forecast"
LONGEST_POLL = timedelta(days=1)  # a source that publishes weekly or monthly is polled daily
SCORE_EVERY = timedelta(hours=1)  # and after each reading; with the same inputs it does nothing
FORECAST_EVERY = timedelta(days=1)  # checked daily; a new forecast is made only for a new month
REMIND_EVERY = timedelta(minutes=15)
FOLLOW_UP_EVERY = timedelta(days=1)
FORGET_EVERY = timedelta(days=1)
REFIT_EVERY = timedelta(weeks=4)  # outcomes need half a year to mature, so more is no use
JUDGE_EVERY = timedelta(weeks=4)
PAYLOADS_KEPT = timedelta(days=30)
SLOTS_KEPT = timedelta(days=90)
MOST_WAITING = 100  # queued slots of one job; later ones are queued when these have run
# A source that publishes at least this often is polled again this soon, until its data are there.
LOOK_AGAIN, OFTEN = timedelta(minutes=1), timedelta(minutes=30)
# Each installation delays its polls by a share of the cadence of its own, up to these limits.
SPREAD, LONGEST_SPREAD = 0.1, timedelta(minutes=5)
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 45))

Clock = Callable[[], datetime]
_EPOCH = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday; the slots of all cadences count from here
FAILURES: Mapping[Health, type[SourceError]] = {
    Health.LATE: SourceUnreachable,
    Health.DENIED: SourceDenied,
    Health.BROKEN: SourceRefused,
}


@dataclass(frozen=True, slots=True)
class Job:
    """A job that runs every `cadence`.

    `run` gets the service, the slot and the current time. It returns when the same slot is to run
    again, or None to wait for the next slot. One run makes up for missed slots, unless
    `every_slot` is set: then each slot is run. `spread` jobs poll a provider, and each installation
    runs them at a slightly different time.
    """

    cadence: timedelta
    run: Callable[[Service, datetime, datetime], datetime | None]
    every_slot: bool = False
    spread: bool = False


def jobs_of(service: Service) -> dict[str, Job]:
    """Return all jobs by name. A source on demand or with an obstacle has no job."""
    polls = {
        f"ingest:{name}": Job(min(every, LONGEST_POLL), partial(_ingest, name), spread=True)
        for name, source in service.sources.items()
        if (every := polled_every(source)) is not None and source.obstacle is None
    }
    if forecast.sources_to_forecast(service):
        polls[FORECAST] = Job(FORECAST_EVERY, _forecast)
    return polls | {
        SCORE: Job(SCORE_EVERY, _score),
        "remind": Job(REMIND_EVERY, _remind),
        "follow_up": Job(FOLLOW_UP_EVERY, _follow_up),
        "forget": Job(FORGET_EVERY, _forget),
        "judge": Job(JUDGE_EVERY, _judge),
        "refit": Job(REFIT_EVERY, _refit),
    }


def polls(table: Mapping[str, Job]) -> frozenset[str]:
    """Return the names of the jobs that read sources."""
    return frozenset(name for name, job in table.items() if job.spread)


def slot(cadence: timedelta, now: datetime) -> datetime:
    """Return the last slot of a cadence at or before a moment."""
    return _EPOCH + (now - _EPOCH) // cadence * cadence


def spread(name: str, installation: str, cadence: timedelta) -> timedelta:
    """Return how long after its slot an installation starts a poll.

    The delay is constant for an installation and differs between installations.
    """
    share = Random(f"{installation}/{name}").random()  # noqa: S311 (it is no secret)
    return share * min(SPREAD * cadence, LONGEST_SPREAD)


def queue_due(
    service: Service,
    table: Mapping[str, Job],
    now: datetime,
    *,
    epoch: int | None = None,
    installation: str | None = None,
) -> None:
    """Queue the due slots: only the newest one of most jobs, but all of an `every_slot` job.

    Args:
        epoch: The epoch of the leader. It is checked first, and slots of jobs that no longer exist
            are closed. None without a leader.
        installation: Spreads the polls of this installation. The first poll of a source is never
            delayed.

    Raises:
        LeaseLost: Another worker leads; nothing is queued.
    """
    with service.store.write() as connection:
        if epoch is not None:
            leases.require(connection, leases.LEADER, epoch)
            jobs.skip_others(connection, table.keys())
        last = jobs.last_slots(connection, now)
        for name, job in table.items():
            newest, before = slot(job.cadence, now), last.get(name)
            if before is not None and before >= newest:
                continue
            if job.every_slot and before is not None:
                _queue_each(connection, name, job.cadence, before, newest)
                continue
            wait = job.spread and before is not None and installation is not None
            delay = spread(name, str(installation), job.cadence) if wait else timedelta()
            jobs.enqueue(connection, name, newest, not_before=newest + delay if wait else None)
            if not job.every_slot:
                jobs.supersede(connection, name, newest)


def queue_scoring(service: Service, now: datetime) -> None:
    """Queue scoring for now, in place of a slot that waits."""
    with service.store.write() as connection:
        jobs.enqueue(connection, SCORE, now)
        jobs.supersede(connection, SCORE, now)


def _queue_each(
    connection: Connection, name: str, cadence: timedelta, before: datetime, newest: datetime
) -> None:
    """Queue the slots after `before`, the oldest first, up to `MOST_WAITING` at a time."""
    missed = list(_slots(cadence, before, newest))
    room = max(0, MOST_WAITING - jobs.waiting(connection, name))
    for moment in missed[:room]:
        jobs.enqueue(connection, name, moment)
    if missed[room:]:
        structlog.get_logger().warning(
            "slots wait to be queued", job=name, slots=len(missed[room:]), first=missed[room]
        )


def _slots(cadence: timedelta, before: datetime, newest: datetime) -> Iterator[datetime]:
    moment = slot(cadence, before) + cadence
    while moment <= newest:
        yield moment
        moment += cadence


def retry_at(error: Exception, tries: int, now: datetime) -> datetime | None:
    """Return when a failed slot is tried again, or None if it is not.

    It is not tried again after too many tries, or if that would not help: a refused key and an
    unreadable answer need a person, or the next slot.
    """
    if isinstance(error, (SourceDenied, SourceRefused, UsageError)) or tries > len(RETRY_AFTER):
        return None
    return now + RETRY_AFTER[tries - 1]


def _ingest(name: str, service: Service, slot: datetime, now: datetime) -> datetime | None:
    """Read a source, and queue scoring if it had new events.

    Returns:
        When to poll again before the next slot, for a source that publishes often and whose data of
        this slot are not there yet; else None.
    """
    source = service.sources[name]
    report = ingest.ingest(service, source, now)
    structlog.get_logger().info(
        "ingest",
        source=name,
        health=report.health.value,
        reason=report.reason,
        accepted=report.appended.accepted,
        rejected=len(report.rejected),
    )
    if report.appended.is_news:
        queue_scoring(service, now)
    if report.health in FAILURES:
        raise FAILURES[report.health](report.reason)
    every = polled_every(source)
    if every is None or every > OFTEN or now + LOOK_AGAIN >= slot + every:
        return None
    with service.store.read() as connection:
        until = runs.read_until(connection, name)
    is_there = until is not None and until >= slot  # data of an earlier slot are not enough
    return None if is_there else now + LOOK_AGAIN


def _score(service: Service, _slot: datetime, now: datetime) -> None:
    for name in sources_to_score(service, now):
        report = score.score(service, name, now)
        structlog.get_logger().info(
            "score", source=name, scores=report.scores, raised=report.raised
        )
    decided = alert.alert(service, service.moment(now))
    structlog.get_logger().info("alert", changes=len(decided.changes))
    for sentence in decided.silent:
        structlog.get_logger().error("a rule has no threshold", reason=sentence)
    held = corrections.correct(service, service.moment(now))  # last, so that it delays no alert
    structlog.get_logger().info("correct", scored=held.scored, changes=len(held.changes))


def _forecast(service: Service, _slot: datetime, now: datetime) -> None:
    """Make a forecast for each source that has published a new month."""
    for name in forecast.sources_to_forecast(service):
        made = forecast.forecast(service, name, now, only_new_month=True)
        structlog.get_logger().info(
            "forecast",
            source=name,
            forecasts=made.forecasts,
            judged=made.judged,
            reason=made.reason,
        )


def _remind(service: Service, _slot: datetime, now: datetime) -> None:
    report = remind.remind(service, now)
    structlog.get_logger().info("remind", changes=len(report.changes), repeated=report.repeated)


def _follow_up(service: Service, _slot: datetime, now: datetime) -> None:
    structlog.get_logger().info("follow_up", reminders=follow_up.follow_up(service, now))


def _forget(service: Service, _slot: datetime, now: datetime) -> None:
    with service.store.write() as connection:
        long_ago = now - PAYLOADS_KEPT
        forgotten = payloads.forget_others(connection, set(service.sources), long_ago)
        for name, source in service.sources.items():
            forgotten += payloads.forget(connection, name, now - source.retention, long_ago)
        slots = jobs.forget(connection, now - SLOTS_KEPT)
        sessions.delete_ended(connection, now)
    erased = erase_expired(service, now)
    structlog.get_logger().info("forget", payloads=forgotten, slots=slots, reports=erased)


def _judge(service: Service, _slot: datetime, now: datetime) -> None:
    report = judge.judge(service, now)
    structlog.get_logger().info("judge", scores=report.judged, rows=report.rows)


def _refit(service: Service, _slot: datetime, now: datetime) -> None:
    """Fit challengers if there are new data.

    One is fitted for each source that models may learn from, and one for each pair of a source and
    another source that provides the outcomes.
    """
    own = [(source, "") for source in fit.sources_to_fit(service)]
    for source, outcomes in own + fit.pairs_to_fit(service, now):
        for report in fit.fit(service, source, now, outcomes=outcomes, only_if_new=True):
            structlog.get_logger().info(
                "refit",
                purpose=str(report.purpose),
                fit=report.fit_id,
                promoted=report.promoted,
                reason=report.reason,
            )

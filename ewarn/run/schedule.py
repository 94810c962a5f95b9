"""What is due and when: every job with its cadence, and the slots a leader queues of it.

Nothing is run here. A slot is a row, unique on (job, slot), that whichever worker claims it runs.
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
from ewarn.pipeline.response import follow_up
from ewarn.pipeline.scoring import forecast, score
from ewarn.pipeline.scoring.scorable import sources_to_score
from ewarn.pipeline.service import Service
from ewarn.ports import polled_every
from ewarn.store.intake import payloads, runs
from ewarn.store.jobs import jobs, leases

SCORE, FORECAST = "score", "forecast"
LONGEST_POLL = timedelta(days=1)  # who publishes weekly or monthly is looked at daily
SCORE_EVERY = timedelta(hours=1)  # and after each reading; the same inputs again are a no-op
FORECAST_EVERY = timedelta(days=1)  # it takes minutes, and only once a month is one made
REMIND_EVERY = timedelta(minutes=15)
FOLLOW_UP_EVERY = timedelta(days=1)
FORGET_EVERY = timedelta(days=1)
REFIT_EVERY = timedelta(weeks=4)  # outcomes mature for half a year: more often brings nothing new
JUDGE_EVERY = timedelta(weeks=4)
PAYLOADS_KEPT = timedelta(days=30)
SLOTS_KEPT = timedelta(days=90)
MOST_WAITING = 100  # slots of one job; those after them are queued as these are run
# What is published every few minutes is looked for again this soon, until it is there.
LOOK_AGAIN, OFTEN = timedelta(minutes=1), timedelta(minutes=30)
# Installations start a poll within this share of its cadence, each at a moment of its own.
SPREAD, LONGEST_SPREAD = 0.1, timedelta(minutes=5)
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 45))

Clock = Callable[[], datetime]
_EPOCH = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday: slots of any cadence count from here
FAILURES: Mapping[Health, type[SourceError]] = {
    Health.LATE: SourceUnreachable,
    Health.DENIED: SourceDenied,
    Health.BROKEN: SourceRefused,
}


@dataclass(frozen=True, slots=True)
class Job:
    """What is done every `cadence`: `run` is given the service, the slot and the moment, and gives
    back when the same slot is to be run again (None: not before the next one).

    A run makes up for the slots missed before it, unless `every_slot` counts by itself. `spread`
    jobs ask a provider, and are not to ask at the same second as everybody else.
    """

    cadence: timedelta
    run: Callable[[Service, datetime, datetime], datetime | None]
    every_slot: bool = False
    spread: bool = False


def jobs_of(service: Service) -> dict[str, Job]:
    """Every job by name. A source that is read on demand, or that has an obstacle, has none."""
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
    """The jobs that read sources."""
    return frozenset(name for name, job in table.items() if job.spread)


def slot(cadence: timedelta, now: datetime) -> datetime:
    """The last slot of a cadence at or before a moment."""
    return _EPOCH + (now - _EPOCH) // cadence * cadence


def spread(name: str, installation: str, cadence: timedelta) -> timedelta:
    """How long after its slot an installation starts a poll: always the same, each its own."""
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
    """Queue what is due: of most jobs the newest slot, of those where each counts every one.

    With the `epoch` of a leader it is proved first (raises LeaseLost, and nothing is queued), and
    what no job stands behind any more is closed. `installation` spreads polls; the very first one
    of a source starts at once.
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
    """Have all that can be scored scored now, in place of a turn that waits."""
    with service.store.write() as connection:
        jobs.enqueue(connection, SCORE, now)
        jobs.supersede(connection, SCORE, now)


def _queue_each(
    connection: Connection, name: str, cadence: timedelta, before: datetime, newest: datetime
) -> None:
    """Queue the slots after one that was queued, oldest first, as many as may wait at a time."""
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
    """When a failed slot is tried again; None where that would not help, or it was often enough.

    A key that is not accepted and an answer that cannot be read wait for a person, or for the
    next slot.
    """
    if isinstance(error, (SourceDenied, SourceRefused, UsageError)) or tries > len(RETRY_AFTER):
        return None
    return now + RETRY_AFTER[tries - 1]


def _ingest(name: str, service: Service, slot: datetime, now: datetime) -> datetime | None:
    """Read a source, and have it scored if it brought events. What comes often and is not there yet
    is looked for again before the next slot."""
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
    is_there = until is not None and until >= slot  # not only what an earlier slot lacked
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
    held = corrections.correct(service, service.moment(now))  # last: it keeps no alert waiting
    structlog.get_logger().info("correct", scored=held.scored, changes=len(held.changes))


def _forecast(service: Service, _slot: datetime, now: datetime) -> None:
    """A forecast of each source of which a new month was published."""
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
    structlog.get_logger().info("forget", payloads=forgotten, slots=slots)


def _judge(service: Service, _slot: datetime, now: datetime) -> None:
    report = judge.judge(service, now)
    structlog.get_logger().info("judge", scores=report.judged, rows=report.rows)


def _refit(service: Service, _slot: datetime, now: datetime) -> None:
    """A challenger for each source that is free to learn from, if there is anything new; and one
    for each that another source tells the outcomes of."""
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

"""Tests of when jobs are queued: each slot once, and missed readings by one run."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ewarn.access.sessions import begin
from ewarn.domain.key import IDLE_FOR, LONGEST
from ewarn.domain.source import Health, Payload
from ewarn.errors import (
    LeaseLost,
    SourceDenied,
    SourceRefused,
    SourceUnreachable,
    UsageError,
)
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.service import Service
from ewarn.run import schedule
from ewarn.run.schedule import Job
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service, source_status
from ewarn.store.access import sessions
from ewarn.store.intake import payloads
from ewarn.store.jobs import jobs, leases
from ewarn.store.tables.intake import raw_payload
from ewarn.store.tables.jobs import job_run
from tests.events import frame, row
from tests.pipeline.invented import InventedSource
from tests.scores import moment

NOW = moment(0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def source() -> InventedSource:
    return InventedSource(cadence=HOUR)


@pytest.fixture
def service(database_url: str, tmp_path: Path, source: InventedSource) -> Iterator[Service]:
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    with open_service(settings) as opened:
        yield replace(opened, sources={"invented": source})


def nothing(service: Service, slot: datetime, now: datetime) -> None:
    """A job that does nothing."""


@dataclass(frozen=True)
class Slot:
    """A row of the queue."""

    at: datetime
    state: str
    not_before: datetime | None


def queue(
    service: Service,
    table: dict[str, Job],
    now: datetime,
    *,
    epoch: int | None = None,
    installation: str | None = None,
) -> None:
    schedule.queue_due(service, table, now, epoch=epoch, installation=installation)


def slots(service: Service, job: str) -> list[Slot]:
    with service.store.read() as connection:
        rows = connection.execute(
            select(job_run).where(job_run.c.job == job).order_by(job_run.c.scheduled_for)
        )
        return [Slot(row.scheduled_for, row.state, row.leased_until) for row in rows]


def test_a_slot_is_queued_once_however_often_the_clock_ticks(service: Service) -> None:
    table = schedule.jobs_of(service)
    queue(service, table, NOW)
    queue(service, table, NOW + HOUR / 2)
    assert [slot.at for slot in slots(service, "ingest:invented")] == [NOW]
    queue(service, table, NOW + HOUR)
    assert len(slots(service, "ingest:invented")) == 2


def test_polls_that_were_missed_or_never_run_are_made_up_by_the_newest(service: Service) -> None:
    table = schedule.jobs_of(service)
    for hours in (0, 1, 2, 90):
        queue(service, table, NOW + hours * HOUR)
    found = slots(service, "ingest:invented")
    assert [slot.state for slot in found] == ["skipped", "skipped", "skipped", "queued"]
    assert found[-1].at == NOW + 90 * HOUR


def test_where_each_slot_counts_none_is_left_out(service: Service) -> None:
    table = {"report": Job(DAY, nothing, every_slot=True)}
    queue(service, table, NOW)
    queue(service, table, NOW + 5 * DAY)
    found = slots(service, "report")
    assert [slot.at for slot in found] == [NOW + days * DAY for days in range(6)]
    assert {slot.state for slot in found} == {"queued"}


def test_more_slots_than_may_wait_come_later_in_order_and_none_is_lost(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    table = {"report": Job(DAY, nothing, every_slot=True)}
    late, run = NOW + 250 * DAY, []
    queue(service, table, NOW)
    while True:
        queue(service, table, late)
        assert len([s for s in slots(service, "report") if s.state == "queued"]) <= 100
        with service.store.write() as connection:
            claim = jobs.claim(connection, late, {"report"}, holder="one", length=HOUR)
            if claim is None:
                break
            jobs.finish(connection, claim, late)
        run.append(claim.scheduled_for)
    assert run == [NOW + days * DAY for days in range(251)]
    assert "slots wait to be queued" in capsys.readouterr().out


def test_a_clock_that_ran_ahead_does_not_stop_a_job_until_its_time_comes(service: Service) -> None:
    table = {"report": Job(DAY, nothing, every_slot=True), "poll": Job(DAY, nothing)}
    queue(service, table, NOW + 400 * DAY)
    queue(service, table, NOW)
    queue(service, table, NOW + DAY)
    for job in table:
        assert NOW + DAY in [slot.at for slot in slots(service, job) if slot.state == "queued"]


def test_a_leader_that_lost_its_lease_queues_nothing(service: Service) -> None:
    def lead(holder: str, now: datetime) -> int | None:
        with service.store.write() as connection:
            return leases.acquire(connection, leases.LEADER, holder, now, HOUR)

    old = lead("one", NOW)
    new = lead("two", NOW + HOUR)  # the first worker was frozen meanwhile
    table = {"report": Job(DAY, nothing)}
    with pytest.raises(LeaseLost, match="nothing was written"):
        queue(service, table, NOW + HOUR, epoch=old)
    assert slots(service, "report") == []
    queue(service, table, NOW + HOUR, epoch=new)
    assert len(slots(service, "report")) == 1


def test_a_leader_closes_what_no_job_stands_behind(service: Service) -> None:
    with service.store.write() as connection:
        jobs.enqueue(connection, "telepathy", NOW)
        epoch = leases.acquire(connection, leases.LEADER, "one", NOW, HOUR)
    queue(service, schedule.jobs_of(service), NOW)
    assert [slot.state for slot in slots(service, "telepathy")] == ["queued"]
    queue(service, schedule.jobs_of(service), NOW, epoch=epoch)
    assert [slot.state for slot in slots(service, "telepathy")] == ["skipped"]


@pytest.mark.parametrize(
    ("cadence", "polled"),
    [(timedelta(minutes=15), timedelta(minutes=15)), (7 * DAY, DAY), (30 * DAY, DAY)],
)
def test_a_source_is_polled_at_its_cadence_and_at_least_daily(
    service: Service, source: InventedSource, cadence: timedelta, polled: timedelta
) -> None:
    source.cadence = cadence
    assert schedule.jobs_of(service)["ingest:invented"].cadence == polled


def test_a_source_with_an_obstacle_is_not_queued_and_says_disabled(
    service: Service, source: InventedSource
) -> None:
    source.obstacle = "EWARN_INVENTED_KEY is not set"
    queue(service, schedule.jobs_of(service), NOW)
    assert slots(service, "ingest:invented") == []
    assert source_status(service, "invented", NOW).health is Health.DISABLED


def test_a_source_that_is_read_on_demand_is_not_polled(
    service: Service, source: InventedSource
) -> None:
    source.cadence = None
    assert "ingest:invented" not in schedule.jobs_of(service)


@pytest.mark.parametrize(
    ("cadence", "most"),
    [(timedelta(minutes=15), timedelta(seconds=90)), (DAY, timedelta(minutes=5))],
)
def test_installations_start_a_poll_at_moments_of_their_own(
    cadence: timedelta, most: timedelta
) -> None:
    delays = [schedule.spread("ingest:gdelt", f"host-{n}", cadence) for n in range(1000)]
    assert min(delays) >= timedelta()
    assert max(delays) < most
    tenths = {delay * 10 // most for delay in delays}
    assert tenths == set(range(10))
    assert schedule.spread("ingest:gdelt", "host-7", cadence) == delays[7]
    assert schedule.spread("ingest:acled", "host-7", cadence) != delays[7]


def test_the_start_of_a_poll_is_spread_but_not_its_slot_nor_the_very_first(
    service: Service,
) -> None:
    table = schedule.jobs_of(service)
    for hours in (0, 6):
        queue(service, table, NOW + hours * HOUR, installation="here")
    first, second = slots(service, "ingest:invented")
    delay = schedule.spread("ingest:invented", "here", HOUR)
    assert (first.at, first.not_before) == (NOW, None)
    assert (second.at, second.not_before) == (NOW + 6 * HOUR, NOW + 6 * HOUR + delay)
    assert [slot.not_before for slot in slots(service, "score")] == [None, None]


def test_a_failure_is_tried_again_after_longer_waits_and_then_given_up() -> None:
    waits = [schedule.retry_at(SourceUnreachable("no"), tries, NOW) for tries in (1, 2, 3, 4)]
    minutes = [wait and (wait - NOW) / timedelta(minutes=1) for wait in waits]
    assert minutes == [5, 15, 45, None]
    assert schedule.retry_at(KeyError("ours"), 1, NOW) is not None


@pytest.mark.parametrize("error", [SourceDenied("no"), SourceRefused("no"), UsageError("no")])
def test_what_a_person_must_look_at_is_not_tried_again(error: Exception) -> None:
    assert schedule.retry_at(error, 1, NOW) is None


def test_a_reading_that_brought_events_is_scored_at_once(
    service: Service, source: InventedSource
) -> None:
    now = NOW + timedelta(minutes=7)
    ingest = schedule.jobs_of(service)["ingest:invented"]
    assert ingest.run(service, NOW, now) is None
    assert slots(service, "score") == []  # it brought nothing
    source.payloads.append(Payload("invented", "one", b"one", now))
    source.batches["one"] = ParsedBatch(frame(row("e1")))
    with service.store.write() as connection:
        jobs.enqueue(connection, "score", NOW)
    ingest.run(service, NOW, now)
    assert [(slot.at, slot.state) for slot in slots(service, "score")] == [
        (NOW, "skipped"),  # the one after the reading replaces it
        (now, "queued"),
    ]
    ingest.run(service, NOW, now + HOUR)
    assert len(slots(service, "score")) == 2  # nothing new came


@pytest.mark.parametrize(
    ("cadence", "after", "again"),
    [
        (timedelta(minutes=15), timedelta(minutes=3), timedelta(minutes=4)),
        (timedelta(minutes=15), timedelta(minutes=14), None),  # by then the next slot is queued
        (timedelta(minutes=30), timedelta(minutes=3), timedelta(minutes=4)),
        (timedelta(hours=1), timedelta(minutes=3), None),
    ],
)
def test_what_comes_often_and_is_not_there_yet_is_looked_for_again(
    service: Service,
    source: InventedSource,
    cadence: timedelta,
    after: timedelta,
    again: timedelta | None,
) -> None:
    source.cadence = cadence
    ingest = schedule.jobs_of(service)["ingest:invented"]
    expected = None if again is None else NOW + again
    for name, published_at, found in (
        ("late", NOW - timedelta(minutes=1), expected),  # of the slot before
        ("now", NOW, None),
    ):
        assert ingest.run(service, NOW, NOW + after) == expected
        payload = Payload("invented", name, name.encode(), NOW, published_at=published_at)
        source.payloads.append(payload)
        source.batches[name] = ParsedBatch(frame(row(name)))
        assert ingest.run(service, NOW, NOW + after) == found


@pytest.mark.parametrize(
    ("cadence", "at", "slot"),
    [
        (timedelta(minutes=15), (10, 14), (10, 0)),
        (timedelta(minutes=15), (10, 15), (10, 15)),
        (timedelta(hours=6), (11, 59), (6, 0)),
    ],
)
def test_slots_count_from_a_fixed_monday(
    cadence: timedelta, at: tuple[int, int], slot: tuple[int, int]
) -> None:
    day = datetime(2020, 2, 29, tzinfo=UTC)
    now = day.replace(hour=at[0], minute=at[1], second=30 if at[1] % 15 else 0)
    assert schedule.slot(cadence, now) == day.replace(hour=slot[0], minute=slot[1])


def test_raw_payloads_of_a_source_that_is_off_go_after_thirty_days(service: Service) -> None:
    with service.store.write() as connection:
        payloads.keep(connection, Payload("switched-off", "one", b"kept", NOW))
    forget = schedule.jobs_of(service)["forget"].run
    for days, left in ((29, 1), (31, 0)):
        forget(service, NOW, NOW + timedelta(days=days))
        with service.store.read() as connection:
            assert connection.scalar(select(func.count()).select_from(raw_payload)) == left


def test_ended_sessions_are_deleted_and_the_others_stay(service: Service) -> None:
    left, old, away = (begin("ew1", name, NOW)[0] for name in ("left", "old", "away"))
    forget = schedule.jobs_of(service)["forget"].run
    at, later = NOW + IDLE_FOR, NOW + LONGEST
    with service.store.write() as connection:
        for session in (left, old, away):
            sessions.add(connection, session)
        sessions.end(connection, left.token_hash)
        assert sessions.find(connection, left.token_hash) is None
        sessions.record_use(connection, old.token_hash, later - timedelta(minutes=1))
    for passed, kept in ((at, [old.token_hash]), (later, [])):
        forget(service, passed, passed)
        with service.store.read() as connection:
            found = [sessions.find(connection, each.token_hash) for each in (left, old, away)]
            assert [each.token_hash for each in found if each is not None] == kept

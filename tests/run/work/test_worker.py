"""Tests of a worker: it runs due jobs, retries failed ones, stops in time and never writes late."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from ewarn.domain.source import Payload
from ewarn.errors import SourceDenied, SourceUnreachable, StoreError
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.service import Service
from ewarn.ports import Places
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from ewarn.run.work.context import WorkerContext, WorkerTiming
from ewarn.run.work.leader import Leader
from ewarn.run.work.worker import RoundReport, Worker
from ewarn.store.database.engine import Store
from ewarn.store.jobs import jobs, leases
from ewarn.store.tables.intake import ingest_run
from ewarn.store.tables.jobs import job_run
from tests.events import frame, row
from tests.pipeline.invented import TERMS, InventedSource
from tests.run.waiting import Hanging, all_threads_over, at_work, until
from tests.scores import moment

NOW = moment(0)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def source() -> InventedSource:
    return InventedSource(cadence=HOUR)


@pytest.fixture
def service(database_url: str, tmp_path: Path, source: InventedSource) -> Iterator[Service]:
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    with open_service(settings) as opened:
        yield replace(opened, sources={"invented": source})
        all_threads_over()


def once(service: Service, now: datetime) -> RoundReport:
    return Worker(service, lambda: now, threading.Event()).work_once()


def finished(service: Service) -> set[str]:
    with service.store.read() as connection:
        return set(jobs.last_finished(connection))


def state_of(service: Service, job: str) -> list[tuple[str, int]]:
    with service.store.read() as connection:
        rows = connection.execute(
            select(job_run).where(job_run.c.job == job).order_by(job_run.c.scheduled_for)
        )
        return [(row.state, row.epoch) for row in rows]


def test_what_is_due_is_run_once_however_often_it_is_asked(
    service: Service, source: InventedSource
) -> None:
    assert sorted(once(service, NOW).done) == [
        "follow_up",
        "forget",
        "ingest:invented",
        "judge",
        "refit",
        "remind",
        "score",
    ]
    tally = once(service, NOW)
    assert (tally.done, tally.failed) == ([], {})
    assert tally.delivery is not None
    assert len(source.asked_since) == 1


def test_a_slot_that_is_not_over_is_run_again_in_its_time(
    service: Service, source: InventedSource
) -> None:
    source.cadence = timedelta(minutes=15)
    assert "ingest:invented" in once(service, NOW).done
    assert state_of(service, "ingest:invented") == [("queued", 1)]
    assert once(service, NOW + timedelta(seconds=59)).done == []
    assert once(service, NOW + timedelta(seconds=60)).done == ["ingest:invented"]
    assert state_of(service, "ingest:invented") == [("queued", 2)]
    once(service, NOW + timedelta(minutes=15))
    assert [state for state, _ in state_of(service, "ingest:invented")] == ["skipped", "queued"]


def test_slots_missed_in_a_pause_are_made_up_by_one_run(
    service: Service, source: InventedSource
) -> None:
    once(service, NOW)
    once(service, NOW + 10 * HOUR)
    assert len(source.asked_since) == 2


def test_a_job_that_fails_does_not_stop_the_others_and_is_told(
    service: Service, source: InventedSource
) -> None:
    source.failure = KeyError("one")  # a fault in our code, not at the provider
    tally = once(service, NOW)
    assert tally.failed == {"ingest:invented": "KeyError: 'one'"}
    assert finished(service) == {"score", "forget", "follow_up", "judge", "refit", "remind"}
    source.failure = None
    source.payloads = [Payload("invented", "one", b"1", NOW)]
    source.batches = {"one": ParsedBatch(frame(row("e1")))}
    assert once(service, NOW + HOUR).failed == {}
    assert finished(service) == {
        "ingest:invented",
        "score",
        "forget",
        "follow_up",
        "judge",
        "refit",
        "remind",
    }


def test_a_provider_that_does_not_answer_is_asked_again_soon_but_not_for_ever(
    service: Service, source: InventedSource
) -> None:
    source.cadence = timedelta(days=7)
    source.failure = SourceUnreachable("invented did not answer")
    asked: list[int] = []
    for minutes in range(0, 180, 5):
        once(service, NOW + minutes * MINUTE)
        if len(source.asked_since) > len(asked):
            asked.append(minutes)
    assert asked == [0, 5, 20, 65]
    assert state_of(service, "ingest:invented") == [("failed", 4)]
    with service.store.read() as connection:
        assert jobs.failing(connection) == {"ingest:invented": "invented did not answer"}


def test_a_poll_that_waits_to_be_tried_again_gives_way_to_the_next_slot(
    service: Service, source: InventedSource
) -> None:
    source.cadence = 4 * MINUTE
    source.failure = SourceUnreachable("invented did not answer")
    once(service, NOW)
    source.failure = None
    once(service, NOW + 4 * MINUTE)
    once(service, NOW + 5 * MINUTE)
    assert len(source.asked_since) == 3  # again in this slot: nothing was there
    assert state_of(service, "ingest:invented") == [("failed", 1), ("queued", 2)]


def test_a_key_that_is_not_accepted_waits_for_the_next_slot(
    service: Service, source: InventedSource
) -> None:
    source.failure = SourceDenied("invented does not accept the key")
    assert once(service, NOW).failed == {"ingest:invented": "invented does not accept the key"}
    once(service, NOW + 30 * MINUTE)
    assert len(source.asked_since) == 1


BEAT = timedelta(hours=3)


@dataclass
class Archive:
    """Publishes a file every three hours, and gives all of them since the last reading."""

    first: datetime = NOW
    read: list[str] = field(default_factory=list)
    name: str = "invented"
    cadence: timedelta = BEAT
    terms = TERMS
    retention = timedelta(days=30)
    obstacle = None

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        at = self.first if since is None else since + BEAT
        while at <= now:
            name = f"{at:%Y%m%d%H%M}"
            self.read.append(name)
            yield Payload(self.name, name, name.encode(), now, published_at=at)
            at += BEAT

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        yield ParsedBatch(frame(row(payload.name)))


def test_after_three_days_down_one_poll_reads_every_missed_file_in_order(
    service: Service,
) -> None:
    archive = Archive()
    service = replace(service, sources={"invented": archive})
    once(service, NOW)
    once(service, NOW + timedelta(days=3))
    expected = [f"{NOW + number * BEAT:%Y%m%d%H%M}" for number in range(3 * 8 + 1)]
    assert archive.read == expected
    assert state_of(service, "ingest:invented") == [("done", 1), ("done", 1)]
    with service.store.read() as connection:
        stored = connection.execute(
            select(ingest_run.c.payload_name).order_by(ingest_run.c.id)
        ).scalars()
        assert list(stored) == expected


@pytest.fixture
def hanging(service: Service) -> Iterator[tuple[Service, Hanging]]:
    source = Hanging(cadence=HOUR, batches={"one": ParsedBatch(frame(row("e1")))})
    yield replace(service, sources={"invented": source}), source
    source.let_go.set()


def in_thread(action: threading.Thread) -> threading.Thread:
    action.start()
    return action


def leased_until(service: Service) -> datetime | None:
    with service.store.read() as connection:
        found = select(job_run.c.leased_until).where(job_run.c.job == "ingest:invented")
        at: datetime | None = connection.execute(found).scalar_one()
        return at


def readings(service: Service) -> int:
    with service.store.read() as connection:
        return len(connection.execute(select(ingest_run)).all())


def test_a_worker_that_slept_through_its_lease_writes_nothing(
    hanging: tuple[Service, Hanging],
) -> None:
    service, source = hanging
    tallies: list[RoundReport] = []
    slow = in_thread(threading.Thread(target=lambda: tallies.append(once(service, NOW))))
    assert source.reached.wait(30)
    # Two minutes later, by another clock, its lease has ended, because nobody renewed it.
    assert "ingest:invented" in once(service, NOW + 2 * MINUTE).done
    assert readings(service) == 1
    source.let_go.set()
    slow.join(30)
    assert "taken over by another worker" in tallies[0].failed["ingest:invented"]
    assert readings(service) == 1
    assert state_of(service, "ingest:invented") == [("done", 2)]


def test_a_claim_is_renewed_while_its_job_runs(hanging: tuple[Service, Hanging]) -> None:
    service, source = hanging
    now = [NOW]
    worker = Worker(service, lambda: now[0], threading.Event(), WorkerTiming(beat=0.01))
    slow = in_thread(threading.Thread(target=worker.work_once))
    assert source.reached.wait(30)
    now[0] = NOW + 50 * SECOND
    until(lambda: leased_until(service) == NOW + 110 * SECOND)
    done = once(service, NOW + 100 * SECOND).done
    assert sorted(done) == ["follow_up", "forget", "judge", "refit", "remind", "score"]
    source.let_go.set()
    slow.join(30)
    assert state_of(service, "ingest:invented") == [("done", 1)]


def test_told_to_stop_it_starts_nothing(service: Service, source: InventedSource) -> None:
    stop = threading.Event()
    stop.set()
    Worker(service, lambda: NOW, stop).work()
    assert source.asked_since == []


def test_told_to_stop_it_gives_back_what_hangs_and_what_hangs_writes_nothing(
    hanging: tuple[Service, Hanging],
) -> None:
    service, source = hanging
    stop = threading.Event()
    worker = Worker(service, lambda: NOW, stop, WorkerTiming(grace=0.05))
    with at_work(worker, stop) as thread:
        assert source.reached.wait(30)
    assert not thread.is_alive()
    assert state_of(service, "ingest:invented") == [("queued", 1)]
    with service.store.read() as connection:
        lease = leases.current(connection, leases.LEADER)
    assert lease is not None
    assert lease.leased_until == NOW  # the lease is released, so the next worker leads at once
    assert "ingest:invented" in once(service, NOW).done
    source.let_go.set()
    all_threads_over()
    assert state_of(service, "ingest:invented") == [("done", 2)]
    assert readings(service) == 1


def test_one_of_two_leads(service: Service) -> None:
    first, second = (
        Leader(WorkerContext(service, lambda: NOW, threading.Event()), {}) for _ in range(2)
    )
    assert first.epoch() == 1
    assert second.epoch() is None
    assert first.epoch() == 1


class Away(Store):
    """A store that cannot be reached at first."""

    def __init__(self, store: Store) -> None:
        self.url, self.engine = store.url, store.engine
        self.asked = 0

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self.asked += 1
        if self.asked <= 5:
            raise StoreError("the database is away")
        with super().read() as connection:
            yield connection


def test_it_waits_for_a_database_that_is_away(
    service: Service, source: InventedSource, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = threading.Event()
    away = replace(service, store=Away(service.store))
    with at_work(Worker(away, lambda: NOW, stop, WorkerTiming(beat=0.05, idle=0.01)), stop):
        until(lambda: "ingest:invented" in finished(service))
    said = capsys.readouterr().out
    assert "database unavailable, retrying in" in said
    assert "nothing was queued" in said
    assert len(source.asked_since) == 1


def test_one_round_reads_before_it_scores(service: Service, source: InventedSource) -> None:
    # The scoring slot is older than the reading slot, so by age it would be first.
    tally = once(service, NOW + 2 * HOUR)
    assert tally.done[0] == "ingest:invented"
    assert "score" in tally.done[1:]

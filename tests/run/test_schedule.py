"""Slots of the clock: each is queued once, run once, and made up once after a pause."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ewarn.domain.source import Payload
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.service import Service
from ewarn.run import schedule
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from ewarn.store import jobs
from tests.events import frame, row
from tests.pipeline.invented import InventedSource
from tests.scores import moment

NOW = moment(0)
HOUR = timedelta(hours=1)


@pytest.fixture
def source() -> InventedSource:
    return InventedSource(cadence=HOUR)


@pytest.fixture
def service(database_url: str, tmp_path: Path, source: InventedSource) -> Iterator[Service]:
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    with open_service(settings) as opened:
        yield replace(opened, sources={"invented": source})


def work(service: Service, now: datetime, *, stop: bool = False) -> None:
    event = threading.Event()
    if stop:
        event.set()
    schedule.work(service, lambda: now, event, once=not stop)


def finished(service: Service) -> set[str]:
    with service.store.read() as connection:
        return set(jobs.last_finished(connection))


def test_what_is_due_is_run_once_however_often_it_is_asked(
    service: Service, source: InventedSource
) -> None:
    work(service, NOW)
    work(service, NOW)
    assert len(source.asked_since) == 1
    assert finished(service) == {"ingest:invented", "score", "forget"}


def test_slots_missed_in_a_pause_are_made_up_by_one_run(
    service: Service, source: InventedSource
) -> None:
    work(service, NOW)
    work(service, NOW + 10 * HOUR)
    assert len(source.asked_since) == 2


def test_a_job_that_fails_does_not_stop_the_others(
    service: Service, source: InventedSource
) -> None:
    source.payloads = [Payload("invented", "one", b"1", NOW)]
    source.batches = {}  # a KeyError: a fault of ours, not of the provider
    work(service, NOW)
    assert finished(service) == {"score", "forget"}
    source.batches = {"one": ParsedBatch(frame(row("e1")))}
    work(service, NOW + HOUR)
    assert finished(service) == {"ingest:invented", "score", "forget"}


def test_a_job_of_another_version_is_said_and_left(service: Service) -> None:
    with service.store.write() as connection:
        jobs.enqueue(connection, "telepathy", NOW)
    work(service, NOW)
    assert "telepathy" not in finished(service)


def test_a_worker_told_to_stop_starts_nothing(service: Service, source: InventedSource) -> None:
    work(service, NOW, stop=True)
    assert source.asked_since == []


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

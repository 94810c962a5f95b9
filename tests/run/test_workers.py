"""Tests of several workers as real processes: each slot is done once, also if a worker dies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ewarn.store.database.engine import Store
from ewarn.store.jobs import jobs, leases
from ewarn.store.tables.events import event_version
from ewarn.store.tables.intake import ingest_run, raw_payload
from ewarn.store.tables.jobs import job_run
from tests.scores import moment

TOP = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds to wait for a condition that should become true soon


@dataclass
class Yard:
    """Where workers work: their database, and the folder of their marks."""

    store: Store
    url: str
    folder: Path

    @contextmanager
    def worker(self, *sources: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
        """A worker process, killed at the end if it still runs."""
        given = options | {"sources": sources, "database": self.url, "folder": str(self.folder)}
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("a_worker.py")), json.dumps(given)],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(TOP)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def marks(self, name: str) -> list[str]:
        """The lines that workers left in a file."""
        path = self.folder / name
        return path.read_text().split() if path.exists() else []

    def rows(self, job: str) -> list[tuple[str, int]]:
        """State of each slot of a job, and how often it was claimed."""
        with self.store.read() as connection:
            found = connection.execute(
                select(job_run).where(job_run.c.job == job).order_by(job_run.c.scheduled_for)
            )
            return [(row.state, row.epoch) for row in found]

    def effects(self, source: str) -> tuple[int, int, int]:
        """How many payloads, readings and versions of events stand of a source."""
        with self.store.read() as connection:
            payloads, readings, events = (
                connection.execute(
                    select(func.count()).where(table.c.source == source)
                ).scalar_one()
                for table in (raw_payload, ingest_run, event_version)
            )
        return payloads, readings, events

    def leader_epoch(self) -> int:
        """How often leading changed hands."""
        with self.store.read() as connection:
            lease = leases.current(connection, leases.LEADER)
        return lease.epoch if lease else 0


@pytest.fixture
def yard(database_url: str, tmp_path: Path) -> Iterator[Yard]:
    store = Store(database_url)
    yield Yard(store, database_url, tmp_path)
    store.dispose()


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        if process.poll() is not None:
            pytest.fail(f"the worker ended: {process.communicate()[0]}")
        time.sleep(0.01)


def is_frozen(process: subprocess.Popen[str]) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def said(process: subprocess.Popen[str], words: str) -> str:
    """What a process says up to the line that has these words."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"{words!r} was never said:\n{seen}")


def test_two_workers_do_every_job_once(yard: Yard) -> None:
    names = [f"marker{number:02}" for number in range(12)]
    with yard.worker(*names, meet=2) as one, yard.worker(*names, meet=2) as two:
        for name in [f"ingest:{name}" for name in names]:
            until(lambda name=name: yard.rows(name) == [("done", 1)], one)  # type: ignore[misc]
        pids = {str(one.pid), str(two.pid)}
    assert {name: len(yard.marks(name)) for name in names} == dict.fromkeys(names, 1)
    assert {mark for name in names for mark in yard.marks(name)} == pids  # both workers did some
    assert {name: yard.effects(name) for name in names} == dict.fromkeys(names, (1, 1, 1))


def test_two_workers_do_every_slot_once_and_in_order(yard: Yard) -> None:
    slots = [moment(0) + number * timedelta(hours=1) for number in range(20)]
    with yard.store.write() as connection:
        for slot in slots:
            jobs.enqueue(connection, "count", slot)
    with yard.worker(count=True) as one, yard.worker(count=True):
        until(lambda: yard.rows("count") == [("done", 1)] * len(slots), one)
    assert yard.marks("counted") == [slot.isoformat() for slot in slots]


def test_a_worker_that_is_killed_is_made_up_for_once_its_lease_lapses(yard: Yard) -> None:
    with yard.worker("marker", hang="parse", lease=1) as one:
        until(lambda: (yard.folder / "hanging").exists(), one)
        one.kill()
        one.wait()
    assert yard.rows("ingest:marker") == [("running", 1)]
    with yard.worker("marker", lease=1) as two:
        until(lambda: yard.rows("ingest:marker") == [("done", 2)], two)
    assert len(yard.marks("marker")) == 2
    assert yard.effects("marker") == (1, 1, 1)


def test_a_worker_that_was_frozen_writes_nothing_after_another_took_over(yard: Yard) -> None:
    with yard.worker("marker", freeze="parse", lease=1) as one:
        until(lambda: is_frozen(one), one)
        with yard.worker("marker", lease=1) as two:
            until(lambda: yard.rows("ingest:marker") == [("done", 2)], two)
        one.send_signal(signal.SIGCONT)
        assert "taken over by another worker" in said(one, "job taken over")
    assert yard.rows("ingest:marker") == [("done", 2)]
    assert yard.effects("marker") == (1, 1, 1)


def test_a_leader_that_was_frozen_queues_nothing_after_another_leads(yard: Yard) -> None:
    with yard.worker("frozen", freeze="lead", lease=1) as one:
        until(lambda: is_frozen(one), one)
        assert yard.leader_epoch() == 1
        with yard.worker("marker", lease=1) as two:
            until(lambda: yard.rows("ingest:marker") == [("done", 1)], two)
            assert yard.leader_epoch() == 2
            one.send_signal(signal.SIGCONT)
            assert "went to another worker since epoch 1" in said(one, "refused")
            assert one.wait(PATIENCE) == 0
    assert yard.rows("ingest:frozen") == []

"""Tests that a worker delivers beside its jobs, and that stopped delivery is noticed."""

import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.pipeline.delivery.audit import audit
from ewarn.pipeline.service import Service
from ewarn.run.deadman import DeadMan
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from ewarn.run.work.context import WorkerContext, WorkerTiming
from ewarn.run.work.deliverer import Deliverer
from ewarn.run.work.worker import Worker
from ewarn.store.database.engine import Store
from ewarn.store.delivery import deliveries, endpoints, heartbeats, outbox
from tests.pipeline.invented import Postbox
from tests.receiver import Receiver
from tests.run.conftest import Command
from tests.run.waiting import Hanging, all_threads_over, at_work, until
from tests.scores import moment

NOW = moment(0)
HOUR = timedelta(hours=1)
QUICK = WorkerTiming(idle=0.01, audit=0.2, grace=0.2)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def service(database_url: str, tmp_path: Path, postbox: Postbox) -> Iterator[Service]:
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    with open_service(settings) as opened:
        yield replace(opened, sources={}, notifiers={"log": postbox})
        all_threads_over()


def put(service: Service, name: str, at: datetime = NOW) -> None:
    message = Message(name, "log", "desk", "An invented one", "", {}, at)
    with service.store.write() as connection:
        outbox.enqueue(connection, [("desk", message)])


def test_a_job_that_hangs_keeps_no_message_back(service: Service, postbox: Postbox) -> None:
    source, stop = Hanging(cadence=HOUR), threading.Event()
    busy = replace(service, sources={"invented": source})
    with at_work(Worker(busy, lambda: NOW, stop, QUICK), stop):
        try:
            assert source.reached.wait(30)
            put(service, "one")
            until(lambda: [sent.id for sent in postbox.sent] == ["one"])
        finally:
            source.let_go.set()


@dataclass
class Faulty:
    """A channel with a fault of ours in it, once."""

    name: str = "log"
    faults: int = 1

    def send(self, message: Message, now: datetime) -> Receipt:
        self.faults -= 1
        if self.faults >= 0:
            raise RuntimeError("an invented fault")
        return Receipt(Outcome.DELIVERED, "kept")


def test_delivering_outlives_a_fault_of_a_channel(service: Service) -> None:
    stop, seconds = threading.Event(), itertools.count()
    faulty = replace(service, notifiers={"log": Faulty()})
    worker = Worker(faulty, lambda: NOW + timedelta(seconds=next(seconds)), stop, QUICK)
    put(service, "one")
    with at_work(worker, stop):
        until(lambda: states(service) == {"delivered": 1})
    with service.store.read() as connection:
        tried = [each["detail"] for each in deliveries.attempts_of(connection, "one")]
    assert tried == ["a fault of the channel (RuntimeError)", "kept"]


def states(service: Service) -> dict[str, int]:
    with service.store.read() as connection:
        return outbox.states(connection)


def test_what_nobody_delivers_is_found_and_said(store: Store) -> None:
    message = Message("one", "log", "desk", "An invented one", "", {}, NOW)
    with store.write() as connection:
        outbox.enqueue(connection, [("desk", message)])
        heartbeats.beat(connection, heartbeats.DELIVERER, NOW, {})
        assert audit(connection, NOW + timedelta(minutes=4)).is_healthy
        later = NOW + timedelta(minutes=20)
        found = audit(connection, later)
        assert (found.overdue, found.deliverer_lives, found.is_healthy) == (1, False, False)
        assert "the deliverer has been silent for five minutes" in found.sentence
        heartbeats.beat(connection, heartbeats.DELIVERER, later, {})
        assert audit(connection, later).overdue == 1
        outbox.lease(connection, later, duration=timedelta(minutes=2))
        assert audit(connection, later).is_healthy


@pytest.mark.parametrize("alive", [True, False])
def test_the_outside_monitor_hears_only_of_a_worker_that_delivers(
    service: Service, alive: bool
) -> None:
    pings: list[bool] = []
    told = replace(service, ping=lambda: _note(pings))
    deliverer = Deliverer(WorkerContext(told, lambda: NOW, threading.Event(), QUICK))
    if alive:
        deliverer.deliver_once()
    deliverer.audit()
    assert bool(pings) is alive
    with service.store.read() as connection:
        last = heartbeats.last(connection, heartbeats.AUDITOR)
    assert last is not None
    assert last[0] == NOW


def _note(pings: list[bool]) -> bool:
    pings.append(True)
    return True


def test_a_working_worker_pings(service: Service) -> None:
    pings: list[bool] = []
    stop = threading.Event()
    pinging = replace(service, ping=lambda: _note(pings))
    with at_work(Worker(pinging, lambda: NOW, stop, QUICK), stop):
        until(lambda: bool(pings))


def test_a_monitor_that_does_not_answer_disturbs_nobody(receiver: Receiver) -> None:
    with httpx.Client() as client:
        assert not DeadMan(client, receiver.url).ping()  # it accepts POST only
        assert not DeadMan(client, "http://127.0.0.1:9/nobody").ping()
        assert not DeadMan(client, "no address at all").ping()


def test_deliveries_on_the_command_line(ewarn: Command, tmp_path: Path) -> None:
    assert json.loads(ewarn("deliveries", "--json").out) == {"deliveries": [], "endpoints": []}
    store = Store(f"sqlite:///{tmp_path / 'data' / 'ewarn.db'}")
    message = Message("one", "log", "desk", "An invented one", "", {}, NOW)
    with store.write() as connection:
        outbox.enqueue(connection, [("desk", message)], held=True)
        endpoints.disable(connection, "desk", NOW, "it is gone (HTTP 410)")
    store.dispose()
    listed = ewarn("deliveries", "--state", "dead")
    assert "An invented one" in listed.out
    assert "desk: switched off since 2020-01-06 00:00 UTC (it is gone (HTTP 410))" in listed.out
    assert ewarn("deliveries", "replay").code == 2
    assert "1 dead messages" in ewarn("deliveries", "enable", "desk").out
    assert ewarn("deliveries", "enable", "desk").code == 2
    assert json.loads(ewarn("deliveries", "replay", "--endpoint", "desk", "--json").out) == {
        "replayed": 1
    }
    assert json.loads(ewarn("deliver", "--json").out)["delivered"] == 1
    assert "delivered: logged" in ewarn("deliveries", "show", "one").out
    assert ewarn("deliveries", "show", "two").code == 2
    status = json.loads(ewarn("status", "--json").out)
    assert status["deliveries"]["overdue"] == 0
    assert json.loads(ewarn("remind", "--json").out) == {
        "changes": 0,
        "repeated": 0,
        "notifications": 0,
    }

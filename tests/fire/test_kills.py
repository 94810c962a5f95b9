"""Tests of workers that are killed at named points: no message is lost, and none is wrong."""

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from ewarn.domain.alert import NOTIFIED, AlertState, ChangeKind
from ewarn.run import schedule
from ewarn.store.alerts import alerts
from ewarn.store.database.engine import Store
from ewarn.store.delivery import notifications, outbox
from ewarn.store.events import counts
from ewarn.store.jobs import jobs
from ewarn.store.tables.alerts import alert_event
from ewarn.store.tables.delivery import outbox as outbox_table
from ewarn.store.tables.jobs import job_run
from tests.fire.crew import POINTS, REGIONS, Clock, work
from tests.receiver import Receiver
from tests.scores import moment

HOUR = timedelta(hours=1)
STEPS = (moment(0) + HOUR, moment(0) + 26 * HOUR, moment(5) + HOUR)
AFTER_POST = "after the post, before the mark"
# All points in one run, and with FIRE_IN_FULL=1 also each in a run of its own.
DEATHS = [tuple(POINTS)]
DEATHS += [(point,) for point in POINTS] if os.environ.get("FIRE_IN_FULL") else []
LEASES_LAPSE = timedelta(minutes=3)
PATIENCE = 30  # seconds to wait for what should come soon
CADENCES = {"remind": schedule.REMIND_EVERY, "score": schedule.SCORE_EVERY}


@dataclass
class Crew:
    """Workers on one database, each replaced when it was killed."""

    url: str
    receiver: Receiver
    points: tuple[str, ...]
    folder: Path
    store: Store
    clock: Clock
    killed: int = 0
    running: list[ForkServerProcess] = field(default_factory=list)

    @property
    def hooks(self) -> tuple[str, str]:
        """The addresses of both tiers."""
        return f"{self.receiver.url}/first", f"{self.receiver.url}/second"

    def begin(self, workers: int) -> None:
        """Set some to work."""
        self.running += [self._one() for _ in range(workers)]

    def _one(self) -> ForkServerProcess:
        given = (self.url, self.hooks, self.points, str(self.folder), self.clock)
        process = multiprocessing.get_context("forkserver").Process(target=work, args=given)
        process.start()
        return process

    def until_quiet(self) -> None:
        """Wait until all that is due has been done, and make up for whoever was killed."""
        ends = time.monotonic() + PATIENCE
        while not self._is_quiet():
            assert time.monotonic() < ends, "the workers do not come to rest"
            for process in list(self.running):
                if process.exitcode is None:
                    continue
                assert process.exitcode == -signal.SIGKILL
                self.killed += 1  # at one of the points, each at most once
                self.running.remove(process)
                self.running.append(self._one())
                self.clock.set(self.clock() + LEASES_LAPSE)
            time.sleep(0.02)

    def _is_quiet(self) -> bool:
        now = self.clock()
        with self.store.read() as connection:
            queued = jobs.last_slots(connection, now)
            states = set(connection.execute(select(job_run.c.state).distinct()).scalars())
            waits = notifications.recipients_due(connection, now) or outbox.states(connection).get(
                outbox.WAITING
            )
        slots = {name: schedule.slot(every, now) for name, every in CADENCES.items()}
        return queued == slots and states <= {jobs.DONE, jobs.SKIPPED} and not waits

    def end(self) -> None:
        """End those that still run."""
        for process in self.running:
            process.kill()
            process.join()


@pytest.fixture
def begin(database_url: str, tmp_path: Path, receiver: Receiver) -> Iterator[Callable[..., Crew]]:
    """Sets a crew to work that loses a worker at each of some points."""
    crews = []

    def start(points: tuple[str, ...], workers: int) -> Crew:
        clock = Clock(multiprocessing.get_context("forkserver").Value("d", 0.0))
        clock.set(STEPS[0])
        crew = Crew(database_url, receiver, points, tmp_path, Store(database_url), clock)
        crews.append(crew)
        crew.begin(workers)
        return crew

    yield start
    for crew in crews:
        crew.end()
        crew.store.dispose()


@pytest.mark.parametrize("workers", [2, 4])
@pytest.mark.parametrize(
    "points", DEATHS, ids=lambda points: points[0] if len(points) == 1 else "at all"
)
def test_a_worker_killed_at_a_point_loses_nothing_and_doubles_nothing_without_its_id(
    begin: Callable[..., Crew], forks: None, points: tuple[str, ...], workers: int
) -> None:
    crew = begin(points, workers)
    for step in STEPS:
        crew.clock.set(step)
        crew.until_quiet()
    assert crew.killed == len(points)
    check_what_came(crew)
    check_what_stands(crew)


def check_what_came(crew: Crew) -> None:
    """Each change came to whom it was for; what came twice came under its id, word for word."""
    came: dict[str, set[bytes]] = {}
    posts = Counter[str]()
    for headers, body in crew.receiver.received:
        came.setdefault(headers["webhook-id"], set()).add(body)
        posts[headers["webhook-id"]] += 1
    with crew.store.read() as connection:
        wanted = dict(connection.execute(select(outbox_table.c.id, outbox_table.c.recipient)).all())
        changes = connection.execute(
            select(alert_event.c.alert_id, alert_event.c.kind, alert_event.c.at)
        ).all()
    assert set(came) == set(wanted)
    assert {len(bodies) for bodies in came.values()} == {1}
    told = Counter(
        (wanted[id_], item["alert_id"], step["change"], step["at"])
        for id_, bodies in came.items()
        for item in orjson.loads(next(iter(bodies)))["items"]
        if not item["type"].startswith("source.")
        for step in item["changes"]
    )
    first, second = crew.hooks
    due = Counter(
        (hook, id_, kind, at.isoformat())
        for id_, kind, at in changes
        if ChangeKind(kind) in NOTIFIED
        for hook in ((first,) if kind == "opened" else (first, second))
    )
    assert told == due
    kinds = Counter(kind for _, kind, _ in changes)
    assert {kinds[kind] for kind in ("opened", "escalated", "closed")} == {len(REGIONS)}
    twice = sum(posts.values()) - len(posts)
    # Other points double messages too: a worker may die in a job while it posts beside it.
    assert twice > 0 or AFTER_POST not in crew.points
    print(f"{crew.url[:6]} {crew.points}: {len(wanted)} messages, {len(due)} told, {twice} twice")


def check_what_stands(crew: Crew) -> None:
    """The chain is whole, the ledger is what its events make it, no place has two alerts open."""
    now = crew.clock()
    with crew.store.read() as connection:
        assert alerts.broken_link(connection) is None
        assert alerts.inconsistent_alerts(connection, now) == []
        assert counts.disagreements(connection, as_of=now, recorded_by=now) == {}
        standing = [
            (item.rule, item.region)
            for item in alerts.standing(connection)
            if item.state is not AlertState.CLOSED
        ]
    assert len(standing) == len(set(standing))

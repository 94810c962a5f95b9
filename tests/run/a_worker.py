"""A worker process with invented sources that record each fetch.

Run by test_workers.py with its options as JSON. It can hang or freeze where the options say.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ewarn.domain.source import Payload
from ewarn.errors import LeaseLost
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.service import Service
from ewarn.ports import Places, Source
from ewarn.run import schedule
from ewarn.run.clock import wall
from ewarn.run.logging import configure
from ewarn.run.schedule import Job
from ewarn.run.work.context import WorkerTiming
from ewarn.run.work.worker import Worker
from ewarn.store.database.engine import Store
from tests.events import frame, row
from tests.pipeline.invented import TERMS

WEEK = timedelta(days=7)


def mark(path: Path, text: str) -> None:
    """Add a line to a file; one write, so that those of several processes do not mix."""
    with path.open("a") as file:
        file.write(f"{text}\n")


def trip(options: dict[str, Any], where: str) -> None:
    """Hang or freeze here, the first time, if the options say so."""
    if options.get("freeze") == where:
        options["freeze"] = None
        os.kill(os.getpid(), signal.SIGSTOP)
    if options.get("hang") == where:
        Path(options["folder"], "hanging").touch()
        threading.Event().wait()


@dataclass
class Marker:
    """A source of one event, that marks when it is asked."""

    name: str
    options: dict[str, Any]
    terms = TERMS
    cadence = WEEK
    retention = timedelta(days=30)
    obstacle = None

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        folder = Path(self.options["folder"])
        mark(folder / self.name, str(os.getpid()))
        self._meet(folder)
        yield Payload(self.name, self.name, self.name.encode(), now)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        trip(self.options, "parse")
        yield ParsedBatch(frame(row(f"{self.name}-1", source=self.name)))

    def _meet(self, folder: Path) -> None:
        """Wait until as many workers as the options say are busy at once."""
        (folder / f"busy-{os.getpid()}").touch()
        while len(list(folder.glob("busy-*"))) < self.options.get("meet", 1):
            threading.Event().wait(0.01)


def count(folder: Path, service: Service, slot: datetime, now: datetime) -> None:
    """A job each of whose slots counts."""
    with service.store.write():
        mark(folder / "counted", slot.isoformat())


def main() -> None:
    """Work until told to stop."""
    options = json.loads(sys.argv[1])
    configure()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    folder = Path(options["folder"])
    queue_due = schedule.queue_due

    def queue_late(*arguments: Any, **others: Any) -> None:
        trip(options, "lead")
        try:
            queue_due(*arguments, **others)
        except LeaseLost as error:
            print(f"refused: {error}", flush=True)
            os._exit(0)

    sources = {name: Marker(name, options) for name in options["sources"]}
    service = bare_service(Store(options["database"]), sources)
    forever = timedelta(days=365_000)
    table = (
        {"count": Job(forever, lambda *given: count(folder, *given), every_slot=True)}
        if options.get("count")
        else {name: job for name, job in schedule.jobs_of(service).items() if job.spread}
    )
    with patch.multiple(schedule, jobs_of=lambda _: table, queue_due=queue_late):
        lease = timedelta(seconds=options.get("lease", 60))
        # A worker that is to freeze does nothing else: on SQLite it would keep the write lock.
        beat = 600 if "freeze" in options else 0.1
        Worker(service, wall, stop, WorkerTiming(lease=lease, beat=beat, idle=0.05)).work()


def bare_service(store: Store, sources: Mapping[str, Source]) -> Service:
    """A service that can only ingest: what else there is takes seconds to load."""
    nothing: Any = None
    return Service(
        store=store,
        places=nothing,
        sources=sources,
        models=lambda *_: (),
        rulebook=nothing,
        notifiers={},
        base_url="",
    )


if __name__ == "__main__":
    main()

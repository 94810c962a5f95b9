"""Wait for other threads, and a source that hangs until it is released."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from ewarn.domain.source import Payload
from ewarn.pipeline.delivery.daemon_threads import THREADS
from ewarn.run.work.worker import Worker
from tests.pipeline.invented import InventedSource


@dataclass
class Hanging(InventedSource):
    """Hangs in its fetch until it is let go, then gives one payload."""

    reached: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        self.asked_since.append(since)
        if len(self.asked_since) == 1:
            self.reached.set()
            assert self.let_go.wait(30)
        yield Payload("invented", "one", b"1", now)


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition: it comes true soon, or never."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def at_work(worker: Worker, stop: threading.Event) -> Iterator[threading.Thread]:
    """The thread of a worker, which is told to stop also where a test fails: left at work, it
    would hold up every test after it.
    """
    thread = threading.Thread(target=worker.work)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(30)


def all_threads_over() -> None:
    """Wait for what a stop left behind: in a process of its own it would end with that.

    Only for what is ours: libraries keep pools for as long as the process lives.
    """
    for thread in threading.enumerate():
        if thread.name.startswith((THREADS, "APScheduler")):
            thread.join(30)
            assert not thread.is_alive(), f"{thread.name} goes on after a stop"

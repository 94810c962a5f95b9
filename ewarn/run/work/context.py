"""What the parts of a worker share: its name, clock and timing, and the signal to stop."""

import os
import platform
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from ewarn.pipeline.delivery.daemon_threads import in_thread
from ewarn.pipeline.service import Service
from ewarn.run.schedule import Clock
from ewarn.store.jobs import leases

_LOOK_EVERY = 0.05  # seconds between checks whether to stop, while something runs
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class WorkerTiming:
    """The intervals of a worker. All but `lease` are in seconds."""

    lease: timedelta = leases.LENGTH  # length of the lease of a slot, and of the leader's lease
    beat: float = 15.0  # between renewals of these leases
    idle: float = 2.0  # between checks for queued slots
    audit: float = 60.0  # between checks for messages that no worker delivers
    grace: float = 2.0  # for running work to end after the signal to stop
    farewell: float = 1.0  # for giving leases back


def _name_of_this_process() -> str:
    return f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What all parts of a worker use. `holder` is the worker's name in leases and claims."""

    service: Service
    clock: Clock
    stop: threading.Event
    timing: WorkerTiming = field(default_factory=WorkerTiming)
    holder: str = field(default_factory=_name_of_this_process)

    def unless_stopped(self, action: Callable[[], Result]) -> Result | None:
        """Run an action and return its result, or None if it does not end in time after a stop.

        The action runs in a daemon thread. If it hangs in a read, it cannot be ended, but the
        process can end without it.
        """
        running = in_thread(action)
        while not running.done() and not self.stop.is_set():
            wait([running], _LOOK_EVERY)
        wait([running], self.timing.grace)
        return running.result() if running.done() else None

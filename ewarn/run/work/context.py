"""What the parts of a worker share: its name, its clock, its timing, and when it is to stop."""

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

_LOOK_EVERY = 0.05  # seconds between looks at whether to stop, while something runs
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class WorkerTiming:
    """How a worker keeps time; all but the lease in seconds."""

    lease: timedelta = leases.LENGTH  # of a slot, and of leading
    beat: float = 15.0  # between renewals of both
    idle: float = 2.0  # between looks at what is queued
    audit: float = 60.0  # between looks at what nobody delivers
    grace: float = 2.0  # for what runs when told to stop
    farewell: float = 1.0  # for giving back what was held


def _name_of_this_process() -> str:
    return f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What each part of a worker is given. `holder` names the worker in leases and claims."""

    service: Service
    clock: Clock
    stop: threading.Event
    timing: WorkerTiming = field(default_factory=WorkerTiming)
    holder: str = field(default_factory=_name_of_this_process)

    def unless_stopped(self, action: Callable[[], Result]) -> Result | None:
        """Return what an action returns; None if told to stop and grace does not see its end.

        It runs in a thread that does not keep the process alive: what hangs in a read cannot be
        ended, only left.
        """
        running = in_thread(action)
        while not running.done() and not self.stop.is_set():
            wait([running], _LOOK_EVERY)
        wait([running], self.timing.grace)
        return running.result() if running.done() else None

"""Threads that a stop may leave behind: what hangs in a read cannot be ended, only left."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

THREADS = "ewarn worker"
Result = TypeVar("Result")


def in_thread(action: Callable[[], Result]) -> "Future[Result]":
    """Begin an action in a thread that does not keep the process alive."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(action())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name=THREADS, daemon=True).start()
    return future

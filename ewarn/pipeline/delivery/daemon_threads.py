"""Daemon threads, so that the process can exit although a read hangs and cannot be ended."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

THREADS = "ewarn worker"
Result = TypeVar("Result")


def in_thread(action: Callable[[], Result]) -> "Future[Result]":
    """Start an action in a daemon thread, which does not keep the process alive."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(action())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name=THREADS, daemon=True).start()
    return future

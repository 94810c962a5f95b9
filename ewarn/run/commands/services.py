"""The long-running commands: serve, work, up."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ewarn.run import schedule, settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.serve import open_socket, serve
from ewarn.run.wiring import make_api, open_service

STOP_SECONDS = 5


def serve_api(*, voice: Voice) -> None:
    """Serve the API and the page until interrupted."""
    loaded = settings.load()
    opened = open_socket(loaded.host, loaded.port)
    with open_service(loaded) as service:
        app = make_api(service, wall)
        serve(app, opened, ready=lambda: voice.say(f"Serving {loaded.public_url}/"))


def work(*, once: bool, until_closed: bool, voice: Voice) -> None:
    """Run the scheduler and worker until interrupted, or the due jobs once.

    With `until_closed` it also ends when its standard input does.
    """
    stop = threading.Event()
    if until_closed:
        threading.Thread(target=_stop_when_closed, args=(stop,), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_service(settings.load()) as service:
        voice.say("Working: " + ", ".join(schedule.jobs_of(service)))
        schedule.work(service, wall, stop, once=once)


def _stop_when_closed(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def up(*, voice: Voice) -> None:
    """Worker and API on one box: the worker is a process of its own, ended with this one."""
    loaded = settings.load()
    with open_service(loaded):
        pass  # create or upgrade the store before two processes meet in it
    with _worker():
        serve_api(voice=voice)


@contextmanager
def _worker() -> Iterator[None]:
    # The worker reads the pipe: when this process is gone, however it went, the pipe closes.
    process = subprocess.Popen(
        [sys.executable, "-m", "ewarn.run.cli", "work", "--until-closed"], stdin=subprocess.PIPE
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

"""The long-running commands: serve, work, up."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket
from typing import Annotated

import typer

from ewarn.run import schedule, settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice, leave_at_once
from ewarn.run.logging import write_line
from ewarn.run.options import Json
from ewarn.run.serve import exit_on_stop_signal, on_stop_signal, open_socket, serve
from ewarn.run.wiring import open_service
from ewarn.run.wiring_api import limits_of, make_api, secrets_of
from ewarn.run.work.worker import RoundReport, Worker

STOP_SECONDS = 5


def serve_api() -> None:
    """Serve the API and the web page.

    Example: `EWARN_DATABASE_URL=postgresql://ewarn@db/ewarn ewarn serve`
    """
    voice = Voice()
    loaded = settings.load()
    _serve(loaded, open_socket(loaded.host, loaded.port), lambda: None, voice)
    leave_at_once(0)


def _serve(
    loaded: settings.Settings, opened: socket, stopping: Callable[[], None], voice: Voice
) -> None:
    with open_service(loaded) as service:
        log = write_line if loaded.access_log else None
        app = make_api(
            service,
            wall,
            secret_of=secrets_of(loaded),
            access_log=log,
            limits=limits_of(loaded),
        )
        said = f"Serving {loaded.public_url}/"
        serve(
            app,
            opened,
            drain=loaded.drain_seconds,
            proxies=loaded.trusted_proxies,
            ready=lambda: voice.say(said),
            stopping=stopping,
        )


def work(
    once: Annotated[bool, typer.Option(help="Run what is due and end, for use in cron.")] = False,
    until_closed: Annotated[
        bool, typer.Option("--until-closed", hidden=True, help="End when standard input closes.")
    ] = False,
    json: Json = False,
) -> None:
    """Collect, score, alert and deliver on schedule.

    When interrupted it ends within five seconds, even if a job hangs. With `--once` it ends with
    exit code 1 if a job failed.

    Example: `ewarn work --once`
    """
    voice = Voice(json=json)
    stop = threading.Event()
    if until_closed:
        threading.Thread(target=_stop_when_closed, args=(stop,), daemon=True).start()
    on_stop_signal(stop.set)
    with open_service(settings.load()) as service:
        worker = Worker(service, wall, stop)
        for name, source in service.sources.items():
            if source.obstacle is not None:
                voice.say(f"Not reading {name}: {source.obstacle}")
        went_well = True
        if once:
            tally = worker.work_once()
            went_well = not tally.failed
            _tell(tally, voice)
        else:
            voice.say("Working: " + ", ".join(schedule.jobs_of(service)))
            worker.work()
        if stop.is_set():
            leave_at_once(0 if went_well else 1)
    if not went_well:
        raise typer.Exit(1)


def _tell(tally: RoundReport, voice: Voice) -> None:
    sent = tally.delivery
    result = {"done": tally.done, "failed": tally.failed, "delivery": sent and sent.counts}
    lines = [f"{len(tally.done)} jobs done, {len(tally.failed)} failed"]
    lines += [f"{job} failed: {reason}" for job, reason in tally.failed.items()]
    if sent is not None:
        lines.append(
            f"messages: {sent.delivered} delivered, {sent.waiting} to be tried again, "
            f"{sent.dead} given up"
        )
    voice.result(result, "\n".join(lines))


def _stop_when_closed(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def up() -> None:
    """Run the service on one machine: worker and API.

    Example: `EWARN_PORT=8080 ewarn up`
    """
    voice = Voice()
    exit_on_stop_signal()
    loaded = settings.load()
    opened = open_socket(loaded.host, loaded.port)
    with open_service(loaded):
        pass  # create or upgrade the database before two processes use it
    with _worker() as worker:
        # Both are stopped at the same moment, so that stopping takes no longer than for one.
        _serve(loaded, opened, worker.terminate, voice)
    leave_at_once(0)


@contextmanager
def _worker() -> Iterator[subprocess.Popen[bytes]]:
    # The worker reads this pipe. It closes when this process ends in whatever way.
    process = subprocess.Popen(
        [sys.executable, "-m", "ewarn.run.cli", "work", "--until-closed"], stdin=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

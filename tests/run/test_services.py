"""Tests of the long-running commands as real processes: they serve, and end when asked to."""

import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

TOP = Path(__file__).resolve().parents[2]
STOPS_WITHIN = 10  # seconds: what container engines wait before they kill


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@contextmanager
def running(
    folder: Path, *arguments: str, apart: bool = False, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """A command as a process of its own, killed if a test leaves it; with `apart` its standard
    error is not mixed into what it says.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EWARN_")}
    clean |= {"EWARN_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"} | environment
    process = subprocess.Popen(
        [sys.executable, "-m", "ewarn.run.cli", *arguments],
        cwd=TOP,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if apart else subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_interrupts,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _hear_interrupts() -> None:
    """What a shell starts in its background is deaf to them, and so are its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"{words!r} was never said:\n{seen}")


def get(port: int, path: str) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status)
    except URLError as error:
        return int(getattr(error, "code", 0))


@contextmanager
def worker_of(process: subprocess.Popen[str]) -> Iterator[int]:
    """A handle on the one child of a process: readable once the child has ended."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 1
    handle = os.pidfd_open(int(children[0]))
    yield handle
    os.close(handle)


def has_ended(handle: int) -> bool:
    return bool(select.select([handle], [], [], 10)[0])


def test_up_serves_without_a_network_and_ends_with_its_worker(tmp_path: Path) -> None:
    port, dead = free_port(), free_port()
    nowhere = f"http://127.0.0.1:{dead}/gdeltv2"
    settings = {"EWARN_GDELT_URL": nowhere, "EWARN_DRAIN_SECONDS": "600"}
    with running(tmp_path, "up", apart=False, EWARN_PORT=str(port), **settings) as process:
        seen = read_until(process, '"health": "late"')
        assert "did not answer" in seen
        assert (get(port, "/healthz"), get(port, "/readyz"), get(port, "/v1/scores")) == (
            200,
            200,
            401,
        )
        with worker_of(process) as worker:
            process.send_signal(signal.SIGTERM)
            assert has_ended(worker)
            assert (get(port, "/healthz"), get(port, "/readyz")) == (200, 503)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0


def test_the_worker_ends_even_when_the_service_is_killed(tmp_path: Path) -> None:
    port = free_port()
    nowhere = f"http://127.0.0.1:{free_port()}/gdeltv2"
    with running(tmp_path, "up", EWARN_PORT=str(port), EWARN_GDELT_URL=nowhere) as process:
        read_until(process, '"health": "late"')
        with worker_of(process) as worker:
            process.kill()
            assert has_ended(worker)


def test_work_once_does_what_is_due_and_stops_and_tells_cron_what_failed(tmp_path: Path) -> None:
    # A source that is read once a day at most: no slot of it begins between the two runs.
    nowhere = f"http://127.0.0.1:{free_port()}"
    settings = {"EWARN_SOURCES": "ucdp", "EWARN_UCDP_URL": nowhere, "EWARN_UCDP_FILES_URL": nowhere}
    arguments = ("work", "--once", "--json")
    with running(tmp_path, *arguments, apart=True, **settings) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = said.splitlines()
    told = json.loads(line)
    assert sorted(told["done"]) == [
        "follow_up",
        "forecast",
        "forget",
        "judge",
        "refit",
        "remind",
        "score",
    ]
    assert list(told["failed"]) == ["ingest:ucdp"]
    assert "did not answer" in told["failed"]["ingest:ucdp"]
    assert told["delivery"] == {"delivered": 0, "waiting": 0, "dead": 0}
    # The failed job is not due yet and the others are done, so nothing is left to do.
    with running(tmp_path, *arguments, apart=True, **settings) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(said)["failed"] == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_stops_when_told_to(tmp_path: Path, number: int) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/gdeltv2"
    with running(tmp_path, "work", EWARN_GDELT_URL=nowhere) as process:
        read_until(process, '"health": "late"')
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


@contextmanager
def silent_provider() -> Iterator[tuple[str, threading.Event]]:
    """A server that takes a question and never answers; its address, and when it was asked."""
    asked = threading.Event()
    taken: list[socket.socket] = []

    def take() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                taken.append(connection)
                if connection.recv(1):
                    asked.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/gdeltv2", asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in taken:
                connection.close()


def slots_of(folder: Path, job: str) -> list[str]:
    with sqlite3.connect(folder / "ewarn.db") as opened:
        rows = opened.execute("SELECT state FROM job_run WHERE job = ?", [job]).fetchall()
    opened.close()
    return [row[0] for row in rows]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", ["work", "up"])
def test_told_to_stop_it_is_gone_in_five_seconds_though_a_download_hangs(
    tmp_path: Path, command: str, number: int
) -> None:
    with silent_provider() as (url, asked):
        settings = {"EWARN_PORT": str(free_port()), "EWARN_DRAIN_SECONDS": "0"}
        with running(tmp_path, command, apart=False, EWARN_GDELT_URL=url, **settings) as process:
            assert asked.wait(60)
            assert slots_of(tmp_path, "ingest:gdelt") == ["running"]
            told_at = time.monotonic()
            process.send_signal(number)
            code = process.wait(timeout=30)
            took = time.monotonic() - told_at
            assert process.stdout is not None
            logged = [line for line in process.stdout if '"told to stop"' in line]
    assert (code, took < STOPS_WITHIN) == (0, True), took
    assert signal.Signals(number).name in logged[0]
    assert slots_of(tmp_path, "ingest:gdelt") == ["queued"]

"""The long-running commands as real processes: they serve, and they end when told to."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

TOP = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@contextmanager
def running(folder: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A command as a process of its own, killed if a test leaves it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EWARN_")}
    clean |= {"EWARN_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"} | environment
    process = subprocess.Popen(
        [sys.executable, "-m", "ewarn.run.cli", *arguments],
        cwd=TOP,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


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
    with running(tmp_path, "up", EWARN_PORT=str(port), EWARN_GDELT_URL=nowhere) as process:
        seen = read_until(process, '"health": "late"')
        assert "did not answer" in seen
        assert (get(port, "/healthz"), get(port, "/readyz"), get(port, "/v1/scores")) == (
            200,
            200,
            401,
        )
        with worker_of(process) as worker:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
            assert has_ended(worker)


def test_the_worker_ends_even_when_the_service_is_killed(tmp_path: Path) -> None:
    port = free_port()
    nowhere = f"http://127.0.0.1:{free_port()}/gdeltv2"
    with running(tmp_path, "up", EWARN_PORT=str(port), EWARN_GDELT_URL=nowhere) as process:
        read_until(process, '"health": "late"')
        with worker_of(process) as worker:
            process.kill()
            assert has_ended(worker)


def test_work_once_does_what_is_due_and_stops(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/gdeltv2"
    with running(tmp_path, "work", "--once", EWARN_GDELT_URL=nowhere) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    jobs = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    done = {line["job"] for line in jobs if line["event"] == "job done"}
    assert done == {"ingest:gdelt", "score", "forget"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_stops_when_told_to(tmp_path: Path, number: int) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/gdeltv2"
    with running(tmp_path, "work", EWARN_GDELT_URL=nowhere) as process:
        read_until(process, '"health": "late"')
        process.send_signal(number)
        assert process.wait(timeout=10) == 0

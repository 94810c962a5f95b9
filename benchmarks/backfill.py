"""Speed, memory and disk use of back-filling GDELT from an archive on this machine into SQLite.

The archive is a folder of invented 15-minute files with a list of all files. It is served by
Python's own HTTP server in a separate process.
"""

import hashlib
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.gdelt_files import ROWS, file_of, zipped
from benchmarks.rows import Row, timed
from benchmarks.stores import service_on, sqlite
from ewarn.domain.source import ListedPayload
from ewarn.pipeline.intake.backfill import BackFillReport, back_fill
from ewarn.pipeline.service import Service
from ewarn.ports import BackFill
from ingest.gdelt.options import GdeltOptions

NUMBER = 5_000_000  # rows
FIRST = datetime(2016, 1, 4, tzinfo=UTC)
TEMPLATES = 96  # one for each slot of a day, repeated every day with its own date
MARKS = (0.2, 0.6, 1.0)  # shares of the work at which memory is read
BUDGET = "budget 1 GiB"


def main(number: int = NUMBER) -> list[Row]:
    """Measure rows a second of the whole back-fill, and memory at 20%, 60% and 100% of it."""
    files = max(number // ROWS, 10)
    with tempfile.TemporaryDirectory(prefix="ewarn-bench-") as folder:
        _write(Path(folder), files)
        with (
            _served(folder) as address,
            sqlite() as url,
            service_on(url, {"gdelt": GdeltOptions(url=address)}, sources=("gdelt",)) as service,
        ):
            return [_measured(service, files), _disk(Path(url.removeprefix("sqlite:///")), files)]


def _disk(database: Path, files: int) -> Row:
    """Return how much disk the store uses after the back-fill."""
    held = sum(each.stat().st_size for each in database.parent.glob(f"{database.name}*"))
    year = 365.25 * 96 / files
    return Row(
        f"the store after a back-fill of {files:,} files",
        f"{held / 2**20:,.0f} MiB",
        f"a year has {365.25 * 96:,.0f} files",
        f"{held * year / 2**30:.1f} GiB a year",
    )


def _measured(service: Service, files: int) -> Row:
    source = service.sources["gdelt"]
    assert isinstance(source, BackFill)
    memory: list[float] = []
    last = FIRST + files * timedelta(minutes=15)
    report = BackFillReport("gdelt", FIRST.date(), last.date())

    def tell(_item: ListedPayload, sofar: BackFillReport) -> None:
        if sofar.read >= MARKS[len(memory)] * files:
            memory.append(_resident())

    def work() -> None:
        nonlocal report
        report = back_fill(service, source, FIRST.date(), last.date(), _clock, tell)

    seconds = timed(work)
    assert (report.read, report.unread) == (files, [])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    at = ", ".join(f"{mib:.0f} at {mark:.0%}" for mib, mark in zip(memory, MARKS, strict=True))
    return Row(
        f"GDELT back-fill, {report.rows:,} rows in {files:,} files, "
        f"{report.appended.accepted:,} events, SQLite",
        f"{report.rows / seconds:,.0f} rows/s, {seconds:.0f} s, at most {peak:.0f} MiB ({BUDGET})",
        f"MiB of memory: {at}",
        f"{memory[-1] / memory[0]:.2f} times the memory",
    )


def _clock() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


def _resident() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _write(folder: Path, files: int) -> None:
    """Write the files and the list of them."""
    templates = [
        file_of(slot, FIRST + slot * timedelta(minutes=15)) for slot in range(min(TEMPLATES, files))
    ]
    lines = []
    for number in range(files):
        moment = FIRST + number * timedelta(minutes=15)
        name = f"{moment:%Y%m%d%H%M%S}.export.CSV.zip"
        text = templates[number % TEMPLATES].replace(f"{FIRST:%Y%m%d}", f"{moment:%Y%m%d}")
        body = zipped(text, name)
        (folder / name).write_bytes(body)
        digest = hashlib.md5(body).hexdigest()
        lines.append(f"{len(body)} {digest} http://data.gdeltproject.org/gdeltv2/{name}\n")
    (folder / "masterfilelist.txt").write_text("".join(lines))


@contextmanager
def _served(folder: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--directory", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urlopen(f"{address}/masterfilelist.txt").close()
                break
            except URLError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()

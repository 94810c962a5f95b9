"""An hour of `ewarn up` with a server that publishes GDELT's files a hundred times as fast.

The times of the files begin days ago and reach the present when the hour ends. Some files are never
published, some are late, the list is not updated for a while, and for a day of the files' own time
the server does not answer. Most files are invented. Every 25th has the rows of a real file, moved
to its day, if the real files are beside the project. At the end every published file must have been
read once, and every story in them must be one event.
"""

import gzip
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.gdelt_files import file_of, zipped
from benchmarks.local_server import serving
from benchmarks.rows import Row
from benchmarks.stores import service_on
from ewarn.domain.source import Health, Payload
from ewarn.pipeline.intake import health
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.store.tables.events import event_version
from ewarn.store.tables.intake import ingest_run
from ingest.gdelt.files import SLOT, slot_before, slot_name
from ingest.gdelt.source import GdeltSource

PACE = 100
MINUTES = 60
ROWS = 500  # of an invented file, a smaller load than a real one is enough
SETTLING = 240.0  # seconds after the last file, so that late ones are requested again
SHARED = Path(__file__).parents[2] / "shared" / "data"
REAL = ("gdelt_20151027220000.export.CSV.gz", "gdelt_20191024143000.export.CSV.gz")


@dataclass
class Replay:
    """The server's answers at a moment of the run. Files are numbered from 0."""

    files: int
    first: datetime
    began: float = field(default_factory=time.monotonic)

    @property
    def published(self) -> int:
        """Number of files so far, including those that are never published."""
        seconds = SLOT.total_seconds() / PACE
        return min(int((time.monotonic() - self.began) / seconds) + 1, self.files)

    def is_gap(self, number: int) -> bool:
        """Return whether a file is never published."""
        return number % 37 == 5

    def is_down(self) -> bool:
        """Return whether the server does not answer, for a day from the middle on."""
        middle = self.files // 2
        return middle <= self.published - 1 < middle + self.outage

    @property
    def outage(self) -> int:
        """Number of files that an outage lasts: a day, or a quarter of a shorter run."""
        return min(96, self.files // 4)

    def listed(self) -> int:
        """Return the newest file that the list names.

        The list is not updated for a while, and sometimes names an older file again.
        """
        newest = self.published - 1
        stalled = self.files // 4
        if stalled <= newest < stalled + 30:
            newest = stalled
        if newest % 41 == 3:
            newest -= 2
        while self.is_gap(newest) or not self.is_there(newest):
            newest -= 1
        return max(newest, 0)

    def is_there(self, number: int) -> bool:
        """Return whether a file is available. Every 29th of the first half is twenty files late.

        The service requests a missing file again after ten minutes, whatever the pace.
        """
        late = 20 if number % 29 == 7 and number < self.files // 2 else 0
        return 0 <= number < self.published - late and not self.is_gap(number)

    def answer(self, path: str) -> bytes | HTTPStatus | None:
        """Return the answer for a path now."""
        if self.is_down():
            return HTTPStatus.SERVICE_UNAVAILABLE
        if path == "/lastupdate.txt":
            number = self.listed()
            body = self.body(number)
            digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
            name = slot_name(self.mark(number))
            return f"{len(body)} {digest} http://gdelt.example/{name}\n".encode()
        for number in range(self.published):
            if path == f"/{slot_name(self.mark(number))}":
                return self.body(number) if self.is_there(number) else None
        return None

    def mark(self, number: int) -> datetime:
        """Return the time of a file's slot."""
        return self.first + number * SLOT

    def body(self, number: int) -> bytes:
        """Return a file as it is served, the same each time."""
        return _body(number, self.mark(number))


@lru_cache(maxsize=64)
def _body(number: int, moment: datetime) -> bytes:
    real = SHARED / REAL[number // 25 % 2]
    is_real = number % 25 == 0 and real.exists()
    text = _moved(real, number, moment) if is_real else file_of(number, moment, ROWS)
    return zipped(text, f"{slot_name(moment)}")


def _moved(real: Path, number: int, moment: datetime) -> str:
    """Return the rows of a real file, changed as if they were added at `moment`."""
    lines = []
    for line in gzip.decompress(real.read_bytes()).decode("utf-8").splitlines():
        cells = line.split("\t")
        age = _day(cells[59][:8]) - _day(cells[1])
        cells[0] = str(int(cells[0]) + (number + 1) * 10**10)
        cells[1] = f"{moment.date() - age:%Y%m%d}"
        cells[59] = f"{moment:%Y%m%d%H%M%S}"
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def _day(digits: str) -> date:
    return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC).date()


def main(minutes: int = MINUTES) -> list[Row]:
    """Measure the files read, the health of the source, and the memory used."""
    files = int(minutes * 60 / (SLOT.total_seconds() / PACE))
    now = slot_before(datetime.now(UTC) + timedelta(minutes=minutes))
    replay = Replay(files, now - (files - 1) * SLOT)
    with tempfile.TemporaryDirectory(prefix="ewarn-bench-") as folder:
        with serving(replay.answer) as address, _up(Path(folder), address) as process:
            watch = _watched(Path(folder), process, replay, minutes * 60 + SETTLING)
        with service_on(f"sqlite:///{folder}/ewarn.db", sources=("gdelt",)) as service:
            read = _read(service)
            events = _events(service)
    wanted = _wanted(replay, read)
    stories = _stories(replay, wanted)
    return [
        Row(
            f"an hour of `ewarn up` ({minutes} min), {files} files at {PACE} times the pace",
            f"{len(set(read) & wanted)} of {len(wanted)} files read, "
            f"{sum(number > 1 for number in read.values())} of them twice",
            "files that were there",
            f"{len(wanted - set(read))} lost",
        ),
        Row(
            "events of it in the store",
            f"{events:,}",
            f"stories of all files parsed at once: {stories:,}",
            f"{events / max(stories, 1):.4f}",
        ),
        *watch.rows(),
    ]


@contextmanager
def _up(folder: Path, gdelt: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `ewarn up` as users do, with its log in `up.log`."""
    environment = {name: value for name, value in os.environ.items() if "EWARN" not in name} | {
        "EWARN_DATA_DIR": str(folder),
        "EWARN_GDELT_URL": gdelt,
        "EWARN_PORT": "8765",
    }
    log_to = Path(os.environ.get("LIVE_HOUR_LOG", str(folder / "up.log")))
    with log_to.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ewarn.run.cli", "up"], env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


@dataclass
class Watch:
    """Observations of a run: memory of both processes (MiB) by time, and changes of health."""

    memory: list[tuple[float, float]] = field(default_factory=list)
    turns: list[tuple[float, Health, str]] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """Return rows on memory in the second and last sixth of the run, and on health."""
        end = self.memory[-1][0]
        early = [each for at, each in self.memory if end / 6 <= at < end / 3]
        late = [each for at, each in self.memory if at >= end * 5 / 6]
        before, after = statistics.median(early), statistics.median(late)
        said = "; ".join(f"minute {at / 60:.0f}: {each}" for at, each, _ in self.turns)
        return [
            Row(
                "memory of API and worker together",
                f"{after:.0f} MiB in the last sixth",
                f"{before:.0f} MiB in the second sixth",
                f"{after / before:.2f}",
            ),
            Row("what health said of the source", said, "", ""),
        ]


def _watched(
    folder: Path, process: "subprocess.Popen[bytes]", replay: Replay, seconds: float
) -> Watch:
    """Observe memory and health every few seconds until the run is over."""
    watch = Watch()
    database = folder / "ewarn.db"
    while not database.exists():
        time.sleep(0.2)
    time.sleep(5)
    with service_on(f"sqlite:///{database}", sources=("gdelt",)) as service:
        while (at := time.monotonic() - replay.began) < seconds:
            watch.memory.append((at, sum(map(_resident, _family(process.pid)))))
            said = _health(service)
            if not watch.turns or watch.turns[-1][1] is not said[0]:
                watch.turns.append((at, *said))
                print(f"{at:.0f} s: {said[0]}: {said[1]}", file=sys.stderr)
            time.sleep(5)
    return watch


def _health(service: Service) -> tuple[Health, str]:
    with service.store.read() as connection:
        polled = service.sources["gdelt"]
        found = health.status(connection, "gdelt", polled, datetime.now(UTC))
    return found.health, found.reason


def _family(pid: int) -> list[int]:
    """Return a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *map(int, children)]


def _resident(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def _read(service: Service) -> Counter[str]:
    """Return how often each file was read without error."""
    with service.store.read() as connection:
        rows = connection.execute(
            select(ingest_run.c.payload_name, func.count())
            .where(
                ingest_run.c.source == "gdelt",
                ingest_run.c.health == Health.OK.value,
                ingest_run.c.payload_name.is_not(None),
            )
            .group_by(ingest_run.c.payload_name)
        ).all()
    return Counter({str(name): int(number) for name, number in rows})


def _events(service: Service) -> int:
    with service.store.read() as connection:
        query = select(func.count(event_version.c.source_event_id.distinct()))
        return int(connection.execute(query).scalar_one())


def _wanted(replay: Replay, read: Counter[str]) -> set[str]:
    """Return the published files, from the first one that was read."""
    names = [slot_name(replay.mark(number)) for number in range(replay.files)]
    first = min(map(names.index, read))
    return {
        name for number, name in enumerate(names) if number >= first and not replay.is_gap(number)
    }


def _stories(replay: Replay, wanted: set[str]) -> int:
    """Return the number of different stories in these files."""
    source = GdeltSource()
    found: set[str] = set()
    for number in range(replay.files):
        name = slot_name(replay.mark(number))
        if name in wanted:
            payload = Payload("gdelt", name, replay.body(number), replay.mark(number))
            for batch in source.parse(payload, load_gazetteer()):
                found.update(batch.events["source_event_id"])
    return len(found)

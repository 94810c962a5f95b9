"""Time from the publication of a GDELT file to the arrival of the warning, with a live worker.

A process `ewarn work` on SQLite reads a GDELT server on this machine in real time. At a random
moment a file is published with events that more than double the risk of one country. A webhook
receives the warning. Each round has its own store. Counts, events and the champion are invented:
the champion has the shipped parameters, applied to GDELT's signals.
"""

import hashlib
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import numpy as np
from sqlalchemy import Connection, insert

from benchmarks.local_server import serving
from benchmarks.rows import Row
from benchmarks.score_cycle import ledger_rows
from benchmarks.stores import service_on
from ewarn.domain.fit import Fit, Promotion, Purpose, canonical, sha256_of
from ewarn.domain.region import Level
from ewarn.domain.source import Coverage, Health
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ewarn.store.scores import fits, scores
from ewarn.store.tables.events import count_delta
from ingest.gdelt.editions import VERSION_2
from ingest.gdelt.files import SLOT, slot_before, slot_name
from models.ensemble.shipped_parameters import document, load

ROUNDS = 6
WEEKS = 104
RATE = 0.02  # protests and arrests a week in each region
COUNTRY, PLACE, FIPS, ADM1 = "TGO", "Lome, Maritime, Togo", "TO", "TO24"
FORCE_CODE = "175"
# Pairs of actors. Rows with different actors are different stories.
ACTORS = (("TGOCOP", "TGOOPP"), ("TGOMIL", "TGOEDU"), ("TGOGOV", "TGOMED"))
BAR = "bar: 2 minutes in the median"
LONGEST = 600.0


@dataclass
class Gdelt:
    """The files that the server lists and serves now."""

    files: dict[str, bytes] = field(default_factory=dict)
    newest: str = ""

    def publish(self, name: str, body: bytes) -> None:
        """Serve a file, and list it as the newest."""
        self.files[name] = body
        self.newest = name

    def answer(self, path: str) -> bytes | None:
        """Return the answer for a path."""
        if path == "/lastupdate.txt":
            body = self.files[self.newest]
            digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
            return f"{len(body)} {digest} http://gdelt.example/{self.newest}\n".encode()
        return self.files.get(path.removeprefix("/"))


def main() -> list[Row]:
    """Measure the seconds from publication to arrival."""
    random = Random(1)
    with tempfile.TemporaryDirectory(prefix="ewarn-bench-") as folder:
        template = Path(folder) / "template.db"
        with service_on(f"sqlite:///{template}", sources=("gdelt",)) as service:
            _fill(service)
        took = []
        for number in range(ROUNDS):
            took.append(_round(Path(folder) / str(number), template, random.uniform(0, 60)))
            print(f"round {number + 1}: {took[-1]:.0f} s", file=sys.stderr)
    low, high = min(took), max(took)
    return [
        Row(
            f"from a GDELT file to the webhook's arrival, {ROUNDS} files, SQLite",
            f"{statistics.median(took):.0f} s in the median, {low:.0f} to {high:.0f} ({BAR})",
            "a look at GDELT each minute: 30 s in the mean by itself",
            f"{statistics.median(took) / 120:.2f} times the bar",
        )
    ]


def _round(folder: Path, template: Path, wait: float) -> float:
    """Return the seconds from the publication of a file to the arrival of the warning.

    The file is published `wait` seconds after the worker has scored the last Monday.
    """
    folder.mkdir()
    shutil.copy(template, folder / "ewarn.db")
    arrived = threading.Event()
    gdelt = Gdelt()
    slot = slot_before(datetime.now(UTC)) - SLOT
    gdelt.publish(slot_name(slot, ""), _zipped([]))

    def received(_: str) -> bytes:
        arrived.set()
        return b""

    with serving(gdelt.answer) as files, serving(received) as webhook:
        _configure(folder, f"{webhook}/in")
        with _worker(folder, files):
            _until_scored(folder)
            time.sleep(wait)
            now = datetime.now(UTC)
            rows = [_line(str(900 + number), now, pair) for number, pair in enumerate(ACTORS)]
            gdelt.publish(slot_name(slot_before(now), ""), _zipped(rows))
            begun = time.monotonic()
            if not arrived.wait(LONGEST):
                raise RuntimeError("no warning arrived: see worker.log")
            return time.monotonic() - begun


def _fill(service: Service) -> None:
    """Fill a store with two quiet years of the world, and a champion."""
    first = origin_at(datetime.now(UTC)) - WEEKS * WEEK
    regions = service.places.regions()
    random = np.random.default_rng(1)
    recorded = midnight(first)
    with service.store.write() as connection:
        for signal in ("gdelt:protest", "gdelt:arrest"):
            drawn = random.poisson(RATE, (WEEKS, len(regions)))
            connection.execute(insert(count_delta), ledger_rows(signal, drawn, regions, first))
        before = slot_before(datetime.now(UTC)) - SLOT
        covered = [Coverage("gdelt", "*", first, first + (WEEKS - 1) * WEEK)]
        run = runs.Run(
            "gdelt", recorded, Health.OK, "invented", Appended(), 0, {}, None, read_until=before
        )
        runs.record_run(connection, runs.Reading(run, covered=covered))
        for level in Level:
            _promote(connection, level, recorded)


def _promote(connection: Connection, level: Level, at: datetime) -> None:
    model = load(Target.FORCE, level, source="gdelt", illustration=True)
    model.label_source_ = "gdelt"
    text = canonical(document(model))
    purpose = Purpose("gdelt", Target.FORCE, level, 4)
    week = origin_at(at)
    made = Fit(0, model.name, model.version, purpose, text, sha256_of(text), week, week, at, at)
    stored = fits.load(connection, fits.add(connection, made))
    fits.promote(
        connection, Promotion(stored.id, purpose, stored.sha256, at, at, "a benchmark", "", {})
    )


def _configure(folder: Path, address: str) -> None:
    (folder / "config").mkdir()
    (folder / "config" / "offices.yaml").write_text(
        "- id: geneva\n  name: Geneva\n  language: en\n  countries: ['*']\n"
        f"  recipients:\n    - 'webhook:{address}'\n",
        encoding="utf-8",
    )


@contextmanager
def _worker(folder: Path, gdelt: str) -> Iterator[None]:
    """Run a worker as users do, with its log in `worker.log`."""
    environment = {name: value for name, value in os.environ.items() if "EWARN" not in name} | {
        "EWARN_DATA_DIR": str(folder),
        "EWARN_CONFIG_DIR": str(folder / "config"),
        "EWARN_SOURCES": "gdelt",
        "EWARN_GDELT_URL": gdelt,
        "EWARN_DELIVER": "webhook",
        "EWARN_WEBHOOK_ALLOW": "127.0.0.0/8",
        "EWARN_WEBHOOK_SECRETS": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    }
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ewarn.run.cli", "work"],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def _until_scored(folder: Path) -> None:
    """Wait until the worker has scored the last Monday."""
    with service_on(f"sqlite:///{folder}/ewarn.db", sources=("gdelt",)) as service:
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            with service.store.read() as connection:
                if scores.latest_runs(connection, Cut()):
                    return
            time.sleep(0.5)
    raise RuntimeError("the worker scored nothing: see worker.log")


def _line(identity: str, now: datetime, actors: tuple[str, str]) -> str:
    """Return a row of a file on force against demonstrators in Lome, today."""
    cells = [""] * VERSION_2.cells
    said = {
        "id": identity,
        "day": f"{now:%Y%m%d}",
        "actor_1": actors[0],
        "actor_2": actors[1],
        "code": FORCE_CODE,
        "mentions": "10",
        "geo_type": "4",
        "geo_name": PLACE,
        "geo_country": FIPS,
        "geo_adm1": ADM1,
        "latitude": "6.13194",
        "longitude": "1.22278",
        "feature": "-1234",
        "added": f"{slot_before(now):%Y%m%d%H%M%S}",
        "url": f"https://news.example/{identity}",
    }
    for name, value in said.items():
        cells[VERSION_2.positions[name]] = value
    return "\t".join(cells)


def _zipped(lines: list[str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("0.export.CSV", "".join(f"{line}\n" for line in lines))
    return packed.getvalue()

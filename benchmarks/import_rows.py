"""Speed of importing events, compared with a bare insert of the same rows into the same tables."""

import csv
import gzip
import io
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import Connection, text

from benchmarks.rows import Pair, Row, paired, timed
from benchmarks.stores import has_postgresql, postgresql, service_on, sqlite
from ewarn.domain.source import Payload
from ewarn.frames.events import EXCHANGE_REQUIRED, ParsedBatch
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.store.database.engine import Store
from ewarn.store.events import events
from ingest.exchange.format import read_exchange

EVENTS = 20_000
REPETITIONS = 3
NOW = datetime(2024, 1, 1, tzinfo=UTC)
SHARED = Path(__file__).parents[2] / "shared" / "data" / "events_mass_mobilization.csv.gz"
TABLES = ("event_version", "count_delta")

Tables = dict[str, tuple[list[str], list[tuple[object, ...]]]]


def main() -> list[Row]:
    """Measure an invented file and, if it is present, a real one."""
    files = {f"{EVENTS:,} invented events": _invented(EVENTS)}
    if SHARED.exists():
        files["13,032 events of Mass Mobilization"] = gzip.decompress(SHARED.read_bytes())
    rows = []
    for name, body in files.items():
        rows += _on(sqlite, f"{name}, SQLite", "executemany", body)
        if has_postgresql():
            rows += _on(postgresql, f"{name}, PostgreSQL", "COPY", body)
    return rows


def _on(
    database: Callable[[], AbstractContextManager[str]], name: str, against: str, body: bytes
) -> list[Row]:
    places = load_gazetteer()
    batch = read_exchange(body, places, NOW)
    payload = Payload("exchange", "bench.csv", body, NOW)

    def whole(service: Service) -> None:
        store_batches(service, payload, [read_exchange(body, places, NOW)], NOW)

    def append(service: Service) -> None:
        _append(service, batch)

    number = len(batch.events)
    return [
        _pair(database, whole).rates(f"import, {name}", against, number),
        _pair(database, append).rates(f"store.events.append, {name}", against, number),
    ]


def _append(service: Service, batch: ParsedBatch) -> None:
    with service.store.write() as connection:
        for _, rows in batch.events.groupby("source"):
            events.append(connection, rows, NOW)


def _pair(
    database: Callable[[], AbstractContextManager[str]], work: Callable[[Service], None]
) -> Pair:
    return paired([_timings(database, work) for _ in range(REPETITIONS)])


def _timings(
    database: Callable[[], AbstractContextManager[str]], work: Callable[[Service], None]
) -> tuple[float, float]:
    """Return the seconds of `work`, and of a bare insert of its rows into the emptied tables."""
    with database() as url, service_on(url) as service:
        seconds = timed(lambda: work(service))
        tables = _written(service.store)
        with service.store.write() as connection:
            for table in TABLES:
                connection.execute(text(f"DELETE FROM {table}"))
        return seconds, timed(lambda: _bare(service.store, tables))


def _written(store: Store) -> Tables:
    """Return the rows that an import wrote, as the driver gives them."""
    with store.read() as connection:
        return {name: _raw(connection, name) for name in TABLES}


def _raw(connection: Connection, table: str) -> tuple[list[str], list[tuple[object, ...]]]:
    cursor = connection.connection.cursor()
    cursor.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description or ()]
    return names, [tuple(row) for row in cursor.fetchall()]


def _bare(store: Store, tables: Tables) -> None:
    """Insert the same rows in one commit by the driver's fastest way, without any of our code."""
    with store.write() as connection:
        cursor = connection.connection.cursor()
        for table, (names, rows) in tables.items():
            columns = ", ".join(names)
            if isinstance(cursor, psycopg.Cursor):
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" * len(names))
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def _invented(number: int) -> bytes:
    """Return an exchange file of invented events all over the world, the same every time."""
    chance = random.Random(1)
    regions = [region for region in load_gazetteer().regions() if region.parent]
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow((*EXCHANGE_REQUIRED, "admin1", "participants", "summary"))
    for index in range(number):
        region = chance.choice(regions)
        day = date(2015, 1, 5) + timedelta(days=chance.randrange(3000))
        kind = chance.choice(("protest", "riot", "arrest", "force", "restriction"))
        crowd = chance.choice(("", "100-999", ">1000", "50"))
        words = " ".join(chance.choice(("a march", "in the rain", "of two hours")) for _ in "abc")
        writer.writerow(
            ("invented", f"e{index}", kind, day, region.country, region.id, crowd, words)
        )
    return file.getvalue().encode()

"""Memory and speed of a whole export of scores over HTTP, streamed from SQLite."""

import http.client
import multiprocessing
import resource
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from multiprocessing.connection import Connection

import uvicorn

from benchmarks.rows import Row
from benchmarks.stores import service_on, sqlite
from ewarn.access.keys import issue
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.region import Region
from ewarn.domain.score import Driver, Score, SourceFooting
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.domain.time import WEEK, midnight
from ewarn.run.serve import open_socket
from ewarn.run.wiring_api import make_api
from ewarn.store.access import keys
from ewarn.store.database.engine import Store
from ewarn.store.scores import scores

NUMBER = 1_000_000
BAR = 200  # MiB that an export may add
FORMATS = ("csv", "parquet", "geojson")
LAST = date(2020, 1, 6)
NOW = midnight(LAST) + timedelta(days=1)
SOURCE = "invented"
PIECE = 1 << 20
_MIB = 1 << 20


def main(number: int = NUMBER) -> list[Row]:
    """Measure exports of a history of `number` invented scores, one after the other."""
    context = multiprocessing.get_context("spawn")
    with sqlite() as url:
        filling = context.Process(target=_fill, args=(url, number))
        filling.start()
        filling.join()
        assert filling.exitcode == 0
        return [_measured(context, url, format_, number) for format_ in FORMATS]


def _measured(
    context: multiprocessing.context.SpawnContext, url: str, format_: str, number: int
) -> Row:
    """Export once from a new server process, so that each format has a peak of its own."""
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(url, theirs), daemon=True)
    server.start()
    try:
        port, key = ours.recv()
        headers = {"Authorization": f"Bearer {key}"}
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=600)) as app:
            _get(app, "/v1/scores/history?limit=1", headers)  # what is loaded once
            ours.send("peak")
            before = ours.recv()
            start = time.perf_counter()
            size, lines = _get(app, f"/v1/scores/history?format={format_}", headers)
            seconds = time.perf_counter() - start
            ours.send("peak")
            peak = ours.recv()
        assert format_ != "csv" or lines == number + 1
        added = (peak - before) / _MIB
        return Row(
            f"export of {number:,} scores as {format_} ({size / _MIB:,.0f} MiB)",
            f"{added:,.0f} MiB added, {number / seconds:,.0f} rows/s",
            f"bar: {BAR} MiB; {before / _MIB:,.0f} MiB before",
            f"{added / BAR:.2f} of the bar",
        )
    finally:
        server.terminate()
        server.join()


def _get(
    connection: http.client.HTTPConnection, path: str, headers: dict[str, str]
) -> tuple[int, int]:
    """Return the bytes and the lines of an answer."""
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200, f"{path}: {answer.status}"
    size = lines = 0
    while piece := answer.read(PIECE):
        size += len(piece)
        lines += piece.count(b"\n")
    return size, lines


def _fill(url: str, number: int) -> None:
    with service_on(url, sources=()) as service:
        regions = service.places.regions()
        left, origin = number, LAST
        while left > 0:
            chosen = regions[: min(left, len(regions))]
            _record(service.store, origin, list(_scores(chosen, origin)))
            left -= len(chosen)
            origin -= WEEK


def _record(store: Store, origin: date, made: list[Score]) -> None:
    with store.write() as connection:
        scores.record(connection, SOURCE, origin, str(origin), made, midnight(origin))


def _scores(regions: Sequence[Region], origin: date) -> Iterator[Score]:
    for place, region in enumerate(regions):
        yield Score(
            region=region.id,
            country=region.country,
            target=Target.FORCE,
            horizon_weeks=4,
            origin=origin,
            model="invented@1+1a2b3c4d",
            basis=Basis.CALIBRATED,
            band=Band.GUARDED,
            probability=place % 97 / 100,
            low=place % 97 / 200,
            high=place % 97 / 100 + 0.02,
            expected=0.6,
            upper=3.0,
            observed=place % 5,
            completeness=0.97,
            sources=(SourceFooting(SOURCE, Health.OK, 0.97),),
            drivers=tuple(
                Driver(f"{SOURCE}:{kind}", origin - 6 * WEEK, origin - WEEK, 0.9, 12, ("e1", "e2"))
                for kind in ("protest", "arrest", "force")
            ),
            members=(("base-rate", 0.02), ("escalation", 0.04)),
            as_of=midnight(origin),
            recorded_at=midnight(origin),
        )


def _serve(url: str, pipe: Connection) -> None:
    """Serve in this process. Answer each question of the pipe with the peak of its memory."""
    with service_on(url, sources=()) as service:

        def clock() -> datetime:
            return NOW

        key, text = issue("bench", READ_SCOPES, ["*"], NOW)
        with service.store.write() as connection:
            keys.add(connection, key)
        opened = open_socket("127.0.0.1", 0)
        opened.listen()
        pipe.send((opened.getsockname()[1], text))
        config = uvicorn.Config(make_api(service, clock), log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        threading.Thread(target=_answer, args=(pipe,), daemon=True).start()
        server.run([opened])


def _answer(pipe: Connection) -> None:
    while True:
        pipe.recv()
        pipe.send(_peak())


def _peak() -> int:
    """Return the largest resident memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

"""Acknowledging alerts over HTTP while the world is scored on SQLite, beside a quiet moment.

Three processes: the API, a scorer that scores every region and decides again and again, and the
client. SQLite has one writer at a time, so a scorer that wrote for long would hold everybody up.
"""

import http.client
import multiprocessing
import statistics
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta
from itertools import islice, takewhile
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized

from sqlalchemy import insert, select

from benchmarks.rows import Row
from benchmarks.score_cycle import ORIGIN, SOURCE, fill
from benchmarks.stores import service_on, sqlite
from ewarn.access.keys import issue
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.region import Level, Region
from ewarn.domain.rule import Rule
from ewarn.domain.target import Band
from ewarn.domain.time import midnight
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.run.serve import open_socket, serve
from ewarn.run.wiring_api import make_api
from ewarn.store.access import keys
from ewarn.store.alerts import alerts
from ewarn.store.tables.events import count_delta

NOW = midnight(ORIGIN)
REQUESTS = 600  # in the quiet moment
CYCLES = 3  # of scoring and deciding, during which requests are made
MOST = 3000  # requests, however long that takes
MINUTE = timedelta(minutes=1)
PAUSE = 0.02  # seconds between requests
BUDGET = 0.25
NOT_BEGUN = -1


def main() -> list[Row]:
    """Seconds that an acknowledgement takes, in a quiet moment and while scores are made."""
    context = multiprocessing.get_context("spawn")
    with sqlite() as url:
        with service_on(url, sources=(SOURCE,)) as service:
            regions = fill(service)
            key, text = issue("a benchmark", ("alerts:act",), ["*"], NOW)
            with service.store.write() as connection:
                keys.add(connection, key)
            ids = iter(_open_alerts(service, MOST))
        ours, theirs = context.Pipe()
        cycles = context.Value("i", NOT_BEGUN)
        server = context.Process(target=_serve, args=(url, theirs), daemon=True)
        scorer = context.Process(target=_score_on, args=(url, cycles), daemon=True)
        server.start()
        try:
            port = ours.recv()
            quiet = _acknowledged(port, text, islice(ids, REQUESTS))
            scorer.start()
            while cycles.value == NOT_BEGUN:
                time.sleep(PAUSE)
            during = takewhile(lambda _: cycles.value < CYCLES, ids)
            busy = _acknowledged(port, text, during)
            scorer.join()
        finally:
            server.terminate()
            server.join()
    return [
        Row(
            f"acknowledging while {regions:,} regions are scored, SQLite, {len(busy):,} requests",
            f"{_words(busy)} (bar p99 {BUDGET * 1000:.0f} ms), {cycles.value} cycles",
            f"in a quiet moment: {_words(quiet)}",
            f"{statistics.median(busy) / statistics.median(quiet):.1f} times the median",
        )
    ]


def _words(taken: list[float]) -> str:
    """Median and 99th percentile in milliseconds."""
    ordered = sorted(taken)
    half, most = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    return (
        f"p50 {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms, at most {ordered[-1] * 1000:.0f} ms"
    )


def _acknowledged(port: int, key: str, ids: Iterable[str]) -> list[float]:
    """Seconds that each acknowledgement took, one after the other."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    taken = []
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        for id_ in ids:
            start = time.perf_counter()
            connection.request("POST", f"/v1/alerts/{id_}/acknowledge", b"{}", headers)
            answer = connection.getresponse()
            answer.read()
            taken.append(time.perf_counter() - start)
            assert answer.status == 200, f"{id_}: {answer.status}"
            time.sleep(PAUSE)
    return taken


def _open_alerts(service: Service, number: int) -> list[str]:
    """Open alerts of so many subdivisions, under a rule that listens to them."""
    rule = next(each for each in service.rulebook.rules if each.level is Level.ADMIN1)
    regions = service.places.regions(Level.ADMIN1)[:number]
    changes = [
        Change(ChangeKind.OPENED, _alert(rule, region), NOW, "invented") for region in regions
    ]
    with service.store.write() as connection:
        alerts.record(connection, changes, {})
    return [change.alert.id for change in changes]


def _alert(rule: Rule, region: Region) -> Alert:
    return Alert(
        id=f"bench-{region.id}",
        rule=rule.id,
        region=region.id,
        country=region.country,
        target=rule.target,
        horizon_weeks=rule.horizon_weeks,
        state=AlertState.OPEN,
        band=Band.HIGH,
        highest=Band.HIGH,
        probability=0.3,
        opened_on=ORIGIN,
        closed_on=None,
        last_origin=ORIGIN,
        score_id="0",
        told=Band.HIGH,
        waiting_since=NOW,
        warned_on=ORIGIN,
        heard_on=ORIGIN,
    )


def _serve(url: str, pipe: Connection) -> None:
    """The API alone; it says on which port it listens."""
    with service_on(url, sources=(SOURCE,)) as service:
        app, opened = make_api(service, _clock), open_socket("127.0.0.1", 0)
        opened.listen()
        pipe.send(opened.getsockname()[1])
        serve(app, opened, ready=lambda: None)


def _clock() -> datetime:
    return NOW


def _score_on(url: str, cycles: "Synchronized[int]") -> None:
    """Score the world and decide, each time with one count more."""
    with service_on(url, sources=(SOURCE,)) as service:
        cycles.value = 0
        while cycles.value < CYCLES:
            now = NOW + (cycles.value + 1) * MINUTE
            with service.store.write() as connection:
                row = connection.execute(select(count_delta).limit(1)).one()._asdict()
                del row["id"]
                connection.execute(insert(count_delta), [row | {"recorded_at": now}])
            report = score(service, SOURCE, now)
            assert report.run is not None
            alert(service, now)
            cycles.value += 1

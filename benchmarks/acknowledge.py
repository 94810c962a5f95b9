"""Time to acknowledge alerts over HTTP while the world is scored on SQLite, and without scoring.

There are three processes: the API, a scorer that repeatedly scores every region and decides on
alerts, and the client. SQLite has one writer at a time, so a scorer with long writes would block
the others.
"""

import http.client
import multiprocessing
import statistics
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime, timedelta
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
REQUESTS = 600  # requests without scoring
CYCLES = 3  # cycles of scoring and deciding, during which requests are made
MOST = 3000  # greatest number of requests
MINUTE = timedelta(minutes=1)
PAUSE = 0.02  # seconds between requests
BUDGET = 0.25
NOT_BEGUN = -1


def main() -> list[Row]:
    """Measure the seconds to acknowledge an alert, without scoring and during scoring."""
    context = multiprocessing.get_context("spawn")
    with sqlite() as url:
        with service_on(url, sources=(SOURCE,)) as service:
            regions = fill(service)
            key, text = issue("a benchmark", ("alerts:act",), ["*"], NOW)
            with service.store.write() as connection:
                keys.add(connection, key)
            ids = iter(open_alerts(service, MOST))
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
    """Return median, 99th percentile and maximum in milliseconds, as text."""
    ordered = sorted(taken)
    half, most = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    return (
        f"p50 {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms, at most {ordered[-1] * 1000:.0f} ms"
    )


def _acknowledged(port: int, key: str, ids: Iterable[str]) -> list[float]:
    """Acknowledge alerts one after the other, and return the seconds that each took."""
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


def open_alerts(service: Service, number: int) -> list[str]:
    """Open alerts in so many subdivisions, under a rule for subdivisions, and return their ids."""
    rule = next(each for each in service.rulebook.rules if each.level is Level.ADMIN1)
    regions = service.places.regions(Level.ADMIN1)[:number]
    changes = [
        Change(ChangeKind.OPENED, alert_of(rule, region, f"bench-{region.id}", ORIGIN), NOW, "")
        for region in regions
    ]
    with service.store.write() as connection:
        alerts.record(connection, changes, {})
    return [change.alert.id for change in changes]


def alert_of(rule: Rule, region: Region, id_: str, day: date) -> Alert:
    """Return an open alert of a rule in a region that opened on a day (a Monday)."""
    return Alert(
        id=id_,
        rule=rule.id,
        region=region.id,
        country=region.country,
        target=rule.target,
        horizon_weeks=rule.horizon_weeks,
        state=AlertState.OPEN,
        band=Band.HIGH,
        highest=Band.HIGH,
        probability=0.3,
        opened_on=day,
        closed_on=None,
        last_origin=day,
        score_id="0",
        told=Band.HIGH,
        waiting_since=midnight(day),
        warned_on=day,
        heard_on=day,
    )


def _serve(url: str, pipe: Connection) -> None:
    """Run the API alone, and send the port that it listens on."""
    with service_on(url, sources=(SOURCE,)) as service:
        app, opened = make_api(service, _clock), open_socket("127.0.0.1", 0)
        opened.listen()
        pipe.send(opened.getsockname()[1])
        serve(app, opened, drain=0, ready=lambda: None)


def _clock() -> datetime:
    return NOW


def _score_on(url: str, cycles: "Synchronized[int]") -> None:
    """Repeatedly score the world and decide, each time after one more count."""
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

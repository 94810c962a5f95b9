"""Time of every list of the API on a store of many years, asked by fifty pollers at once.

Named alone it takes 1 and 10 million versions of events on PostgreSQL, and 1 million on SQLite. It
needs some 15 GB of disk and a quarter of an hour. `api_lists=1000000` takes a tenth of that.
"""

import asyncio
import multiprocessing
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection

from benchmarks.big_store import FIRST, LAST, SOURCES, WEEKS, fill
from benchmarks.rows import Row
from benchmarks.stores import has_postgresql, postgresql, service_on, sqlite
from ewarn.access.keys import issue
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.time import midnight
from ewarn.run.serve import open_socket, serve
from ewarn.run.wiring_api import make_api
from ewarn.store.access import keys

NOW = midnight(LAST) + timedelta(days=1)
POLLERS = 50
EVERY = 5.0  # seconds between two requests of a poller
EACH_ASKS = 24  # requests of a poller
ALONE = 15  # requests for each list, one after another
# Their days are among the last ones. A small store has scores of the last weeks only, so on other
# days it has less to show than a large one, and their times could not be compared.
LAST_DAYS = 60
LISTS = {
    "events": "/v1/events?",
    "events of a kind": "/v1/events?kind=force&",
    "events of a country": "/v1/events?country=TGO&",
    "events of a region": "/v1/events?region=TG-M&",
    "events of a source": f"/v1/events?source={SOURCES[1]}&",
    "events of a country and kind": "/v1/events?country=NGA&kind=attack&",
    "scores": "/v1/scores?",
    "scores of an office": "/v1/scores?office=dakar&",
    "past scores": "/v1/scores/history?",
    "past scores of a country": "/v1/scores/history?country=TGO&",
    "past scores of a region": "/v1/scores/history?region=TG-M&",
    "alerts": "/v1/alerts?",
    "open alerts": "/v1/alerts?state=open&",
    "alerts of a country": "/v1/alerts?country=TGO&",
}
# What a poller asks in turn, with the bar of p99 in milliseconds on PostgreSQL. Only the first is
# answered from memory, once one poller has asked for it.
SAME, OTHERWISE, PAST = "the same by all", "with a limit of its own", "as of any day"
TURNS = (SAME, PAST, OTHERWISE, PAST)
BARS = {SAME: 50, OTHERWISE: 50, PAST: 100}
SQLITE_BAR = 100

Seconds = Mapping[str, list[float]]  # of each list


@dataclass(frozen=True, slots=True)
class _Times:
    """Times of a store: by fifty pollers, by what they asked, and one request after another."""

    store: str
    polled: Mapping[str, Seconds]
    alone: Seconds


def main(versions: int = 10_000_000) -> list[Row]:
    """Measure the time of each list, now and as of any past day, and how it grows."""
    found: list[Row] = []
    if has_postgresql():
        small, large = (
            _on("PostgreSQL", postgresql(), number) for number in (versions // 10, versions)
        )
        found += [*_rows(small), *_rows(large), _growth(small, large)]
    return found + _rows(_on("SQLite", sqlite(), min(versions, 1_000_000)))


def _on(name: str, database: AbstractContextManager[str], versions: int) -> _Times:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with database as url:
        with service_on(url, sources=("chronicle",)) as service:
            fill(service, versions, versions // 2, 20_000)
            key, text = issue("bench", READ_SCOPES, ["*"], midnight(FIRST))
            with service.store.write() as connection:
                keys.add(connection, key)
        server = context.Process(target=_serve, args=(url, theirs), daemon=True)
        server.start()
        try:
            alone, polled = asyncio.run(_measured(ours.recv(), text))
        finally:
            server.terminate()
            server.join()
    return _Times(f"{name}, {versions:,} versions", polled, alone)


def _rows(times: _Times) -> list[Row]:
    return [_row(times.store, what, times.polled[what]) for what in BARS]


def _row(store: str, what: str, polled: Seconds) -> Row:
    worst = max(polled, key=lambda name: _percentile(polled[name], 0.99))
    most = _percentile(polled[worst], 0.99) * 1000
    every = [taken for seconds in polled.values() for taken in seconds]
    half, nearly = (_percentile(every, share) * 1000 for share in (0.5, 0.99))
    bar = SQLITE_BAR if store.startswith("SQLite") else BARS[what]
    return Row(
        f"Lists {what}, {POLLERS} pollers, {store}",
        f"slowest list ({worst}) p99 {most:.0f} ms; all p50 {half:.0f} ms, p99 {nearly:.0f} ms",
        f"bar p99 {bar} ms; {len(every)} requests of {len(polled)} lists",
        f"{most / bar:.2f} of the bar",
    )


def _growth(small: _Times, large: _Times) -> Row:
    ratios = {
        name: statistics.median(large.alone[name]) / statistics.median(small.alone[name])
        for name in LISTS
    }
    worst = max(ratios, key=ratios.__getitem__)
    return Row(
        f"Lists as of one of the last {LAST_DAYS} days, one request at a time, {large.store}",
        f"{ratios[worst]:.2f} times the median time ({worst})",
        f"{small.store}; bar 1.30; the median list {statistics.median(ratios.values()):.2f}",
        f"{ratios[worst] / 1.3:.2f} of the bar",
    )


def _percentile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(len(seconds) * share)]


async def _measured(port: int, key: str) -> tuple[Seconds, Mapping[str, Seconds]]:
    await _ask(port, key, "/healthz")  # it is answered once the server has started
    alone = await _one_by_one(port, key)
    polled: dict[str, dict[str, list[float]]] = {what: defaultdict(list) for what in BARS}
    await asyncio.gather(*(_poll(port, key, number, polled) for number in range(POLLERS)))
    return alone, polled


async def _one_by_one(port: int, key: str) -> Seconds:
    """Ask each list as of one past day after another. The first two of each do not count."""
    chance = random.Random(0)
    taken: dict[str, list[float]] = defaultdict(list)
    for name, path in LISTS.items():
        for ago in chance.sample(range(1, LAST_DAYS), ALONE + 2):
            taken[name].append(await _ask(port, key, f"{path}as_of={LAST - timedelta(days=ago)}"))
    return {name: seconds[2:] for name, seconds in taken.items()}


def _part(what: str, chance: random.Random) -> str:
    if what == PAST:
        return f"as_of={FIRST + timedelta(days=chance.randrange(60, WEEKS * 7))}"
    return f"limit={chance.randrange(80, 120) if what == OTHERWISE else 100}"


async def _poll(
    port: int, key: str, number: int, polled: Mapping[str, dict[str, list[float]]]
) -> None:
    """Ask lists in turn."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, EVERY))
    for turn in range(EACH_ASKS):
        begun = time.perf_counter()
        what, name = TURNS[(number + turn) % len(TURNS)], chance.choice(list(LISTS))
        taken = await _ask(port, key, LISTS[name] + _part(what, chance))
        polled[what][name].append(taken)
        await asyncio.sleep(max(0.0, EVERY - (time.perf_counter() - begun)))


async def _ask(port: int, key: str, path: str) -> float:
    """Ask once over a new connection, and return the seconds until the whole answer was read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (f"GET {path} HTTP/1.1", "Host: x", f"X-API-Key: {key}", "Connection: close", "", "")
    start = time.perf_counter()
    writer.write("\r\n".join(lines).encode())
    said = await reader.read()
    taken = time.perf_counter() - start
    writer.close()
    assert said.startswith(b"HTTP/1.1 200 "), said[:500]
    return taken


def _serve(url: str, pipe: Connection) -> None:
    """Run the API alone, and send the port that it listens on."""
    with service_on(url, sources=("chronicle",)) as service:
        app, opened = make_api(service, _clock), open_socket("127.0.0.1", 0)
        opened.listen(100)
        pipe.send(opened.getsockname()[1])
        serve(app, opened, drain=0, ready=lambda: None)


def _clock() -> datetime:
    return NOW


if __name__ == "__main__":
    for row in main(*map(int, sys.argv[1:])):
        print(row)
